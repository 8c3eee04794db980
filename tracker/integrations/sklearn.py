"""scikit-learn: an estimator's parameters, its scores, and a search's whole table.

with tracker.start_run("milestone-1", seed=7) as run:
    log_estimator(run, model.fit(X, y))
    log_scores(run, model, X_val, y_val)            val/accuracy, val/f1, ... or val/r2, ...

A `GridSearchCV` is an estimator, too: each candidate is a step, and the best one's values stand in the config.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sklearn import metrics
from sklearn.base import BaseEstimator, is_classifier

from tracker.client.run import Run

CV = ("mean_test_", "std_test_", "mean_train_", "mean_fit_time", "mean_score_time")
RESULTS = "cv_results.csv"


def log_estimator(run: Run, estimator: BaseEstimator) -> None:
    """Its class and its parameters, those of steps and inner estimators too, become the run's config; a search that
    was fitted is logged whole."""
    run.config.update(parameters(estimator))
    if hasattr(estimator, "cv_results_"):
        _log_search(run, estimator)


def parameters(estimator: BaseEstimator) -> dict[str, object]:
    """An estimator's class and parameters, as a config."""
    given = estimator.get_params(deep=True)
    return {"estimator_name": type(estimator).__name__, **dict(_named(given))}


def _named(given: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for key, value in given.items():
        if isinstance(value, BaseEstimator):
            yield key, type(value).__name__
        elif isinstance(value, list) and any(isinstance(each, tuple) for each in value):
            continue  # a pipeline's steps: each stands there under its own name
        else:
            yield key, value


def log_scores(run: Run, estimator: BaseEstimator, x: Any, y: Any, part: str = "val", step: int | None = None) -> None:
    """How well it does on data that it was not fitted on, in the usual metrics of its kind."""
    guessed = estimator.predict(x)
    if is_classifier(estimator):
        scores = {
            "accuracy": metrics.accuracy_score(y, guessed),
            "f1": metrics.f1_score(y, guessed, average="macro", zero_division=0),
            "precision": metrics.precision_score(y, guessed, average="macro", zero_division=0),
            "recall": metrics.recall_score(y, guessed, average="macro", zero_division=0),
        }
        if hasattr(estimator, "predict_proba"):
            scores["loss"] = metrics.log_loss(y, estimator.predict_proba(x), labels=estimator.classes_)
    else:
        scores = {
            "r2": metrics.r2_score(y, guessed),
            "mae": metrics.mean_absolute_error(y, guessed),
            "rmse": metrics.root_mean_squared_error(y, guessed),
        }
    run.log({f"{part}/{name}": float(value) for name, value in scores.items()}, step)


def _log_search(run: Run, search: Any) -> None:
    table = search.cv_results_
    names = [name for name in table if name.startswith(CV)]
    for candidate in range(len(table["params"])):
        run.log({f"cv/{name}": table[name][candidate] for name in names}, candidate)
    if hasattr(search, "best_params_"):
        run.config.update({"best": {"candidate": search.best_index_, **dict(_named(search.best_params_))}})
    if hasattr(search, "best_score_"):
        run.log({"cv/best_score": search.best_score_}, 0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, RESULTS)
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(table)
            rows.writerows(zip(*table.values(), strict=True))
        run.log_artifact(path)

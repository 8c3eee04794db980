"""Each hook with the real framework: what is trained is what is recorded."""

import importlib
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

os.environ.update(MLFLOW_HTTP_REQUEST_MAX_RETRIES="0", MLFLOW_DISABLE_TELEMETRY="true")

import numpy as np
import pytest

import tracker
from tests.tracker.integrations.conftest import Records, Script
from tests.tracker.server.conftest import House
from tracker.settings import Settings


def ours(name: str) -> Any:
    """The hook for a framework. It imports the framework, which takes seconds, as every test here does for itself:
    every worker imports every file of tests, and one of them needs these."""
    return importlib.import_module(f"tracker.integrations.{name}")


def plaything(name: str) -> Any:
    """What is trained: `boring` or `sentences`."""
    return importlib.import_module(f"tests.tracker.integrations.{name}")


def test_a_lightning_module_is_logged_from_fit_to_test(work: Path, settings: Settings, records: Records) -> None:
    of_lightning, boring = ours("lightning"), plaything("boring")
    logger = of_lightning.RunciteLogger("lightning", seed=3, settings=settings)
    trainer = boring.lightning_trainer(logger)
    trainer.fit(boring.Boring(8))
    trainer.test(boring.Boring(8), verbose=False)
    logger.finish()
    broken = of_lightning.RunciteLogger("lightning", settings=settings)
    with pytest.raises(ValueError, match="no more"):
        boring.lightning_trainer(broken, enable_checkpointing=False).fit(boring.Boring(9, breaks=True))
    good, bad = records("lightning")
    assert (good.state, good.config["width"], good.seed) == ("finished", 8, 3)
    assert {"train/loss", "test/loss", "epoch"} <= set(good.metrics)
    assert good.metrics["train/loss"].last_step == 3
    assert [artifact.type for artifact in good.artifacts] == ["model"]
    assert (bad.state, bad.config["width"]) == ("failed", 9)
    assert bad.end and bad.end.reason == "ValueError: no more"


def test_a_trainer_of_hugging_face_is_logged(work: Path, settings: Settings, records: Records) -> None:
    callback = ours("transformers").RunciteCallback("hugging-face", settings=settings)
    trainer = plaything("sentences").hugging_face_trainer([callback], report_to="none")
    trainer.train()
    trainer.evaluate()
    callback.finish()
    (found,) = records("hugging-face")
    assert (found.state, found.seed, found.config["learning_rate"]) == ("finished", 11, 0.01)
    assert (found.config["model.n_embd"], found.config["model.model_type"]) == (8, "gpt2")
    loss, judged = found.metrics["train/loss"], found.metrics["eval/loss"]
    assert (loss.count, loss.last_step, judged.last_step) == (2, 4, 4)
    assert not any("token" in str(value) for key, value in found.config.items() if key.startswith("hub_"))


def test_a_model_of_keras_is_logged(settings: Settings, records: Records) -> None:
    import keras

    model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1)], name="line")
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss="mse", metrics=["mae"])
    x = np.random.default_rng(0).normal(size=(16, 3)).astype("float32")
    with tracker.start_run("keras", seed=5, settings=settings) as run:
        callback = ours("keras").RunciteCallback(run)
        model.fit(x, x[:, 0], validation_split=0.25, epochs=3, verbose=0, callbacks=[callback])
        model.evaluate(x, x[:, 0], verbose=0, callbacks=[callback])
    (found,) = records("keras")
    assert (found.state, found.config["model"], found.config["parameters"]) == ("finished", "line", 4)
    assert (found.config["optimizer.name"], found.config["loss"], found.config["epochs"]) == ("adam", "mse", 3)
    assert {"train/loss", "train/mae", "val/loss", "val/mae", "test/loss", "test/mae"} == set(found.metrics)
    assert (found.metrics["val/loss"].count, found.metrics["val/loss"].last_step) == (3, 2)


def test_a_search_of_scikit_learn_is_logged_whole(settings: Settings, records: Records) -> None:
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    of_sklearn = ours("sklearn")
    x, y = load_iris(return_X_y=True)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), LogisticRegression()), {"logisticregression__C": [0.01, 1.0, 10.0]}, cv=3
    )
    with tracker.start_run("sklearn", settings=settings) as run:
        of_sklearn.log_estimator(run, search.fit(x[::2], y[::2]))
        of_sklearn.log_scores(run, search, x[1::2], y[1::2])
    (found,) = records("sklearn")
    assert (found.config["estimator_name"], found.config["cv"]) == ("GridSearchCV", 3)
    assert found.config["best.logisticregression__C"] == search.best_params_["logisticregression__C"]
    assert found.metrics["cv/mean_test_score"].count == 3
    assert found.metrics["cv/mean_test_score"].max == found.metrics["cv/best_score"].last == search.best_score_
    assert found.metrics["val/accuracy"].last == search.score(x[1::2], y[1::2])
    assert [artifact.name for artifact in found.artifacts] == ["cv_results.csv"]


def test_each_trial_of_optuna_is_a_run(settings: Settings, records: Records) -> None:
    import optuna

    of_optuna = ours("optuna")

    def alone(trial: optuna.Trial) -> float:
        x = trial.suggest_float("x", -1, 1)
        trial.report(x, 0)
        if trial.number == 1:
            raise optuna.TrialPruned
        return x * x

    @of_optuna.tracked("optuna", metric="val/loss", settings=settings)
    def with_run(trial: optuna.Trial, run: tracker.Run) -> float:
        x = trial.suggest_float("x", -1, 1)
        run.log({"train/loss": x}, step=0)
        return x

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(study_name="bowl", sampler=optuna.samplers.RandomSampler(seed=1))
    study.optimize(alone, 2, callbacks=[of_optuna.RunciteCallback("optuna", metric="val/loss", settings=settings)])
    study.optimize(with_run, 1)
    first, pruned, wrapped = records("optuna")
    assert first.config["x"] == study.trials[0].params["x"]
    assert (first.metrics["val/loss"].last, first.metrics["val/loss"].count) == (study.trials[0].value, 2)
    assert (pruned.state, first.state, wrapped.state) == ("failed", "finished", "finished")
    assert pruned.end and pruned.end.reason == "the trial was pruned"
    assert set(wrapped.metrics) == {"train/loss", "val/loss"} and wrapped.config["x"] == study.trials[2].params["x"]
    assert wrapped.tags == ("study:bowl",) and wrapped.name == "bowl trial 2"


HYDRA = """
import sys, hydra, tracker
from omegaconf import DictConfig
from tracker.integrations.hydra import job_run

@hydra.main(version_base=None, config_path=".", config_name="app")
def main(cfg: DictConfig) -> None:
    job_run().log({"loss": cfg.optimizer.lr}, step=1)
    if cfg.optimizer.lr > 1:
        raise ValueError("too steep")

main()
"""
APP = """
seed: 4
width: 8
optimizer: {lr: 0.1, hidden: [4, "${width}"]}
hydra:
  callbacks:
    runcite: {_target_: tracker.integrations.hydra.RunciteCallback, project: hydra}
"""


def test_each_job_of_hydra_is_a_run(work: Path, settings: Settings, records: Records, script: Script) -> None:
    (work / "app.yaml").write_text(APP)
    assert script(HYDRA, "-m", "optimizer.lr=0.5,2") != 0
    good, bad = records("hydra")
    assert (good.config["optimizer.lr"], good.config["optimizer.hidden.1"], good.seed) == (0.5, 8, 4)
    assert (good.state, good.metrics["loss"].last, good.name) == ("finished", 0.5, "optimizer.lr=0.5")
    assert [artifact.name for artifact in good.artifacts] == ["hydra"]
    assert bad.state == "failed" and bad.end and bad.end.reason == "ValueError: too steep"


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A server that MLflow's client is sent to, and nothing of ours in the process."""
    import mlflow

    house = House(tmp_path / "house").start(require_login=False)
    mlflow.set_tracking_uri(None)  # which forgets the variable, too
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"{house.url}/t/unchanged")
    mlflow.set_experiment("Default")  # else MLflow goes on with another test's
    yield house
    mlflow.set_tracking_uri(None)
    house.stop()


@pytest.mark.filterwarnings("ignore")
def test_what_was_refused_stands_in_the_findings_whatever_the_framework_makes_of_it(work: Path, served: House) -> None:
    import keras
    import mlflow
    from lightning.pytorch.loggers import MLFlowLogger
    from mlflow.exceptions import MlflowException
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    boring = plaything("boring")
    mlflow.sklearn.autolog(log_models=False, log_datasets=False, silent=True)
    x, y = load_iris(return_X_y=True)
    try:
        with mlflow.start_run(run_name="autolog"):
            mlflow.log_param("C", "7")
            LogisticRegression(C=1.0).fit(x, y)
    finally:
        mlflow.sklearn.autolog(disable=True, silent=True)
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    with suppress(MlflowException), mlflow.start_run(run_name="keras"):
        mlflow.log_param("optimizer_learning_rate", "99")
        model.fit(x, y, epochs=1, verbose=0, callbacks=[mlflow.keras.MlflowCallback()])
    logger = MLFlowLogger("refused", run_name="lightning", tracking_uri=mlflow.get_tracking_uri())
    logger.experiment.log_param(logger.run_id, "width", "9")
    with suppress(MlflowException):
        boring.lightning_trainer(logger, enable_checkpointing=False).fit(boring.Boring(8))
    with suppress(MlflowException):
        mlflow.MlflowClient().create_logged_model(logger.experiment_id, "a/b", source_run_id=logger.run_id)
    with served.client() as client:
        runs = {run["name"]: run for run in client.get("/api/v1/runs").json()}
        refused = {
            name: [each["message"] for each in run["notices"] if each["code"] == "mlflow-refused"]
            for name, run in runs.items()
        }
        findings = {name: client.get(f"/api/v1/runs/{run['id']}/findings").json() for name, run in runs.items()}
    for name, key in (
        ("autolog", "'C' is '7'"),
        ("keras", "'optimizer_learning_rate' is '99'"),
        ("lightning", "'width' is '9'"),
    ):
        assert any(key in message for message in refused[name]), (name, refused)
        assert "not-all-kept" in str(findings[name])
    assert any("Invalid model name" in message for message in refused["lightning"]), refused


def test_lightning_and_hugging_face_register_by_their_own_mlflow_loggers(work: Path, served: House) -> None:
    import mlflow
    from lightning.pytorch.loggers import MLFlowLogger

    boring = plaything("boring")
    logger = MLFlowLogger(experiment_name="boring", tracking_uri=mlflow.get_tracking_uri())
    boring.lightning_trainer(logger).fit(boring.Boring(8))
    with mlflow.start_run():
        mlflow.log_param("learning_rate", 1.0)  # another value than the trainer's: its whole batch will be refused
        plaything("sentences").hugging_face_trainer(report_to="mlflow", eval_strategy="steps", eval_steps=2).train()
        mlflow.flush_async_logging()
    with served.client() as client:
        runs = {run["project"]: run for run in client.get("/api/v1/runs").json()}
        ours, theirs = runs["boring"], runs["unchanged"]
        assert (ours["state"], theirs["state"], ours["config"]["width"]) == ("finished", "finished", 8)
        assert "train/loss" in ours["metrics"] and {"loss", "eval_loss"} <= set(theirs["metrics"])
        refused = [each for each in theirs["notices"] if each["code"] == "mlflow-refused"]
        assert refused and "learning_rate" in str(refused), "what a framework swallowed must stand in the record"

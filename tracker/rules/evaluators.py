"""Optuna's own evaluators of importance, asked about a table of trials: fANOVA and PED-ANOVA. Pure.

fANOVA (F. Hutter, H. Hoos, K. Leyton-Brown, "An efficient approach for assessing hyperparameter importance", 2014)
takes the variance of a random forest apart; it is a second opinion on the shares of `sensitivity`, by another fit.
Its trees are kept to depth 6, as its time grows with the square of their leaves. PED-ANOVA (S. Watanabe, A. Bansal,
F. Hutter, "PED-ANOVA: efficiently quantifying hyperparameter importance in arbitrary subspaces", 2023) asks what
told the best from the rest, and knows settings that exist only beside others.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from tracker.record import Direction
from tracker.rules.trials import NOT_SET, Key, Trials, places

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution

_TREES, _DEPTH = 16, 6
TOP, _FEWEST_TOP = 0.1, 5
"""The best tenth of the configs, and at least five."""

Settled = tuple[dict[str, float | str], "dict[str, BaseDistribution]"]


def fanova(table: Trials, rng: np.random.Generator) -> dict[str, float]:
    """Each setting's share of the forest's variance, alone. As in `sensitivity`, one that is not set
    takes a place of its own, or is filled where a parent decides."""
    import optuna  # seconds to load: only who asks for importance pays

    with _quiet():
        study = _study(table, "max", conditional=False)
        evaluator = optuna.importance.FanovaImportanceEvaluator(
            n_trees=_TREES, max_depth=_DEPTH, seed=int(rng.integers(2**31))
        )
        return {name: float(part) for name, part in evaluator.evaluate(study).items()}


def ped_anova(table: Trials, direction: Direction) -> dict[str, float]:
    """Each setting's part in telling the best tenth from the rest; they add up to 1."""
    import optuna

    with _quiet():
        study = _study(table, direction, conditional=True)
        quantile = min(0.5, max(TOP, _FEWEST_TOP / len(table.y)))
        parts = optuna.importance.PedAnovaImportanceEvaluator(target_quantile=quantile).evaluate(study)
    whole = sum(parts.values()) or 1.0
    return {name: float(part) / whole for name, part in parts.items()}


@contextmanager
def _quiet() -> Iterator[None]:
    """Optuna says nothing on the way; what it was set to say before holds again behind it."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        optuna.logging.set_verbosity(before)


def _study(table: Trials, direction: Direction, *, conditional: bool) -> Study:
    """The table as a study. With `conditional`, a line lacks the settings that were not set."""
    import optuna

    study = optuna.create_study(direction="maximize" if direction == "max" else "minimize")
    lines: list[Settled] = [({}, {}) for _ in table.y]
    for key in table.keys:
        _settle(key, lines, conditional)
    study.add_trials(
        [
            optuna.trial.create_trial(params=params, distributions=distributions, value=float(value))
            for (params, distributions), value in zip(lines, table.y, strict=True)
        ]
    )
    return study


def _settle(key: Key, lines: list[Settled], conditional: bool) -> None:
    """Numbers by their place among those tried, names as names."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    values = key.values if conditional else key.filled
    texts = [repr(value) for value in values]
    names = CategoricalDistribution(sorted(set(texts)))
    unit = FloatDistribution(0.0 if conditional else NOT_SET, 1.0)
    for (params, distributions), place, text in zip(lines, places(values), texts, strict=True):
        if not key.numeric:
            params[key.name], distributions[key.name] = text, names
        elif place >= 0 or not conditional:
            params[key.name], distributions[key.name] = float(place), unit

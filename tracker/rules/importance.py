"""Which hyperparameters moved the metric, how sure that is, and what cannot be known. Pure.

Two questions are asked. What moved the metric over everything that was tried: the shares of `sensitivity`,
with bootstrap intervals over configs, a permutation check on configs the fit has not seen, and optuna's fANOVA
as a second opinion by another fit. And what told the best tenth from the rest: optuna's PED-ANOVA, which knows
settings that exist only beside others (`evaluators`).

Correlation is all that runs can show: a setting that was changed together with another gets a share of the
other's merit, and those that always moved together are named.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec

import msgspec
import numpy as np
from numpy.typing import NDArray

from tracker.errors import UsageError
from tracker.record import BoardSpec, Record
from tracker.rules import evaluators, sensitivity
from tracker.rules.trials import Key, Trials, places, trials
from tracker.rules.words import counted, listed

FEWEST = 20
"""Configs that importance asks for at least; and five for each setting that varies."""

MOST = 600
"""More configs than this are thinned at random: further ones change nothing but the time."""

TOGETHER = 0.95
"""Settings whose ranks are so correlated, or more, moved together."""

RESAMPLES = 20
"""So many times the configs are drawn anew for the shares' intervals."""

SURE = 2.33
"""Standard errors beyond which the permutation check calls a setting confirmed: chance does it once in a hundred."""

_OFF = 0.25

Floats = NDArray[np.float64]


class Factor(msgspec.Struct, frozen=True):
    """One hyperparameter.

    `share` is its part, alone, of the variance that the settings explain, with a 95 % bootstrap interval;
    `total` the same with its interactions; `fanova` what optuna's fANOVA gives instead of `share`; `top` its
    part in telling the best tenth from the rest (all add up to 1). `lost` is how much of the fit's R² goes when
    it is shuffled, and `confirmed` says that this is more than chance (at 1 %). `tried` counts its different
    values.
    """

    key: str
    share: float
    low: float
    high: float
    total: float
    top: float
    lost: float
    confirmed: bool
    tried: int
    conditional: bool
    fanova: float = 0.0


class Importance(msgspec.Struct, frozen=True):
    """What moved the metric, the most important first.

    `explained` is the cross-validated R² of the fit: near 0, the settings say nothing of the metric, and
    no factor should be believed. `together` names settings whose parts cannot be told apart.
    """

    metric: str
    configs: int
    runs: int
    explained: float
    factors: tuple[Factor, ...]
    together: tuple[tuple[str, ...], ...]
    left_out: tuple[tuple[str, str], ...]
    sentence: str
    caveats: tuple[str, ...]


def importance(spec: BoardSpec, records: Sequence[Record], *, rng: np.random.Generator | None = None) -> Importance:
    """The importance of every hyperparameter that varied. Equal `rng` give equal answers (seed 0 without one).

    Raises:
        UsageError: too few configs (the message says how many are missing), nothing varied, or the packages
            for it are not installed.
    """
    rng = rng or np.random.default_rng(0)
    table = trials(spec, records)
    _refuse(spec, table)
    full = len(table.y)
    table = _thinned(table, rng)
    x, columns = _matrix(table.keys)
    shares = sensitivity.shares(x, table.y, columns, rng, trees=100, size=1600)
    checked = sensitivity.check(x, table.y, columns, rng, trees=100)
    low, high = _bootstrap(x, table.y, columns, rng, shares.alone)
    forest = evaluators.fanova(table, rng)
    top = evaluators.ped_anova(table, spec.direction)
    factors = [
        Factor(
            key=key.name,
            share=float(shares.alone[at]),
            low=float(low[at]),
            high=float(high[at]),
            total=float(shares.total[at]),
            top=top.get(key.name, 0.0),
            lost=float(checked.lost[at]),
            confirmed=bool(checked.score[at] > SURE and checked.explained > 0),
            tried=len({repr(value) for value in key.values}),
            conditional=key.conditional,
            fanova=forest.get(key.name, 0.0),
        )
        for at, key in enumerate(table.keys)
    ]
    factors.sort(key=lambda factor: (-factor.share, factor.key))
    found = Importance(
        metric=spec.metric,
        configs=full,
        runs=table.runs,
        explained=checked.explained,
        factors=tuple(factors),
        together=_together(table.keys),
        left_out=table.left_out,
        sentence="",
        caveats=(),
    )
    return msgspec.structs.replace(found, sentence=_sentence(found), caveats=_caveats(found, len(table.y)))


def _refuse(spec: BoardSpec, table: Trials) -> None:
    _needs()
    if not table.keys:
        names = listed([name for name, _ in table.left_out])
        said = f" ({names})" if names else ""
        raise UsageError(
            f"No hyperparameter of {spec.project} varies among its finished runs{said}.",
            remedy="Train with different settings.",
        )
    needed = max(FEWEST, 5 * len(table.keys))
    if len(table.y) < needed:
        raise UsageError(
            f"Importance of {counted(len(table.keys), 'setting')} needs {needed} different configs that ended well; "
            f"{spec.project} has {len(table.y)}.",
            remedy=f"Train {needed - len(table.y)} more.",
        )
    if float(np.ptp(table.y)) == 0:
        raise UsageError(f"{spec.metric} is the same in all runs: nothing moved it.", remedy="Ask another metric.")


def _needs() -> None:
    missing = [package for package in ("optuna", "sklearn") if find_spec(package) is None]
    if missing:
        raise UsageError(
            f"Importance needs packages that are not installed: {listed(missing)}.",
            remedy="Install them: pip install 'runcite[importance]'",
        )


def _thinned(table: Trials, rng: np.random.Generator) -> Trials:
    if len(table.y) <= MOST:
        return table
    kept = np.sort(rng.choice(len(table.y), MOST, replace=False))
    keys = tuple(replace(key, values=tuple(key.values[at] for at in kept)) for key in table.keys)
    return Trials(keys, table.y[kept], table.left_out, table.runs)


def _matrix(keys: Sequence[Key]) -> tuple[Floats, tuple[slice, ...]]:
    parts = [key.encoded for key in keys]
    ends = list(itertools.accumulate(part.shape[1] for part in parts))
    columns = tuple(slice(end - part.shape[1], end) for end, part in zip(ends, parts, strict=True))
    return np.column_stack(parts), columns


def _bootstrap(
    x: Floats, y: Floats, columns: tuple[slice, ...], rng: np.random.Generator, seen: Floats
) -> tuple[Floats, Floats]:
    """95 % intervals of the shares over resampled configs: normal ones around what was seen, kept in 0 to 1."""
    drawn = []
    for _ in range(RESAMPLES):
        rows = rng.integers(len(y), size=len(y))
        drawn.append(sensitivity.shares(x[rows], y[rows], columns, rng, trees=50, size=400).alone)
    half = 1.96 * np.std(drawn, axis=0, ddof=1)
    return np.clip(seen - half, 0, 1), np.clip(seen + half, 0, 1)


def _together(keys: Sequence[Key]) -> tuple[tuple[str, ...], ...]:
    """Groups of settings that always, or nearly always, moved together."""
    groups: list[set[str]] = []
    for one, other in itertools.combinations(keys, 2):
        if _moved_together(one, other):
            touched = [group for group in groups if group & {one.name, other.name}]
            groups = [group for group in groups if group not in touched]
            groups.append({one.name, other.name}.union(*touched))
    return tuple(tuple(key.name for key in keys if key.name in group) for group in groups)


def _moved_together(one: Key, other: Key) -> bool:
    first, second = [repr(value) for value in one.values], [repr(value) for value in other.values]
    levels = len(set(first))
    if levels == len(set(second)) == len(set(zip(first, second, strict=True))) and levels <= len(first) // 2:
        return True
    if not (one.numeric and other.numeric):
        return False
    a, b = places(one.values), places(other.values)
    both = (a >= 0) & (b >= 0)
    if both.sum() < FEWEST // 2 or np.ptp(a[both]) == 0 or np.ptp(b[both]) == 0:
        return False
    return bool(abs(np.corrcoef(a[both], b[both])[0, 1]) >= TOGETHER)


def _sentence(found: Importance) -> str:
    sure = [factor for factor in found.factors if factor.confirmed]
    explained = f"{found.explained:.0%}" if found.explained >= 0.005 else "nothing"
    behind = f"{counted(found.configs, 'config')}, of whose spread the settings explain {explained}"
    if not sure:
        return f"No setting moved {found.metric} more than chance would: {behind}."
    names = [f"{factor.key} ({'with others' if _joint(factor) else f'{factor.share:.0%}'})" for factor in sure]
    return f"{found.metric} was moved by {listed(names)}: {behind}."


def _joint(factor: Factor) -> bool:
    """Whether the factor acts mostly through others."""
    return factor.total > 0.1 and factor.share < factor.total / 3


def _doubted(factor: Factor) -> bool:
    """Whether fANOVA's share lies outside the interval, and by more than either fit is off on known functions."""
    return max(factor.low - factor.fanova, factor.fanova - factor.high) > _OFF


def _caveats(found: Importance, used: int) -> tuple[str, ...]:
    told = [f"{listed(list(group), 8)} moved together: their parts cannot be told apart." for group in found.together]
    if found.explained < 0.3:
        told.append("The settings foretell little of the metric: take the shares as hints.")
    if doubted := [factor.key for factor in found.factors if factor.confirmed and _doubted(factor)]:
        told.append(f"Another fit (fANOVA) sees {listed(doubted)} otherwise: take the share as rough.")
    if joint := [factor.key for factor in found.factors if factor.confirmed and _joint(factor)]:
        told.append(f"{listed(joint)} acted mostly together with others: alone it explains less.")
    if used < found.configs:
        told.append(f"Reckoned from {used:,} of {found.configs:,} configs, drawn at random.")
    return tuple(told)

"""Runs as a table of what was tried and what came out: a line for each config, its replicates taken together. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tracker.record import BoardSpec, Record
from tracker.rules.differences import SEED_KEY
from tracker.rules.replicates import value_of
from tracker.snapshot import Scalar

Floats = NDArray[np.float64]
NOT_SET = -0.5
"""Stands for a number that was not set: beside the places 0 to 1 of those that were."""

_MOST_LEVELS = 20


@dataclass(frozen=True)
class Key:
    """One hyperparameter: its value in each line (None where it was not set), as numbers or as names.

    `parent` is the setting that decides whether this one is set (momentum goes with one optimizer only).
    """

    name: str
    values: tuple[Scalar, ...]
    numeric: bool
    conditional: bool
    parent: str | None = None

    @property
    def filled(self) -> tuple[Scalar, ...]:
        """The values as they are taken apart. Where a parent decides whether it is set, a line without it gets one of
        the values that were, all of them alike: else the setting would get its parent's merit for being there."""
        if self.parent is None:
            return self.values
        known = sorted((each for each in self.values if each is not None), key=lambda each: (str(type(each)), each))
        without = [place for place, value in enumerate(self.values) if value is None]
        drawn = np.random.default_rng(0).permutation(len(without))
        filled = list(self.values)
        for place, rank in zip(without, drawn.tolist(), strict=True):
            filled[place] = known[int((rank + 0.5) / len(without) * len(known))]
        return tuple(filled)

    @property
    def encoded(self) -> Floats:
        """Numbers as their place among those tried (0 to 1, equal ones the same), names as a column each."""
        return places(self.filled)[:, None] if self.numeric else _one_hot(self.filled)


@dataclass(frozen=True)
class Trials:
    """The table: `keys` that vary, the metric's mean of each line, and the keys left out with the reason."""

    keys: tuple[Key, ...]
    y: Floats
    left_out: tuple[tuple[str, str], ...]
    runs: int


def trials(spec: BoardSpec, records: Sequence[Record]) -> Trials:
    """The runs that ended well and have a finite value, as lines. A seed is no setting."""
    lines: dict[str, list[tuple[Record, float]]] = {}
    for record in records:
        value = value_of(spec, record)
        result = record.state == "finished" and record.retracted is None and record.reproduces is None
        if value is not None and result:
            lines.setdefault(record.digests.config, []).append((record, value))
    configs = [found[0][0].config for found in lines.values()]
    y = np.array([math.fsum(value for _, value in found) / len(found) for found in lines.values()])
    keys: list[Key] = []
    left_out: list[tuple[str, str]] = []
    for name in dict.fromkeys(name for config in configs for name in config if name != SEED_KEY):
        values = tuple(config.get(name) for config in configs)
        reason = _why_left_out(values)
        if reason:
            left_out.append((name, reason))
        else:
            keys.append(Key(name, values, _is_numeric(values), any(name not in config for config in configs)))
    keys = [replace(key, parent=_parent(key, keys)) if key.conditional else key for key in keys]
    return Trials(tuple(keys), y, tuple(left_out), sum(len(found) for found in lines.values()))


def places(values: Sequence[Scalar]) -> Floats:
    """The place of each number among those tried, 0 to 1, equal ones the same; `NOT_SET` for what is none."""
    numbers = np.array([_number(value) for value in values])
    known = np.isfinite(numbers)
    place = np.full(len(numbers), NOT_SET)
    if known.any():
        ordered = np.sort(numbers[known])
        low, high = np.searchsorted(ordered, numbers[known], "left"), np.searchsorted(ordered, numbers[known], "right")
        place[known] = (low + high) / 2 / len(ordered)
    return place


def _parent(key: Key, keys: Sequence[Key]) -> str | None:
    """The setting, set in every line, whose values alone say whether `key` is set; None where there is none."""
    there = [value is not None for value in key.values]
    for other in keys:
        if other.conditional or len(set(_levels(other.values))) > _MOST_LEVELS:
            continue
        if len(set(zip(_levels(other.values), there, strict=True))) == len(set(_levels(other.values))):
            return other.name
    return None


def _number(value: Scalar) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan


def _is_numeric(values: Sequence[Scalar]) -> bool:
    return all(value is None or (isinstance(value, int | float) and not isinstance(value, bool)) for value in values)


def _levels(values: Sequence[Scalar]) -> list[str]:
    return [repr(value) for value in values]


def _why_left_out(values: Sequence[Scalar]) -> str:
    levels = set(_levels(values))
    if len(levels) < 2:
        return "never varied"
    if not _is_numeric(values) and len(levels) > max(2, min(_MOST_LEVELS, len(values) // 3)):
        return "is a name rather than a setting: too many different texts"
    return ""


def _one_hot(values: Sequence[Scalar]) -> Floats:
    levels = _levels(values)
    known = sorted(set(levels))
    return np.array([[float(level == each) for each in known] for level in levels])

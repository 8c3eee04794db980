"""Many runs at once: one line a run, through an axis for each setting that varies, to the metric. Pure.

What a page draws as parallel coordinates: axes with their kind and every run's value, as plain values.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import msgspec

from tracker.record import BoardSpec, Record
from tracker.rules.differences import Setting, settings
from tracker.rules.replicates import value_of
from tracker.rules.words import shown
from tracker.snapshot import Scalar

MOST_AXES = 24
MOST_RUNS = 2000
_MOST_NAMES = 30
_WIDE = 50.0
"""Positive numbers whose largest is so many times the least go on a logarithmic axis."""

Kind = Literal["linear", "log", "names"]


class Axis(msgspec.Struct, frozen=True):
    """A setting or metric as an axis.

    `values` has an entry a run: the number itself, on an axis of "names" the place in `levels`, and None where the
    run has none. `low` and `high` are the ends.
    """

    name: str
    kind: Kind
    values: tuple[float | None, ...]
    low: float
    high: float
    levels: tuple[str, ...] = ()


class Parallel(msgspec.Struct, frozen=True):
    """Runs as lines, the worst first, so that the best is drawn on top.

    `axes` are settings, `metric` the board's metric, with a value for every run. `of` counts the runs that could be
    drawn: beyond `MOST_RUNS` every so many of them are here, the best and the worst among them. `left_out` are
    settings without an axis, with the reason.
    """

    run_ids: tuple[str, ...]
    axes: tuple[Axis, ...]
    metric: Axis
    of: int
    left_out: tuple[tuple[str, str], ...]


def parallel(spec: BoardSpec, records: Sequence[Record], *, first: Sequence[str] = ()) -> Parallel:
    """The finished runs that have a finite value of the board's metric. `first` are settings to put first, in order."""
    valued = [
        (value, record)
        for record in records
        if record.state == "finished" and record.retracted is None and (value := value_of(spec, record)) is not None
    ]
    sign = 1.0 if spec.direction == "max" else -1.0
    valued.sort(key=lambda pair: (sign * pair[0], pair[1].id))
    drawn = _thinned(valued)
    chosen = [record for _, record in drawn]
    axes: list[Axis] = []
    left_out: list[tuple[str, str]] = []
    every = {setting.key: setting for setting in settings(chosen)}
    for key in dict.fromkeys((*(key for key in first if key in every), *every)):
        reason = "never varied" if every[key].same else _too_many(every[key])
        if not reason and len(axes) == MOST_AXES:
            reason = "there are too many axes"
        if reason:
            left_out.append((key, reason))
        else:
            axes.append(_axis(every[key]))
    values = tuple(value for value, _ in drawn)
    metric = Axis(spec.metric, _kind(values), values, *_ends(values))
    return Parallel(tuple(record.id for record in chosen), tuple(axes), metric, len(valued), tuple(left_out))


def _thinned(valued: list[tuple[float, Record]]) -> list[tuple[float, Record]]:
    if len(valued) <= MOST_RUNS:
        return valued
    step = (len(valued) - 1) / (MOST_RUNS - 1)
    return [valued[round(place * step)] for place in range(MOST_RUNS)]


def _axis(setting: Setting) -> Axis:
    values = [_number(value) if there else None for value, there in zip(setting.values, setting.present, strict=True)]
    if _numeric(setting):
        return Axis(setting.key, _kind(values), tuple(values), *_ends(values))
    names = [shown(value) if there else None for value, there in zip(setting.values, setting.present, strict=True)]
    levels = sorted({name for name in names if name is not None})
    places = tuple(None if name is None else float(levels.index(name)) for name in names)
    return Axis(setting.key, "names", places, 0.0, float(max(1, len(levels) - 1)), tuple(levels))


def _numeric(setting: Setting) -> bool:
    return all(
        _number(value) is not None for value, there in zip(setting.values, setting.present, strict=True) if there
    )


def _number(value: Scalar) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _too_many(setting: Setting) -> str:
    if _numeric(setting) or len(set(map(repr, setting.values))) <= _MOST_NAMES:
        return ""
    return "is a name rather than a setting: too many different texts"


def _kind(values: Sequence[float | None]) -> Kind:
    known = [value for value in values if value is not None]
    return "log" if known and min(known) > 0 and max(known) / min(known) >= _WIDE else "linear"


def _ends(values: Sequence[float | None]) -> tuple[float, float]:
    known = [value for value in values if value is not None and math.isfinite(value)]
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    if high > low:
        return low, high
    room = abs(high) * 0.05 or 0.05
    if 0 <= low <= 1:  # shares and their like keep within their bounds
        return max(0.0, low - room), min(1.0, high + room)
    return low - room, high + room

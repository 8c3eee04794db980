"""A line of the table, and how times are taken."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measurement: the goal in words, the figure here, the floor beside it, and whether the goal is met."""

    what: str
    goal: str
    here: str
    floor: str = ""
    met: bool | None = None


def each(call: Callable[[int], object], count: int) -> list[int]:
    """Nanoseconds of each of `count` calls, as a loop sees them, less what asking the clock and calling cost."""
    clock = time.perf_counter_ns
    times = []
    for index in range(count):
        began = clock()
        call(index)
        times.append(clock() - began)
    empty = []
    for index in range(count):
        began = clock()
        _nothing(index)
        empty.append(clock() - began)
    nothing = quantile(empty, 0.5)
    return [max(0, taken - nothing) for taken in times]


def _nothing(index: int) -> None:
    pass


def quantile(values: list[int], share: float) -> int:
    """The value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]

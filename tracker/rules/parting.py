"""Where two histories of one metric part, bit for bit, and which metrics are compared at all. Pure.

A metric that measures the machine (seconds, throughput, memory) is never the same twice and says nothing of the
result: it is named, and not compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

_MACHINE = re.compile(
    r"(?:^|[_./ -])(?:time|times|timing|seconds?|secs?|msec|duration|elapsed|eta|runtime|wall(?:_?clock)?|latency|"
    r"throughput|speed|fps|it_?s|(?:\w+_)?per_(?:second|sec|s)|memory|mem|rss|vram|cpu|gpu|utili[sz]ation|temperature|"
    r"power|watts|flops|mfu|timestamp|epoch_time|step_time)(?:$|[_./ -])",
    re.IGNORECASE,
)
_SYSTEM = ("system/", "sys/", "perf/", "timers/")


class Series(Protocol):
    """A metric's history: columns of equal length, in the order of its steps."""

    @property
    def steps(self) -> NDArray[np.int64]:
        """The steps."""

    @property
    def values(self) -> NDArray[np.float64]:
        """The values."""


class Parting(msgspec.Struct, frozen=True):
    """The first point at which a metric's two histories are not the same, bit for bit.

    A value is None where that history has no point there, as text where it is not finite.
    """

    metric: str
    step: int
    before: float | str | None
    after: float | str | None


def measures_the_machine(metric: str) -> bool:
    """Whether a metric's name says that it measures the machine and not the model."""
    return metric.lower().startswith(_SYSTEM) or _MACHINE.search(metric) is not None


def compared(metrics: Iterable[str], board_metric: str | None) -> tuple[str, ...]:
    """The metrics to hold against each other, sorted: those that don't measure the machine, and the board's."""
    return tuple(sorted(name for name in metrics if name == board_metric or not measures_the_machine(name)))


def partings(before: Mapping[str, Series], after: Mapping[str, Series], metrics: Iterable[str]) -> tuple[Parting, ...]:
    """Where each of the metrics parts, the earliest first; nothing for those that are the same bit for bit."""
    found = [parting for name in metrics if (parting := parts_at(name, before.get(name), after.get(name)))]
    return tuple(sorted(found, key=lambda parting: (parting.step, parting.metric)))


def parts_at(metric: str, before: Series | None, after: Series | None) -> Parting | None:
    """The first point at which the two are not the same. NaN is the same as NaN; 0.0 and -0.0 are not."""
    if before is None or after is None:
        present = before if before is not None else after
        step = int(present.steps[0]) if present is not None and len(present.steps) else 0
        return Parting(metric, step, _value(before, 0), _value(after, 0))
    count = min(len(before.steps), len(after.steps))
    same = before.steps[:count] == after.steps[:count]
    same &= _bits(before.values[:count]) == _bits(after.values[:count])
    if same.all():
        if len(before.steps) == len(after.steps):
            return None
        at = count
    else:
        at = int(same.argmin())
    steps = [int(series.steps[at]) for series in (before, after) if at < len(series.steps)]
    return Parting(metric, min(steps), _value(before, at), _value(after, at))


def _bits(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """The values' bits, every NaN made the same one."""
    whole = np.array(values, np.float64)
    whole[np.isnan(whole)] = np.nan
    return whole.view(np.int64)


def _value(series: Series | None, at: int) -> float | str | None:
    if series is None or at >= len(series.values):
        return None
    value = float(series.values[at])
    return value if np.isfinite(value) else str(value)

"""What a reader finds: runs of another tracker as frozen values, and what it could not read. Pure."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from tracker.store.series import Points

Curve = tuple[str, Points]
End = Literal["finished", "failed", "running", "unknown"]
FLUSHED = 1 << 18
"""Points that are gathered before they are handed on."""
_MOST = (1 << 63) - 1


@dataclass(frozen=True)
class FoundFile:
    """A file of a run: the name it has there, and where its content lies, or how it is fetched into a file."""

    name: str
    path: Path | None = None
    fetch: Callable[[Path], None] | None = None


@dataclass(frozen=True)
class FoundRun:
    """One run as its source has it.

    `key` tells the run apart within its `source` for ever: the same run, found again anywhere, has the same key.
    `series` gives the points of every metric, in several stretches where they are many; in the order in which they
    were logged, so that a run that has grown since begins with what it had. Times are microseconds since 1970 in UTC.
    `state` is "unknown" where the source does not say how a run ends.
    """

    source: str
    key: str
    project: str
    series: Callable[[], Iterator[Curve]]
    where: str
    name: str | None = None
    config: Mapping[str, object] = field(default_factory=dict)
    seed: int | None = None
    tags: tuple[str, ...] = ()
    note: str = ""
    started_at: int | None = None
    ended_at: int | None = None
    state: End = "unknown"
    reason: str | None = None
    commit: str | None = None
    branch: str | None = None
    remote: str | None = None
    script: str | None = None
    argv: tuple[str, ...] = ()
    python: str | None = None
    packages: tuple[tuple[str, str], ...] = ()
    files: tuple[FoundFile, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Trouble:
    """Something that could not be read, in one line; what could, is found all the same."""

    where: str
    message: str


@dataclass(frozen=True)
class Said:
    """How a source was understood, in one line."""

    message: str


Found = FoundRun | Trouble | Said


class Gathering:
    """Points of many metrics, gathered one by one, in the order in which they come."""

    def __init__(self) -> None:
        self._columns: dict[str, tuple[array[int], array[float], array[int]]] = {}
        self.count = 0

    def add(self, metric: str, step: int, value: float, at: int) -> None:
        """One point more."""
        columns = self._columns.get(metric)
        if columns is None:
            columns = self._columns[metric] = (array("q"), array("d"), array("q"))
        columns[0].append(max(-_MOST, min(step, _MOST)))
        columns[1].append(value)
        columns[2].append(max(0, min(at, _MOST)))
        self.count += 1

    def full(self) -> bool:
        """Whether it is time to hand on."""
        return self.count >= FLUSHED

    def take(self) -> Iterator[Curve]:
        """What was gathered, metric by metric; the next points begin anew."""
        columns, self._columns, self.count = self._columns, {}, 0
        for metric, (steps, values, times) in columns.items():
            yield metric, Points(np.array(steps, np.int64), np.array(values, np.float64), np.array(times, np.int64))


def number(value: object) -> float | None:
    """The value as a number; None for what is none. NaN and infinity may be written as text."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    return None


def whole(value: object) -> int | None:
    """The value as a whole number; None for what is none."""
    found = number(value)
    return int(found) if found is not None and math.isfinite(found) and found == int(found) else None


def micros(seconds: float) -> int:
    """Seconds since 1970 as microseconds; 0 for what is no time."""
    return max(0, min(round(seconds * 1e6), _MOST)) if math.isfinite(seconds) else 0


def seed_of(config: Mapping[str, object]) -> int | None:
    """The seed among the settings, where one is called so."""
    for key, value in config.items():
        if key.rpartition(".")[2].rpartition("/")[2].lower() in ("seed", "random_seed", "random_state"):
            found = whole(value)
            if found is not None and abs(found) < 1 << 63:
                return found
    return None


def scalar(text: str) -> str | int | float | bool:
    """Text as the value it was written from: a number, True or False, else itself."""
    if text in ("True", "False", "true", "false"):
        return text.lower() == "true"
    try:
        value = int(text)
        if str(value) == text and abs(value) < 1 << 63:
            return value
    except ValueError:
        pass
    try:
        real = float(text)
    except ValueError:
        return text
    return real if math.isfinite(real) and any(c in text for c in ".eE") and text == text.strip() else text

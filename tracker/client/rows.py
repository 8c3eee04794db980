"""Rows of metrics: the shapes a segment has declared, ready to pack, and what callers log made loggable."""

from __future__ import annotations

import functools
import mmap
import operator
import struct
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol
from zlib import crc32

from tracker.client.frames import WIDE_ROW, Shape, head_of, row_kind, shape_frame, start_of
from tracker.client.values import name_of
from tracker.errors import UsageError

Packed = tuple[Callable[..., bytes], Callable[..., bytes], int, int]
"""How a row of a shape is packed: its payload from (step, time, *values), its frame from (crc, head, payload),
the head, and where the checksum starts."""

MAX_SHAPES = 4096


class Log(Protocol):
    """`run.log`."""

    def __call__(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        """Record values of metrics at a step. When it returns, killing the process loses nothing.

        Values are anything `float()` takes; NaN and infinite ones are kept. Without `step` it is one more than the
        last. Never raises.
        """


class Unloggable(UsageError):
    """What was passed to `log` holds nothing that can be logged."""


class Rows:
    """The shapes declared in one segment, by their names. The two tables are shared with the hot path and never
    replaced: `ones` for a single metric, `many` for several."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.ones: dict[str, Packed] = {}
        self.many: dict[tuple[str, ...], Packed] = {}

    def begin(self, seed: int) -> None:
        """Forget every shape: a new segment has declared none."""
        self.ones.clear()
        self.many.clear()
        self.seed = seed

    def find(self, names: tuple[str, ...]) -> Packed | None:
        """The shape of these names, when it is declared."""
        return self.ones.get(names[0]) if len(names) == 1 else self.many.get(names)

    def declare(self, names: tuple[str, ...], append: Callable[[bytes], None]) -> Packed:
        """Declare a shape through `append`; only then may rows of it be written."""
        number = len(self.ones) + len(self.many)
        append(shape_frame(Shape(number, names), self.seed))
        kind, count = row_kind(number), len(names)
        payload: Callable[..., bytes] = struct.Struct(f"<qq{count}d").pack
        size = 16 + 8 * count
        if kind == WIDE_ROW:
            payload = functools.partial(struct.Struct(f"<Qqq{count}d").pack, number)
            size += 8
        head = head_of(kind, size // 8)
        packed = (payload, struct.Struct(f"<II{size}s").pack, head, start_of(head, self.seed))
        if count == 1:
            self.ones[names[0]] = packed
        else:
            self.many[names] = packed
        return packed

    def frames(
        self, names: tuple[str, ...], values: Iterable[float], step: int, at: int, append: Callable[[bytes], None]
    ) -> None:
        """Append a row the slow way. A segment with very many shapes takes each metric as a row of its own."""
        packed = self.find(names)
        if packed is None and len(names) > 1 and len(self.many) >= MAX_SHAPES:
            for name, value in zip(names, values, strict=True):
                self.frames((name,), (value,), step, at, append)
            return
        payload, frame, head, start = packed or self.declare(names, append)
        row = payload(step, at, *values)
        append(frame(crc32(row, start), head, row))


def cost_of_one(recorder: Callable[[Callable[[bytes], object], Rows], Log]) -> float:
    """How long one fast call of `log` takes, in seconds: measured on a page that nobody reads, in the least disturbed
    of five rounds, since a process that waits for its turn meanwhile would pass for a slow call."""
    scratch = Rows(1)
    with mmap.mmap(-1, 16384) as page:
        scratch.declare(("x",), lambda frame: None)
        log = recorder(page.write, scratch)
        return min(_seconds(log) for _ in range(5)) / 40


def _seconds(log: Log) -> float:
    began = time.perf_counter()
    for step in range(40):
        log({"x": 0.5}, step)
    return time.perf_counter() - began


def loggable(metrics: object) -> tuple[dict[str, float], list[str]]:
    """The metrics as clean names and floats, and a sentence for each one left out or renamed.

    Raises:
        Unloggable: this is no mapping.
    """
    if not isinstance(metrics, Mapping):
        raise Unloggable(f"log() takes a mapping of names to numbers, not {type(metrics).__name__}")
    kept: dict[str, float] = {}
    notes: list[str] = []
    for key, value in metrics.items():
        name = name_of(str(key))
        number = _number(value)
        if number is None:
            notes.append(f"metric {name!r} was left out: {_describe(value)} is no number")
        else:
            kept[name] = number
        if name != key:
            notes.append(f"metric name {key!r:.80} was stored as {name!r:.80}")
    return kept, notes


def step_of(step: Any, last: int) -> tuple[int, str]:
    """The step as a 64-bit integer, and a sentence when it had to be replaced. None means one after the last."""
    if step is None:
        return last + 1, ""
    try:
        whole = int(step) if isinstance(step, float) and step.is_integer() else operator.index(step)
    except TypeError:
        return last + 1, f"step {_describe(step)} is no whole number; {last + 1} was taken"
    if not -(2**63) <= whole < 2**63:
        return last + 1, f"step {whole} is out of range; {last + 1} was taken"
    return whole, ""


def _number(value: Any) -> float | None:
    if isinstance(value, str | bytes | bytearray) or value is None:
        return None
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
    except (TypeError, ValueError, RuntimeError):
        return None


def _describe(value: object) -> str:
    if value is None:
        return "None"
    shape = getattr(value, "shape", None)
    if shape is not None:
        return f"a {type(value).__name__} of shape {tuple(shape)}"
    return f"{value!r:.60} ({type(value).__name__})"

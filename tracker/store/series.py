"""Series: one metric's points as columns, in few bytes, and what is told of them.

An encoded stretch is

    version u8 = 1 · count varint · steps · times · how u8 · values

with steps, times and values as `planes.write_integers` writes integers. Values are integers over a power of ten
where every value is exactly that (`how` is the number of decimal places), else the 64 bits of each (255). Every
float64 comes back bit by bit, the payload of a NaN, infinities and -0.0 included.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.errors import Corrupt
from tracker.record import Summary
from tracker.store.planes import SMALL, Int64s, Reader, read_integers, varint, write_integers

Floats = NDArray[np.float64]
MAX_POINTS = 1 << 20
"""What one encoded stretch may hold: more points go in several."""

_VERSION = 1
_PLACES = 7
_BITS = 255


@dataclass(frozen=True, eq=False)
class Points:
    """A stretch of one metric: columns of equal length. `times` are microseconds since 1970 in UTC."""

    steps: Int64s
    values: Floats
    times: Int64s

    def __len__(self) -> int:
        return len(self.steps)

    def __eq__(self, other: object) -> bool:
        """Equal bit by bit."""
        if not isinstance(other, Points):
            return NotImplemented
        return (
            np.array_equal(self.steps, other.steps)
            and np.array_equal(self.times, other.times)
            and self.values.tobytes() == other.values.tobytes()
        )

    __hash__ = None  # type: ignore[assignment]


EMPTY = Points(np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.int64))


def encode(points: Points, share: float = SMALL) -> bytes:
    """The points in few bytes; with `share` QUICK in some more, which are read in less time.

    Raises:
        ValueError: columns of different lengths, none at all, or more than `MAX_POINTS`.
    """
    return encode_alike(points.steps, points.times, [points.values], share)[0]


def encode_alike(steps: Int64s, times: Int64s, columns: Iterable[Floats], share: float = SMALL) -> list[bytes]:
    """Each of these columns of values with steps and times that all have in common, as `encode` gives it.

    Raises: as `encode`.
    """
    count = len(steps)
    front = b""
    encoded = []
    for values in columns:
        if not len(values) == len(times) == count or not 0 < count <= MAX_POINTS:
            raise ValueError(f"a stretch has 1 to {MAX_POINTS:,} points, as many steps as values and times")
        if not front:
            places = [write_integers(np.ascontiguousarray(each, np.int64), share) for each in (steps, times)]
            front = bytes([_VERSION]) + varint(count) + b"".join(places)
        encoded.append(front + _write_values(np.ascontiguousarray(values, np.float64), share))
    return encoded


def decode(data: bytes) -> Points:
    """The points that `encode` wrote. Whatever the bytes, memory stays below 32 bytes for each of `MAX_POINTS`.

    Raises:
        Corrupt: bytes that `encode` did not write.
    """
    return Decoder().decode(data)


class Decoder:
    """Decodes stretches, one after the other. Steps and times that are, byte for byte, those of the stretch before are
    not read again: metrics that were logged in the same calls share them."""

    def __init__(self) -> None:
        self._front = b""
        self._steps = self._times = EMPTY.steps

    def decode(self, data: bytes) -> Points:
        """As `decode`."""
        if not self._front or not data.startswith(self._front):
            self._front = data[: self._read_front(data)]
        reader = Reader(data)
        reader.take(len(self._front))
        values = _read_values(reader, len(self._steps))
        reader.end()
        return Points(self._steps, values, self._times)

    def _read_front(self, data: bytes) -> int:
        """Read what stands before the values; how long that is."""
        self._front = b""
        reader = Reader(data)
        if reader.take(1)[0] != _VERSION:
            raise Corrupt("A series is of an unknown version.", remedy="Upgrade Runcite.")
        count = reader.varint()
        if not 0 < count <= MAX_POINTS:
            raise Corrupt("A series has an impossible number of points.")
        self._steps, self._times = read_integers(reader, count), read_integers(reader, count)
        return reader.position


def _write_values(values: Floats, share: float) -> bytes:
    places = _places(values)
    if places is None:
        return bytes([_BITS]) + write_integers(values.view(np.int64), share)
    return bytes([places]) + write_integers(np.rint(values * _scale(places)).astype(np.int64), share)


def _read_values(reader: Reader, count: int) -> Floats:
    how = reader.take(1)[0]
    if how == _BITS:
        return read_integers(reader, count).view(np.float64)
    if how <= _PLACES:
        return read_integers(reader, count) / _scale(how)
    raise Corrupt("A series has values of an unknown form.")


def _places(values: Floats) -> int | None:
    """How many decimal places make every value an integer over a power of ten, exactly; None when none does."""
    if len(values) == 1:
        return next((places for places in range(_PLACES + 1) if _one_is_decimal(float(values[0]), places)), None)
    every = max(1, len(values) // 64)
    sample = values[::every]
    if not _is_decimal(sample, _PLACES) and not _is_decimal(sample, 0):
        return None
    for places in range(_PLACES + 1):
        if _is_decimal(sample, places):
            return places if every == 1 or _is_decimal(values, places) else None
    return None


def _scale(places: int) -> np.float64:
    return np.float64(10.0**places)


def _is_decimal(values: Floats, places: int) -> bool:
    scale = _scale(places)
    if not bool((np.abs(values) < 2.0**52 / scale).all()):
        return False
    back = np.rint(values * scale).astype(np.int64) / scale
    return bool((back.view(np.int64) == values.view(np.int64)).all())


def _one_is_decimal(value: float, places: int) -> bool:
    """As `_is_decimal`, of a single value: what a client that logs point by point sends."""
    scale = 10.0**places
    if not abs(value) < 2.0**52 / scale:
        return False
    back = round(value * scale) / scale
    return back == value and math.copysign(1, back) == math.copysign(1, value)


def summarize(points: Points) -> Summary:
    """The summary of a stretch of at least one point, in the order it was written."""
    values = points.values
    last = _last_of_highest(points.steps)
    finite = np.isfinite(values)
    count = len(values)
    good = int(finite.sum())
    least = greatest = None
    if good:
        least = int(np.argmin(values if good == count else np.where(finite, values, np.inf)))
        greatest = int(np.argmax(values if good == count else np.where(finite, values, -np.inf)))
    return Summary(
        count=count,
        nonfinite=count - good,
        last=float(values[last]),
        last_step=int(points.steps[last]),
        last_time=int(points.times[last]),
        min=None if least is None else float(values[least]),
        min_step=None if least is None else int(points.steps[least]),
        max=None if greatest is None else float(values[greatest]),
        max_step=None if greatest is None else int(points.steps[greatest]),
    )


def first(points: Points) -> tuple[int, float]:
    """Step and value of the lowest step, the earliest written among equals."""
    index = int(np.argmin(points.steps))
    return int(points.steps[index]), float(points.values[index])


def merge(a: Summary, b: Summary) -> Summary:
    """The summary of two stretches, `a` written before `b`."""
    late = b if b.last_step >= a.last_step else a
    low = b if a.min is None or (b.min is not None and b.min < a.min) else a
    high = b if a.max is None or (b.max is not None and b.max > a.max) else a
    return Summary(
        count=a.count + b.count,
        nonfinite=a.nonfinite + b.nonfinite,
        last=late.last,
        last_step=late.last_step,
        last_time=late.last_time,
        min=low.min,
        min_step=low.min_step,
        max=high.max,
        max_step=high.max_step,
    )


def joined(stretches: Iterable[Points]) -> Points:
    """Several stretches as one, in the order they were written."""
    parts = list(stretches)
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return EMPTY
    return Points(
        np.concatenate([part.steps for part in parts]),
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.times for part in parts]),
    )


def ordered(points: Points) -> Points:
    """The points by step, those of one step in the order they were written."""
    steps = points.steps
    if len(steps) < 2 or bool((steps[1:] >= steps[:-1]).all()):
        return points
    order = np.argsort(steps, kind="stable")
    return Points(steps[order], points.values[order], points.times[order])


def downsample(points: Points, buckets: int) -> Points:
    """At most two points for each of about `buckets` stretches of equal length: its least and its greatest value.

    A stretch that holds a non-finite value keeps one of them too, so that no NaN is drawn over; the first and
    the last point stay.
    """
    count = len(points)
    if buckets < 1:
        raise ValueError("a series is cut into at least one bucket")
    if count <= 2 * buckets:
        return points
    edges = np.linspace(0, count, buckets + 1).astype(np.int64)[:-1]
    finite = np.isfinite(points.values)
    keep = {0, count - 1}
    for filler, extreme in ((np.inf, np.minimum), (-np.inf, np.maximum)):
        filled = np.where(finite, points.values, filler)
        reached = extreme.reduceat(filled, edges)
        hit = filled == np.repeat(reached, np.diff(np.append(edges, count)))
        keep.update(_first_of_each(hit & finite, edges))
    keep.update(_first_of_each(~finite, edges))
    index = np.array(sorted(keep), np.int64)
    return Points(points.steps[index], points.values[index], points.times[index])


def _first_of_each(hit: NDArray[np.bool_], edges: Int64s) -> list[int]:
    """For each stretch, the place of its first hit, where it has one."""
    places = np.flatnonzero(hit)
    if not len(places):
        return []
    bucket = np.searchsorted(edges, places, side="right")
    fresh = np.append(True, bucket[1:] != bucket[:-1])
    return [int(place) for place in places[fresh]]


def _last_of_highest(steps: Int64s) -> int:
    """The place of the highest step, the latest written among equals."""
    count = len(steps)
    return count - 1 - int(np.argmax(steps[::-1]))

"""A series cut for a screen: exact where there is room for every point, else each bucket's least, greatest and mean.

Pure. What is not finite is told apart: it takes no part in any of the three, and a bucket of nothing else is a gap.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from tracker.store.series import Points

Floats = NDArray[np.float64]


class Band(msgspec.Struct, frozen=True):
    """One run's series between two steps. Columns are of equal length; None stands where nothing was finite.

    `whole` says that every point is there, so that `low`, `high` and `mean` are all the value. `seconds` are
    since `origin`; `count` the points that this stands for, `nonfinite` those of them that are NaN or infinite.
    """

    steps: list[int]
    seconds: list[float]
    low: list[float | None]
    high: list[float | None]
    mean: list[float | None]
    whole: bool
    count: int
    nonfinite: int


def band(points: Points, buckets: int, *, origin: int = 0, first: int | None = None, last: int | None = None) -> Band:
    """The points from step `first` to step `last` in about `buckets` stretches of equally many points.

    The first and the last step stay where they are, so that a curve is as long as its series.
    """
    start = 0 if first is None else int(np.searchsorted(points.steps, first, side="left"))
    stop = len(points) if last is None else int(np.searchsorted(points.steps, last, side="right"))
    steps, times = points.steps[start:stop], points.times[start:stop]
    values = points.values[start:stop]
    finite = np.isfinite(values)
    count = len(values)
    bad = count - int(np.count_nonzero(finite))
    values = np.where(finite, values, np.nan) if bad else values
    whole = count <= 2 * buckets
    if whole:
        places = np.arange(count)
        low = high = mean = values
    else:
        edges = np.linspace(0, count, buckets + 1).astype(np.int64)
        starts, sizes = edges[:-1], np.diff(edges)
        low, high = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            sums = np.add.reduceat(np.where(finite, values, 0.0) if bad else values, starts)
            mean = sums / (np.add.reduceat(finite * 1.0, starts) if bad else sizes)
        mean = np.where(np.isfinite(mean), mean, (low + high) / 2)
        places = starts + sizes // 2
        places[0], places[-1] = 0, count - 1
    seconds = (times[places] - origin) / 1e6
    return Band(steps[places].tolist(), seconds.tolist(), _told(low), _told(high), _told(mean), whole, count, bad)


def _told(values: Floats) -> list[float | None]:
    return [None if value != value else value for value in values.tolist()]

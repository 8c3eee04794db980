"""Curves cut for a screen: every bucket's least, greatest and mean are exact, and nothing that is not finite hides."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.server.curves import band
from tracker.store.series import EMPTY, Points

VALUES = st.floats(-1e12, 1e12) | st.sampled_from([math.nan, math.inf, -math.inf])


def points(values: list[float]) -> Points:
    steps = np.arange(len(values), dtype=np.int64)
    return Points(steps, np.array(values, np.float64), 1_000_000 * steps)


@given(st.lists(VALUES, max_size=120), st.integers(1, 40))
def test_a_band_holds_every_finite_value_and_no_more(values: list[float], buckets: int) -> None:
    found = band(points(values), buckets)
    finite = [value for value in values if math.isfinite(value)]
    lows = [low for low in found.low if low is not None]
    highs = [high for high in found.high if high is not None]
    assert (min(lows, default=0.0), max(highs, default=0.0)) == (min(finite, default=0.0), max(finite, default=0.0))
    assert found.count == len(values) and found.nonfinite == len(values) - len(finite)
    assert found.whole == (len(values) <= 2 * buckets)
    for low, mean, high in zip(found.low, found.mean, found.high, strict=True):
        if low is None or mean is None or high is None:
            assert low is mean is high is None
        else:
            assert low - 1e-3 <= mean <= high + 1e-3


def test_each_bucket_is_exact() -> None:
    rng = np.random.default_rng(3)
    values = rng.normal(size=10_000)
    found = band(points(values.tolist()), 100)
    cut = values.reshape(100, 100)
    assert found.low == cut.min(axis=1).tolist() and found.high == cut.max(axis=1).tolist()
    assert np.allclose(np.array(found.mean, float), cut.mean(axis=1))
    assert (found.steps[0], found.steps[-1]) == (0, 9_999)


def test_a_stretch_that_is_looked_into_comes_whole() -> None:
    series = points(list(range(10_000)))
    found = band(series, 100, origin=-2_000_000, first=500, last=520)
    assert found.whole and found.steps == list(range(500, 521)) and found.mean == [float(i) for i in range(500, 521)]
    assert found.seconds[0] == 502.0
    assert band(series, 100, first=20_000).steps == []


def test_an_empty_series_is_an_empty_band() -> None:
    assert band(EMPTY, 10).steps == []


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_bucket_of_nothing_finite_is_a_gap(bad: float) -> None:
    found = band(points([1.0] * 50 + [bad] * 50), 10)
    assert found.mean == [1.0] * 5 + [None] * 5 and found.nonfinite == 50

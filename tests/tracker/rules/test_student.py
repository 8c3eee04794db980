"""Student's distribution agrees with scipy's."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tracker.rules.student import critical, two_sided

DF = st.floats(1, 1e5)


@given(st.floats(-1e4, 1e4), DF)
def test_the_two_sided_probability_agrees_with_scipy(t: float, df: float) -> None:
    assert two_sided(t, df) == pytest.approx(2 * stats.t.sf(abs(t), df), rel=1e-6, abs=1e-12)


@given(DF, st.floats(0.01, 0.9999))
def test_the_critical_value_agrees_with_scipy(df: float, confidence: float) -> None:
    assert critical(df, confidence) == pytest.approx(stats.t.ppf((1 + confidence) / 2, df), rel=1e-6)


def test_the_ends_are_told() -> None:
    assert two_sided(math.inf, 3) == 0 and two_sided(0, 3) == 1 and math.isnan(two_sided(math.nan, 3))

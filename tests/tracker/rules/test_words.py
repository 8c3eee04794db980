"""Numbers, durations and lists read the same everywhere."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.words import counted, duration, listed, number, rounded


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.882, "0.8820"),
        (0.0034, "0.0034"),
        (-0.5, "−0.5000"),
        (1.0, "1"),
        (12.3456, "12.35"),
        (1234567.0, "1235000"),
        (1.5e12, "1.5e12"),
        (2e-7, "2e-7"),
        (0.0, "0"),
        (-0.0, "0"),
        (99.996, "100"),
        (math.nan, "NaN"),
        (-math.inf, "−infinity"),
    ],
)
def test_a_number_has_four_significant_digits(value: float, text: str) -> None:
    assert number(value) == text


@given(st.floats(-1.7e308, 1.7e308))
def test_a_number_as_text_is_the_number_to_its_digits(value: float) -> None:
    assert float(number(value).replace("−", "-")) == pytest.approx(rounded(value), rel=1e-12, abs=1e-320)
    assert rounded(value) == pytest.approx(value, rel=5.1e-4, abs=1e-320)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.5, "0.500 s"),
        (60, "60 s"),
        (600, "10 min"),
        (7000, "1 h 57 min"),
        (90_000, "25 h"),
        (math.nan, "an unknown time"),
    ],
)
def test_a_duration_is_in_the_units_that_matter(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_lists_and_counts_read_as_sentences() -> None:
    assert [listed(list("abc"[:n])) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert listed(list("abcdef")) == "a, b, c and 3 more"
    assert counted(1, "seed") == "1 seed" and counted(2000, "entry", "entries") == "2,000 entries"

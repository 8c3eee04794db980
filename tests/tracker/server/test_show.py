"""Values as people read them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.server import show


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.9133, "0.9133"),
        (0.887, "0.8870"),
        (0.001, "0.001"),
        (1234.5678, "1,235"),
        (12, "12"),
        (-0.25, "−0.2500"),
        (3.2e-7, "3.200e-07"),
        (math.nan, "NaN"),
        (-math.inf, "−∞"),
    ],
)
def test_numbers_keep_the_digits_that_matter(value: float | None, text: str) -> None:
    assert show.number(value) == text


@given(st.floats(), st.integers(-(2**70), 2**70))
def test_no_value_breaks_a_page(value: float, at: int) -> None:
    assert show.number(value) and show.seconds(value) and show.size(abs(at))
    assert show.stamp(at).endswith("UTC") and show.iso(at).endswith("Z")
    assert show.ago(at, 0)[1] >= 0


@pytest.mark.parametrize(
    ("value", "text"), [(0.027, "27 ms"), (1.25, "1.2 s"), (61, "1 min 1 s"), (7300, "2 h 1 min"), (200_000, "2 d 7 h")]
)
def test_durations_keep_their_two_largest_units(value: float, text: str) -> None:
    assert show.seconds(value) == text


def test_names_cannot_leave_their_place_in_an_address() -> None:
    assert show.path("a/../b?c#d") == "a%2F..%2Fb%3Fc%23d"
    assert show.long_path("dir/file name") == "dir/file%20name"

"""Numbers as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.claims.numbers import in_han, in_words, parse


@pytest.mark.parametrize(
    ("text", "value", "decimals"),
    [
        ("0.913", 0.913, 3),
        ("0,913", 0.913, 3),
        ("91,3", 91.3, 1),
        ("1,840", 1840.0, 0),
        ("1,234.5", 1234.5, 1),
        ("1.234,5", 1234.5, 1),
        (".842", 0.842, 3),
        ("0。937", 0.937, 3),
        ("0·887", 0.887, 3),
        ("O.94", 0.94, 2),
        ("88", 88.0, 0),
        ("1e-4", 1e-4, 6),
    ],
)
def test_a_written_number_has_a_value_and_decimals(text: str, value: float, decimals: int) -> None:
    found = parse(text)
    assert (found.value, found.decimals) == (pytest.approx(value), decimals)


def test_too_many_dots_are_a_version() -> None:
    assert parse("1.2.3").version


@given(st.floats(min_value=0, max_value=1e6, allow_nan=False), st.integers(min_value=1, max_value=6))
def test_what_is_printed_is_read_back(value: float, decimals: int) -> None:
    text = f"{value:.{decimals}f}"
    assert parse(text).value == pytest.approx(float(text))
    assert parse(text).decimals == decimals


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ninety-one point two percent", 91.2),
        ("eighty-eight and a half", 88.5),
        ("zero point nine", 0.9),
        ("three quarters of the clips", 0.75),
        ("six in a hundred images", 0.06),
        ("nine out of ten", 0.9),
    ],
)
def test_english_numbers_in_words(text: str, value: float) -> None:
    assert [found.value for found in in_words(text, text.replace("-", " ").split())] == [pytest.approx(value)]


@pytest.mark.parametrize(
    ("text", "value"),
    [("百分之八十六点五", 0.865), ("九成三", 0.93), ("零点九一", 0.91), ("九十二", 92.0), ("八成半", 0.85)],
)
def test_chinese_numbers_in_words(text: str, value: float) -> None:
    assert [found.value for found in in_han(text)] == [pytest.approx(value)]

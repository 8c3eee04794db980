"""Run IDs: mistyped differs from unknown."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import InvalidRunID
from tracker.ids import ALPHABET, fold, is_run_id, mint, neighbours, parse

run_ids = st.integers(0, 2**63).map(lambda seed: mint(Random(seed)))


@given(run_ids)
def test_a_minted_id_reads_back_in_any_case(run_id: str) -> None:
    assert is_run_id(run_id)
    assert parse(run_id.lower()) == run_id


@given(run_ids, st.integers(0, 7), st.sampled_from(ALPHABET))
def test_every_single_wrong_symbol_is_caught(run_id: str, place: int, symbol: str) -> None:
    body = run_id[2:]
    wrong = "r-" + body[:place] + symbol + body[place + 1 :]
    assert is_run_id(wrong) == (wrong == run_id)


@given(run_ids, st.integers(0, 6))
def test_every_swap_of_neighbours_is_caught(run_id: str, place: int) -> None:
    body = run_id[2:]
    swapped = "r-" + body[:place] + body[place + 1] + body[place] + body[place + 2 :]
    assert is_run_id(swapped) == (swapped == run_id)


@given(run_ids, st.integers(0, 7), st.sampled_from(ALPHABET))
def test_a_mistyped_id_has_the_meant_one_among_its_neighbours(run_id: str, place: int, symbol: str) -> None:
    body = run_id[2:]
    assert run_id in neighbours(body[:place] + symbol + body[place + 1 :])


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("r-7K3M9QX2", "r-7K3M9QX2"),
        ("R-7k3m9qx2", "r-7K3M9QX2"),
        ("7K3M9QX2", "r-7K3M9QX2"),
        ("r–7K3M9QX2", "r-7K3M9QX2"),
    ],
)
def test_folding_finds_what_was_meant(written: str, meant: str) -> None:
    assert fold(written) == meant


@given(run_ids)
def test_letters_read_for_digits_fold_back(run_id: str) -> None:
    assert fold(run_id.replace("0", "O").replace("1", "l")) == run_id


@given(st.text(max_size=30))
def test_any_text_either_parses_to_a_valid_id_or_says_in_one_line_why_not(text: str) -> None:
    try:
        assert is_run_id(parse(text))
    except InvalidRunID as error:
        assert "\n" not in str(error)
        assert error.remedy

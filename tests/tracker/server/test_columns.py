"""Columns: what an address names is shown and sorted by, and what is no column is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import InvalidQuery
from tracker.record import BoardSpec, Digests, Record, Summary
from tracker.server.columns import FIELDS, chosen, column_of, narrowed, searched
from tracker.snapshot import Scalar
from tracker.store.language import parse_condition, parse_order

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=30)


def record(run_id: str, **config: Scalar) -> Record:
    loss = Summary(3, 0, 0.25, 2, 0, 0.25, 2, 1.0, 0)
    return Record(run_id, "p", "finished", "ada", 0, 0, 0, Digests("0" * 64), config=config, metrics={"loss": loss})


def test_without_a_wish_what_differs_stands_between_the_fields() -> None:
    records = [record("a", lr=0.1, depth=2, act="relu"), record("b", lr=0.2, depth=2, act="gelu")]
    tokens = [column.token for column in chosen((), records)]
    assert tokens == [*FIELDS[:2], "config.lr", "config.act", *FIELDS[2:]]


def test_wished_columns_come_in_their_order_and_once() -> None:
    columns = chosen(("metric.loss", "config.lr", "nonsense", "seed", "config.lr", "config."), [record("a", lr=0.1)])
    assert [column.token for column in columns] == ["metric.loss", "config.lr", "seed"]
    assert [column.text(record("a", lr=0.1)) for column in columns] == ["0.2500", "0.1", "–"]
    assert [column.text(record("b")) for column in columns][1] == "–"


@given(NAMES)
def test_any_name_can_be_sorted_by(name: str) -> None:
    for kind in ("config", "metric"):
        column = column_of(f"{kind}.{name}")
        assert column is not None and column.token == f"{kind}.{name}"
        parse_order(column.sort)
        parse_order(f"-{column.sort}")


@pytest.mark.parametrize("text", ["", "config.lr < 0.1", "tag = 'x'", "name like '%a%'", "not retracted", "a or b"])
def test_a_condition_stays_as_it_was_typed(text: str) -> None:
    assert searched(text) == text


@given(st.lists(st.text(st.sampled_from("abzß漢_.@+/:-09"), min_size=1, max_size=9), min_size=1, max_size=3))
def test_plain_words_become_a_condition(words: list[str]) -> None:
    asked = searched(" ".join(words))
    assert asked.count("name like") in (0, len(words))
    if "name like" in asked:
        parse_condition(asked)


def test_a_form_of_bounds_becomes_a_condition_that_an_address_can_hold() -> None:
    spec = BoardSpec("p", "val/loss", "min")
    asked = {"where": "tag = 'x'", "min.lr": "1e-3", "max.a/b": " ", "is.opt": "it's", "max": "0.5", "sort": "id"}
    told = narrowed("seed = 1 or seed = 2", asked, spec)
    assert told == "(seed = 1 or seed = 2) and config.lr >= 0.001 and config.opt = 'it''s' and min('val/loss') <= 0.5"
    assert narrowed("", {"max.a/b": "2"}, spec) == 'config."a/b" <= 2.0'
    assert narrowed("seed = 1", {"min.lr": ""}, spec) == "seed = 1"
    with pytest.raises(InvalidQuery, match="no bound for lr"):
        narrowed("", {"min.lr": "nan"}, spec)

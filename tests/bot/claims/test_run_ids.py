"""Which run IDs a post cites, and what was nearly one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.claims import read_post
from tracker.ids import ALPHABET

bodies = st.text(alphabet=ALPHABET, min_size=8, max_size=8)


@pytest.mark.parametrize(
    "text",
    [
        "r-7K3M9QX2",
        "R-7k3m9qx2",
        "(r-7K3M9QX2)",
        "`r-7K3M9QX2`",
        "run_r-7K3M9QX2_v2",
        "<https://example.org/runs/r-7K3M9QX2|here>",
        "<https://example.org|r-7K3M9QX2>",
        "运行r-7K3M9QX2完成",
        "r\u20117K3M9QX2",
        "r\u20137K3M9QX2",
        "r-7K\u200b3M9QX2",
        "ｒ－７Ｋ３Ｍ９ＱＸ２",
        "&gt; r-7K3M9QX2",
        "```\nclone r-7K3M9QX2\n```",
        "r-7K3M9QX2$",
    ],
)
def test_a_run_id_is_cited_in_every_form_it_may_have(text: str) -> None:
    assert read_post(text).run_ids == ("r-7K3M9QX2",)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("r-7K3M9QO2", "r-7K3M9Q02"),
        ("r-l7K3M9QX", "r-17K3M9QX"),
        ("r_7K3M9QX2", "r-7K3M9QX2"),
        ("run-7K3M9QX2", "r-7K3M9QX2"),
        ("r-7K3M 9QX2", "r-7K3M9QX2"),
        ("r-7K3M9QX", None),
        ("r-7K3M9QX25", None),
        ("r-7К3M9QX2", None),
        ("r-7K3M…", None),
    ],
)
def test_what_was_probably_meant_as_one_is_a_near_miss(text: str, folded: str | None) -> None:
    reading = read_post(f"acc 0.9, {text} here")
    assert reading.run_ids == ()
    assert [(miss.as_written, miss.folded) for miss in reading.near_misses] == [(text, folded)]


@pytest.mark.parametrize(
    "text", ["r-package", "r-value 0.6", "state-of-the-art", "for-loop", "r-squared", "user-friendly"]
)
def test_everyday_words_are_no_near_miss(text: str) -> None:
    assert read_post(text).near_misses == ()


def test_a_run_id_that_touches_letters_or_digits_is_none() -> None:
    assert read_post("xr-7K3M9QX2").run_ids == ()
    assert read_post("r-7K3M9QX2x").run_ids == ()


@given(st.lists(bodies, max_size=5), st.sampled_from([" ", ", ", "\n", "、", " / "]))
def test_ids_come_in_order_without_repeats(found: list[str], gap: str) -> None:
    ids = [f"r-{body}" for body in found]
    assert read_post(gap.join(ids)).run_ids == tuple(dict.fromkeys(ids))

"""No text breaks the reading, and none makes it slow."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.claims import read_post
from bot.claims.plain import Plain

PIECES = st.sampled_from(
    [
        "acc",
        "val",
        "test",
        "0.91",
        "91.2%",
        "r-7K3M9QX2",
        "±",
        "~",
        "`",
        "```",
        "|",
        "&gt;",
        "&lt;",
        '"',
        "“",
        "”",
        "准确率",
        "百分之九十",
        "九成三",
        "ninety",
        "one",
        "point",
        "two",
        ",",
        ".",
        "?",
        "!",
        "(",
        ")",
        "[",
        "]",
        "-",
        "_",
        "=",
        ":",
        "/",
        "+",
        "k",
        "ms",
        "tok/s",
        "<https://x|0.9>",
        "<@U1>",
        ":nine:",
        "Δ",
        "σ",
        "1,234.5",
        "0,91",
        "1e-4",
        "e",
        "0。9",
        ".9",
        "top-1",
        "mAP@[.5:.95]",
        "F",
        "値",
        "of",
        "out",
        "5",
        "twice",
        "by",
        "better",
    ]
)


@given(st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_no_text_makes_it_raise(text: str) -> None:
    reading = read_post(text)
    assert 0.0 <= reading.confidence <= 1.0
    assert all(claim.as_written in text for claim in reading.claims)


@given(st.lists(PIECES, max_size=40), st.sampled_from([" ", "", "\n", "\t"]))
@settings(max_examples=400, deadline=None)
def test_no_heap_of_telling_pieces_makes_it_raise(pieces: list[str], gap: str) -> None:
    text = gap.join(pieces)
    reading = read_post(text)
    assert all(claim.as_written and claim.as_written in text for claim in reading.claims)
    assert all(claim.value == claim.value and claim.digits >= 0 for claim in reading.claims)


@given(st.text(alphabet="aА0９ä\u200b<>&;|:`\n.,%准🙂½", max_size=120))
@settings(deadline=None)
def test_a_stretch_of_the_plain_text_leads_back_into_the_source(text: str) -> None:
    plain = Plain(text)
    for start in range(0, len(plain.text), 3):
        assert plain.written(start, min(start + 4, len(plain.text))) in text


REPEATS = [
    "a",
    "1",
    ".",
    ",",
    "acc",
    "1,111",
    "1.1",
    "&gt;",
    "<",
    "```",
    "~0.9~",
    "r-",
    "0.1.png",
    "v1.",
    "九十",
    "百分之",
    ":a:",
    "((",
    "||",
    "<https://a|b>",
    "0123456789abcdef",
    "a-a-",
    "[1",
    "is",
    "0.9/",
]


@pytest.mark.parametrize(
    "piece",
    [
        *REPEATS,
        "acc 0.91 ",
        "ninety one point ",
        "a b c ",
        "1 ",
        "\n",
        "| 0.1 | acc |\n",
        "aaaa",
        ",",
        ":",
        ": ",
        "a: ",
        "a,0.9,1\n",
        "~",
        "=",
        "-",
        "0x",
        "acc/",
        "“",
    ],
)
def test_forty_thousand_characters_cost_no_more_than_their_share(piece: str) -> None:
    """Eight times the text may take twice its share; what grows by the square takes eight times it."""

    def cost(size: int) -> float:
        text = (piece * size)[:size]
        start = time.process_time()
        read_post(text)
        return time.process_time() - start

    for _ in range(3):  # a busy machine may disturb one measurement
        small = max(cost(5_000), cost(5_000))
        if cost(40_000) <= 16 * small + 0.05:
            return
    pytest.fail("eight times the text took more than sixteen times as long, thrice")

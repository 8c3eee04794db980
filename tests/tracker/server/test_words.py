"""The catalogue: every phrase of the templates is there in Chinese, with the same values in it."""

import re
from pathlib import Path
from string import Formatter
from typing import get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.record import Badge, Reproduction, Role, State
from tracker.rules.differences import COMMITTED
from tracker.server import show, words
from tracker.server.words import CHINESE, language_of, translator

TEMPLATES = Path(words.__file__).parent / "templates"
PHRASES = {
    phrase
    for file in TEMPLATES.glob("*.html")
    for phrase in re.findall(r"_\('([^']+)'", file.read_text(encoding="utf-8"))
}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_phrase_of_the_templates_is_in_the_catalogue() -> None:
    assert len(PHRASES) > 100
    assert PHRASES - CHINESE.keys() == set()


def test_every_translation_names_the_same_values() -> None:
    assert {phrase for phrase, text in CHINESE.items() if fields(phrase) != fields(text)} == set()


def test_states_roles_and_badges_are_translated_and_nothing_is_left_over() -> None:
    shown = {word for kind in (State, Role, Badge) for word in get_args(kind)}
    shown |= {"accepted", "rejected", "ignored", "modified", "untracked", "deleted", COMMITTED}
    shown |= set(get_args(get_type_hints(Reproduction)["verdict"]))
    shown |= {"writing", "content", "members", "projects", "runs"}
    shown |= {show.ago(0, age * 1_000_000)[0] for age in (0, 60, 3600, 10**6)}
    assert shown <= CHINESE.keys()
    assert CHINESE.keys() - PHRASES - shown == set()


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("de,zh-TW;q=0.5", "zh"),
        ("zh;q=0.1, en;q=0.2", "en"),
        ("zh;q=x", "en"),
    ],
)
def test_the_reader_gets_the_language_they_want_most(header: str, language: str) -> None:
    assert language_of(header) == language


@given(st.text())
def test_no_header_breaks_the_page(header: str) -> None:
    assert language_of(header) in ("en", "zh")


def test_a_word_that_is_data_may_hold_braces() -> None:
    assert translator("zh")("{not a phrase") == "{not a phrase"


def test_one_of_something_reads_as_one() -> None:
    assert translator("en")("{n} packages", n=1) == "1 package"
    assert translator("en")("{n} packages", n=2) == "2 packages"

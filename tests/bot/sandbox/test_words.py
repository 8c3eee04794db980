"""What people and apps type, as Slack writes it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.words import EMOJI, escape, from_app, from_person, links_of, unescape

NAMES = {"ada": "U0ADA00001", "ada okafor": "U0ADA00001", "chen": "U0CHEN0001", "#results": "C0RESULTS1"}


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("see https://x.org/a?b=1&c=2.", "see <https://x.org/a?b=1&amp;c=2>."),
        ("(https://x.org/wiki/A_(b))", "(<https://x.org/wiki/A_(b)>)"),
        ("on example.com/r today", "on <http://example.com/r|example.com/r> today"),
        ("mail ada@example.org", "mail <mailto:ada@example.org|ada@example.org>"),
        ("@ada and @Ada Okafor", "<@U0ADA00001> and <@U0ADA00001>"),
        ("in #results", "in <#C0RESULTS1>"),
        ("@channel", "<!channel>"),
        ("<!channel> <@U0ADA00001>", "&lt;!channel&gt; &lt;@U0ADA00001&gt;"),
        ("`https://x.org <b>`", "`https://x.org &lt;b&gt;`"),
        ("```a < b\nhttps://x.org```", "```a &lt; b\nhttps://x.org```"),
        ("done 🎉", "done :tada:"),
        ("0.902 on val.loss", "0.902 on val.loss"),
        ("@adamant", "@adamant"),
    ],
)
def test_what_a_person_types_is_escaped_wrapped_and_resolved(typed: str, sent: str) -> None:
    assert from_person(typed, NAMES)[0] == sent


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("&lt;kept&gt; &amp;", "&lt;kept&gt; &amp;"),
        ("<@U0ADA00001> <#C0RESULTS1> <!channel>", "<@U0ADA00001> <#C0RESULTS1> <!channel>"),
        ("<https://x.org|the run>", "<https://x.org|the run>"),
        ("see https://x.org/a, or not", "see <https://x.org/a>, or not"),
        ("<script>", "&lt;script&gt;"),
    ],
)
def test_an_apps_text_keeps_its_control_sequences(written: str, stored: str) -> None:
    assert from_app(written) == stored


def test_the_rich_text_beside_a_typed_message_says_the_same() -> None:
    _, (block,) = from_person("hi @ada, `lr` at https://x.org 🔥\n```x = 1```", NAMES)
    section, code = block["elements"]
    kinds = [element["type"] for element in section["elements"]]
    assert kinds == ["text", "user", "text", "text", "text", "link", "text", "emoji", "text"]
    assert section["elements"][3] == {"type": "text", "text": "lr", "style": {"code": True}}
    assert code["type"] == "rich_text_preformatted"


@given(st.text())
def test_nothing_a_person_types_becomes_a_control_sequence_of_its_own(typed: str) -> None:
    sent, _ = from_person(typed, NAMES)
    bare = re.sub(r"<(?:@U0\w+|#C0\w+|!(?:channel|here|everyone)|(?:https?://|mailto:)[^<>]*)>", "", sent)
    assert "<" not in bare
    assert ">" not in bare


@given(st.text(alphabet=st.characters(exclude_characters=":@#")).filter(lambda text: "://" not in text))
def test_plain_text_comes_back_as_it_was_typed(typed: str) -> None:
    assert unescape(escape(typed)) == typed


def test_links_are_found_unescaped_and_once() -> None:
    assert links_of("<https://x.org/?a=1&amp;b=2> <https://x.org/?a=1&amp;b=2|label> <@U1>") == [
        "https://x.org/?a=1&b=2"
    ]


@given(st.text(alphabet="<>&|@#!`htps:/. aU1", max_size=60))
def test_an_apps_text_is_stable_once_stored(written: str) -> None:
    once = from_app(written)
    assert from_app(once) == once


def test_every_piece_of_a_typed_message_is_in_its_rich_text() -> None:
    def pieces(elements: list[dict[str, Any]]) -> str:
        return "".join(str(one.get("text") or one.get("url") or pieces(one.get("elements", []))) for one in elements)

    typed = "one two https://x.org three `four`"
    _, (block,) = from_person(typed, {})
    assert pieces(block["elements"]) == typed.replace("`", "")


def test_every_emoji_that_the_bot_writes_is_drawn() -> None:
    said = "\n".join(path.read_text("utf-8") for path in (Path(__file__).parents[3] / "bot").glob("*.py"))
    written = set(re.findall(r"[\"'\s({]:([a-z0-9_]+):(?=[\s\"'])", said))
    assert len(written) > 10
    assert written <= set(EMOJI.values())

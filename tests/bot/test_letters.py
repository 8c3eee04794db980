"""Slack's many shapes of an event become three, each once."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.letters import letter_of, said_in
from bot.lookup import is_bare

Json = dict[str, Any]


def envelope(event: Json, event_id: str = "Ev1") -> Json:
    return {
        "token": "old shared secret",
        "type": "event_callback",
        "team_id": "T1",
        "api_app_id": "A1",
        "event_id": event_id,
        "event": event,
        "authorizations": [{"user_id": "U0BOT", "is_bot": True}],
    }


def posted(text: str = "acc 90 %", **more: Any) -> Json:
    return {"type": "message", "channel": "C1", "user": "U1", "text": text, "ts": "10.000100", **more}


def changed(text: str, before: str, **more: Any) -> Json:
    message = {"type": "message", "user": "U1", "text": text, "ts": "10.000100", "edited": {"ts": "11.000000"}, **more}
    previous = {"type": "message", "user": "U1", "text": before, "ts": "10.000100"}
    event = {"type": "message", "subtype": "message_changed", "channel": "C1", "ts": "11.000100"}
    return {**event, "message": message, "previous_message": previous}


@pytest.mark.parametrize("subtype", [None, "file_share", "thread_broadcast", "me_message", "bot_message"])
def test_content_is_a_post(subtype: str | None) -> None:
    letter = letter_of(envelope(posted() if subtype is None else posted(subtype=subtype)))
    assert letter is not None
    assert (letter.kind, letter.lane) == ("post", "post:T1:C1:10.000100")
    assert b"old shared secret" not in letter.body


def test_a_mention_is_the_post_itself() -> None:
    message = letter_of(envelope(posted("<@U0BOT> acc 90 %")))
    mention = letter_of(envelope({**posted("<@U0BOT> acc 90 %"), "type": "app_mention"}, "Ev2"))
    assert message is not None
    assert mention is not None
    assert message.subject == mention.subject
    assert said_in(envelope(posted("<@U0BOT> acc 90 %"))).called


def test_one_gesture_under_two_ts_has_one_client_id() -> None:
    one = letter_of(envelope(posted(client_msg_id="c-1")))
    other = letter_of(envelope(posted(client_msg_id="c-1", ts="10.000200")))
    assert one is not None
    assert other is not None
    assert one.client == other.client
    edit = letter_of(envelope(changed("b", "a", client_msg_id="c-1")))
    assert edit is not None
    assert edit.client is None


def test_an_edit_is_of_the_post_and_has_the_edit_s_version() -> None:
    event = changed("acc 91 %", "acc 90 %")
    letter = letter_of(envelope(event))
    assert letter is not None
    assert (letter.kind, letter.lane) == ("edit", "post:T1:C1:10.000100")
    assert said_in(envelope(event)).version == "11.000000"


@pytest.mark.parametrize("more", [{"attachments": [{"from_url": "https://x"}]}, {"language": {"locale": "en"}}])
def test_what_slack_adds_to_a_post_is_no_edit(more: Json) -> None:
    assert letter_of(envelope(changed("acc 90 %", "acc 90 %", **more))) is None


def test_a_deletion_comes_in_two_shapes() -> None:
    plain = posted()
    gone = {"type": "message", "subtype": "message_deleted", "channel": "C1", "ts": "12.1", "deleted_ts": "10.000100"}
    tombstone = changed("This message was deleted.", "acc", subtype="tombstone", user="USLACKBOT")
    for event in (gone | {"previous_message": plain}, gone, tombstone):
        letter = letter_of(envelope(event))
        assert letter is not None
        assert (letter.kind, letter.lane) == ("delete", "post:T1:C1:10.000100")


@pytest.mark.parametrize("own", [{"app_id": "A1"}, {"bot_profile": {"app_id": "A1"}}, {"user": "U0BOT"}])
def test_the_bot_s_own_messages_are_no_mail(own: Json) -> None:
    assert letter_of(envelope(posted() | own)) is None
    assert letter_of(envelope(changed("b", "a", **own))) is None


def test_another_bot_s_post_is_a_post() -> None:
    event = posted(subtype="bot_message", bot_id="B2", app_id="A2", user=None)
    assert letter_of(envelope(event)) is not None
    assert said_in(envelope(event)).user == "B2"


def test_a_stranger_s_post_in_a_shared_channel_is_no_mail() -> None:
    shared = {**envelope(posted(user_team="T2")), "is_ext_shared_channel": True}
    assert letter_of(shared) is None
    assert letter_of({**shared, "event": posted(user_team="T1")}) is not None
    assert letter_of(envelope(posted(user_team="T2"))) is not None


def test_a_forwarded_message_says_only_what_its_sender_added() -> None:
    forwarded = {"is_share": True, "text": "val accuracy 99 % r-7K3M9QX2", "message_blocks": []}
    assert said_in(envelope(posted("", attachments=[forwarded]))).text == ""
    assert said_in(envelope(posted("look", attachments=[forwarded]))).text == "look"


def test_links_to_runs_are_left_where_strangers_read_along() -> None:
    event = {"type": "link_shared", "channel": "C1", "message_ts": "1.1", "links": [{"url": "https://x/runs/r-1"}]}
    assert letter_of(envelope(event)) is not None
    assert letter_of({**envelope(event), "is_ext_shared_channel": True}) is None


def test_blocks_are_read_where_there_is_no_text() -> None:
    words = [{"type": "text", "text": "val acc "}, {"type": "text", "text": "90 %"}, {"type": "emoji", "name": "tada"}]
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": words}]}
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "r-7K3M9QX2"}}
    assert said_in(envelope(posted("", blocks=[rich, section]))).text == "val acc 90 %:tada:\nr-7K3M9QX2"


def test_where_a_reply_goes() -> None:
    top = said_in(envelope(posted()))
    assert (top.in_thread, top.root, top.posted_at) == (False, "10.000100", 10_000_100)
    inside = said_in(envelope(posted(thread_ts="9.5")))
    assert (inside.in_thread, inside.root) == (True, "9.5")
    assert not said_in(envelope(posted(thread_ts="9.5", subtype="thread_broadcast"))).in_thread


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


FIELDS = ["subtype", "ts", "text", "blocks", "message", "files", "user", "edited", "previous_message", "bot_profile"]


@given(st.dictionaries(st.sampled_from(FIELDS), json))
def test_an_event_of_any_shape_is_mail_or_is_not_or_is_of_no_known_shape(event: Json) -> None:
    body = envelope({"ts": "1.1", "channel": "C1", **event, "type": "message"})
    with contextlib.suppress(msgspec.ValidationError):
        letter = letter_of(body)
        if letter is not None and letter.kind != "delete":
            said_in(body)


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("r-7K3M9QX2", True),
        ("  r-7k3m9qx2, r-4NH3H9K6! ", True),
        ("<@U0BOT> r-7K3M9QX2 :eyes:", True),
        ("<https://runcite.example.org/runs/r-7K3M9QX2>", True),
        ("see r-7K3M9QX2", False),
        ("看 r-7K3M9QX2", False),
    ],
)
def test_a_bare_run_id_is_nothing_but_that(text: str, bare: bool) -> None:
    assert is_bare(text) is bare
    assert is_bare(text, "https://runcite.example.org") is (bare and "https" not in text)


def test_what_a_bot_says_in_blocks_and_attachments_counts_beside_its_text() -> None:
    whole = posted(
        text="Nightly run done",
        bot_id="B2",
        app_id="A2",
        blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": "*val accuracy* 0.9023"}}],
        attachments=[
            {"fallback": "x", "pretext": "Nightly run done", "fields": [{"title": "Run", "value": "r-7K3M9QX2"}]},
            {"from_url": "https://example.org", "text": "somebody else's 99 %"},
        ],
    )
    said = said_in(envelope(whole))
    assert said.text.split("\n") == ["Nightly run done", "*val accuracy* 0.9023", "Run r-7K3M9QX2"]
    person = said_in(envelope(whole | {"bot_id": None, "app_id": None}))
    assert person.text == "Nightly run done"


@pytest.mark.parametrize("kind", ["app_uninstalled", "tokens_revoked"])
def test_a_farewell_is_a_letter_in_the_lane_of_its_workspace(kind: str) -> None:
    found = letter_of(envelope({"type": kind, "tokens": {"oauth": [], "bot": ["U0"]}}))
    assert found is not None
    assert (found.kind, found.lane) == ("leave", "install:T1")

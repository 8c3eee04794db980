"""Events on their way: signed, retried, refused, doubled, late; checked against the public types of Slack's events."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
import pytest
from slack_events.validation import payload_type_for, validate_payload
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

from bot.sandbox import Sandbox
from bot.sandbox.office import signature
from tracker.errors import UsageError

Json = dict[str, Any]


@dataclass
class Door:
    """An app's request URL that keeps what came, and answers what it is told to: (status, headers, seconds)."""

    url: str = ""
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], float]] = field(default_factory=list)

    @property
    def envelopes(self) -> list[Json]:
        return [msgspec.json.decode(body) for _, body in self.came]

    @property
    def events(self) -> list[Json]:
        return [envelope["event"] for envelope in self.envelopes]

    def kinds(self) -> list[str]:
        return [str(event.get("subtype") or event["type"]) for event in self.events]


@pytest.fixture
def door(sandbox: Sandbox) -> Iterator[Door]:
    kept = Door()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {key.lower(): value for key, value in self.headers.items()}
            if b"url_verification" in body:
                self.answer(200, {"content-type": "text/plain"}, msgspec.json.decode(body)["challenge"].encode())
                return
            kept.came.append((headers, body))
            status, more, seconds = kept.answers.pop(0) if kept.answers else (200, {}, 0.0)
            threading.Event().wait(seconds)
            self.answer(status, more, b"")

        def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    kept.url = f"http://127.0.0.1:{server.server_port}/slack/events"
    assert sandbox.connect(kept.url)
    yield kept
    server.shutdown()
    server.server_close()


def test_every_request_is_signed_over_its_raw_bytes(sandbox: Sandbox, door: Door) -> None:
    sandbox.post("chen", "results", "准确率 90.2%")
    assert sandbox.wait_until(lambda: door.came)
    headers, body = door.came[0]
    assert SignatureVerifier(sandbox.signing_secret).is_valid_request(body, headers)
    assert not SignatureVerifier(sandbox.signing_secret).is_valid_request(body + b" ", headers)
    assert not SignatureVerifier("another secret").is_valid_request(body, headers)
    stamp = headers["x-slack-request-timestamp"]
    assert headers["x-slack-signature"] == signature(sandbox.signing_secret, stamp, body)
    verifier = SignatureVerifier("s")
    assert verifier.generate_signature(timestamp="1", body="x") == signature("s", "1", b"x")


def test_a_url_that_does_not_return_the_challenge_is_not_taken(sandbox: Sandbox, door: Door) -> None:
    assert not sandbox.connect("http://127.0.0.1:9/slack/events")
    assert sandbox.core.office.route.url == door.url


def test_an_unanswered_event_is_sent_three_times_more_with_one_id(sandbox: Sandbox, door: Door) -> None:
    door.answers = [(500, {}, 0), (500, {}, 0), (503, {}, 0), (500, {}, 0)]
    sandbox.post("ada", "results", "x")
    assert sandbox.wait_until(lambda: len(sandbox.recorded("event")) == 4)
    assert [headers.get("x-slack-retry-num") for headers, _ in door.came] == [None, "1", "2", "3"]
    assert {headers.get("x-slack-retry-reason") for headers, _ in door.came[1:]} == {"http_error"}
    assert len({envelope["event_id"] for envelope in door.envelopes}) == 1
    assert not sandbox.wait_until(lambda: len(door.came) > 4, timeout=0.8)


def test_retries_stop_at_the_first_success_or_when_the_app_says_so(sandbox: Sandbox, door: Door) -> None:
    door.answers = [(500, {}, 0), (200, {}, 0)]
    sandbox.post("ada", "results", "x")
    assert sandbox.wait_until(lambda: len(door.came) == 2)
    door.answers = [(500, {"x-slack-no-retry": "1"}, 0)]
    sandbox.post("ada", "results", "y")
    assert sandbox.wait_until(lambda: len(door.came) == 3)
    assert not sandbox.wait_until(lambda: len(door.came) > 3, timeout=0.3)


def test_an_app_that_is_slow_is_told_again(sandbox: Sandbox, door: Door) -> None:
    sandbox.core.office.route.limit = 0.2
    door.answers = [(200, {}, 0.5)]
    sandbox.post("ada", "results", "x")
    assert sandbox.wait_until(lambda: len(door.came) == 2)
    assert door.came[1][0]["x-slack-retry-reason"] == "http_timeout"


def test_a_slow_command_times_out_before_the_persons_eyes(sandbox: Sandbox, door: Door) -> None:
    sandbox.core.office.route.limit = 0.2
    door.answers = [(200, {}, 0.5)]
    assert sandbox.command("ada", "results", "/results board").error == "operation_timeout"
    assert "operation_timeout" in sandbox.ephemerals("ada")[0]["text"]
    assert len(door.came) == 1


def live_through_everything(sandbox: Sandbox, client: WebClient) -> None:
    url = "https://runcite.example.org/runs/r-7K3M9QX2"
    first = sandbox.post("ada", "results", f"@runcite 90.2 % {url} and https://other.example.com")
    assert sandbox.wait_until(lambda: "attachments" in sandbox.messages("results")[0])
    reply = client.chat_postMessage(channel="results", thread_ts=first, text="ok")["ts"]
    client.chat_update(channel="C0RESULTS1", ts=reply, text="better")
    client.chat_unfurl(channel="C0RESULTS1", ts=first, unfurls={url: {"text": "a run"}})
    sandbox.post("ben", "results", "also to the channel", thread=first, broadcast=True)
    sandbox.edit("ada", "results", first, "91 %")
    sandbox.post("chen", "results", "a picture", files=[("chart.png", b"\x89PNG")])
    sandbox.post("dana", "results", "is waving", raw={"subtype": "me_message"})
    sandbox.delete("ada", "results", first)
    client.chat_delete(channel="C0RESULTS1", ts=reply)
    sandbox.invite("milestone-1-team")
    sandbox.post("ada", "milestone-1-team", "in private")
    sandbox.open_home("ada")
    client.views_publish(user_id="U0ADA00001", view={"type": "home", "blocks": [{"type": "divider"}]})
    sandbox.open_home("ada")
    sandbox.post("ada", sandbox.core.workspace.direct("U0ADA00001").id, "directly")


def without_tombstone(event: Json) -> Json:
    """The published types do not know the subtype that Slack itself sends for a deleted parent."""
    told = dict(event)
    for key in ("message", "previous_message"):
        if isinstance(told.get(key), dict) and told[key].get("subtype") == "tombstone":
            told[key] = {name: value for name, value in told[key].items() if name != "subtype"}
    return told


def test_every_event_has_the_shape_that_slack_publishes(sandbox: Sandbox, client: WebClient, door: Door) -> None:
    live_through_everything(sandbox, client)
    wanted = {
        "message", "app_mention", "link_shared", "message_changed", "message_deleted", "thread_broadcast", "file_share",
        "me_message", "channel_join", "member_joined_channel", "app_home_opened",
    }  # fmt: skip
    assert sandbox.wait_until(lambda: wanted <= set(door.kinds()))
    for event in door.events:
        subtype = event.get("subtype")
        assert payload_type_for(event["type"], subtype) is not None, event
        validate_payload(event["type"], subtype, without_tombstone(event))
    envelope = door.envelopes[0]
    assert {"team_id", "api_app_id", "event_id", "event_time", "event_context", "authorizations"} <= set(envelope)


def test_events_carry_what_their_kind_promises(sandbox: Sandbox, client: WebClient, door: Door) -> None:
    live_through_everything(sandbox, client)
    assert sandbox.wait_until(lambda: "app_home_opened" in door.kinds() and len(door.events) >= 19)
    changes = [event for event in door.events if event.get("subtype") == "message_changed"]
    unfurls = [one for one in changes if one["message"]["text"] == one["previous_message"]["text"]]
    assert {"from_url"} <= set(unfurls[0]["message"]["attachments"][0])
    edits = [one for one in changes if "edited" in one["message"] and one["message"]["text"] == "91 %"]
    assert edits[0]["previous_message"]["text"].startswith("<@U0RUNCITE>")
    assert any(one["message"].get("subtype") == "tombstone" for one in changes)
    (link,) = [event for event in door.events if event["type"] == "link_shared"]
    assert link["links"] == [{"domain": "runcite.example.org", "url": "https://runcite.example.org/runs/r-7K3M9QX2"}]
    homes = [event for event in door.events if event["type"] == "app_home_opened"]
    assert sorted("view" in home for home in homes) == [False, True]
    shares = [event for event in door.events if event.get("subtype") == "file_share"]
    assert shares[0]["files"][0]["mimetype"] == "image/png"
    groups = [event for event in door.events if event.get("channel_type") == "group"]
    assert "in private" in [group["text"] for group in groups]


def test_a_tombstone_goes_with_the_last_reply(sandbox: Sandbox, door: Door) -> None:
    parent = sandbox.post("ada", "results", "parent")
    reply = sandbox.post("ben", "results", "reply", thread=parent)
    sandbox.delete("ada", "results", parent)
    assert sandbox.messages("results")[0]["subtype"] == "tombstone"
    sandbox.delete("ben", "results", reply)
    assert sandbox.messages("results") == []
    assert sandbox.wait_until(lambda: door.kinds().count("message_deleted") == 2)
    deleted = [event for event in door.events if event.get("subtype") == "message_deleted"]
    assert {event["previous_message"].get("subtype") for event in deleted} == {None, "tombstone"}


def test_the_app_hears_only_where_it_is_and_what_it_may(sandbox: Sandbox, door: Door) -> None:
    sandbox.post("ada", "milestone-1-team", "secret")
    sandbox.core.office.route.scopes = ("chat:write", "channels:history")
    sandbox.post("ada", "results", "@runcite hello")
    assert sandbox.wait_until(lambda: door.came)
    assert not sandbox.wait_until(lambda: len(door.came) > 1, timeout=0.3)
    assert door.kinds() == ["message"]


@pytest.mark.parametrize(("kind", "count"), [("duplicate", 2), ("twice_at_once", 2), ("lose", 0)])
def test_an_event_can_come_twice_or_not_at_all(sandbox: Sandbox, door: Door, kind: str, count: int) -> None:
    sandbox.fault("message", kind)
    sandbox.post("ada", "results", kind)
    sandbox.post("ada", "results", "after")
    assert sandbox.wait_until(lambda: len(door.events) == count + 1)
    assert sorted(event["text"] for event in door.events) == sorted([kind] * count + ["after"])


def test_an_event_can_come_after_the_one_behind_it(sandbox: Sandbox, door: Door) -> None:
    sandbox.fault("message", "out_of_order")
    sandbox.post("ada", "results", "first")
    sandbox.post("ada", "results", "second")
    assert sandbox.wait_until(lambda: len(door.events) == 2)
    assert [event["text"] for event in door.events] == ["second", "first"]


def test_call_faults_before_and_after_the_message_is_there(sandbox: Sandbox, client: WebClient) -> None:
    def post() -> Any:
        return client.chat_postMessage(channel="results", text="x")

    sandbox.fault("chat.postMessage", "ratelimited", seconds=7)
    with pytest.raises(SlackApiError) as limited:
        post()
    assert (limited.value.response.status_code, limited.value.response.headers["Retry-After"]) == (429, "7")
    sandbox.fault("chat.postMessage", "http_500")
    with pytest.raises(SlackApiError):
        post()
    sandbox.fault("chat.postMessage", "drop")
    with pytest.raises(OSError, match=r"(?i)reset|closed|without"):
        post()
    assert sandbox.messages("results") == []
    sandbox.fault("chat.postMessage", "drop_after_commit")
    with pytest.raises(OSError, match=r"(?i)reset|closed|without"):
        post()
    sandbox.fault("chat.postMessage", "error", code="fatal_error")
    with pytest.raises(SlackApiError, match="fatal_error"):
        post()
    assert len(sandbox.messages("results")) == 2
    assert post()["ok"]


def test_slack_down_for_a_while(sandbox: Sandbox, client: WebClient) -> None:
    began = time.monotonic()
    sandbox.go_down(0.3)
    with pytest.raises(OSError, match=r"(?i)reset|closed|without"):
        client.auth_test()
    assert sandbox.wait_until(lambda: not sandbox.core.faults.down)
    assert time.monotonic() - began >= 0.25
    assert client.auth_test()["ok"]


def test_an_unknown_fault_is_refused_with_the_ones_there_are(sandbox: Sandbox) -> None:
    with pytest.raises(UsageError, match="twice_at_once"):
        sandbox.fault("message", "explode")

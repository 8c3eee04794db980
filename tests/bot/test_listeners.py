"""What may come in, and what is said to it at once."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import text

from bot.app import serve
from tracker.store.mailbox import depth

from .team import TEAM, Team

EVENT = {"type": "message", "channel": "C1", "user": "U1", "text": "val acc 90.2 %", "ts": "1795000000.000100"}


class Sender:
    """Sends requests as Slack does, well signed or not."""

    def __init__(self, team: Team, **bot: Any) -> None:
        self.team = team
        self.url = f"{team.bot(http=True, **bot).url}/slack/events"

    def send(
        self, body: Mapping[str, Any], *, secret: str | None = None, age: int = 0, form: bool = False, **headers: str
    ) -> httpx.Response:
        raw = urlencode(body) if form else json.dumps(body)
        stamp = str(int(time.time()) - age)
        key = (self.team.sandbox.signing_secret if secret is None else secret).encode()
        signed = hmac.new(key, f"v0:{stamp}:{raw}".encode(), hashlib.sha256).hexdigest()
        given = {
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={signed}",
            "Content-Type": "application/x-www-form-urlencoded" if form else "application/json",
        }
        return httpx.post(self.url, content=raw, headers=given | headers, timeout=10)


def envelope(event: Mapping[str, Any], number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "type": "event_callback",
        "team_id": TEAM,
        "api_app_id": "A1",
        "event_id": f"Ev{number}",
        "event": dict(event),
        "authorizations": [{"team_id": TEAM, "user_id": "U0RUNCITE", "is_bot": True}],
        **more,
    }


@pytest.fixture
def sender(team: Team) -> Sender:
    """A bot that stores and does not work, so that what is stored can be counted."""
    return Sender(team, workers=0)


def stored(team: Team) -> int:
    return depth(team.db).letters


def test_a_signed_event_is_stored_and_acknowledged(sender: Sender) -> None:
    assert sender.send(envelope(EVENT)).status_code == 200
    assert stored(sender.team) == 1


# A stamp from the future grows valid while the request is under way: it stands further off than a slow machine takes.
@pytest.mark.parametrize("wrong", [{"secret": "another"}, {"age": 301}, {"age": -600}])
def test_an_unsigned_or_stale_request_is_refused_and_not_stored(sender: Sender, wrong: dict[str, Any]) -> None:
    assert sender.send(envelope(EVENT), **wrong).status_code == 401
    assert httpx.post(sender.url, json=envelope(EVENT)).status_code == 401
    assert stored(sender.team) == 0


def test_the_handshake_is_answered_when_it_is_signed(sender: Sender) -> None:
    answer = sender.send({"type": "url_verification", "challenge": "abc"})
    assert (answer.status_code, answer.json()) == (200, {"challenge": "abc"})
    assert sender.send({"type": "url_verification", "challenge": "abc"}, secret="x").status_code == 401


def test_a_retry_is_acknowledged_and_stored_once(sender: Sender) -> None:
    for attempt in range(3):
        headers = {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": "http_timeout"} if attempt else {}
        assert sender.send(envelope(EVENT), **headers).status_code == 200
    assert stored(sender.team) == 1


def test_a_retry_that_is_the_first_to_arrive_is_stored(sender: Sender) -> None:
    assert sender.send(envelope(EVENT), **{"X-Slack-Retry-Num": "3"}).status_code == 200
    assert stored(sender.team) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"type": "app_rate_limited", "team_id": TEAM, "minute_rate_limited": 1518467820},
        envelope({"type": "reaction_added", "user": "U1", "reaction": "eyes"}),
        envelope({"type": "message", "subtype": "channel_join", "channel": "C1", "ts": "1.1", "user": "U1"}),
        envelope({"type": "message", "subtype": "message_replied", "channel": "C1", "ts": "1.1"}),
        envelope({"type": "app_home_opened", "tab": "messages", "user": "U1"}),
        envelope({"type": "message", "channel": "C1"}),
        envelope({}),
        {"type": "event_callback", "event": "odd"},
        {},
    ],
)
def test_what_the_bot_has_no_use_for_is_acknowledged_all_the_same(sender: Sender, body: dict[str, Any]) -> None:
    assert sender.send(body).status_code == 200
    assert stored(sender.team) == 0


def test_a_click_is_acknowledged(sender: Sender) -> None:
    body = {"payload": json.dumps({"type": "block_actions", "team": {"id": TEAM}, "user": {"id": "U1"}, "actions": []})}
    assert sender.send(body, form=True).status_code == 200


def test_a_request_of_another_workspace_is_dropped(team: Team) -> None:
    running = serve(team.settings(http=True, workers=0), port=0, with_pages=False, team=TEAM)
    team.running.append(running)
    sender = Sender.__new__(Sender)
    sender.team, sender.url = team, f"{running.url}/slack/events"
    assert sender.send(envelope(EVENT) | {"team_id": "T0OTHER"}).status_code == 200
    assert stored(team) == 0
    assert sender.send(envelope(EVENT)).status_code == 200
    assert stored(team) == 1


def test_slack_is_asked_to_send_again_while_the_database_is_gone(sender: Sender) -> None:
    with sender.team.db.write() as connection:
        connection.execute(text("ALTER TABLE inbox RENAME TO away"))
    assert sender.send(envelope(EVENT)).status_code == 503
    command = {"command": "/results", "team_id": TEAM, "trigger_id": "1", "text": "help", "response_url": "http://x"}
    told = sender.send(command, form=True)
    assert (told.status_code, "database" in told.text) == (200, True)
    with sender.team.db.write() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO inbox"))
    assert sender.send(envelope(EVENT)).status_code == 200
    assert stored(sender.team) == 1


def test_a_body_that_is_too_long_or_no_text_is_refused(sender: Sender) -> None:
    assert httpx.post(sender.url, content=b"\xff\xfe").status_code == 400
    assert httpx.post(sender.url, content=b"x" * (3 << 20)).status_code == 413


def test_nothing_is_taken_from_bolt_s_own_environment(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_VERIFICATION_TOKEN"):
        monkeypatch.setenv(name, "123.456")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "another")
    sender = Sender(team, workers=0)
    assert sender.send(envelope(EVENT)).status_code == 200
    assert sender.send(envelope(EVENT, 2), secret="another").status_code == 401

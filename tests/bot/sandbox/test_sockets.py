"""Socket Mode as a plain WebSocket client sees it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from slack_sdk import WebClient
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from bot.sandbox import Sandbox

Open = Callable[[], ClientConnection]


@pytest.fixture
def dial(sandbox: Sandbox) -> Iterator[Open]:
    client = WebClient(base_url=sandbox.api_url)
    with ExitStack() as stack:

        def opened() -> ClientConnection:
            url = client.apps_connections_open(app_token=sandbox.app_token)["url"]
            return stack.enter_context(connect(str(url), proxy=None))

        yield opened


def frame(socket: ClientConnection, timeout: float = 5) -> dict[str, Any]:
    return dict(json.loads(socket.recv(timeout)))


def test_a_connection_is_greeted_and_gets_envelopes(sandbox: Sandbox, dial: Open) -> None:
    socket = dial()
    hello = frame(socket)
    assert (hello["type"], hello["connection_info"], hello["num_connections"]) == ("hello", {"app_id": "A0RUNCITE"}, 1)
    sandbox.post("ada", "results", "x")
    envelope = frame(socket)
    assert envelope["type"] == "events_api"
    assert envelope["payload"]["event"]["text"] == "x"
    assert (envelope["retry_attempt"], envelope["accepts_response_payload"]) == (0, False)
    socket.send(json.dumps({"envelope_id": envelope["envelope_id"]}))
    assert sandbox.wait_until(lambda: sandbox.recorded("event"))
    assert sandbox.recorded("event")[0]["status"] == "delivered"


def test_an_envelope_without_an_answer_comes_again_under_its_id(sandbox: Sandbox, dial: Open) -> None:
    sandbox.core.office.route.limit = 0.1
    socket = dial()
    frame(socket)
    sandbox.post("ada", "results", "x")
    came = [frame(socket) for _ in range(3)]
    assert [envelope["retry_attempt"] for envelope in came] == [0, 1, 2]
    assert [envelope["retry_reason"] for envelope in came] == ["", "timeout", "timeout"]
    assert len({envelope["envelope_id"] for envelope in came}) == 1


def test_each_envelope_goes_to_one_of_the_connections(sandbox: Sandbox, dial: Open) -> None:
    sockets = [dial(), dial()]
    for socket in sockets:
        frame(socket)
    for number in range(4):
        sandbox.post("ada", "results", str(number))
    texts = [frame(socket)["payload"]["event"]["text"] for socket in sockets for _ in range(2)]
    assert sorted(texts) == ["0", "1", "2", "3"]


def test_a_ticket_opens_one_connection_only(sandbox: Sandbox) -> None:
    client = WebClient(base_url=sandbox.api_url)
    url = str(client.apps_connections_open(app_token=sandbox.app_token)["url"])
    with connect(url, proxy=None) as socket:
        assert frame(socket)["type"] == "hello"
        with pytest.raises(InvalidStatus), connect(url, proxy=None):
            raise AssertionError("a used ticket opened a connection")


def test_the_eleventh_connection_is_one_too_many(sandbox: Sandbox, dial: Open) -> None:
    kept = [dial() for _ in range(10)]
    assert [frame(socket)["type"] for socket in kept] == ["hello"] * 10
    assert frame(dial()) == {"type": "disconnect", "reason": "too_many_websockets"}


def test_a_refresh_is_asked_for_and_then_the_connection_ends(sandbox: Sandbox, dial: Open) -> None:
    socket = dial()
    frame(socket)
    assert sandbox.wait_until(lambda: sandbox.connections == 1)
    sandbox.disconnect("warning")
    assert frame(socket)["reason"] == "warning"
    sandbox.disconnect("refresh_requested")
    assert frame(socket)["reason"] == "refresh_requested"
    with pytest.raises(ConnectionClosed):
        socket.recv(5)
    assert sandbox.wait_until(lambda: sandbox.connections == 0)


def test_events_are_lost_while_nobody_is_connected(sandbox: Sandbox) -> None:
    sandbox.post("ada", "results", "x")
    assert sandbox.wait_until(lambda: sandbox.recorded("event"))
    assert sandbox.recorded("event")[0]["status"] == "lost"
    began = time.monotonic()
    assert sandbox.command("ada", "results", "/results").error == "dispatch_failed"
    assert time.monotonic() - began < 1


def test_pings_are_answered(sandbox: Sandbox, dial: Open) -> None:
    socket = dial()
    frame(socket)
    assert socket.ping(b"are you there").wait(5)

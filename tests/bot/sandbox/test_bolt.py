"""The real Bolt, unchanged but for the base URL, over HTTP and over Socket Mode."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.sandbox import Sandbox


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


class Heard(list[dict[str, Any]]):
    """Events in the order in which the app got them, with the retry header beside each."""

    def types(self) -> list[str]:
        return [str(event.get("subtype") or event["type"]) for event in self]


def make_app(sandbox: Sandbox, client: WebClient, heard: Heard) -> App:
    app = App(client=client, signing_secret=sandbox.signing_secret)

    @app.use
    def note(payload: dict[str, Any], body: dict[str, Any], next: Callable[[], None]) -> None:
        if body.get("type") == "event_callback":
            heard.append(body["event"])
        next()

    @app.event("message")
    def on_message(event: dict[str, Any]) -> None:
        if event.get("text") == "ping":
            client.chat_postMessage(channel=event["channel"], text="pong", thread_ts=event["ts"])

    for kind in ("app_mention", "app_home_opened", "member_joined_channel", "link_shared"):
        app.event(kind)(lambda: None)

    @app.command("/results")
    def on_command(ack: Callable[..., None], respond: Callable[..., None], command: dict[str, Any]) -> None:
        ack(f"at once: {command['text']}")
        respond("later", response_type="in_channel")

    @app.command("/post")
    def on_post(ack: Callable[..., None], body: dict[str, Any]) -> None:
        ack()
        element = {"type": "plain_text_input", "action_id": "said"}
        asked = {"type": "input", "block_id": "words", "label": plain("Words"), "element": element}
        view = {
            "type": "modal",
            "callback_id": "post",
            "title": plain("Post"),
            "submit": plain("Go"),
            "blocks": [asked],
        }
        client.views_open(trigger_id=body["trigger_id"], view=view)

    @app.view("post")
    def on_view(ack: Callable[..., None], view: dict[str, Any]) -> None:
        said = view["state"]["values"]["words"]["said"]["value"]
        if "r-" in said:
            ack()
        else:
            ack(response_action="errors", errors={"words": "No run ID."})

    @app.shortcut("check")
    def on_shortcut(ack: Callable[..., None], respond: Callable[..., None], shortcut: dict[str, Any]) -> None:
        ack()
        respond(f"checked: {shortcut['message']['text']}")

    @app.action("again")
    def on_action(ack: Callable[..., None], respond: Callable[..., None], action: dict[str, Any]) -> None:
        ack()
        respond(f"pressed {action['value']}", replace_original=True)

    return app


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture(params=["http", "socket"])
def app(request: pytest.FixtureRequest, sandbox: Sandbox, client: WebClient, heard: Heard) -> Iterator[App]:
    bolt = make_app(sandbox, client, heard)
    if request.param == "http":
        server = serve(bolt)
        assert sandbox.connect(f"http://127.0.0.1:{server.server_port}/slack/events")
        yield bolt
        server.shutdown()
        server.server_close()
    else:
        handler = SocketModeHandler(bolt, sandbox.app_token, ping_interval=1)
        handler.connect()
        assert sandbox.wait_until(lambda: sandbox.connections == 1)
        yield bolt
        handler.client.auto_reconnect_enabled = False
        sandbox.cut_sockets()  # a client that reads nothing more closes at once
        # the SDK's own thread closes the cut socket too, and two at once trip over each other
        assert sandbox.wait_until(lambda: not handler.client.is_connected())
        handler.close()


def serve(bolt: App) -> ThreadingHTTPServer:
    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            headers = {key: [value] for key, value in self.headers.items()}
            answer = bolt.dispatch(BoltRequest(body=body, headers=headers))
            raw = answer.body.encode()
            self.send_response(answer.status)
            self.send_header("content-type", answer.headers.get("content-type", ["text/plain"])[0])
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


def test_an_app_hears_a_post_and_answers_in_its_thread(sandbox: Sandbox, app: App) -> None:
    ts = sandbox.post("ada", "#results", "ping")
    assert sandbox.wait_until(lambda: sandbox.thread("results", ts))
    (reply,) = sandbox.thread("results", ts)
    assert (reply["text"], reply["user"]) == ("pong", sandbox.bot_user)


def test_a_mention_comes_as_message_and_as_mention(sandbox: Sandbox, app: App, heard: Heard) -> None:
    ts = sandbox.post("ben", "results", "@runcite are you there?")
    assert sandbox.wait_until(lambda: len(heard) == 2)
    assert sorted(heard.types()) == ["app_mention", "message"]
    assert {event["ts"] for event in heard} == {ts}


def test_a_command_is_answered_at_once_and_by_its_response_url(sandbox: Sandbox, app: App) -> None:
    answer = sandbox.command("ada", "results", "/results board")
    assert not answer.error
    assert sandbox.wait_until(lambda: sandbox.messages("results") and sandbox.ephemerals("ada"))
    assert [one["text"] for one in sandbox.ephemerals("ada")] == ["at once: board"]
    assert [one["text"] for one in sandbox.messages("results")] == ["later"]
    assert sandbox.ephemerals("ben") == []


def test_a_button_reaches_the_app_which_replaces_the_message(sandbox: Sandbox, app: App, client: WebClient) -> None:
    button = {"type": "button", "action_id": "again", "value": "7", "text": {"type": "plain_text", "text": "Again"}}
    sent = client.chat_postMessage(channel="#results", text="press", blocks=[{"type": "actions", "elements": [button]}])
    assert not sandbox.click("ada", "again", "results", sent["ts"]).error
    assert sandbox.wait_until(lambda: sandbox.messages("results")[0]["text"] == "pressed 7")
    assert "blocks" not in sandbox.messages("results")[0]


def test_a_modal_opens_complains_and_closes(sandbox: Sandbox, app: App) -> None:
    sandbox.command("ada", "results", "/post")
    assert sandbox.wait_until(lambda: sandbox.modals("ada"))
    (view,) = sandbox.modals("ada")
    for said, errors in (("91 %", {"words": "No run ID."}), ("91 %, r-7K3M9QX2", None)):
        sandbox.submit("ada", view["id"], {"words": {"said": {"type": "plain_text_input", "value": said}}})
        assert [one["errors"] for one in sandbox.modals("ada")] == ([errors] if errors else [])


def test_a_message_shortcut_reaches_the_app(sandbox: Sandbox, app: App) -> None:
    ts = sandbox.post("ben", "results", "91 %")
    assert not sandbox.shortcut("ada", "results", ts, "check").error
    assert sandbox.wait_until(lambda: sandbox.ephemerals("ada"))
    assert sandbox.ephemerals("ada")[0]["text"] == "checked: 91 %"

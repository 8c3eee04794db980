"""What people do, and what an app may answer to it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Any

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.hooks import Hooks
from bot.sandbox.recording import Recording
from bot.sandbox.shapes import SECOND, ApiError

Json = dict[str, Any]


def send(url: str, body: Json) -> tuple[int, str]:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_response_url_takes_five_answers_for_half_an_hour(sandbox: Sandbox) -> None:
    url = sandbox.url + sandbox.core.hooks.make("C0RESULTS1", "U0ADA00001")
    assert send(url, {"text": "one"}) == (200, "ok")
    assert send(url, {"text": "two", "replace_original": True}) == (200, "ok")
    assert [one["text"] for one in sandbox.ephemerals("ada")] == ["two"]
    assert send(url, {"text": "all", "response_type": "in_channel"}) == (200, "ok")
    assert [one["text"] for one in sandbox.messages("results")] == ["all"]
    assert send(url, {"blocks": [{"type": "nonsense"}]}) == (404, "invalid_blocks")
    assert send(url, {"delete_original": True}) == (200, "ok")
    assert sandbox.ephemerals("ada") == []
    assert send(url, {"text": "six"}) == (404, "used_url")


def test_what_is_handed_out_expires() -> None:
    now = [0]
    hooks = Hooks(lambda: now[0])
    key = hooks.make("C1", "U1").removeprefix("/actions/")
    early, late = hooks.trigger("U1"), hooks.trigger("U2")
    now[0] += 2 * SECOND
    assert hooks.redeem(early) == "U1"
    with pytest.raises(ApiError, match="exchanged_trigger_id"):
        hooks.redeem(early)
    now[0] += 2 * SECOND
    with pytest.raises(ApiError, match="expired_trigger_id"):
        hooks.redeem(late)
    assert hooks.use(key).channel == "C1"
    now[0] += 30 * 60 * SECOND
    with pytest.raises(ApiError, match="expired_url"):
        hooks.use(key)
    with pytest.raises(ApiError, match="no_active_hooks"):
        hooks.use("nothing")


def test_people_change_only_their_own_messages(sandbox: Sandbox) -> None:
    ts = sandbox.post("ada", "results", "one")
    with pytest.raises(ApiError, match="cant_update_message"):
        sandbox.edit("ben", "results", ts, "two")
    with pytest.raises(ApiError, match="cant_delete_message"):
        sandbox.delete("ben", "results", ts)
    sandbox.edit("ada", "results", ts, "two")
    (message,) = sandbox.messages("results")
    assert (message["text"], message["edited"]["user"]) == ("two", "U0ADA00001")
    sandbox.delete("ines", "results", ts)
    assert sandbox.messages("results") == []
    with pytest.raises(ApiError, match="not_in_channel"):
        sandbox.post("dana", "milestone-1-team", "let me in")


def drive(sandbox: Sandbox, action: str, body: Json, **headers: str) -> tuple[int, Json]:
    request = urllib.request.Request(
        f"{sandbox.url}/sandbox/{action}", json.dumps(body).encode(), {"content-type": "application/json", **headers}
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_the_same_can_be_done_over_http(sandbox: Sandbox) -> None:
    said = {"user": "ada", "channel": "results"}
    status, answer = drive(sandbox, "post", said | {"text": "hello", "files": [{"name": "a.txt", "base64": "aGk="}]})
    assert status == 200
    drive(sandbox, "edit", said | {"ts": answer["ts"], "text": "hello again"})
    drive(sandbox, "react", said | {"ts": answer["ts"], "name": "eyes"})
    (message,) = sandbox.messages("results")
    assert (message["text"], message["files"][0]["name"]) == ("hello again", "a.txt")
    assert sandbox.reactions("results", answer["ts"]) == {"eyes": ["U0ADA00001"]}
    assert drive(sandbox, "fault", {"method": "chat.postMessage", "kind": "http_500"})[1]["faults"][0]["times"] == 1
    drive(sandbox, "break", {"heal": True})
    assert sandbox.core.faults.shown() == []
    drive(sandbox, "delete", said | {"ts": answer["ts"]})
    assert sandbox.messages("results") == []


def test_a_foreign_page_cannot_drive_it(sandbox: Sandbox) -> None:
    said = {"user": "ada", "channel": "results", "text": "x"}
    assert drive(sandbox, "post", said, origin="https://evil.example")[0] == 403
    assert drive(sandbox, "post", said, **{"content-type": "text/plain"})[0] == 415
    assert drive(sandbox, "post", {"user": "ada"})[0] == 400
    assert drive(sandbox, "post", said | {"user": "nobody"})[1]["error"] == "user_not_found"
    assert drive(sandbox, "explode", {})[0] == 404
    assert sandbox.messages("results") == []


def test_the_recording_holds_everything_and_no_token(tmp_path: Any) -> None:
    file = tmp_path / "all.jsonl"
    with Sandbox(record_to=file) as sandbox:
        drive(sandbox, "post", {"user": "ada", "channel": "results", "text": "x"})
        request = urllib.request.Request(f"{sandbox.api_url}auth.test?token={sandbox.bot_token}")
        urllib.request.urlopen(request).close()
        assert sandbox.wait_until(lambda: len(sandbox.recorded()) == 2)
        with urllib.request.urlopen(f"{sandbox.url}/sandbox/recording?kind=call") as answer:
            assert json.loads(answer.read())["method"] == "auth.test"
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert sorted(line["kind"] for line in lines) == ["call", "event"]
    assert sandbox.bot_token not in file.read_text()


def test_a_recording_leaves_secrets_out_by_itself() -> None:
    recording = Recording(lambda: 1)
    recording.add("call", args={"token": "xoxb-1", "client_secret": "s", "text": "x"})
    assert recording.entries() == [{"at": 1, "kind": "call", "args": {"text": "x"}}]


def test_a_taken_port_is_said_in_one_line(sandbox: Sandbox) -> None:
    taken = int(sandbox.url.rpartition(":")[2])
    with pytest.raises(Exception, match=f"Port {taken} is taken"):
        Sandbox(port=taken).start()


def test_it_runs_by_itself_until_it_is_interrupted() -> None:
    command = [sys.executable, "-m", "bot.sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(6)]
        api = said[2].partition("SLACK_API_URL=")[2].strip()
        with urllib.request.urlopen(f"{api}api.test") as answer:
            assert json.load(answer)["ok"]
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=10)[1] == ""
        assert process.returncode == 0

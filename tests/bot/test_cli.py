"""`runcite claims`, `up` and `bot`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.sandbox import Sandbox
from tracker.cli import main

RUNCITE = Path(sys.executable).with_name("runcite")


def run(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    told = {"PATH": os.environ["PATH"], **environ}
    return subprocess.run([RUNCITE, *words], capture_output=True, text=True, check=False, env=told, timeout=60)


def only(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of ours but these, in this process."""
    for name in [name for name in os.environ if name.startswith(("RUNCITE_", "SLACK_"))]:
        monkeypatch.delenv(name)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)


def test_claims_says_what_it_sees_and_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = run("claims", "val accuracy 90.7 % r-7K3M9QX2").stdout
    assert "a result post" in said
    assert "val accuracy = 0.907" in said
    assert "r-7K3M9QX2" in said
    posts = tmp_path / "posts.jsonl"
    posts.write_text('{"id": "m-1", "text": "acc 0.9"}\n{"id": "m-2", "text": "lunch?"}\n')
    assert main(["claims", "--jsonl", str(posts)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["id"], line["is_result_post"]) for line in lines] == [("m-1", True), ("m-2", False)]
    assert set(lines[0]) == {"id", "is_result_post", "claims", "run_ids"}
    posts.write_text("{no json\n")
    assert main(["claims", "--jsonl", str(posts)]) == 1
    assert capsys.readouterr().err.startswith("runcite: ")


@pytest.mark.parametrize(
    ("environ", "said"),
    [({}, "SLACK_BOT_TOKEN is not set"), ({"RUNCITE_URL": "https://x.example"}, "is a server")],
)
def test_what_is_missing_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    environ: dict[str, str],
    said: str,
) -> None:
    only({"RUNCITE_HOME": str(tmp_path), **environ}, monkeypatch)
    assert main(["up"]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_up_serves_and_listens_until_it_is_told_to_end(tmp_path: Path) -> None:
    with Sandbox() as slack:
        environ = {
            "PATH": os.environ["PATH"],
            "RUNCITE_HOME": str(tmp_path),
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
        }
        process = subprocess.Popen([RUNCITE, "up", "--port", "0"], env=environ, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert "the bot listens in Socket Mode" in process.stdout.readline()
        ts = slack.post("ada", "results", "val accuracy 90.7 %")
        assert slack.wait_until(lambda: slack.thread("results", ts))
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        process.stdout.close()


def test_a_token_that_slack_does_not_take_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Sandbox() as slack:
        told = {
            "RUNCITE_HOME": str(tmp_path),
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": "xapp-wrong",
            "SLACK_API_URL": slack.api_url,
        }
        only(told, monkeypatch)
        assert main(["up", "--port", "0"]) == 1
    assert "Slack does not take SLACK_APP_TOKEN: invalid_auth" in capsys.readouterr().err

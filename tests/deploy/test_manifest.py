"""The Slack app asks for what the bot's code uses: no less, or a call fails; no more, or nobody should install it."""

from __future__ import annotations

import ast
import functools
import json
import re
from pathlib import Path

import pytest
import yaml

from bot import manifest, slack
from bot.sandbox.methods import METHODS
from bot.sandbox.news import SCOPE_OF

ROOT = Path(__file__).parents[2]
WRITTEN = yaml.safe_load((ROOT / "deploy/slack-manifest.yaml").read_text())


@functools.cache
def called() -> frozenset[str]:
    """Every method of Slack's Web API that the bot's code names, the stand-in and the demo aside."""
    sources = [path for path in (ROOT / "bot").rglob("*.py") if not {"sandbox", "demo"} & set(path.parts)]
    nodes = (node for path in sources for node in ast.walk(ast.parse(path.read_text())))
    texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
    return frozenset(text for text in texts if isinstance(text, str) and text in METHODS)


def test_the_written_manifest_is_the_one_that_the_code_declares() -> None:
    assert manifest.manifest() == WRITTEN


def test_scopes_events_and_commands_are_the_bots_own() -> None:
    assert WRITTEN["oauth_config"]["scopes"]["bot"] == sorted(slack.SCOPES)
    assert WRITTEN["settings"]["event_subscriptions"]["bot_events"] == sorted(slack.EVENTS)
    assert [command["command"] for command in WRITTEN["features"]["slash_commands"]] == list(slack.COMMANDS)


def test_every_call_of_the_bot_is_allowed() -> None:
    assert {"chat.postMessage", "files.getUploadURLExternal"} <= called()
    for method in called():
        needed = METHODS[method].scopes
        assert not needed or set(needed) & set(slack.SCOPES), f"{method} needs one of {needed}"


@pytest.mark.parametrize("event", slack.EVENTS)
def test_every_event_comes_with_its_scope(event: str) -> None:
    assert SCOPE_OF.get(event, "chat:write") in slack.SCOPES


@pytest.mark.parametrize("scope", slack.SCOPES)
def test_no_scope_is_asked_for_that_nothing_needs(scope: str) -> None:
    """`commands` is for the command; of scopes that a call takes alternatively, all may be asked for."""
    by_events = {SCOPE_OF[event] for event in slack.EVENTS if event in SCOPE_OF}
    by_calls = {needed for method in called() for needed in METHODS[method].scopes}
    assert scope in by_events | by_calls | ({"commands"} if slack.COMMANDS else set())


def test_over_http_everything_comes_to_one_address(capsys: pytest.CaptureFixture[str]) -> None:
    assert manifest.main(["--url", "https://runs.example.org/"]) == 0
    made = json.loads(capsys.readouterr().out)
    hook = "https://runs.example.org/slack/events"
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["event_subscriptions"]["request_url"] == hook
    assert made["settings"]["interactivity"]["request_url"] == hook
    assert {command["url"] for command in made["features"]["slash_commands"]} == {hook}
    assert made["oauth_config"] == WRITTEN["oauth_config"]


@pytest.mark.parametrize("url", ["http://runs.example.org", "runs.example.org", "https://", ""])
def test_an_address_that_slack_cannot_call_is_refused_in_one_line(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        manifest.main(["--url", url])
    assert stopped.value.code == 2
    assert "no public https address" in capsys.readouterr().err


@pytest.mark.parametrize("made", [manifest.manifest(), manifest.manifest("https://runs.example.org")])
def test_slacks_limits_on_texts_are_kept(made: dict[str, dict[str, str]]) -> None:
    """Slack's "App manifest reference": name 35 characters, description 140, long description 174 to 4,000."""
    display = made["display_information"]
    assert len(display["name"]) <= 35
    assert len(display["description"]) <= 140
    assert 174 <= len(display["long_description"]) <= 4000
    assert re.fullmatch("#[0-9a-f]{6}", display["background_color"])

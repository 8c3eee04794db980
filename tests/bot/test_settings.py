"""Settings come from the environment, and a wrong one is one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import SLACK_API, BotSettings, load_bot
from tracker.errors import InvalidSettings

GOOD = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}


def load(tmp_path: Path, **environ: str) -> BotSettings:
    return load_bot({"RUNCITE_HOME": str(tmp_path), **environ})


def test_what_is_not_set_has_its_default(tmp_path: Path) -> None:
    settings = load(tmp_path, **GOOD)
    assert (settings.api_url, settings.pages, settings.socket_mode) == (SLACK_API, "", True)
    assert settings.is_strict("C1", "results")
    assert settings.is_strict("C1", "vision-results")
    assert not settings.is_strict("C1", "general")
    assert not settings.is_strict("C1", None)


def test_what_is_set_counts(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        SLACK_BOT_TOKEN="xoxb-1",
        SLACK_SIGNING_SECRET="s",
        SLACK_API_URL="http://127.0.0.1:1/api",
        RUNCITE_PAGES_URL="https://runcite.example.org/",
        RUNCITE_STRICT_CHANNELS="#scores, C0123",
    )
    assert (settings.api_url, settings.pages) == ("http://127.0.0.1:1/api/", "https://runcite.example.org")
    assert not settings.socket_mode
    assert settings.is_strict("C9", "Scores")
    assert settings.is_strict("C0123", None)


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"SLACK_BOT_TOKEN": "xoxb-1"},
        {"SLACK_BOT_TOKEN": "xoxp-1", "SLACK_APP_TOKEN": "xapp-1"},
        {**GOOD, "SLACK_APP_TOKEN": "xoxb-1"},
        {**GOOD, "SLACK_API_URL": "slack.com/api"},
        {**GOOD, "RUNCITE_PAGES_URL": "javascript:alert(1)"},
    ],
)
def test_what_makes_no_sense_is_said(tmp_path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(InvalidSettings) as told:
        load(tmp_path, **environ)
    assert told.value.remedy


def test_secrets_do_not_show(tmp_path: Path) -> None:
    shown = repr(load(tmp_path, SLACK_BOT_TOKEN="xoxb-hidden", SLACK_SIGNING_SECRET="hidden-too"))
    assert "hidden" not in shown

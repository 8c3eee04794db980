"""The compose file's health checks, run as they stand against a server and a bot at work, and not at work."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.app import Running, serve
from bot.sandbox import Sandbox
from bot.settings import load_bot

SERVICES: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "deploy/compose.yaml").read_text())["services"]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """Server and bot in one process, the bot connected to the stand-in by Socket Mode."""
    with Sandbox(time_scale=0.002) as slack:
        given = {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token, "SLACK_API_URL": slack.api_url}
        started = serve(load_bot(given | {"RUNCITE_HOME": str(tmp_path)}), port=0)
        yield started
        started.stop()


def healthy(service: str, port: str) -> bool:
    """What the health check of the service says, asked at another port."""
    kind, _, *arguments = SERVICES[service]["healthcheck"]["test"]
    assert kind == "CMD"
    arguments[-1] = re.sub(r"127\.0\.0\.1:[0-9]+", f"127.0.0.1:{port}", arguments[-1])
    return subprocess.run([sys.executable, *arguments], capture_output=True, check=False).returncode == 0


def test_a_server_and_a_bot_at_work_are_healthy_and_what_ended_is_not(running: Running) -> None:
    port = running.url.rpartition(":")[2]
    assert healthy("server", port)
    assert healthy("bot", port)
    running.bot.stop()
    assert healthy("server", port)
    assert not healthy("bot", port)
    running.stop()
    assert not healthy("server", port)

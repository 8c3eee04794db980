"""A running stand-in, with Slack's waits shortened, and the real SDK against it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient

from bot.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(time_scale=0.002, unfurl_domains=["runcite.example.org"]) as running:
        running.core.habits.preview_after = 0.02
        yield running


@pytest.fixture
def client(sandbox: Sandbox) -> WebClient:
    return WebClient(token=sandbox.bot_token, base_url=sandbox.api_url, retry_handlers=[], timeout=5)

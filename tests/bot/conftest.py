"""The local Slack, and a team in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox import Sandbox

from .team import Team


@pytest.fixture
def slack() -> Iterator[Sandbox]:
    """A local Slack whose waits are short."""
    with Sandbox(time_scale=0.002, answer_limit=8.0) as running:
        running.core.habits.preview_after = 0.02
        running.core.habits.processing = 0.05
        yield running


@pytest.fixture
def dialect() -> str:
    """SQLite: what PostgreSQL does otherwise is the mailbox's, and tested there."""
    return "sqlite"


@pytest.fixture
def team(slack: Sandbox, database_url: str, tmp_path: Path) -> Iterator[Team]:
    """Ada and Ben, their database, and their Slack; no bot yet."""
    found = Team(database_url, tmp_path, slack)
    yield found
    found.close()

"""What every part of the bot's work shares: settings, database, Slack, and the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.settings import BotSettings, Patience
from bot.shelf import Shelf
from bot.slack import Slack
from tracker.store.database import Database


def _nothing(boundary: str) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Desk:
    """One bot at work. `clock` gives microseconds since 1970 in UTC.

    `reach` is told the name of each boundary between two steps of which a crash may separate one from the
    other; tests end the process there.
    """

    settings: BotSettings
    db: Database
    slack: Slack
    clock: Callable[[], int]
    reach: Callable[[str], None] = _nothing
    shelf: Shelf = field(default_factory=Shelf, compare=False)

    @property
    def patience(self) -> Patience:
        return self.settings.patience

    @property
    def pages(self) -> str:
        """The address of the pages; empty where there is none."""
        return self.settings.pages

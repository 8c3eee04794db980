"""What every part of the bot's work shares: settings, database, Slack, and the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.installs import Installs
from bot.settings import SECOND, BotSettings, Patience
from bot.shelf import Shelf
from bot.slack import Slack
from tracker.record import BoardSpec
from tracker.rules.board import Ranking
from tracker.server.shelf import Shelf as Kept
from tracker.store.database import Database


def _nothing(boundary: str) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Shelves:
    """What the bot need not ask the store for with every post.

    Boards are made anew now and then, as runs fall silent by the clock alone. `broken` is whether a sealed run is not
    what was sealed: an edit behind the store's back is seen a minute later at most.
    """

    specs: Shelf[BoardSpec] = field(default_factory=lambda: Shelf(kept=600 * SECOND, most=1000))
    boards: Shelf[Ranking] = field(default_factory=lambda: Shelf(kept=10 * SECOND, most=20_000, weigh=_runs))
    broken: Shelf[bool] = field(default_factory=lambda: Shelf(kept=60 * SECOND, most=1000))


def _runs(ranking: Ranking) -> int:
    return 1 + len(ranking.unranked) + sum(len(row.records) + len(row.repeats) for row in ranking.rows)


@dataclass(frozen=True)
class Desk:
    """One bot at work. `slack` is the workspace whose token is set; where many install the app, `at` finds theirs.

    `clock` gives microseconds since 1970 in UTC.

    `kept` are answers that are costly to reckon: the server's own, where both are one process.

    `reach` is told the name of each boundary between two steps of which a crash may separate one from the
    other; tests end the process there.
    """

    settings: BotSettings
    db: Database
    slack: Slack
    clock: Callable[[], int]
    reach: Callable[[str], None] = _nothing
    installs: Installs | None = None
    shelves: Shelves = field(default_factory=Shelves, compare=False)
    kept: Kept = field(default_factory=Kept, compare=False)

    def at(self, team: str) -> Slack:
        """Slack under the token of a workspace.

        Raises:
            NotInstalled: it has none.
            Unavailable: the database cannot be reached.
        """
        return self.slack if self.installs is None else self.installs.slack(team)

    @property
    def patience(self) -> Patience:
        return self.settings.patience

    @property
    def pages(self) -> str:
        """The address of the pages; empty where there is none."""
        return self.settings.pages

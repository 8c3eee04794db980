"""Where commands get their answers: the database at hand, or a Runcite server. The same questions, the same answers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import msgspec

from tracker.cli.parts import part
from tracker.events import PlacedEvent
from tracker.record import BoardSpec, Finding, Member, Record, Role, Token
from tracker.rules.board import Lead, Ranking
from tracker.rules.compared import Compared
from tracker.rules.filters import EVERYTHING, Filter
from tracker.rules.importance import Importance
from tracker.settings import Settings, load

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Standing(msgspec.Struct, frozen=True):
    """Who asks, how they were known, and the version of what answers."""

    member: Member
    via: str
    version: str


class Series(Protocol):
    """One metric's curve."""

    @property
    def steps(self) -> NDArray[np.int64]:
        """The steps, rising."""

    @property
    def values(self) -> NDArray[np.float64]:
        """A value for each step."""


class Source(Protocol):
    """What commands ask. Every method raises RunciteError where the answer is no."""

    def me(self) -> Standing:
        """Who asks."""

    def get_run(self, run_id: str) -> Record:
        """The record of a run; its ID in any case."""

    def find_runs(
        self, project: str | None, *, where: str | None, order_by: str | None, limit: int, offset: int
    ) -> tuple[Record, ...]:
        """Records that match, in order."""

    def events(self, run_id: str, *, after: int) -> tuple[PlacedEvent, ...]:
        """The next events behind place `after`; none when there are no more yet."""

    def findings(self, run_id: str) -> tuple[Finding, ...]:
        """Why a run is, or isn't, fit to be cited."""

    def get_board(self, project: str) -> BoardSpec:
        """What the project's board ranks by."""

    def set_board(self, spec: BoardSpec) -> BoardSpec:
        """Set what a project's board ranks by, and its rules."""

    def ranking(
        self, project: str, only: Filter = EVERYTHING, where: str | None = None, rows: int | None = None
    ) -> Ranking:
        """The board, ranked now: of the runs that pass; its first `rows`, and as many runs that don't rank."""

    def lead(self, project: str, only: Filter = EVERYTHING, where: str | None = None) -> tuple[Lead, ...]:
        """Who led the board when."""

    def importance(self, project: str, metric: str | None = None, where: str | None = None) -> Importance:
        """Which hyperparameters moved the metric."""

    def compared(self, run_ids: Sequence[str]) -> Compared:
        """The first run against each of the others; IDs in any case."""

    def history(self, run_id: str, metric: str, *, points: int) -> Series:
        """One metric's curve, in about so many points."""

    def members(self) -> tuple[Member, ...]:
        """Everybody."""

    def add_member(self, handle: str, role: Role, name: str) -> Member:
        """Add somebody."""

    def set_role(self, handle: str, role: Role) -> Member:
        """Give another role."""

    def bind_slack(self, handle: str, team: str, user: str) -> Member:
        """Bind to a Slack user."""

    def issue_token(self, handle: str, label: str, expires_at: int | None) -> str:
        """A new token."""

    def tokens(self, handle: str) -> tuple[Token, ...]:
        """A member's tokens, without their secrets."""

    def revoke_token(self, token_id: str) -> None:
        """Make a token useless."""

    def rotate_token(self, token_id: str) -> str:
        """A new token in the place of an old one."""

    def set_active(self, handle: str, active: bool) -> Member:
        """Let leave, or come back."""

    def retract(self, run_id: str, why: str) -> Record:
        """Take a run back, in the name of whoever asks."""


@contextmanager
def open_source(settings: Settings | None = None) -> Iterator[Source]:
    """The source that the settings name, for as long as the block lasts.

    Its module is loaded by name, as a server's client need not have a database's packages.
    """
    settings = settings or load()
    if settings.remote:
        made = part("tracker.cli.remote").Remote(settings.url, settings.token)
    else:
        made = part("tracker.cli.local").Local(settings.url, settings.artifacts)
    with made as source:
        yield source


def now() -> int:
    """Microseconds since 1970 in UTC."""
    return time.time_ns() // 1000

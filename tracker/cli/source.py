"""Where commands get their answers: the database at hand, or a Runcite server. The same questions, the same answers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from types import TracebackType
from typing import Protocol, Self, TypeVar
from urllib.parse import quote

import msgspec

from tracker.client.transport import HttpTransport
from tracker.record import BoardSpec, Finding, Member, Record, Role
from tracker.rules.board import Ranking
from tracker.rules.fitness import findings
from tracker.server import desk
from tracker.settings import Settings, load
from tracker.store import members, migrate, queries
from tracker.store.database import open_database
from tracker.store.members import Token
from tracker.store.queries import PlacedEvent

_JSON = {"Content-Type": "application/json"}
T = TypeVar("T")


class Standing(msgspec.Struct, frozen=True):
    """Who asks, how they were known, and the version of what answers."""

    member: Member
    via: str
    version: str


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

    def ranking(self, project: str) -> Ranking:
        """The board, ranked now."""

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


@contextmanager
def open_source(settings: Settings | None = None) -> Iterator[Source]:
    """The source that the settings name, for as long as the block lasts."""
    settings = settings or load()
    with Remote(settings.url, settings.token) if settings.remote else Local(settings.url) as source:
        yield source


def now() -> int:
    """Microseconds since 1970 in UTC."""
    return time.time_ns() // 1000


class Local:
    """The database at hand; it is made, and brought up to date, where need be."""

    def __init__(self, url: str) -> None:
        self.db = open_database(url)
        migrate.upgrade(self.db)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.db.close()

    def me(self) -> Standing:
        return Standing(members.local_member(self.db, now=now()), "local", version("runcite"))

    def get_run(self, run_id: str) -> Record:
        return desk.record(self.db, run_id, now=now())

    def find_runs(
        self, project: str | None, *, where: str | None, order_by: str | None, limit: int, offset: int
    ) -> tuple[Record, ...]:
        return queries.find_records(
            self.db, project, where=where, order_by=order_by, limit=limit, offset=offset, now=now()
        )

    def events(self, run_id: str, *, after: int) -> tuple[PlacedEvent, ...]:
        return queries.get_events(self.db, run_id, after=after, limit=1000)

    def findings(self, run_id: str) -> tuple[Finding, ...]:
        record = self.get_run(run_id)
        return findings(record, self.get_board(record.project))

    def get_board(self, project: str) -> BoardSpec:
        return queries.get_board(self.db, project)

    def ranking(self, project: str) -> Ranking:
        return desk.ranking(self.db, project, now=now())

    def members(self) -> tuple[Member, ...]:
        return members.list_members(self.db)

    def add_member(self, handle: str, role: Role, name: str) -> Member:
        return members.add_member(self.db, handle, role, name, now=now())

    def set_role(self, handle: str, role: Role) -> Member:
        return members.set_role(self.db, handle, role)

    def bind_slack(self, handle: str, team: str, user: str) -> Member:
        return members.bind_slack(self.db, handle, team, user, now())

    def issue_token(self, handle: str, label: str, expires_at: int | None) -> str:
        return members.issue_token(self.db, handle, now=now(), label=label, expires_at=expires_at)

    def tokens(self, handle: str) -> tuple[Token, ...]:
        return members.list_tokens(self.db, handle)

    def revoke_token(self, token_id: str) -> None:
        members.revoke_token(self.db, token_id, now=now())


class Remote(HttpTransport):
    """A Runcite server."""

    def me(self) -> Standing:
        return self.get("me", Standing)

    def get_run(self, run_id: str) -> Record:
        return self.get(f"runs/{_part(run_id)}", Record)

    def find_runs(
        self, project: str | None, *, where: str | None, order_by: str | None, limit: int, offset: int
    ) -> tuple[Record, ...]:
        asked = {"project": project, "where": where, "order_by": order_by, "limit": limit, "offset": offset}
        return self.get("runs", tuple[Record, ...], {key: value for key, value in asked.items() if value is not None})

    def events(self, run_id: str, *, after: int) -> tuple[PlacedEvent, ...]:
        return self.get(f"runs/{run_id}/events", tuple[PlacedEvent, ...], {"after": after})

    def findings(self, run_id: str) -> tuple[Finding, ...]:
        return self.get(f"runs/{run_id}/findings", tuple[Finding, ...])

    def get_board(self, project: str) -> BoardSpec:
        return self.get(f"projects/{_part(project)}/board", BoardSpec)

    def ranking(self, project: str) -> Ranking:
        return self.get(f"projects/{_part(project)}/ranking", Ranking)

    def members(self) -> tuple[Member, ...]:
        return self.get("members", tuple[Member, ...])

    def add_member(self, handle: str, role: Role, name: str) -> Member:
        return self._tell("POST", "members", {"handle": handle, "role": role, "name": name}, Member)

    def set_role(self, handle: str, role: Role) -> Member:
        return self._tell("PUT", f"members/{_part(handle)}/role", {"role": role}, Member)

    def bind_slack(self, handle: str, team: str, user: str) -> Member:
        return self._tell("PUT", f"members/{_part(handle)}/slack", {"team": team, "user": user}, Member)

    def issue_token(self, handle: str, label: str, expires_at: int | None) -> str:
        body = {"label": label, "expires_at": expires_at}
        return self._tell("POST", f"members/{_part(handle)}/tokens", body, _Issued).token

    def tokens(self, handle: str) -> tuple[Token, ...]:
        return self.get(f"members/{_part(handle)}/tokens", tuple[Token, ...])

    def revoke_token(self, token_id: str) -> None:
        self._tell("DELETE", f"tokens/{_part(token_id)}", {}, dict[str, str])

    def _tell(self, method: str, path: str, body: object, kind: type[T]) -> T:
        answer = self._ask(method, path, content=msgspec.json.encode(body), headers=_JSON)
        return msgspec.json.decode(answer.content, type=kind)


class _Issued(msgspec.Struct, frozen=True):
    token: str


def _part(name: str) -> str:
    """A name as one part of an address."""
    return quote(name, safe="")

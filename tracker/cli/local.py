"""The database at hand, for commands. It needs the server's packages."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from types import TracebackType
from typing import Self

from tracker.cli.source import Standing, now
from tracker.events import PlacedEvent
from tracker.record import BoardSpec, Finding, Member, Record, Role, Token
from tracker.rules.board import Lead, Ranking, shortened
from tracker.rules.compared import Compared
from tracker.rules.filters import EVERYTHING, Filter
from tracker.rules.fitness import findings
from tracker.rules.importance import Importance
from tracker.server import desk
from tracker.store import ingest, judging, members, migrate, queries
from tracker.store.blobs import open_blobs
from tracker.store.database import open_database
from tracker.store.series import Points
from tracker.store.shown import Shown, everything


class Local:
    """The database at hand; it is made, and brought up to date, where need be."""

    def __init__(self, url: str, artifacts: str) -> None:
        self.db = open_database(url)
        self.blobs = open_blobs(artifacts)
        migrate.upgrade(self.db)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.db.close()

    def me(self) -> Standing:
        return Standing(members.local_member(self.db, now=now()), "local", version("runcite"))

    def _all(self) -> Shown:
        return everything(self.db, now())

    def get_run(self, run_id: str) -> Record:
        return desk.record(self._all(), run_id)

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

    def set_board(self, spec: BoardSpec) -> BoardSpec:
        by = members.local_member(self.db, now=now()).handle
        queries.set_board(self.db, spec, by=by, now=now())
        return spec

    def ranking(
        self, project: str, only: Filter = EVERYTHING, where: str | None = None, rows: int | None = None
    ) -> Ranking:
        found = judging.ranking(self._all(), project, only=only, where=where)
        return found if rows is None else shortened(found, rows)

    def lead(self, project: str, only: Filter = EVERYTHING, where: str | None = None) -> tuple[Lead, ...]:
        return judging.lead(self._all(), project, only=only, where=where)

    def importance(self, project: str, metric: str | None = None, where: str | None = None) -> Importance:
        return judging.importance_of(self._all(), project, metric=metric, where=where)

    def compared(self, run_ids: Sequence[str]) -> Compared:
        ids = [self.get_run(run_id).id for run_id in run_ids[: judging.COMPARED_AT_MOST + 1]]
        return judging.compared(self._all(), ids, blobs=self.blobs)

    def history(self, run_id: str, metric: str, *, points: int) -> Points:
        return queries.get_history(self.db, run_id, metric, buckets=desk.buckets(points))

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

    def rotate_token(self, token_id: str) -> str:
        return members.rotate_token(self.db, token_id, now=now())

    def set_active(self, handle: str, active: bool) -> Member:
        return members.set_active(self.db, handle, active)

    def retract(self, run_id: str, why: str) -> Record:
        record = self.get_run(run_id)
        ingest.retract(self.db, record.id, by=self.me().member.handle, why=why, now=now())
        return self.get_run(run_id)

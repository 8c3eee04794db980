"""One run being written by an MLflow client, within a transaction. What is said goes through `ingest` into the chain.

A run is written in one segment until it ends. What comes later (a callback that was slow, a tag set next week)
goes into a segment of its own behind the seal, which ends as the run had ended; a resume opens one that stays open.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, and_, bindparam, select, update

from tracker.errors import NotAllowed, NotFound, UsageError
from tracker.events import Batch, Body, Event, Finished, Joined, Noticed
from tracker.ids import clip
from tracker.record import Member
from tracker.store import chains, ingest
from tracker.store.chains import Place
from tracker.store.database import Database
from tracker.store.mlflow.rows import ENDED, Status
from tracker.store.summaries import Series
from tracker.store.tables import mlflow as t
from tracker.store.tables import people
from tracker.store.tables import runs as r

SEGMENT = "mlflow"
REFUSED = "mlflow-refused"
MOST_REFUSED = 50
HasBlob = Callable[[str], bool]
MLFLOW = ("segment", "nonce", "status", "deleted_at", "ended_at", "refused")
_m, _r, _s = t.runs.c, r.runs.c, r.segments.c
_MORE = [_r.state, _r.started_at, _r.name, *(_m[name] for name in MLFLOW)]
_HEAD = (
    select(*chains.RUN, *chains.SEGMENT, *_MORE)
    .outerjoin(t.runs, _m.run == _r.id)
    .outerjoin(r.segments, and_(_s.run == _r.id, _s.nonce == _m.nonce, _s.segment == _m.segment))
    .where(_r.run_id == bindparam("run_id"))
)
_KEEP = update(t.runs).where(_m.run == bindparam("kept"))


@dataclass(frozen=True)
class Author:
    """Who writes: a member's number and handle, and whether they may write what is others' (none but instructors)."""

    id: int
    handle: str
    leads: bool


def author_of(db: Database, member: Member) -> Author:
    """The member as who writes."""
    with db.read() as connection:
        id = connection.scalar(select(people.members.c.id).where(people.members.c.handle == member.handle))
    assert id is not None
    return Author(id, member.handle, member.role != "member")


class Pen:
    """One run, open for writing. Made by `pick_up`. `series` is what is known of its metrics so far."""

    def __init__(self, connection: Connection, head: Sequence[Any], author: Author, now: int) -> None:
        self.connection = connection
        self.author = author
        self.now = now
        self.series: Series = {}
        self._place = chains.place(head)
        self.run, self.run_id = self._place.run.id, self._place.run.run_id
        self.project_id = self._place.run.project_id
        state, started_at, name, segment, own, status, deleted_at, ended_at, refused = head[-len(_MORE) :]
        self.state: str = state
        self.started_at: int = started_at
        self.ended_at: int | None = ended_at
        self.deleted: bool = deleted_at is not None
        self.status: Status = status or _status(state)
        self.refused: int = refused or 0
        self._known = segment is not None
        self._name: str = name or ""
        self._segment: str = segment or SEGMENT
        self._nonce: str = own or self._place.run.nonce
        self._number: int = self._place.segment.number if self._place.segment else 0

    @property
    def owner(self) -> int | None:
        """The number of the member whose run it is."""
        return self._place.run.member_id

    @property
    def ended(self) -> bool:
        """Whether the run has been sealed."""
        return self.state != "running"

    def say(self, *bodies: Body, columns: tuple[bytes, ...] = (), has_blob: HasBlob | None = None) -> None:
        """Have events taken into the run; behind the seal, where there is one. Raises as `ingest.take`."""
        self.settle()
        if self.ended:
            self._say_late(bodies, columns, has_blob)
            return
        first = () if self._number else (Joined(self._nonce, "worker"),)
        self._send((*first, *bodies), columns, has_blob)

    def _say_late(self, bodies: Sequence[Body], columns: tuple[bytes, ...], has_blob: HasBlob | None) -> None:
        self._open_late()
        state: Literal["finished", "failed"] = "finished" if self.state == "finished" else "failed"
        end = Finished(state, self.runtime, reason="written to after the end by an MLflow client")
        self._send((Joined(self._nonce, "resume"), *bodies, end), columns, has_blob)

    def _open_late(self) -> None:
        self._segment, self._nonce, self._number = f"{SEGMENT}-{secrets.token_hex(4)}", secrets.token_hex(16), 0
        self._place = Place(self._place.run, None)
        self._keep(segment=self._segment, nonce=self._nonce)

    def _send(self, bodies: Sequence[Body], columns: tuple[bytes, ...], has_blob: HasBlob | None) -> None:
        events = []
        for body in bodies:
            self._number += 1
            at = self.ended_at if isinstance(body, Finished) and self.ended_at else self.now
            events.append(Event(self._number, at, self._number, body))
        batch = Batch(self.run_id, self._segment, self._nonce, tuple(events), columns)
        self._place = ingest.take(
            self.connection,
            batch,
            member=self.author.id,
            now=self.now,
            has_blob=has_blob,
            place=self._place,
            series=self.series,
        )

    @property
    def runtime(self) -> float:
        """Seconds from start to end, as the client's clock has them."""
        return max(0, (self.ended_at or self.now) - self.started_at) / 1e6

    def move(self, status: Status, ended_at: int | None) -> None:
        """Bring the run to another status: it ends, or it goes on."""
        self.settle()
        self.ended_at = ended_at if ended_at is not None else self.ended_at
        if status in ENDED:
            if ended_at is None and not self.ended:
                self.ended_at = self.now
            self._end(status)
        elif self.ended:
            self._open_late()
            self._send((Joined(self._nonce, "resume"),), (), None)
            self.state = "running"
        self.status = status
        self._keep(status=status, ended_at=self.ended_at)

    def _end(self, status: Status) -> None:
        state: Literal["finished", "failed"] = "finished" if status == "FINISHED" else "failed"
        if self.ended and self.state == state:
            return
        reason = {"FINISHED": None, "FAILED": "the MLflow client said FAILED", "KILLED": "the run was killed"}[status]
        first: tuple[Body, ...] = () if self._number else (Joined(self._nonce, "worker"),)
        if self.ended or first:  # another's segment has the end: only one that resumes can end the run anew
            self._open_late()
            first = (Joined(self._nonce, "resume"),)
        self._send((*first, Finished(state, self.runtime, reason=reason)), (), None)
        self.state = state

    def close(
        self, state: Literal["finished", "failed"], exit_code: int | None, signal: str | None, reason: str
    ) -> None:
        """The process is gone: a run that is still open ends as it did; one that had ended well says otherwise."""
        if self.ended:
            if state == "failed" and self.state == "finished":
                self.say(Noticed("command-failed", f"the command {reason} after the run had ended"))
            return
        self.settle()
        self.ended_at, self.status = self.now, "FINISHED" if state == "finished" else "FAILED"
        how = None if state == "finished" else f"the command {reason}"
        first = () if self._number else (Joined(self._nonce, "worker"),)
        end = Finished(state, self.runtime, witness="shipper", reason=how, exit_code=exit_code, signal=signal)
        self._send((*first, end), (), None)
        self._keep(status=self.status, ended_at=self.now)

    def refuse(self, message: str) -> None:
        """Note in the run that something was not taken, so that its findings say so; at most so often."""
        if self.refused < MOST_REFUSED:
            self.say(Noticed(REFUSED, message[:2000]))
            self._keep(refused=self.refused + 1)

    def _keep(self, **values: object) -> None:
        self.connection.execute(_KEEP, {"kept": self.run, **values})

    def settle(self) -> None:
        """Make sure that the run has a row of MLflow's: one that was started otherwise gets it when first written."""
        if not self._known:
            row = {"segment": self._segment, "nonce": self._nonce, "status": self.status, "name": self._name}
            more = {"run": self.run, "user_id": self.author.handle, "refused": 0}
            self.connection.execute(t.runs.insert(), row | more)
            self._known = True


def pick_up(connection: Connection, run_id: str, author: Author, now: int, *, deleted: bool | None = False) -> Pen:
    """The run, to be written, and locked until the transaction ends. `deleted` says whether it must be, or must not
    be; None takes both.

    Raises:
        NotFound: there is no such run.
        NotAllowed: it is another member's.
        UsageError: it is deleted, or is not.
    """
    chains.lock(connection, run_id)
    return look_up(connection, run_id, author, now, deleted=deleted)


def look_up(connection: Connection, run_id: str, author: Author, now: int, *, deleted: bool | None = False) -> Pen:
    """As `pick_up`, to see whether the run could be written: it is not locked."""
    head = connection.execute(_HEAD, {"run_id": run_id}).first()
    if head is None:
        raise no_run(run_id)
    pen = Pen(connection, head, author, now)
    if pen.owner not in (None, author.id):
        raise NotAllowed(f"The run {run_id} is another member's.", remedy="Log in as its owner, or start your own.")
    if deleted is not None and pen.deleted != deleted:
        wanted, has = ("deleted", "active") if deleted else ("active", "deleted")
        raise UsageError(f"The run {run_id} must be in {wanted!r} state, and is {has}.", remedy="Restore it first.")
    return pen


def no_run(run_id: str) -> NotFound:
    """Nothing is known of that run."""
    return NotFound(f"Run with id={clip(run_id)} not found.", remedy="mlflow.search_runs() lists what there is.")


def _status(state: str) -> Status:
    found: dict[str, Status] = {"finished": "FINISHED", "failed": "FAILED"}
    return found.get(state, "RUNNING")

"""The only writer of runs: batches of events come in, in any order and any number of times.

Every batch is taken whole or not at all, in one transaction that holds the run's row: two processes that
append to one run at once take turns. What decides is (run, nonce, segment, number). Events the store holds
are skipped; a batch that does not fit to what is held (a gap, or other content under a number that is taken)
is answered with the store's own cursor, from which the writer goes on.

A run that ends is sealed, and what was open then is closed with it. Its owner may resume it: a segment that does
so is taken, and its events follow in the chain behind the seal, until it ends and seals the run anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from sqlalchemy import Connection, func, select, update
from sqlalchemy.exc import DataError, IntegrityError

from tracker.errors import NotAllowed, NotFound, Refused, UsageError
from tracker.events import Ack, Batch, Joined, Started, genesis
from tracker.ids import clip
from tracker.store import chains
from tracker.store.chains import Place, Run, Segment
from tracker.store.changes import Changes, HasBlob, known_by
from tracker.store.checks import Prepared, Unfit, prepare
from tracker.store.database import Database
from tracker.store.digests import config_digest
from tracker.store.sql import insert_new, portions
from tracker.store.summaries import Series
from tracker.store.tables import people
from tracker.store.tables import runs as t

State = Literal["held", "clash", "sealed", "unknown", "refused"]


class _Answer(Exception):
    """The batch is not taken, and this is why."""

    def __init__(self, state: State, message: str = "") -> None:
        super().__init__(state)
        self.state: State = state
        self.message = message


def append(
    db: Database, batches: Sequence[Batch], *, member: str | None, now: int, has_blob: HasBlob | None = None
) -> tuple[Ack, ...]:
    """Take batches, in order; for each, where the store now stands with its segment.

    `member` is the handle of who sends; None writes anybody's runs. `has_blob` tells whether an artifact's
    content is stored. A fault in one batch ("refused", with a message) does not keep the others out.

    Raises:
        NotFound: there is no such member.
        NotAllowed: all the batches are for runs of other members.
        Unavailable: the database cannot be reached; batches before that may have been taken.
    """
    member_id = None if member is None else _member_id(db, member)
    fit = [_fit(batch) for batch in batches]
    acks: list[Ack] = []
    strangers: list[NotAllowed] = []
    # SQLite has one writer anyway, and a commit costs a sync: there all batches share one.
    groups = [range(len(batches))] if db.dialect == "sqlite" else [range(i, i + 1) for i in range(len(batches))]
    for group in groups:
        with db.write() as connection:
            for index in group:
                batch, prepared = batches[index], fit[index]
                if isinstance(prepared, Unfit):
                    acks.append(_standing(connection, batch, "refused", prepared.message))
                    continue
                try:
                    with connection.begin_nested():
                        place = _take(connection, batch, prepared, member_id, now, has_blob)
                    acks.append(_ack(batch, place))
                except _Answer as answer:
                    acks.append(_standing(connection, batch, answer.state, answer.message))
                except NotAllowed as error:
                    strangers.append(error)
                    acks.append(_standing(connection, batch, "refused", error.message))
                except Unfit as error:
                    acks.append(_standing(connection, batch, "refused", error.message))
                except (DataError, IntegrityError, OverflowError, UnicodeError) as error:
                    cause = " ".join(str(getattr(error, "orig", error)).split())
                    told = f"the database cannot hold it: {cause}"
                    acks.append(_standing(connection, batch, "refused", told))
    if strangers and len(strangers) == len(batches):
        raise strangers[0]
    return tuple(acks)


def take(
    connection: Connection,
    batch: Batch,
    *,
    member: int | None,
    now: int,
    has_blob: HasBlob | None = None,
    place: Place | None = None,
    series: Series | None = None,
) -> Place:
    """Take one batch within the caller's transaction, which stands or falls with it; where its segment now stands.

    `member` is the number of who sends, None writes anybody's runs. Whoever has locked the run and read where the
    segment stands, or what is held of some metrics, in this transaction, says so by `place` and `series`, and it is
    not read again.

    Raises:
        Unfit: something in it can never be stored.
        Refused: the store says no; the message says why.
        NotAllowed: the run is another member's.
    """
    try:
        return _take(connection, batch, prepare(batch), member, now, has_blob, place, series)
    except _Answer as answer:
        raise Refused(f"The store did not take it: {answer.message or answer.state}.") from None


def cursor(db: Database, run_id: str, segment: str, nonce: str) -> Ack:
    """Where the store stands with a segment; number 0 for one it has nothing of."""
    with db.read() as connection:
        found = chains.find(connection, run_id, nonce, segment)
        held = found and found.segment
    return Ack(run_id, segment, held.number, held.offset) if held else Ack(run_id, segment, 0, 0)


def heartbeat(db: Database, run_ids: Iterable[str], *, member: str | None, now: int) -> None:
    """These runs are alive though they may have nothing to say. Ended and unknown ones, and others', are left alone."""
    member_id = None if member is None else _member_id(db, member)
    r = t.runs.c
    ids = sorted(set(run_ids))
    if not ids:
        return
    with db.write() as connection:
        for some in portions(ids):
            alive = update(t.runs).where(r.run_id.in_(some), r.state == "running", r.last_seen < now)
            if member_id is not None:
                alive = alive.where((r.member_id == member_id) | r.member_id.is_(None))
            connection.execute(alive.values(last_seen=now))


def retract(db: Database, run_id: str, *, by: str | None, why: str, now: int) -> None:
    """Take a run back: it stays, and says by whom, when and why. The first retraction stands.

    Raises:
        NotFound: no such run, or no such member.
        NotAllowed: `by` neither owns the run nor is an instructor or admin.
        UsageError: no reason is given.
    """
    if not why.strip():
        raise UsageError("A retraction needs a reason.", remedy="Say why, in a sentence.")
    with db.write() as connection:
        found = chains.find(connection, run_id)
        if found is None:
            raise NotFound(f"No run {clip(run_id)} is registered.", remedy="`runcite runs` lists them.")
        run = found.run
        if by is not None:
            known = select(people.members.c.id, people.members.c.role).where(people.members.c.handle == by)
            asker = connection.execute(known).first()
            if asker is None:
                raise _no_member(by)
            if asker.role == "member" and run.member_id not in (None, asker.id):
                raise NotAllowed(f"The run {run_id} is another member's.", remedy="Ask them, or an instructor.")
        insert_new(connection, t.retractions, [{"run": run.id, "by": by or "", "at": now, "why": why}])


def _fit(batch: Batch) -> tuple[Prepared, ...] | Unfit:
    try:
        return prepare(batch)
    except Unfit as error:
        return error


def _take(
    connection: Connection,
    batch: Batch,
    prepared: tuple[Prepared, ...],
    member_id: int | None,
    now: int,
    has_blob: HasBlob | None,
    place: Place | None = None,
    series: Series | None = None,
) -> Place:
    first = prepared[0].event
    place = place or _locked(connection, batch)
    if place is None:
        if not isinstance(first.body, Started):
            raise _Answer("unknown" if isinstance(first.body, Joined) else "held")
        place = _register(connection, batch, first.body, first.at, member_id, now)
    run, segment = place.run, place.segment
    if segment is None and isinstance(first.body, Started) and run.nonce != batch.nonce:
        raise _Answer("clash", "the run ID belongs to another run")
    if member_id is not None and run.member_id not in (None, member_id):
        raise NotAllowed(
            f"The run {run.run_id} is another member's.", remedy="Log in as its owner, or start a run of your own."
        )
    if segment is None:
        segment = _open_segment(connection, run, batch, prepared)
    fresh = _fresh(batch, prepared, segment)
    if not fresh:
        return Place(run, segment)
    if segment.part < run.seals:
        raise _Answer("sealed", "the run has ended since")
    changes = Changes(connection, run, segment, now, has_blob, {} if series is None else series)
    for one in fresh:
        changes.take(one)
    changes.write()
    return Place(run, segment)


def _locked(connection: Connection, batch: Batch) -> Place | None:
    chains.lock(connection, batch.run_id)
    return chains.find(connection, batch.run_id, batch.nonce, batch.segment)


def _fresh(batch: Batch, prepared: tuple[Prepared, ...], segment: Segment) -> tuple[Prepared, ...]:
    """The events the store does not hold; none where the batch does not fit to those it holds."""
    start = prepared[0].event.number
    held = segment.number - start + 1
    if held < 0:
        raise _Answer("held")
    if held >= len(prepared):
        return ()
    if held > 0 and known_by(prepared[held - 1].json) != segment.last_digest:
        raise _Answer("held")
    return prepared[held:]


def _register(connection: Connection, batch: Batch, body: Started, at: int, member_id: int | None, now: int) -> Place:
    """A new run, in a project that is new, too, or not. Whoever else registers it at the same time."""
    _must_be_ours(batch, body.nonce)
    insert_new(connection, t.projects, [{"name": body.project, "created_at": now}])
    project = connection.scalar(select(t.projects.c.id).where(t.projects.c.name == body.project))
    row = {
        "run_id": batch.run_id,
        "project_id": project,
        "member_id": member_id,
        "nonce": body.nonce,
        "state": "running",
        "started_at": at,
        "received_at": now,
        "last_seen": now,
        "name": body.name,
        "seed": None if body.seed is None else str(body.seed),
        "parent": body.parent,
        "reproduces": body.reproduces,
        "config_digest": config_digest({}),
        "events": 0,
        "head": genesis(batch.run_id),
        "seals": 0,
        "note": body.note,
    }
    insert_new(connection, t.runs, [row])
    place = _locked(connection, batch)
    assert place is not None
    insert_new(connection, t.details, [{"run": place.run.id, "config": b"{}", "snapshot": b"{}", "seals": b"[]"}])
    return place


def _open_segment(connection: Connection, run: Run, batch: Batch, prepared: tuple[Prepared, ...]) -> Segment:
    first = prepared[0].event
    body = first.body
    if not isinstance(body, Started | Joined):
        raise _Answer("held")  # nothing is held: from the beginning, please
    _must_be_ours(batch, body.nonce)
    if isinstance(body, Started) and run.principal is not None:
        raise _Answer("refused", "the run has a first segment already")
    if isinstance(body, Joined) and body.role == "worker":
        _must_go_on(connection, run, body.nonce)
    row = {
        "run": run.id,
        "segment": batch.segment,
        "nonce": batch.nonce,
        "role": "first" if isinstance(body, Started) else body.role,
        "rank": body.rank if isinstance(body, Joined) else None,
        "part": run.seals,
        "number": 0,
        "offset": 0,
        "last_digest": "",
        "ended": False,
    }
    connection.execute(t.segments.insert(), row)
    place = chains.find(connection, run.run_id, batch.nonce, batch.segment)
    assert place is not None and place.segment is not None
    opened = place.segment
    if isinstance(body, Started):
        run.principal = opened.id
    return opened


def _must_go_on(connection: Connection, run: Run, nonce: str) -> None:
    """A worker joins the process whose nonce it knows: one that began behind the last seal."""
    s = t.segments.c
    part = connection.scalar(select(func.max(s.part)).where(s.run == run.id, s.nonce == nonce))
    if part is None:
        raise _Answer("unknown")  # the segment that resumed the run may be still to come
    if part < run.seals:
        raise _Answer("sealed", "the run has ended since")


def _must_be_ours(batch: Batch, nonce: str) -> None:
    if nonce != batch.nonce:
        raise _Answer("refused", "the batch's nonce is not the one its first event says")


def _standing(connection: Connection, batch: Batch, state: State, message: str = "") -> Ack:
    return _ack(batch, chains.find(connection, batch.run_id, batch.nonce, batch.segment), state, message)


def _ack(batch: Batch, place: Place | None, state: State = "held", message: str = "") -> Ack:
    held = place and place.segment
    number, offset = (held.number, held.offset) if held else (0, 0)
    return Ack(batch.run_id, batch.segment, number, offset, state, message)


def _member_id(db: Database, handle: str) -> int:
    with db.read() as connection:
        found = connection.scalar(select(people.members.c.id).where(people.members.c.handle == handle))
    if found is None:
        raise _no_member(handle)
    return int(found)


def _no_member(handle: str) -> NotFound:
    return NotFound(f"There is no member {clip(handle)!r}.", remedy="Add them with `runcite members add`.")

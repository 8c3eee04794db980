"""The mailbox: what Slack sent, stored before it is acknowledged, and what is owed to it, each once.

A letter that is delivered goes into a *lane*, and a lane is worked by one holder of a lease at a time, so that
whatever concerns one post is done in order, however many workers and replicas there are. A lease that ran
out is given to the next; its old holder can change nothing any more (`LeaseLost`), as every write names the
lease it is made under.

An effect is one thing intended towards Slack, under a key that cannot be intended twice. Before it is tried,
`attempt` notes so: an effect that still bears the note when a worker meets it may have reached Slack or not,
and has to be looked for before it is tried again.

Times are microseconds since 1970 in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, Row, and_, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tracker.errors import Clash
from tracker.store.database import Database
from tracker.store.sql import insert_new
from tracker.store.tables.mail import inbox, lanes, outbox, paces

Ending = Literal["sent", "dropped", "dead"]


class LeaseLost(Clash):
    """The lane belongs to somebody else now; what was about to be written must not be."""


class Letter(msgspec.Struct, frozen=True):
    """One thing that Slack sent.

    `event_id`, `subject` and `client` each tell a duplicate: the delivery's own ID, what it is about (team,
    channel, ts and kind), and the sending client's ID of the message, where there is one.
    """

    lane: str
    kind: str
    event_id: str
    subject: str
    body: bytes
    client: str | None = None


class Mail(msgspec.Struct, frozen=True):
    """A stored letter. `attempts` counts the times it was begun and not finished."""

    id: int
    kind: str
    body: bytes
    received_at: int
    attempts: int


class Lease(msgspec.Struct, frozen=True):
    """A lane that is yours until `until`. `number` is what tells your lease from the next one."""

    lane: int
    key: str
    number: int
    until: int
    attempts: int


class Intent(msgspec.Struct, frozen=True):
    """An effect to be: its key, kind and body, and the earliest time for it."""

    key: str
    kind: str
    body: bytes
    not_before: int = 0


class Effect(msgspec.Struct, frozen=True):
    """An effect that waits. `attempted_at` stands while nobody knows whether Slack got it."""

    id: int
    key: str
    kind: str
    body: bytes
    not_before: int
    attempts: int
    attempted_at: int | None
    progress: bytes | None
    created_at: int


def deliver(db: Database, letter: Letter, *, now: int) -> bool:
    """Store a letter, and make its lane due; False for a duplicate. What was stored survives a crash.

    Raises:
        Unavailable: the database cannot be reached: the sender has to send it again.
    """
    with db.write() as connection:
        lane = _lane(connection, letter.lane)
        row = {
            "lane": lane,
            "kind": letter.kind,
            "event_id": letter.event_id,
            "subject": letter.subject,
            "client": letter.client,
            "body": letter.body,
            "received_at": now,
            "attempts": 0,
        }
        insert = sqlite.insert if db.dialect == "sqlite" else postgresql.insert
        if connection.scalar(insert(inbox).values(**row).on_conflict_do_nothing().returning(inbox.c.id)) is None:
            return False
        connection.execute(update(lanes).where(lanes.c.id == lane).values(due_at=now))
        return True


def _lane(connection: Connection, key: str) -> int:
    known = select(lanes.c.id).where(lanes.c.key == key)
    found = connection.scalar(known)
    if found is None:
        insert_new(connection, lanes, [{"key": key, "lease": 0, "attempts": 0}])
        found = connection.scalar(known)
    assert found is not None
    return int(found)


def lease(db: Database, *, now: int, length: int) -> Lease | None:
    """The lane that has been due longest and that nobody holds, yours for `length`; None when there is none."""
    free = or_(lanes.c.leased_until.is_(None), lanes.c.leased_until <= now)
    due = select(lanes).where(lanes.c.due_at <= now, free).order_by(lanes.c.due_at, lanes.c.id).limit(1)
    with db.read() as connection:
        if connection.execute(due).first() is None:
            return None
    with db.write() as connection:
        row = connection.execute(due.with_for_update(skip_locked=True)).first()
        if row is None:
            return None
        number, until = row.lease + 1, now + length
        connection.execute(
            update(lanes)
            .where(lanes.c.id == row.id)
            .values(lease=number, leased_until=until, attempts=lanes.c.attempts + 1)
        )
        return Lease(row.id, row.key, number, until, row.attempts)


def next_due(db: Database) -> int | None:
    """When a lane that nobody holds is due, or a lease runs out; None when nothing waits."""
    with db.read() as connection:
        later = func.max if db.dialect == "sqlite" else func.greatest
        at = later(lanes.c.due_at, func.coalesce(lanes.c.leased_until, 0))
        found: int | None = connection.scalar(select(func.min(at)).where(lanes.c.due_at.is_not(None)))
        return found


@contextmanager
def holding(db: Database, held: Lease, *, until: int | None = None) -> Iterator[Connection]:
    """A write transaction that is only committed if the lease is still yours; `until` extends it.

    Raises:
        LeaseLost: it is not.
    """
    with db.write() as connection:
        mine = and_(lanes.c.id == held.lane, lanes.c.lease == held.number)
        values: dict[str, Any] = {"leased_until": until} if until is not None else {"lease": held.number}
        if connection.execute(update(lanes).where(mine).values(**values)).rowcount != 1:
            raise LeaseLost(f"The lane {held.key!r} is worked by somebody else now.")
        yield connection


def unread(db: Database, held: Lease) -> tuple[Mail, ...]:
    """The lane's letters that are not done, as they came."""
    i = inbox.c
    query = select(i.id, i.kind, i.body, i.received_at, i.attempts)
    with db.read() as connection:
        rows = connection.execute(query.where(i.lane == held.lane, i.done_at.is_(None)).order_by(i.id))
        return tuple(Mail(*row) for row in rows)


def others_wait(db: Database, held: Lease) -> bool:
    """Whether other lanes have letters that nobody has read yet."""
    with db.read() as connection:
        unread_ones = select(inbox.c.id).where(inbox.c.done_at.is_(None), inbox.c.lane != held.lane).limit(1)
        return connection.scalar(unread_ones) is not None


def settle(connection: Connection, mail: Mail, outcome: str, *, now: int) -> None:
    """A letter is done, with everything written in the same transaction."""
    connection.execute(update(inbox).where(inbox.c.id == mail.id).values(done_at=now, outcome=outcome))


def stumble(connection: Connection, mail: Mail) -> None:
    """A letter was begun and could not be finished."""
    connection.execute(update(inbox).where(inbox.c.id == mail.id).values(attempts=inbox.c.attempts + 1))


def intend(connection: Connection, held: Lease, intents: Sequence[Intent], *, now: int) -> None:
    """Put effects into the outbox; one whose key is there already is left as it is."""
    rows = [
        {
            "lane": held.lane,
            "key": intent.key,
            "kind": intent.kind,
            "body": intent.body,
            "state": "waiting",
            "not_before": intent.not_before,
            "attempts": 0,
            "created_at": now,
        }
        for intent in intents
    ]
    insert_new(connection, outbox, rows)


def waiting(connection: Connection, held: Lease) -> tuple[Effect, ...]:
    """The lane's effects that are still to be, in the order they were intended."""
    o = outbox.c
    query = select(
        o.id, o.key, o.kind, o.body, o.not_before, o.attempts, o.attempted_at, o.progress, o.created_at
    ).where(o.lane == held.lane, o.state == "waiting")
    return tuple(Effect(*row) for row in connection.execute(query.order_by(o.id)))


def attempt(connection: Connection, effect: Effect, *, now: int) -> None:
    """The effect is about to be tried: until its end is noted, nobody knows whether it came about."""
    values = {"attempted_at": now, "attempts": outbox.c.attempts + 1}
    connection.execute(update(outbox).where(outbox.c.id == effect.id).values(**values))


def advance(connection: Connection, effect: Effect, progress: bytes) -> None:
    """Note how far an effect of several steps has come."""
    connection.execute(update(outbox).where(outbox.c.id == effect.id).values(progress=progress))


def postpone(connection: Connection, effect: Effect, *, not_before: int, error: str, unsure: bool) -> None:
    """Try the effect again later. `unsure` keeps the note that it may have come about."""
    values: dict[str, Any] = {"not_before": not_before, "error": error[:500]}
    if not unsure:
        values["attempted_at"] = None
    connection.execute(update(outbox).where(outbox.c.id == effect.id).values(**values))


def end(connection: Connection, effect: Effect, state: Ending, *, now: int, result: str = "") -> None:
    """The effect is over: it came about, is not wanted any more, or will never come about."""
    values = {"state": state, "result": result[:500], "attempted_at": None, "ended_at": now}
    connection.execute(update(outbox).where(outbox.c.id == effect.id).values(**values))


def release(db: Database, held: Lease, *, now: int, not_before: int = 0) -> None:
    """Give the lane back: due again when it has unread mail (at `not_before`) or an effect that waits."""
    with holding(db, held) as connection:
        unread_mail = select(inbox.c.id).where(inbox.c.lane == held.lane, inbox.c.done_at.is_(None)).limit(1)
        due = connection.scalar(
            select(func.min(outbox.c.not_before)).where(outbox.c.lane == held.lane, outbox.c.state == "waiting")
        )
        if connection.scalar(unread_mail) is not None:
            due = now
        values: dict[str, Any] = {"leased_until": None, "due_at": None if due is None else max(due, not_before)}
        if not not_before:
            values["attempts"] = 0
        connection.execute(update(lanes).where(lanes.c.id == held.lane).values(**values))


def take_turn(db: Database, key: str, *, now: int, every: int, burst: int = 1) -> int:
    """When it is this message's turn under `key`: one for each `every`, and up to `burst` at once.

    A turn that is now, or was, is taken; one that is still to come is not: ask again then.
    """
    with db.write() as connection:
        insert_new(connection, paces, [{"key": key, "free_at": 0}])
        row: Row[Any] = connection.execute(select(paces.c.free_at).where(paces.c.key == key).with_for_update()).one()
        free_at = max(int(row.free_at), now)
        at = max(now, free_at - (burst - 1) * every)
        if at <= now:
            connection.execute(update(paces).where(paces.c.key == key).values(free_at=free_at + every))
        return at


def hold_back(db: Database, key: str, *, until: int) -> None:
    """Slack asked for silence under `key` until then."""
    with db.write() as connection:
        insert_new(connection, paces, [{"key": key, "free_at": until}])
        connection.execute(update(paces).where(paces.c.key == key, paces.c.free_at < until).values(free_at=until))


class Depth(msgspec.Struct, frozen=True):
    """How much waits: letters, effects, effects that will never come about, and since when the oldest waits."""

    letters: int
    effects: int
    dead: int
    oldest: int | None


def depth(db: Database) -> Depth:
    """How much waits now."""
    with db.read() as connection:
        letters = select(func.count(), func.min(inbox.c.received_at)).where(inbox.c.done_at.is_(None))
        count, oldest = connection.execute(letters).one()
        by_state = select(outbox.c.state, func.count()).where(outbox.c.state.in_(("waiting", "dead")))
        states: dict[str, int] = {}
        for state, number in connection.execute(by_state.group_by(outbox.c.state)):
            states[state] = number
    return Depth(count, states.get("waiting", 0), states.get("dead", 0), oldest)


def sweep(db: Database, *, before: int) -> int:
    """Forget the bodies of letters done before then (their keys stay, to know duplicates by). How many they were."""
    with db.write() as connection:
        old = and_(inbox.c.done_at < before, func.length(inbox.c.body) > 0)
        return connection.execute(update(inbox).where(old).values(body=b"")).rowcount

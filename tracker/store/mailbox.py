"""The mailbox: what Slack sent, stored before it is acknowledged, and what is owed to it, each once.

A letter that is delivered goes into a *lane*, and a lane is worked by one holder of a lease at a time, so that
whatever concerns one post is done in order, however many workers and replicas there are. A lease that ran
out is given to the next; its old holder can change nothing any more (`LeaseLost`), as every write names the
lease it is made under.

An effect is one thing intended towards Slack, under a key that cannot be intended twice. Before it is tried,
`attempt` notes so: an effect that still bears the note when a worker meets it may have reached Slack or not,
and has to be looked for before it is tried again. The effects of a lane come about in their order. One that is
`patient` (a chart) makes its lane patient when it is the next: such lanes are worked when no other is due.

Times are microseconds since 1970 in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import msgspec
from sqlalchemy import BigInteger, Connection, Row, and_, bindparam, case, func, or_, select, update

from tracker.errors import Clash
from tracker.store.database import Database
from tracker.store.sql import insert_new, insertion
from tracker.store.tables.mail import inbox, lanes, outbox, paces

Ending = Literal["sent", "dropped", "dead"]

PATIENCE = 30_000_000
"""Microseconds after which a patient lane is as urgent as any."""


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
    """A lane that is yours until `until`. `number` is what tells your lease from the next one.

    `patient`: nobody waits for what is to be done in it.
    """

    lane: int
    key: str
    number: int
    until: int
    attempts: int
    patient: bool = False


class Intent(msgspec.Struct, frozen=True):
    """An effect to be: its key, kind and body, the earliest time for it, and whether others go first."""

    key: str
    kind: str
    body: bytes
    not_before: int = 0
    patient: bool = False


class Effect(msgspec.Struct, frozen=True):
    """An effect that waits. `attempted_at` stands while nobody knows whether Slack got it, `turn_at` from when it
    queues until it is tried."""

    id: int
    key: str
    kind: str
    body: bytes
    not_before: int
    attempts: int
    attempted_at: int | None
    progress: bytes | None
    created_at: int
    patient: bool
    turn_at: int | None


# The statements are built once: putting one together takes longer than running it.

_ID, _HELD = bindparam("this", type_=BigInteger), bindparam("held", type_=BigInteger)
_NOW = bindparam("now", type_=BigInteger)

_LANE = select(lanes.c.id).where(lanes.c.key == bindparam("key"))
_WAKE = update(lanes).where(lanes.c.id == _ID).values(due_at=_NOW, patient=False)

_WAITED_FOR = or_(lanes.c.patient.is_(False), lanes.c.due_at <= _NOW - PATIENCE)
_FREE = or_(lanes.c.leased_until.is_(None), lanes.c.leased_until <= _NOW)
_DUE = select(lanes).where(lanes.c.due_at <= _NOW, _FREE)
_DUE = _DUE.order_by(case((_WAITED_FOR, 0), else_=1), lanes.c.due_at, lanes.c.id).limit(1)
_URGENT = _DUE.where(_WAITED_FOR)
_DUE_LOCKED, _URGENT_LOCKED = (each.with_for_update(skip_locked=True) for each in (_DUE, _URGENT))
_TAKE = (
    update(lanes)
    .where(lanes.c.id == _ID)
    .values(lease=lanes.c.lease + 1, leased_until=bindparam("until"), attempts=lanes.c.attempts + 1)
)
_MINE = and_(lanes.c.id == _HELD, lanes.c.lease == bindparam("number", type_=BigInteger))
_HOLD = update(lanes).where(_MINE).values(lease=lanes.c.lease)
_EXTEND = update(lanes).where(_MINE).values(leased_until=bindparam("until"))

_UNREAD = (
    select(inbox.c.id, inbox.c.kind, inbox.c.body, inbox.c.received_at, inbox.c.attempts)
    .where(inbox.c.lane == _HELD, inbox.c.done_at.is_(None))
    .order_by(inbox.c.id)
)
_SETTLE = update(inbox).where(inbox.c.id == _ID).values(done_at=_NOW, outcome=bindparam("how"))
_STUMBLE = update(inbox).where(inbox.c.id == _ID).values(attempts=inbox.c.attempts + 1)

_WAITS = and_(outbox.c.lane == _HELD, outbox.c.state == "waiting")
_WAITING = select(*(outbox.c[name] for name in Effect.__struct_fields__)).where(_WAITS).order_by(outbox.c.id)
_NEXT = select(outbox.c.not_before, outbox.c.patient).where(_WAITS).order_by(outbox.c.id).limit(1)
_THIS = update(outbox).where(outbox.c.id == _ID)
_ATTEMPT = _THIS.values(attempted_at=_NOW, attempts=outbox.c.attempts + 1, turn_at=None)
_ADVANCE = _THIS.values(progress=bindparam("so_far"))
_POSTPONE = _THIS.values(not_before=bindparam("at"), error=bindparam("why"))
_POSTPONE_SURE = _POSTPONE.values(attempted_at=None)
_END = _THIS.values(state=bindparam("how"), result=bindparam("came_of_it"), attempted_at=None, ended_at=_NOW)
_QUEUE = _THIS.values(turn_at=bindparam("at"))

_HAS_MAIL = select(inbox.c.id).where(inbox.c.lane == _HELD, inbox.c.done_at.is_(None)).limit(1)
_GIVE_BACK = (
    update(lanes).where(lanes.c.id == _ID).values(leased_until=None, due_at=bindparam("at"), patient=bindparam("meek"))
)
_GIVE_BACK_WELL = _GIVE_BACK.values(attempts=0)

_FREE_AT = select(paces.c.free_at).where(paces.c.key == bindparam("key")).with_for_update()
_FREE_FROM = update(paces).where(paces.c.key == bindparam("pace")).values(free_at=bindparam("at"))


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
        new = connection.scalar(insertion(inbox, db.dialect).returning(inbox.c.id), row)
        if new is None:
            return False
        connection.execute(_WAKE, {"this": lane, "now": now})
        return True


def _lane(connection: Connection, key: str) -> int:
    found = connection.scalar(_LANE, {"key": key})
    if found is None:
        insert_new(connection, lanes, [{"key": key, "lease": 0, "attempts": 0, "patient": False}])
        found = connection.scalar(_LANE, {"key": key})
    assert found is not None
    return int(found)


def lease(db: Database, *, now: int, length: int, patient: bool = True) -> Lease | None:
    """A lane that is due and that nobody holds, yours for `length`; None when there is none.

    Lanes that somebody waits for come first, and those that have been due longest; without `patient`, no others.
    """
    due, locked = (_DUE, _DUE_LOCKED) if patient else (_URGENT, _URGENT_LOCKED)
    with db.read() as connection:
        if connection.execute(due, {"now": now}).first() is None:
            return None
    with db.write() as connection:
        row = connection.execute(locked, {"now": now}).first()
        if row is None:
            return None
        until = now + length
        connection.execute(_TAKE, {"this": row.id, "until": until})
        return Lease(row.id, row.key, row.lease + 1, until, row.attempts, row.patient)


def next_due(db: Database, *, patient: bool = True) -> int | None:
    """When a lane that nobody holds is due, or a lease runs out; None when nothing waits. As `lease` sees it."""
    later = func.max if db.dialect == "sqlite" else func.greatest
    due_at = lanes.c.due_at if patient else case((lanes.c.patient, lanes.c.due_at + PATIENCE), else_=lanes.c.due_at)
    at = func.min(later(due_at, func.coalesce(lanes.c.leased_until, 0)))
    with db.read() as connection:
        found: int | None = connection.scalar(select(at).where(lanes.c.due_at.is_not(None)))
        return found


@contextmanager
def holding(db: Database, held: Lease, *, until: int | None = None) -> Iterator[Connection]:
    """A write transaction that is only committed if the lease is still yours; `until` extends it.

    Raises:
        LeaseLost: it is not.
    """
    with db.write() as connection:
        mine = {"held": held.lane, "number": held.number, "until": until}
        if connection.execute(_HOLD if until is None else _EXTEND, mine).rowcount != 1:
            raise LeaseLost(f"The lane {held.key!r} is worked by somebody else now.")
        yield connection


def unread(db: Database, held: Lease) -> tuple[Mail, ...]:
    """The lane's letters that are not done, as they came."""
    with db.read() as connection:
        return tuple(Mail(*row) for row in connection.execute(_UNREAD, {"held": held.lane}))


def settle(connection: Connection, mail: Mail, outcome: str, *, now: int) -> None:
    """A letter is done, with everything written in the same transaction."""
    connection.execute(_SETTLE, {"this": mail.id, "now": now, "how": outcome})


def stumble(connection: Connection, mail: Mail) -> None:
    """A letter was begun and could not be finished."""
    connection.execute(_STUMBLE, {"this": mail.id})


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
            "patient": intent.patient,
        }
        for intent in intents
    ]
    insert_new(connection, outbox, rows)


def waiting(connection: Connection, held: Lease) -> tuple[Effect, ...]:
    """The lane's effects that are still to be, in the order they were intended."""
    return tuple(Effect(*row) for row in connection.execute(_WAITING, {"held": held.lane}))


def attempt(connection: Connection, effect: Effect, *, now: int) -> None:
    """The effect is about to be tried: until its end is noted, nobody knows whether it came about."""
    connection.execute(_ATTEMPT, {"this": effect.id, "now": now})


def advance(connection: Connection, effect: Effect, progress: bytes) -> None:
    """Note how far an effect of several steps has come."""
    connection.execute(_ADVANCE, {"this": effect.id, "so_far": progress})


def postpone(connection: Connection, effect: Effect, *, not_before: int, error: str, unsure: bool) -> None:
    """Try the effect again later. `unsure` keeps the note that it may have come about."""
    put_off = _POSTPONE if unsure else _POSTPONE_SURE
    connection.execute(put_off, {"this": effect.id, "at": not_before, "why": error[:500]})


def end(connection: Connection, effect: Effect, state: Ending, *, now: int, result: str = "") -> None:
    """The effect is over: it came about, is not wanted any more, or will never come about."""
    connection.execute(_END, {"this": effect.id, "how": state, "came_of_it": result[:500], "now": now})


def release(db: Database, held: Lease, *, now: int, not_before: int = 0) -> None:
    """Give the lane back: due again when it has unread mail (at `not_before`), or for its next effect."""
    lane = {"held": held.lane}
    with holding(db, held) as connection:
        has_mail = connection.scalar(_HAS_MAIL, lane) is not None
        effect = connection.execute(_NEXT, lane).first()
        due = now if has_mail else None if effect is None else max(effect.not_before, now)
        at = None if due is None else max(due, not_before)
        meek = not has_mail and effect is not None and effect.patient
        given = _GIVE_BACK if not_before else _GIVE_BACK_WELL
        connection.execute(given, {"this": held.lane, "at": at, "meek": meek})


def take_turn(connection: Connection, effect: Effect, key: str, *, now: int, every: int, burst: int = 1) -> int:
    """When it is this effect's turn under `key`: one for each `every`, and up to `burst` at once.

    A turn that is still to come is the effect's until it is tried, so that those which wait come about in the
    order in which they first asked, and none has to ask again before its time.
    """
    if effect.turn_at is not None:
        return effect.turn_at
    insert_new(connection, paces, [{"key": key, "free_at": 0}])
    row: Row[Any] = connection.execute(_FREE_AT, {"key": key}).one()
    free_at = max(int(row.free_at), now)
    at = max(now, free_at - (burst - 1) * every)
    connection.execute(_FREE_FROM, {"pace": key, "at": free_at + every})
    if at > now:
        connection.execute(_QUEUE, {"this": effect.id, "at": at})
    return at


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

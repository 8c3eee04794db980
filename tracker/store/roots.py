"""The daily root: one digest that stands for every chain, to be told where the database's owner can't rewrite it.

A root covers the chains that moved since the root before it, and that root: so the latest one stands for every
event the store ever took. Whoever kept one root (a Slack channel does) sees by it that nothing older was changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select, update

from tracker.errors import NotFound, Unavailable, UsageError
from tracker.snapshot import canonical
from tracker.store.database import Database
from tracker.store.sql import insert_new
from tracker.store.tables import roots as r
from tracker.store.tables import runs as t
from tracker.store.verify import Flaw

_PAGE = 1000


class Root(msgspec.Struct, frozen=True):
    """The root of a day (ISO 8601): its number, counted from 1, and the digest of the root before ("" for none).

    `moved` is how many chains moved since; `at` the store's clock when it was taken, microseconds since 1970.
    """

    day: str
    digest: str
    number: int
    previous: str
    moved: int
    at: int


Head = tuple[str, int, str]
"""Where a chain stands: run ID, the last event's place, the link there in lower-case hex."""


def root_of(day: str, previous: str, heads: Iterable[Head]) -> str:
    """SHA-256 over the day, the root before, and the heads of the chains that moved, in the order of their run IDs:
    one line of canonical JSON for each."""
    digest = hashlib.sha256(canonical((day, previous)) + b"\n")
    for head in heads:
        digest.update(canonical(head) + b"\n")
    return digest.hexdigest()


def daily(db: Database, day: date, now: int) -> Root:
    """The root of `day`: taken now, over all chains as they stand, the first time it is asked for; the same one ever
    after, whoever asks. Memory does not grow with the number of runs.

    Raises:
        UsageError: a day before the latest root's, for which none was taken.
    """
    for _ in range(3):
        with db.write() as connection:
            latest = _latest(connection)
            if (found := _of(connection, day.isoformat())) is not None:
                return found
            if latest is not None and day.isoformat() < latest.day:
                raise UsageError(f"No root was taken on {day}.", remedy=f"The latest is of {latest.day}.")
            number, previous = (latest.number + 1, latest.digest) if latest else (1, "")
            row = {"number": number, "day": day.isoformat(), "digest": "", "previous": previous, "moved": 0, "at": now}
            insert_new(connection, r.roots, [row])
            if connection.scalar(select(r.roots.c.digest).where(r.roots.c.number == number)) == "":
                return _take(connection, row)
    raise Unavailable("Others take roots at the same time.", remedy="Try again shortly.")


def _take(connection: Connection, row: dict[str, Any]) -> Root:
    moved = 0

    def heads() -> Iterator[Head]:
        nonlocal moved
        for page in _moved(connection):
            rows = [{"run": id, "root": row["number"], "seq": seq, "link": link} for id, _, seq, link in page]
            connection.execute(insert(r.rooted), rows)
            moved += len(page)
            yield from ((run_id, seq, link.hex()) for _, run_id, seq, link in page)

    digest = root_of(row["day"], row["previous"], heads())
    values = {"digest": digest, "moved": moved}
    connection.execute(update(r.roots).where(r.roots.c.number == row["number"]).values(values))
    return _root(row | values)


def _moved(connection: Connection) -> Iterator[list[tuple[int, str, int, bytes]]]:
    """The chains that stand further than any root says, page by page in the order of their run IDs."""
    c, covered = t.runs.c, r.rooted.c
    before = select(func.max(covered.seq)).where(covered.run == c.id).correlate(t.runs).scalar_subquery()
    query = select(c.id, c.run_id, c.events, c.head).where(c.events > func.coalesce(before, 0))
    last = ""
    while page := connection.execute(query.where(c.run_id > last).order_by(c.run_id).limit(_PAGE)).all():
        yield [(row.id, row.run_id, row.events, row.head) for row in page]
        last = page[-1].run_id


def list_roots(db: Database, *, limit: int = 100) -> tuple[Root, ...]:
    """The latest roots, the newest first."""
    with db.read() as connection:
        rows = connection.execute(select(r.roots).order_by(r.roots.c.number.desc()).limit(limit)).mappings()
        return tuple(map(_root, rows))


def get_root(db: Database, day: date) -> Root:
    """The root that was taken on `day`.

    Raises:
        NotFound: none was.
    """
    with db.read() as connection:
        found = _of(connection, day.isoformat())
    if found is None:
        raise NotFound(f"No root was taken on {day}.", remedy="`runcite verify --roots` lists them.")
    return found


def verify_roots(db: Database) -> Iterator[tuple[Root, tuple[Flaw, ...]]]:
    """Every root, the oldest first, with what does not fit: chains that no longer are what they were that day."""
    with db.read() as connection:
        previous, expected = "", 1
        rows = connection.execute(select(r.roots).order_by(r.roots.c.number)).mappings().all()
        for row in rows:
            root = _root(row)
            flaws: list[Flaw] = []
            told = root_of(root.day, root.previous, _as_rooted(connection, root.number, flaws))
            if (root.number, root.previous) != (expected, previous):
                said = f"The root of {root.day} does not follow the one before it."
                flaws.append(Flaw("root-missing", None, said))
            if told != root.digest:
                said = f"The root of {root.day} is not what the chains came to on that day."
                flaws.append(Flaw("root-changed", None, said))
            yield root, tuple(flaws)
            previous, expected = root.digest, root.number + 1


def _as_rooted(connection: Connection, number: int, flaws: list[Flaw]) -> Iterator[Head]:
    """The heads of a root, with the links as the events hold them now; chains that differ are named."""
    c, e = r.rooted.c, t.events.c
    query = (
        select(t.runs.c.run_id, c.seq, c.link, e.link.label("now"))
        .join_from(r.rooted, t.runs, t.runs.c.id == c.run)
        .outerjoin(t.events, (e.run == c.run) & (e.seq == c.seq))
        .where(c.root == number)
        .order_by(t.runs.c.run_id)
        .limit(_PAGE)
    )
    last = ""
    while page := connection.execute(query.where(t.runs.c.run_id > last)).all():
        for row in page:
            if row.now != row.link:
                said = f"The chain of {row.run_id} up to event {row.seq} is not the one that the root covers."
                flaws.append(Flaw("chain-changed", row.seq, said))
            yield row.run_id, row.seq, (row.now or b"").hex()
        last = page[-1].run_id


def _root(row: Mapping[Any, Any]) -> Root:
    return Root(*(row[name] for name in Root.__struct_fields__))


def _of(connection: Connection, day: str) -> Root | None:
    row = connection.execute(select(r.roots).where(r.roots.c.day == day)).mappings().first()
    return _root(row) if row else None


def _latest(connection: Connection) -> Root | None:
    row = connection.execute(select(r.roots).order_by(r.roots.c.number.desc()).limit(1)).mappings().first()
    return _root(row) if row else None

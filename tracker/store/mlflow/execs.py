"""Commands that `runcite exec` wraps: the snapshot it took, and the runs that the command opened over MLflow."""

from __future__ import annotations

from sqlalchemy import Connection, select

from tracker.errors import Clash, UsageError
from tracker.snapshot import Snapshot, canonical
from tracker.store import records
from tracker.store.mlflow.pen import Author, pick_up
from tracker.store.mlflow.rows import EXEC, Exit
from tracker.store.sql import insert_new
from tracker.store.tables import mlflow as t
from tracker.store.tables import runs as r

_x, _g = t.execs.c, t.tags.c


def begin(connection: Connection, nonce: str, snapshot: Snapshot, author: Author, now: int) -> None:
    """Runs that name this nonce get the snapshot.

    Raises:
        UsageError: it is no nonce.
        Clash: it is another's.
    """
    if len(nonce) != 32 or not nonce.isascii() or not nonce.isalnum():
        raise UsageError("A nonce has 32 letters and digits.", remedy="Let `runcite exec` make it.")
    row = {"nonce": nonce, "member": author.id, "snapshot": canonical(snapshot), "at": now}
    insert_new(connection, t.execs, [row])
    if snapshot_of(connection, nonce, author) is None:
        raise Clash("That nonce belongs to another member.", remedy="Start the command again.")


def snapshot_of(connection: Connection, nonce: str, author: Author) -> Snapshot | None:
    """The snapshot under that nonce; None where there is none of this member's."""
    body = connection.scalar(select(_x.snapshot).where(_x.nonce == nonce, _x.member == author.id))
    return None if body is None else records.SNAPSHOT.decode(body)


def runs_of(connection: Connection, nonce: str, author: Author) -> tuple[str, ...]:
    """The runs of this member that the command opened, in the order it did."""
    query = (
        select(r.runs.c.run_id)
        .join(t.tags, _g.run == r.runs.c.id)
        .where(_g.key == EXEC, _g.value == nonce, r.runs.c.member_id == author.id)
        .order_by(r.runs.c.id)
    )
    return tuple(connection.scalars(query))


def end(connection: Connection, nonce: str, how: Exit, author: Author, now: int) -> tuple[str, ...]:
    """The command has ended: its runs that are still open end as it did. All its runs."""
    found = runs_of(connection, nonce, author)
    for run_id in found:
        pick_up(connection, run_id, author, now, deleted=None).close(how.state, how.exit_code, how.signal, str(how))
    return found

"""Questions that the API, the pages and the command line all ask of the store."""

from __future__ import annotations

from tracker.errors import InvalidRunID, NotFound
from tracker.ids import clip, fold, neighbours, parse
from tracker.record import Record
from tracker.rules.board import Ranking, rank
from tracker.store import queries
from tracker.store.database import Database

RANKED_AT_MOST = 100_000


def record(db: Database, run_id: str, *, now: int) -> Record:
    """The record of a run whose ID may be written in any case.

    Raises:
        InvalidRunID: it is no run ID, or a mistyped one that comes close to no registered one.
        NotFound: nothing is registered under it; what was probably meant is suggested.
    """
    try:
        return queries.get_record(db, parse(run_id), now=now)
    except InvalidRunID:
        near = neighbours(run_id) | {folded for folded in (fold(run_id),) if folded}
        close = tuple(sorted(queries.get_records(db, near, now=now))) if near else ()
        if not close:
            raise
    raise NotFound(f"{clip(run_id)!r} is mistyped.", remedy=f"Did you mean {' or '.join(close)}?", suggestions=close)


def ranking(db: Database, project: str, *, now: int) -> Ranking:
    """The project's board, ranked now.

    Raises:
        NotFound: there is no such project.
    """
    spec = queries.get_board(db, project)
    return rank(spec, queries.find_records(db, project, limit=RANKED_AT_MOST, now=now))


def buckets(points: int | None) -> int | None:
    """How many buckets give about so many points: each keeps two, its least and its greatest."""
    return None if points is None else max(1, points // 2)

"""Questions that the API, the pages and the command line all ask of the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracker.errors import InvalidRunID, NotFound
from tracker.ids import clip, fold, neighbours, parse
from tracker.record import Record
from tracker.rules.board import Lead, Ranking, lead_history, rank, shortened
from tracker.rules.compared import Compared
from tracker.rules.filters import EVERYTHING, Filter
from tracker.rules.importance import Importance
from tracker.rules.parallel import Parallel
from tracker.server.config import Context
from tracker.server.shelf import Answer
from tracker.store import judging, pulse, queries
from tracker.store.database import Database

SHOWN_AT_MOST = 200
LEADS_AT_MOST = 24


@dataclass(frozen=True)
class Standing:
    """A board as the pages show it: its first rows, the last changes of the lead, and who and what is on it."""

    ranking: Ranking
    leads: tuple[Lead, ...]
    members: tuple[str, ...]
    tags: tuple[str, ...]


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


def buckets(points: int | None) -> int | None:
    """How many buckets give about so many points: each keeps two, its least and its greatest."""
    return None if points is None else max(1, points // 2)


def kept_board(context: Context, project: str, only: Filter = EVERYTHING) -> Answer[Standing]:
    """The project's board, or what passes a filter, shortened to what pages show; kept until a record changes.

    Raises:
        NotFound: there is no such project.
    """
    now = context.clock()

    def stand() -> Standing:
        spec = queries.get_board(context.db, project)
        records = queries.find_records(context.db, project, limit=judging.AT_MOST, now=now)
        return Standing(
            shortened(rank(spec, records, only), SHOWN_AT_MOST),
            lead_history(spec, records, only)[-LEADS_AT_MOST:],
            tuple(sorted({record.member for record in records if record.member})),
            tuple(sorted({tag for record in records for tag in record.tags}))[:SHOWN_AT_MOST],
        )

    mark = pulse.project_pulse(context.db, project, now=now)
    return context.shelf.get(f"board {project} {only}", mark, stand)


def kept_importance(
    context: Context, project: str, *, metric: str | None = None, where: str | None = None
) -> Importance:
    """Which hyperparameters moved the metric: worked out once for everybody who asks, and kept until further runs
    have ended. Raises as `judging.importance_of` does."""
    now = context.clock()
    mark = _results(context, project, now)
    key = repr(("importance", project, metric, where))

    def work_out() -> Importance:
        return judging.importance_of(context.db, project, metric=metric, where=where, now=now)

    return context.shelf.get(key, mark, work_out).value


def kept_parallel(context: Context, project: str, *, metric: str | None = None, where: str | None = None) -> Parallel:
    """The project's runs as lines, kept until further ones have ended. Raises as `judging.parallel_of` does."""
    now = context.clock()
    mark = _results(context, project, now)
    key = repr(("parallel", project, metric, where))

    def take_apart() -> Parallel:
        return judging.parallel_of(context.db, project, metric=metric, where=where, now=now)

    return context.shelf.get(key, mark, take_apart).value


def _results(context: Context, project: str, now: int) -> str:
    """What an answer on the project's results is made from. Raises NotFound where there is no such project."""
    queries.get_board(context.db, project)  # which knows what was probably meant
    return pulse.results_pulse(context.db, project, now=now)


def compared(context: Context, run_ids: Sequence[str]) -> Compared:
    """What differs between the first run and each of the others; IDs in any case. Raises as `judging.compared`."""
    now = context.clock()
    ids = [record(context.db, run_id, now=now).id for run_id in run_ids[: judging.COMPARED_AT_MOST + 1]]
    return judging.compared(context.db, ids, blobs=context.blobs, now=now)


def listed(runs: Sequence[str] | None) -> tuple[str, ...]:
    """The runs that an address names, as `?runs=A,B` or `?runs=A&runs=B`."""
    return tuple(part.strip() for text in runs or () for part in text.split(",") if part.strip())

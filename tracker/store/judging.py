"""Questions on a project that the rules answer, asked of the store: for API, pages, command line, reads and bot.

One place, so that all of them give one answer.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tracker.errors import NotFound, UsageError
from tracker.record import BoardSpec, Record
from tracker.rules.board import Lead, Ranking, lead_history, rank
from tracker.rules.compared import Compared, compare
from tracker.rules.comparison import explain
from tracker.rules.filters import EVERYTHING, Filter
from tracker.rules.importance import Importance, importance
from tracker.rules.line_diffs import MOST_BYTES, wanted
from tracker.rules.parallel import Parallel, parallel
from tracker.store import queries
from tracker.store.blobs import Blobs
from tracker.store.database import Database

AT_MOST = 100_000
"""So many runs of a project are ranked; the newest, where there are more."""

COMPARED_AT_MOST = 50


def ranking(db: Database, project: str, *, only: Filter = EVERYTHING, where: str | None = None, now: int) -> Ranking:
    """The project's board, ranked now: of all its runs, or of those that fit a condition and pass a filter.

    Raises:
        NotFound: there is no such project.
        InvalidQuery: `where` cannot be understood.
    """
    return rank(queries.get_board(db, project), _runs(db, project, where, now), only)


def lead(
    db: Database, project: str, *, only: Filter = EVERYTHING, where: str | None = None, now: int
) -> tuple[Lead, ...]:
    """Who led the board when, the oldest lead first. Raises as `ranking` does."""
    return lead_history(queries.get_board(db, project), _runs(db, project, where, now), only)


def importance_of(
    db: Database, project: str, *, metric: str | None = None, where: str | None = None, now: int
) -> Importance:
    """Which hyperparameters moved the board's metric, or another one.

    Raises:
        NotFound: there is no such project.
        InvalidQuery: `where` cannot be understood.
        UsageError: there are too few runs (the message says how many more), or nothing varied.
    """
    return importance(_spec(db, project, metric), _runs(db, project, where, now))


def parallel_of(
    db: Database,
    project: str,
    *,
    metric: str | None = None,
    where: str | None = None,
    first: Sequence[str] = (),
    now: int,
) -> Parallel:
    """The project's runs as lines through their settings; `first` are settings to put first. Raises as `ranking`."""
    return parallel(_spec(db, project, metric), _runs(db, project, where, now), first=first)


def compared(db: Database, run_ids: Sequence[str], *, blobs: Blobs | None = None, now: int) -> Compared:
    """What differs between the first run and each of the others, replicates and, with `blobs`, changed lines at hand.

    Raises:
        NotFound: one is not registered.
        UsageError: fewer than two, or more than fit into one answer.
    """
    unique = list(dict.fromkeys(run_ids))
    if len(unique) > COMPARED_AT_MOST:
        raise UsageError(f"{len(unique)} runs are too many to compare.", remedy=f"Name at most {COMPARED_AT_MOST}.")
    records = [queries.get_record(db, run_id, now=now) for run_id in unique]
    if len(records) < 2:
        raise UsageError("There is nothing to compare with fewer than two runs.", remedy="Name at least two run IDs.")
    replicates = {record.id: queries.replicates_of(db, record, now=now) for record in records}
    contents = _contents(records, blobs) if blobs else None
    return compare(queries.get_board(db, records[0].project), records, replicates=replicates, contents=contents)


def _spec(db: Database, project: str, metric: str | None) -> BoardSpec:
    spec = queries.get_board(db, project)
    if metric is None or metric == spec.metric:
        return spec
    lower = any(word in metric.lower() for word in ("loss", "error", "perplexity"))
    return msgspec.structs.replace(spec, metric=metric, direction="min" if lower else "max")


def _runs(db: Database, project: str, where: str | None, now: int) -> tuple[Record, ...]:
    return queries.find_records(db, project, where=where, limit=AT_MOST, now=now)


def _contents(records: Sequence[Record], blobs: Blobs) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for other in records[1:]:
        for digest in wanted(explain(records[0], other).files):
            if digest not in found:
                try:
                    with blobs.open(digest) as file:
                        found[digest] = file.read(MOST_BYTES + 1)
                except NotFound:
                    continue
    return found

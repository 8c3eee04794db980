"""Questions on a project that the rules answer, asked of the store: for API, pages, command line, reads and bot.

One place, so that all of them give one answer. Each answer is as the viewer of `shown` may see it: what is hidden takes
part in no statistic, not even on the pages of whose it is, and people go by what they go by.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tracker.errors import NotFound, UsageError
from tracker.record import BoardSpec, Record
from tracker.rules.board import Lead, Ranking, lead_history, rank
from tracker.rules.compared import Compared, compare
from tracker.rules.comparison import explain, explain_all
from tracker.rules.filters import EVERYTHING, Filter
from tracker.rules.importance import Importance, importance
from tracker.rules.line_diffs import MOST_BYTES, wanted
from tracker.rules.parallel import Parallel, parallel
from tracker.rules.veil import Veil
from tracker.store import queries
from tracker.store.blobs import Blobs
from tracker.store.shown import Shown

AT_MOST = 100_000
"""So many runs of a project are ranked; the newest, where there are more."""

COMPARED_AT_MOST = 50


def ranking(shown: Shown, project: str, *, only: Filter = EVERYTHING, where: str | None = None) -> Ranking:
    """The project's board, ranked now: of all its runs, or of those that fit a condition and pass a filter.

    Raises:
        NotFound: there is no such project.
        InvalidQuery: `where` cannot be understood.
    """
    spec, records, veil = _board(shown, project, where)
    if veil is None:
        return rank(spec, records, only)
    return veil.ranking(rank(spec, records, veil.filter(only, records)), only)


def lead(shown: Shown, project: str, *, only: Filter = EVERYTHING, where: str | None = None) -> tuple[Lead, ...]:
    """Who led the board when, the oldest lead first. Raises as `ranking` does."""
    spec, records, veil = _board(shown, project, where)
    if veil is None:
        return lead_history(spec, records, only)
    return veil.leads(lead_history(spec, records, veil.filter(only, records)))


def importance_of(shown: Shown, project: str, *, metric: str | None = None, where: str | None = None) -> Importance:
    """Which hyperparameters moved the board's metric, or another one.

    Raises:
        NotFound: there is no such project.
        InvalidQuery: `where` cannot be understood.
        UsageError: there are too few runs (the message says how many more), or nothing varied.
        NotAllowed: the metric is hidden until the board closes.
    """
    spec = _spec(shown, project, metric)
    return importance(spec, _runs(shown, project, where))


def parallel_of(
    shown: Shown, project: str, *, metric: str | None = None, where: str | None = None, first: Sequence[str] = ()
) -> Parallel:
    """The project's runs as lines through their settings; `first` are settings to put first.

    Raises: as `importance_of`, but for UsageError.
    """
    spec = _spec(shown, project, metric)
    return parallel(spec, _runs(shown, project, where), first=first)


def compared(shown: Shown, run_ids: Sequence[str], *, blobs: Blobs | None = None) -> Compared:
    """What differs between the first run and each of the others, replicates and, with `blobs`, changed lines at hand.

    Raises:
        NotFound: one is not registered.
        UsageError: fewer than two, or more than fit into one answer.
    """
    unique = list(dict.fromkeys(run_ids))
    if len(unique) > COMPARED_AT_MOST:
        raise UsageError(f"{len(unique)} runs are too many to compare.", remedy=f"Name at most {COMPARED_AT_MOST}.")
    whole = [queries.get_record(shown.db, run_id, now=shown.now) for run_id in unique]
    if len(whole) < 2:
        raise UsageError("There is nothing to compare with fewer than two runs.", remedy="Name at least two run IDs.")
    spec = queries.get_board(shown.db, whole[0].project)
    replicates = {record.id: _valued(shown, queries.replicates_of(shown.db, record, now=shown.now)) for record in whole}
    veiled = [record for record in whole if shown.closed(record) is not None]
    contents = _contents(shown.every(whole), blobs) if blobs else None
    found = compare(spec, _valued(shown, whole), replicates=replicates, contents=None if veiled else contents)
    return _as_seen(shown, found, shown.every(whole), contents) if veiled else found


def _as_seen(shown: Shown, found: Compared, records: Sequence[Record], contents: dict[str, bytes] | None) -> Compared:
    """A comparison in which some runs are others', of a board that conceals something."""
    rows = [msgspec.structs.replace(row, records=shown.every(row.records)) for row in found.ranking.rows]
    unranked = [
        each if (veil := shown.veil(each.record.project)) is None else veil.unranked(each)
        for each in found.ranking.unranked
    ]
    return msgspec.structs.replace(
        found,
        comparisons=tuple(explain(records[0], other, contents=contents) for other in records[1:]),
        spread=explain_all(records),
        ranking=msgspec.structs.replace(found.ranking, rows=tuple(rows), unranked=tuple(unranked)),
    )


def _valued(shown: Shown, records: Sequence[Record]) -> tuple[Record, ...]:
    """Records with the values that the viewer may see, and everything else."""
    veils = shown.veils
    return tuple(veils[each.project].valued(each) if each.project in veils else each for each in records)


def _board(shown: Shown, project: str, where: str | None) -> tuple[BoardSpec, tuple[Record, ...], Veil | None]:
    """The board's settings, and its runs for the rules."""
    return queries.get_board(shown.db, project), _runs(shown, project, where), shown.veil(project)


def _spec(shown: Shown, project: str, metric: str | None) -> BoardSpec:
    spec = queries.get_board(shown.db, project)
    if metric is not None and metric != spec.metric:
        lower = any(word in metric.lower() for word in ("loss", "error", "perplexity"))
        spec = msgspec.structs.replace(spec, metric=metric, direction="min" if lower else "max")
    shown.must_show(project, spec.metric)
    return spec


def _runs(shown: Shown, project: str, where: str | None) -> tuple[Record, ...]:
    """The project's runs, for rules alone: without hidden values, but with everything else."""
    return shown.without_values(shown.found(project, where=where, limit=AT_MOST))


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

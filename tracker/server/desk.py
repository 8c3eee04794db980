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
from tracker.server.shelf import Answer, Shelf
from tracker.store import judging, pulse, queries
from tracker.store.shown import Shown

SHOWN_AT_MOST = 200
LEADS_AT_MOST = 24


@dataclass(frozen=True)
class Standing:
    """A board as the pages show it: its first rows, the last changes of the lead, and who and what is on it."""

    ranking: Ranking
    leads: tuple[Lead, ...]
    members: tuple[str, ...]
    tags: tuple[str, ...]


def record(sees: Shown, run_id: str) -> Record:
    """The record of a run whose ID may be written in any case, as who asks may see it.

    Raises:
        InvalidRunID: it is no run ID, or a mistyped one that comes close to no registered one.
        NotFound: nothing is registered under it; what was probably meant is suggested.
    """
    try:
        return sees.record(parse(run_id))
    except InvalidRunID:
        near = neighbours(run_id) | {folded for folded in (fold(run_id),) if folded}
        close = tuple(sorted(sees.records(near))) if near else ()
        if not close:
            raise
    raise NotFound(f"{clip(run_id)!r} is mistyped.", remedy=f"Did you mean {' or '.join(close)}?", suggestions=close)


def buckets(points: int | None) -> int | None:
    """How many buckets give about so many points: each keeps two, its least and its greatest."""
    return None if points is None else max(1, points // 2)


def kept_board(context: Context, sees: Shown, project: str, only: Filter = EVERYTHING) -> Answer[Standing]:
    """The project's board, or what passes a filter, shortened to what pages show; kept until a record changes, once
    for all who see it alike.

    Raises:
        NotFound: there is no such project.
    """
    mark = pulse.project_pulse(sees.db, project, now=sees.now)
    key = f"board {project} {sees.key(project)} {only}"
    return context.shelf.get(key, mark, lambda: _standing(sees, project, only))


def _standing(sees: Shown, project: str, only: Filter) -> Standing:
    spec, veil = queries.get_board(sees.db, project), sees.veil(project)
    found = sees.found(project, limit=judging.AT_MOST)
    tags = tuple(sorted({tag for record in found for tag in record.tags}))[:SHOWN_AT_MOST]
    handles = {record.member for record in found if record.member}
    if veil is None:
        ranking, leads = rank(spec, found, only), lead_history(spec, found, only)[-LEADS_AT_MOST:]
        return Standing(shortened(ranking, SHOWN_AT_MOST), leads, tuple(sorted(handles)), tags)
    records = sees.without_values(found)
    real = veil.filter(only, records)
    ranking = veil.ranking(shortened(rank(spec, records, real), SHOWN_AT_MOST), only)
    leads = veil.leads(lead_history(spec, records, real)[-LEADS_AT_MOST:])
    return Standing(ranking, leads, tuple(sorted(veil.name(handle) or "" for handle in handles)), tags)


def kept_importance(
    shelf: Shelf, sees: Shown, project: str, *, metric: str | None = None, where: str | None = None
) -> Importance:
    """Which hyperparameters moved the metric: worked out once for everybody who asks, and kept until further runs
    have ended. Raises as `judging.importance_of` does."""
    key, mark = _results("importance", sees, project, metric, where)
    answer = shelf.get(key, mark, lambda: judging.importance_of(sees, project, metric=metric, where=where))
    return answer.value


def kept_parallel(
    context: Context, sees: Shown, project: str, *, metric: str | None = None, where: str | None = None
) -> Parallel:
    """The project's runs as lines, kept until further ones have ended. Raises as `judging.parallel_of` does."""
    key, mark = _results("parallel", sees, project, metric, where)
    answer = context.shelf.get(key, mark, lambda: judging.parallel_of(sees, project, metric=metric, where=where))
    return answer.value


def _results(what: str, sees: Shown, project: str, metric: str | None, where: str | None) -> tuple[str, str]:
    """The key of an answer on the project's results, and what it is made from. Raises NotFound where there is no such
    project."""
    queries.get_board(sees.db, project)  # which knows what was probably meant
    return repr((what, project, metric, where, sees.key(project))), pulse.results_pulse(sees.db, project, now=sees.now)


def compared(context: Context, sees: Shown, run_ids: Sequence[str]) -> Compared:
    """What differs between the first run and each of the others; IDs in any case. Raises as `judging.compared`."""
    ids = [record(sees, run_id).id for run_id in run_ids[: judging.COMPARED_AT_MOST + 1]]
    return judging.compared(sees, ids, blobs=context.blobs)


def listed(runs: Sequence[str] | None) -> tuple[str, ...]:
    """The runs that an address names, as `?runs=A,B` or `?runs=A&runs=B`."""
    return tuple(part.strip() for text in runs or () for part in text.split(",") if part.strip())

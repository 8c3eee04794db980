"""Runs side by side: what differs, what doesn't, whether noise explains it, and their curves in one picture."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from tracker.errors import UsageError
from tracker.record import BoardSpec, Record
from tracker.rules.board import place_of
from tracker.rules.comparison import explain, explain_all
from tracker.rules.noise import Judgement, between
from tracker.server import desk
from tracker.server.auth import Asker
from tracker.server.config import Context, context_of
from tracker.server.templating import render
from tracker.store import queries

router = APIRouter()
AT_MOST = 8


@router.get("/compare")
def get_compare(request: Request, asker: Asker, runs: Annotated[list[str] | None, Query()] = None) -> Response:
    """Two or more runs, as `?runs=A,B` or `?runs=A&runs=B`."""
    context = context_of(request)
    records = named(context, runs)
    if len(records) < 2:
        return render(request, "choose.html", records=records)
    spec = queries.get_board(context.db, records[0].project)
    return render(
        request,
        "compare.html",
        records=records,
        spec=spec,
        spread=explain_all(records),
        pair=explain(records[0], records[1]) if len(records) == 2 else None,
        judgement=judged(context, spec, records),
        metrics=_metrics(records, spec.metric),
    )


def named(context: Context, runs: list[str] | None) -> tuple[Record, ...]:
    """The records that an address names, each once.

    Raises:
        UsageError: more than fit side by side.
        NotFound: one of them is not registered.
    """
    wanted = _wanted(runs)
    if len(wanted) > AT_MOST:
        raise UsageError(
            f"{len(wanted)} runs do not fit side by side.",
            remedy=f"Choose at most {AT_MOST}, or see many at once on their project's page Sweep.",
        )
    found = [desk.record(context.db, run_id, now=context.clock()) for run_id in wanted]
    return tuple({record.id: record for record in found}.values())


def judged(context: Context, spec: BoardSpec, records: tuple[Record, ...]) -> Judgement | None:
    """Whether the second of two runs is better, each with its replicates; None where the metric cannot say.

    Replicates of each other are held against each other alone.
    """
    if len(records) != 2:
        return None
    ranking = desk.kept_board(context, spec.project).value.ranking
    places = [place_of(ranking, record.id) for record in records]
    rows = [
        (record, *(other for other in place.row.records if other.id != record.id)) if place else (record,)
        for place, record in zip(places, records, strict=True)
    ]
    a, b = rows if records[1] not in rows[0] else [(record,) for record in records]
    try:
        return between(spec, a, b)
    except UsageError:
        return None


def _wanted(runs: list[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for text in runs or () for part in text.split(",") if part.strip()))


def _metrics(records: tuple[Record, ...], first: str) -> tuple[str, ...]:
    """The metrics that any of the runs has: the board's first, then those that most have."""
    count = {name: sum(name in record.metrics for record in records) for record in records for name in record.metrics}
    return tuple(sorted(count, key=lambda name: (name != first, -count[name], name)))

"""Runs side by side: what differs, what doesn't, and their curves in one picture."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from tracker.errors import UsageError
from tracker.record import Record
from tracker.rules.comparison import explain
from tracker.server import desk
from tracker.server.auth import Asker
from tracker.server.config import context_of
from tracker.server.templating import render
from tracker.store import queries

router = APIRouter()
AT_MOST = 8


@router.get("/compare")
def get_compare(request: Request, asker: Asker, runs: Annotated[list[str] | None, Query()] = None) -> Response:
    """Two or more runs, as `?runs=A,B` or `?runs=A&runs=B`."""
    context = context_of(request)
    wanted = tuple(dict.fromkeys(part.strip() for text in runs or () for part in text.split(",") if part.strip()))
    if len(wanted) > AT_MOST:
        raise UsageError(f"{len(wanted)} runs do not fit side by side.", remedy=f"Choose at most {AT_MOST}.")
    records = tuple(desk.record(context.db, run_id, now=context.clock()) for run_id in wanted)
    if len(records) < 2:
        return render(request, "choose.html", records=records)
    spec = queries.get_board(context.db, records[0].project)
    pair = explain(records[0], records[1]) if len(records) == 2 else None
    same, differing = _config(records)
    return render(
        request,
        "compare.html",
        records=records,
        spec=spec,
        pair=pair,
        same=same,
        differing=differing,
        metrics=_metrics(records, spec.metric),
    )


def _config(records: tuple[Record, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The config keys that are equal in all runs, and those that are not."""
    missing = object()
    keys = dict.fromkeys(key for record in records for key in record.config)
    same: list[str] = []
    differing: list[str] = []
    for key in keys:
        values = {repr(record.config.get(key, missing)) for record in records}
        (same if len(values) == 1 else differing).append(key)
    return tuple(same), tuple(differing)


def _metrics(records: tuple[Record, ...], first: str) -> tuple[str, ...]:
    """The metrics that any of the runs has: the board's first, then those that most have."""
    count = {name: sum(name in record.metrics for record in records) for record in records for name in record.metrics}
    return tuple(sorted(count, key=lambda name: (name != first, -count[name], name)))

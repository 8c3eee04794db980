"""Runs side by side: what differs, what doesn't, whether noise explains it, and their curves in one picture."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from tracker.errors import UsageError
from tracker.record import Record
from tracker.server import desk
from tracker.server.auth import Sees
from tracker.server.config import context_of
from tracker.server.templating import render
from tracker.store.shown import Shown

router = APIRouter()
AT_MOST = 8
CHARTS_AT_MOST = 12


@router.get("/compare")
def get_compare(request: Request, sees: Sees, runs: Annotated[list[str] | None, Query()] = None) -> Response:
    """Two or more runs, as `?runs=A,B` or `?runs=A&runs=B`."""
    context = context_of(request)
    records = named(sees, runs)
    if len(records) < 2:
        return render(request, "choose.html", records=records)
    found = desk.compared(context, sees, [record.id for record in records])
    spec = found.ranking.spec
    metrics = _metrics(records, spec.metric)
    return render(
        request,
        "compare.html",
        records=records,
        spec=spec,
        found=found,
        pair=found.comparisons[0] if len(records) == 2 else None,
        judged=tuple(zip(found.judgements, found.why_not, strict=True)),
        metrics=metrics,
        veil=next((veil for record in records if (veil := sees.closed(record))), None),
        curves=tuple(name for name in metrics if _is_curve(records, name))[:CHARTS_AT_MOST],
    )


def named(sees: Shown, runs: list[str] | None) -> tuple[Record, ...]:
    """The records that an address names, each once.

    Raises:
        UsageError: more than fit side by side.
        NotFound: one of them is not registered.
    """
    wanted = dict.fromkeys(desk.listed(runs))
    if len(wanted) > AT_MOST:
        raise UsageError(
            f"{len(wanted)} runs do not fit side by side.",
            remedy=f"Choose at most {AT_MOST}, or see many at once on their project's page Sweep.",
        )
    found = [desk.record(sees, run_id) for run_id in wanted]
    return tuple({record.id: record for record in found}.values())


def _metrics(records: tuple[Record, ...], first: str) -> tuple[str, ...]:
    """The metrics that any of the runs has: the board's first, then those that most have."""
    count = {name: sum(name in record.metrics for record in records) for record in records for name in record.metrics}
    return tuple(sorted(count, key=lambda name: (name != first, -count[name], name)))


def _is_curve(records: tuple[Record, ...], name: str) -> bool:
    """Whether any run has more than one point of it: single ones are told by the table."""
    return any(name in record.metrics and record.metrics[name].count > 1 for record in records)

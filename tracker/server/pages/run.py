"""One run: everything its record holds, and what is said about it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from tracker.record import BoardSpec, Record
from tracker.server import desk
from tracker.server.auth import Sees
from tracker.server.config import Context, context_of
from tracker.server.pages.output import printed
from tracker.server.pages.trace import Said, said
from tracker.server.templating import render
from tracker.store import queries
from tracker.store.shown import Shown
from tracker.store.verify import Flaw, verify_run

router = APIRouter()
CHARTS_AT_MOST = 24
REPLICATES_AT_MOST = 50
TRACE_AT_MOST = 60
VERIFIED_UNASKED = 50_000
"""Events and points of a run up to which its chain is read again whenever the page is."""


@router.get("/runs/{run_id}")
def get_run(request: Request, run_id: str, sees: Sees, verify: bool = False) -> Response:
    """A run's page; with `verify=1` its chain is read again however long it is."""
    context = context_of(request)
    record = desk.record(sees, run_id)
    spec = queries.get_board(sees.db, record.project)
    veil = sees.closed(record)
    return render(
        request,
        "run.html",
        record=record,
        spec=spec,
        metrics=_ordered(record, spec),
        curves=_curves(record, spec),
        findings=sees.findings(record),
        replicates=sees.replicates(record, limit=REPLICATES_AT_MOST),
        citations=sees.citations(record),
        headline=_headline(record, spec),
        trace=_trace(sees, record),
        printed=printed(context, record) if veil is None else None,
        flaws=_flaws(context, record, verify),
        veil=veil,
    )


def _ordered(record: Record, spec: BoardSpec) -> tuple[str, ...]:
    """The metrics' names: the board's first, the others by name."""
    return tuple(sorted(record.metrics, key=lambda name: (name != spec.metric, name)))


def _curves(record: Record, spec: BoardSpec) -> tuple[str, ...]:
    """The metrics that are worth a picture: one point is told by the table. A run that goes on may get further ones."""
    going = record.state == "running"
    return tuple(name for name in _ordered(record, spec) if going or record.metrics[name].count > 1)[:CHARTS_AT_MOST]


def _headline(record: Record, spec: BoardSpec) -> float | None:
    summary = record.metrics.get(spec.metric)
    return summary.value(spec.aggregate, spec.direction) if summary else None


def _trace(sees: Shown, record: Record) -> tuple[Said, ...]:
    """The last events, as the stream goes on from them."""
    after = max(0, record.events - TRACE_AT_MOST)
    found = queries.get_events(sees.db, record.id, after=after, limit=TRACE_AT_MOST)
    return tuple(said(each, sees.closed(record)) for each in found)


def _flaws(context: Context, record: Record, asked: bool) -> tuple[Flaw, ...] | None:
    """What does not fit in the run's chain; None where that was not looked into."""
    weight = record.events + sum(summary.count for summary in record.metrics.values())
    if weight > VERIFIED_UNASKED and not asked:
        return None
    return verify_run(context.db, record.id)

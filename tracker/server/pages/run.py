"""One run: everything its record holds, and what is said about it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from tracker.record import BoardSpec, Record
from tracker.rules.fitness import findings
from tracker.server import desk
from tracker.server.auth import Asker
from tracker.server.config import Context, context_of
from tracker.server.templating import render
from tracker.store import citations, queries

router = APIRouter()
CHARTS_AT_MOST = 24
REPLICATES_AT_MOST = 50


@router.get("/runs/{run_id}")
def get_run(request: Request, run_id: str, asker: Asker) -> Response:
    """A run's page."""
    context = context_of(request)
    record = desk.record(context.db, run_id, now=context.clock())
    spec = queries.get_board(context.db, record.project)
    return render(
        request,
        "run.html",
        record=record,
        spec=spec,
        metrics=_ordered(record, spec),
        charts_at_most=CHARTS_AT_MOST,
        findings=findings(record, spec),
        replicates=_replicates(context, record),
        citations=citations.citations_of_run(context.db, record.id),
        headline=_headline(record, spec),
    )


def _ordered(record: Record, spec: BoardSpec) -> tuple[str, ...]:
    """The metrics' names: the board's first, the others by name."""
    return tuple(sorted(record.metrics, key=lambda name: (name != spec.metric, name)))


def _headline(record: Record, spec: BoardSpec) -> float | None:
    summary = record.metrics.get(spec.metric)
    return summary.value(spec.aggregate, spec.direction) if summary else None


def _replicates(context: Context, record: Record) -> tuple[Record, ...]:
    """Runs of equal config, code, data and environment; empty where that is not fully known."""
    return queries.replicates_of(context.db, record, limit=REPLICATES_AT_MOST, now=context.clock())

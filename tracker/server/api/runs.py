"""Runs, for readers: records, histories, events, findings; and, for their owners, retracting."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response

from tracker.events import PlacedEvent
from tracker.ids import parse
from tracker.record import Citation, Finding, Record
from tracker.server import desk
from tracker.server.api.shapes import PREFIX, described
from tracker.server.auth import Asker, Sees
from tracker.server.config import MEGABYTE, context_of
from tracker.server.wire import answer, parsed
from tracker.store import ingest

router = APIRouter(prefix=PREFIX, tags=["runs"])
MAX_LIMIT = 1000


class History(msgspec.Struct, frozen=True):
    """One metric's series, column by column, in the order of its steps. `times` in microseconds since 1970."""

    steps: list[int]
    values: list[float]
    times: list[int]


class Column(msgspec.Struct, frozen=True):
    """A stretch of one metric's points as it came, encoded, with the place of the event that brought it."""

    seq: int
    metric: str
    data: bytes


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a run is retracted."""

    why: str


@router.get("/runs", **described(result=tuple[Record, ...]))
def get_runs(
    request: Request,
    sees: Sees,
    project: str | None = None,
    where: str | None = None,
    order_by: str | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
    offset: Annotated[int, Query(ge=0, le=1 << 31)] = 0,
    count: bool = True,
) -> Response:
    """Records, newest first or as `order_by` says. The header X-Total-Count has how many match in all, unless
    `count` says that nobody wants to know."""
    found = sees.find(project, where=where, order_by=order_by, limit=limit, offset=offset)
    if not count:
        return answer(request, found)
    total = offset + len(found)  # which is all, where the page is not full
    if len(found) == limit or not found:
        total = sees.count(project, where=where)
    return answer(request, found, headers={"X-Total-Count": str(total)})


@router.get("/runs/{run_id}", **described(result=Record))
def get_run(request: Request, run_id: str, sees: Sees) -> Response:
    """Everything known of a run."""
    return answer(request, desk.record(sees, run_id))


@router.get("/runs/{run_id}/history", **described(result=History))
def get_history(
    request: Request,
    run_id: str,
    metric: str,
    sees: Sees,
    points: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
) -> Response:
    """One metric's series. With `points`, about so many: each stretch keeps its least and its greatest value."""
    history = sees.history(parse(run_id), metric, buckets=desk.buckets(points))
    return answer(request, History(history.steps.tolist(), history.values.tolist(), history.times.tolist()))


@router.get("/runs/{run_id}/events", **described(result=tuple[PlacedEvent, ...]))
def get_events(
    request: Request,
    run_id: str,
    sees: Sees,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = MAX_LIMIT,
) -> Response:
    """What the run said, in the order of its chain, behind place `after`."""
    return answer(request, sees.events(parse(run_id), after=after, limit=limit))


@router.get("/runs/{run_id}/columns", **described(result=tuple[Column, ...]))
def get_columns(request: Request, run_id: str, sees: Sees, after: Annotated[int, Query(ge=0)] = 0) -> Response:
    """The encoded points behind place `after`, a few events' at a time; for whoever takes a run away whole."""
    found = sees.columns(parse(run_id), after=after)
    return answer(request, tuple(Column(*each) for each in found))


@router.get("/runs/{run_id}/findings", **described(result=tuple[Finding, ...]))
def get_findings(request: Request, run_id: str, sees: Sees) -> Response:
    """Why the run is, or isn't, fit to be cited."""
    return answer(request, sees.findings(desk.record(sees, run_id)))


@router.get("/runs/{run_id}/citations", **described(result=tuple[Citation, ...]))
def get_citations(request: Request, run_id: str, sees: Sees) -> Response:
    """The posts that cite the run, with their verdicts."""
    return answer(request, sees.citations(desk.record(sees, run_id)))


@router.post("/runs/{run_id}/retract", **described(body=Reason, result=Record))
def post_retract(request: Request, run_id: str, asker: Asker, sees: Sees) -> Response:
    """Retract a run: its owner, or an instructor. It stays, and says who took it back, when and why."""
    context = context_of(request)
    record = desk.record(sees, run_id)
    asker.must_be(record.member, f"The run {record.id}", or_role="instructor")
    reason = parsed(request, Reason, MEGABYTE)
    ingest.retract(context.db, record.id, by=asker.member.handle, why=reason.why, now=context.clock())
    return answer(request, desk.record(sees, record.id))

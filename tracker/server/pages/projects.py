"""Projects, a project's runs, and its board."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse

from tracker.errors import InvalidQuery, InvalidRunID
from tracker.ids import parse
from tracker.record import Record
from tracker.server import desk, show
from tracker.server.auth import Asker
from tracker.server.config import Context, context_of
from tracker.server.guard import EMBEDDABLE
from tracker.server.templating import render
from tracker.store import queries

router = APIRouter()
PAGE = 50
ROWS = 200
CONFIG_COLUMNS = 5


@router.get("/")
def get_projects(request: Request, asker: Asker) -> Response:
    """Every project."""
    context = context_of(request)
    projects = queries.list_projects(context.db, now=context.clock())
    return render(request, "projects.html", projects=projects, config=context.config)


@router.get("/projects/{name:path}/board")
def get_board(request: Request, name: str, asker: Asker, embed: bool = False) -> Response:
    """The board; with `?embed=1` alone, for a frame on another page."""
    context = context_of(request)
    if embed:
        setattr(request.state, EMBEDDABLE, True)
    ranking = desk.ranking(context.db, name, now=context.clock())
    rows = ranking.rows[:ROWS]
    low, high = _bounds([(row.low, row.high, row.value) for row in rows])
    return render(request, "board.html", ranking=ranking, rows=rows, spec=ranking.spec, embed=embed, low=low, high=high)


@router.get("/projects/{name:path}")
def get_runs(
    request: Request,
    name: str,
    asker: Asker,
    where: str = "",
    sort: str = "",
    offset: Annotated[int, Query(ge=0, le=1 << 31)] = 0,
) -> Response:
    """A project's runs: searched, sorted, a page at a time."""
    context = context_of(request)
    spec = queries.get_board(context.db, name)
    if run_id := _run_id(where):
        return RedirectResponse(f"/runs/{run_id}", 303)
    problem: InvalidQuery | None = None
    records: tuple[Record, ...] = ()
    total = 0
    try:
        records, total = _page_of(context, name, where, sort, offset)
    except InvalidQuery as error:
        problem = error
    return render(
        request,
        "runs.html",
        400 if problem else 200,
        spec=spec,
        records=records,
        total=total,
        offset=offset,
        where=where,
        sort=sort,
        problem=problem,
        columns=show.differing(records, CONFIG_COLUMNS),
        best=f"{'-' if spec.direction == 'max' else ''}{spec.direction}('{spec.metric}')",
        page=PAGE,
        address=lambda **changes: _address(name, {"where": where, "sort": sort, "offset": 0} | changes),
    )


def _page_of(context: Context, name: str, where: str, sort: str, offset: int) -> tuple[tuple[Record, ...], int]:
    now = context.clock()
    condition = where.strip() or None
    total = queries.count_records(context.db, name, where=condition, now=now)
    records = queries.find_records(
        context.db, name, where=condition, order_by=sort or None, limit=PAGE, offset=offset, now=now
    )
    return records, total


def _run_id(text: str) -> str | None:
    try:
        return parse(text)
    except InvalidRunID:
        return None


def _address(name: str, values: dict[str, object]) -> str:
    kept = {key: value for key, value in values.items() if value}
    return f"/projects/{show.path(name)}" + (f"?{urlencode(kept)}" if kept else "")


def _bounds(spans: list[tuple[float | None, float | None, float]]) -> tuple[float, float]:
    """The axis of the board's bars: all values and intervals, with a little room on both sides."""
    marks = [mark for span in spans for mark in span if mark is not None]
    if not marks:
        return 0.0, 1.0
    low, high = min(marks), max(marks)
    room = (high - low) * 0.06 or abs(high) * 0.05 or 0.5
    return low - room, high + room

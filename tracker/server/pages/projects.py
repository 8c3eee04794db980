"""Projects, and a project's runs."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse

from tracker.errors import InvalidQuery, InvalidRunID
from tracker.ids import parse
from tracker.record import Record
from tracker.server import show
from tracker.server.auth import Sees
from tracker.server.columns import FIELDS, chosen, searched
from tracker.server.config import context_of
from tracker.server.templating import render
from tracker.store import queries
from tracker.store.names import names_of
from tracker.store.shown import Shown

router = APIRouter()
PAGE = 50


@router.get("/")
def get_projects(request: Request, sees: Sees) -> Response:
    """Every project."""
    context = context_of(request)
    return render(request, "projects.html", projects=sees.projects(), config=context.config)


@router.get("/projects/{name:path}")
def get_runs(
    request: Request,
    name: str,
    sees: Sees,
    where: str = "",
    sort: str = "",
    column: Annotated[list[str] | None, Query()] = None,
    offset: Annotated[int, Query(ge=0, le=1 << 31)] = 0,
) -> Response:
    """A project's runs: searched, sorted, a page at a time, in the columns that were chosen."""
    spec = queries.get_board(sees.db, name)
    if run_id := _run_id(where):
        return RedirectResponse(f"/runs/{run_id}", 303)
    problem: InvalidQuery | None = None
    records: tuple[Record, ...] = ()
    total = 0
    try:
        records, total = _page_of(sees, name, searched(where), sort, offset)
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
        columns=chosen(column or (), records),
        names=names_of(sees.db, name),
        fields=FIELDS,
        wished=frozenset(column or ()),
        page=PAGE,
        veil=sees.veil(name),
        address=lambda **changes: _address(
            name, {"where": where, "sort": sort, "column": column or [], "offset": 0} | changes
        ),
    )


def _page_of(sees: Shown, name: str, where: str, sort: str, offset: int) -> tuple[tuple[Record, ...], int]:
    condition = where.strip() or None
    total = sees.count(name, where=condition)
    return sees.find(name, where=condition, order_by=sort or None, limit=PAGE, offset=offset), total


def _run_id(text: str) -> str | None:
    try:
        return parse(text)
    except InvalidRunID:
        return None


def _address(name: str, values: dict[str, object]) -> str:
    kept = {key: value for key, value in values.items() if value}
    return f"/projects/{show.path(name)}" + (f"?{urlencode(kept, doseq=True)}" if kept else "")

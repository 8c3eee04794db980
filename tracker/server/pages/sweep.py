"""A project's runs at once: what moved the metric, each hyperparameter against it, and all of them side by side."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from tracker.errors import InvalidQuery, NotAllowed, RunciteError, UsageError
from tracker.rules.importance import Importance
from tracker.rules.parallel import Parallel
from tracker.server import desk
from tracker.server.auth import Sees
from tracker.server.columns import narrowed, searched
from tracker.server.config import context_of
from tracker.server.templating import render
from tracker.store import queries

router = APIRouter()
FACTORS_AT_MOST = 14


@router.get("/projects/{name:path}/sweep")
def get_sweep(request: Request, name: str, sees: Sees, where: str = "") -> Response:
    """The page; importance, which takes seconds, is fetched when the page is there, and so is what is drawn.

    What its form narrows becomes part of the condition, and of the address: that can be posted.
    """
    context = context_of(request)
    spec = queries.get_board(sees.db, name)
    condition = searched(where).strip()
    drawn: Parallel | None = None
    problem: RunciteError | None = None
    try:
        if (narrow := narrowed(condition, request.query_params, spec)) != condition:
            return RedirectResponse(f"{request.url.path}?{urlencode({'where': narrow})}", 303)
        drawn = desk.kept_parallel(context, sees, name, where=condition or None)
    except (InvalidQuery, NotAllowed) as error:
        problem = error
    status = 400 if isinstance(problem, InvalidQuery) else 200
    return render(
        request, "sweep.html", status, spec=spec, drawn=drawn, where=where, condition=condition, problem=problem
    )


@router.get("/projects/{name:path}/sweep/importance")
def get_importance(request: Request, name: str, sees: Sees, where: str = "") -> Response:
    """What moved the metric, as a page of its own that the sweep's page takes in."""
    context = context_of(request)
    spec = queries.get_board(sees.db, name)
    condition = searched(where).strip()
    found: Importance | None = None
    problem: RunciteError | None = None
    try:
        found = desk.kept_importance(context.shelf, sees, name, where=condition or None)
    except InvalidQuery:
        raise
    except (UsageError, NotAllowed) as error:
        problem = error
    return render(request, "importance.html", spec=spec, found=found, problem=problem, most=FACTORS_AT_MOST)

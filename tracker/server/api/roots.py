"""The daily roots: for those who keep them elsewhere, to hold the store against."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from tracker.errors import UsageError
from tracker.server.api.shapes import PREFIX, described
from tracker.server.auth import Asker
from tracker.server.config import context_of
from tracker.server.wire import answer
from tracker.store import roots
from tracker.store.roots import Root

router = APIRouter(prefix=PREFIX, tags=["roots"])


@router.get("/roots", **described(result=tuple[Root, ...]))
def get_roots(request: Request, asker: Asker, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Response:
    """The latest daily roots, the newest first. Each stands for every event the store had taken by then."""
    return answer(request, roots.list_roots(context_of(request).db, limit=limit))


@router.get("/roots/{day}", **described(result=Root))
def get_root(request: Request, day: str, asker: Asker) -> Response:
    """The root of a day (2026-05-17)."""
    try:
        when = date.fromisoformat(day)
    except ValueError:
        raise UsageError("The address names no day.", remedy="Write it as 2026-05-17.") from None
    return answer(request, roots.get_root(context_of(request).db, when))

"""Projects and their boards."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from tracker.errors import UsageError
from tracker.record import BoardSpec
from tracker.server.api.shapes import PREFIX, described
from tracker.server.auth import Asker, Sees
from tracker.server.config import MEGABYTE, context_of
from tracker.server.wire import answer, parsed
from tracker.store import queries
from tracker.store.queries import ProjectSummary

router = APIRouter(prefix=PREFIX, tags=["projects"])


@router.get("/projects", **described(result=tuple[ProjectSummary, ...]))
def get_projects(request: Request, sees: Sees) -> Response:
    """Every project, with what is in it."""
    return answer(request, sees.projects())


@router.get("/projects/{name:path}/board", **described(result=BoardSpec))
def get_board(request: Request, name: str, asker: Asker) -> Response:
    """What the project's board ranks by; a sensible default where nobody has set it."""
    return answer(request, queries.get_board(context_of(request).db, name))


@router.put("/projects/{name:path}/board", **described(body=BoardSpec, result=BoardSpec))
def put_board(request: Request, name: str, asker: Asker) -> Response:
    """Set what the board ranks by, and its rules (instructors and admins)."""
    asker.must_reach("instructor", "Setting a board")
    context = context_of(request)
    spec = parsed(request, BoardSpec, MEGABYTE)
    if spec.project != name:
        raise UsageError(
            f"The board names the project {spec.project!r}, the address {name!r}.", remedy="Write the same name."
        )
    queries.set_board(context.db, spec, by=asker.member.handle, now=context.clock())
    return answer(request, spec)

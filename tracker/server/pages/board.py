"""A project's board: live, filtered by its address, to be framed by other pages, and to be printed."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Query, Request, Response

from tracker.rules.filters import BADGES, filter_of
from tracker.server import desk, show
from tracker.server.auth import Asker, Sees
from tracker.server.config import context_of
from tracker.server.guard import EMBEDDABLE
from tracker.server.templating import render
from tracker.store import pulse

router = APIRouter()
UNRANKED_AT_MOST = 100


class Pulse(msgspec.Struct, frozen=True):
    """What a live page compares: another text, another page."""

    pulse: str


@router.get("/projects/{name:path}/pulse")
def get_pulse(request: Request, name: str, asker: Asker) -> Response:
    """A text that changes whenever a page of the project would."""
    context = context_of(request)
    found = Pulse(pulse.project_pulse(context.db, name, now=context.clock()))
    return Response(msgspec.json.encode(found), media_type="application/json")


@router.get("/projects/{name:path}/board")
def get_board(
    request: Request,
    name: str,
    sees: Sees,
    embed: bool = False,
    member: Annotated[list[str] | None, Query()] = None,
    tag: Annotated[list[str] | None, Query()] = None,
    badge: str = "",
    seeds: Annotated[str, Query(pattern=r"^\d{0,4}$")] = "",
    parameters: Annotated[str, Query(pattern=r"^\d{0,15}$")] = "",
) -> Response:
    """The board, of those runs that pass the filter; with `?embed=1` alone, for a frame on another page.

    `badge`, `seeds` and `parameters` are what a row must reach, or not exceed, to take part.
    """
    context = context_of(request)
    if embed:
        setattr(request.state, EMBEDDABLE, True)
    only = filter_of(members=member or (), tags=tag or (), badge=badge, seeds=seeds, parameters=parameters)
    answer = desk.kept_board(context, sees, name, only)
    ranking = answer.value.ranking
    low, high = _bounds([(row.low, row.high, row.value) for row in ranking.rows])
    kept = {"member": only.members, "tag": only.tags, "badge": badge, "seeds": seeds, "parameters": parameters}
    asked = urlencode({key: value for key, value in kept.items() if value}, doseq=True)
    return render(
        request,
        "board.html",
        standing=answer.value,
        ranking=ranking,
        spec=ranking.spec,
        mark=answer.mark,
        embed=embed,
        only=only,
        filtered=bool(asked),
        badges=BADGES,
        asked=asked,
        unranked=ranking.unranked[:UNRANKED_AT_MOST],
        veil=sees.veil(name),
        low=low,
        high=high,
        picture=f"/projects/{show.path(name)}/board/picture.png",
    )


def _bounds(spans: list[tuple[float | None, float | None, float]]) -> tuple[float, float]:
    """The axis of the board's bars: all values and intervals, with a little room on both sides."""
    marks = [mark for span in spans for mark in span if mark is not None]
    if not marks:
        return 0.0, 1.0
    low, high = min(marks), max(marks)
    room = (high - low) * 0.06 or abs(high) * 0.05 or 0.5
    return low - room, high + room

"""The curves of a page: one series each, cut for the screen, again for whatever stretch is looked into."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response

from tracker.server import desk
from tracker.server.auth import Sees
from tracker.server.curves import band

router = APIRouter()
BUCKETS = 600


@router.get("/runs/{run_id}/curve")
def get_curve(
    request: Request,
    run_id: str,
    metric: str,
    sees: Sees,
    first: Annotated[int | None, Query(alias="from")] = None,
    last: Annotated[int | None, Query(alias="to")] = None,
    buckets: Annotated[int, Query(ge=1, le=5000)] = BUCKETS,
) -> Response:
    """A metric of a run between two steps; a stretch of few points comes whole."""
    record = desk.record(sees, run_id)
    points = sees.history(record.id, metric)
    found = band(points, buckets, origin=record.started_at, first=first, last=last)
    return Response(msgspec.json.encode(found), media_type="application/json")

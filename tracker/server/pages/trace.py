"""A run's events as they arrive, as server-sent events, for as long as somebody looks and the run goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

import anyio
import anyio.to_thread
import msgspec
from fastapi import APIRouter, Header, Query, Request, Response
from starlette.responses import StreamingResponse

from tracker.events import PlacedEvent
from tracker.rules.telling import kind, told
from tracker.rules.veil import Veil
from tracker.server import desk
from tracker.server.auth import Sees
from tracker.server.config import Context, context_of
from tracker.store import pulse, queries

router = APIRouter()
PAUSE = 0.5
"""Seconds between two looks."""
QUIET_LOOKS = 30
"""After so many looks without news a line of comment keeps proxies from giving the connection up."""
LOOKS_AT_MOST = 1200
"""Then the stream ends; the browser asks again, and who is logged out meanwhile is not told more."""
_PORTION = 200


class Said(msgspec.Struct, frozen=True):
    """An event as a line of the page: its place, the writer's clock, its kind, what it says, the chain's link."""

    seq: int
    at: int
    kind: str
    text: str
    link: str


def said(placed: PlacedEvent, veil: Veil | None = None) -> Said:
    """The event as the page shows it; behind a veil, what may not be told is that it was said."""
    event = placed.event
    text = told(event.body) if veil is None or veil.tells(event.body) else ""
    return Said(placed.seq, event.at, kind(event.body), text, placed.link[:8])


@router.get("/runs/{run_id}/trace")
def get_trace(
    request: Request,
    run_id: str,
    sees: Sees,
    after: Annotated[int, Query(ge=0)] = 0,
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    """The events behind place `after` (or behind the last one that the browser got), and those still to come."""
    context = context_of(request)
    record = desk.record(sees, run_id)
    place = max(after, int(last_event_id)) if last_event_id.isascii() and last_event_id.isdigit() else after
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(
        _told_live(context, record.id, place, sees.closed(record)), headers=headers, media_type="text/event-stream"
    )


async def _told_live(context: Context, run_id: str, after: int, veil: Veil | None) -> AsyncIterator[bytes]:
    state, quiet = "", 0
    yield b"retry: 1000\n\n"
    for _ in range(LOOKS_AT_MOST):
        now = await anyio.to_thread.run_sync(lambda: pulse.run_pulse(context.db, run_id, now=context.clock()))
        while after < now.events:
            since = after
            events = await anyio.to_thread.run_sync(
                lambda since=since: queries.get_events(context.db, run_id, after=since, limit=_PORTION)  # type: ignore[misc]
            )
            if not events:
                break
            for placed in events:
                yield _message("said", said(placed, veil), placed.seq)
            after, quiet = events[-1].seq, 0
        if now.state != state:
            state, quiet = now.state, 0
            yield _message("state", now)
        if state in ("finished", "failed") or context.closing.is_set():
            break
        quiet += 1
        if quiet % QUIET_LOOKS == 0:
            yield b": still here\n\n"
        await anyio.sleep(PAUSE)


def _message(event: str, data: object, id: int | None = None) -> bytes:
    place = b"" if id is None else b"id: %d\n" % id
    return place + b"event: %b\ndata: %b\n\n" % (event.encode(), msgspec.json.encode(data))

"""What writers send: batches of events, the question where they stand, and signs of life."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Request, Response

from tracker.events import Ack, Batch
from tracker.server.api.shapes import PREFIX, described, empty
from tracker.server.auth import Asker
from tracker.server.config import MEGABYTE, context_of
from tracker.server.wire import answer, packed, parsed, unpacked
from tracker.store import ingest

router = APIRouter(prefix=PREFIX, tags=["writing"])


class Place(msgspec.Struct, frozen=True):
    """The question where the store stands with one segment."""

    run_id: str
    segment: str
    nonce: str


class Heartbeat(msgspec.Struct, frozen=True):
    """Runs whose processes are alive."""

    runs: tuple[str, ...]


@router.post("/batches", **described(body=tuple[Batch, ...], result=tuple[Ack, ...], form="msgpack"))
def post_batches(request: Request, asker: Asker) -> Response:
    """Take batches, in order, and say for each where the store now stands.

    Sending again what was taken is always safe. A member writes only their own runs.
    """
    context = context_of(request)
    batches = unpacked(request, tuple[Batch, ...], context.config.max_body)
    acks = ingest.append(
        context.db, batches, member=asker.member.handle, now=context.clock(), has_blob=context.blobs.has
    )
    for batch, ack in zip(batches, acks, strict=True):
        context.telemetry.batches.labels(ack.state).inc()
        context.telemetry.events.inc(len(batch.events) if ack.state == "held" else 0)
    return packed(acks)


@router.post("/cursors", **described(body=tuple[Place, ...], result=tuple[Ack, ...], form="msgpack"))
def post_cursors(request: Request, asker: Asker) -> Response:
    """Where the store stands with each of these segments."""
    context = context_of(request)
    places = unpacked(request, tuple[Place, ...], context.config.max_body)
    return packed(tuple(ingest.cursor(context.db, place.run_id, place.segment, place.nonce) for place in places))


@router.post("/heartbeats", **described(body=Heartbeat, result=dict[str, str]))
def post_heartbeats(request: Request, asker: Asker) -> Response:
    """These runs are alive, though they may have nothing to say."""
    context = context_of(request)
    alive = parsed(request, Heartbeat, MEGABYTE)
    ingest.heartbeat(context.db, alive.runs, member=asker.member.handle, now=context.clock())
    return answer(request, empty())

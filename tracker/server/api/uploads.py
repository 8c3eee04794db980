"""Large content in parts: how an upload stands, one part, and the end. What was sent stays when a sender breaks off."""

from __future__ import annotations

from typing import Annotated, BinaryIO, cast

import msgspec
from fastapi import APIRouter, Query, Request, Response

from tracker.errors import Corrupt, UsageError
from tracker.server.api.blobs import Stored
from tracker.server.api.shapes import PREFIX, described, empty
from tracker.server.auth import Asker
from tracker.server.config import MEGABYTE, Context, context_of
from tracker.server.wire import Body, TooLarge, answer, parsed
from tracker.store.uploads import PART, Upload, uploads_of

router = APIRouter(prefix=PREFIX, tags=["content"])


class Announced(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many bytes the content has in all."""

    size: int


@router.post("/blobs/{digest}/upload", **described(body=Announced, result=Upload))
def post_upload(request: Request, digest: str, asker: Asker) -> Response:
    """How an upload stands, and which parts come next; the first question begins it."""
    context = context_of(request)
    size = _announced(context, parsed(request, Announced, MEGABYTE).size)
    return answer(request, uploads_of(context.blobs).stand(digest, size))


@router.put("/blobs/{digest}/upload/{number}", **described(body=bytes, result=dict[str, str]))
def put_part(request: Request, digest: str, number: int, size: Annotated[int, Query(ge=1)], asker: Asker) -> Response:
    """One part; `size` is the whole's. Sending it again is harmless."""
    context = context_of(request)
    body = cast(BinaryIO, Body(request, PART))
    uploads_of(context.blobs).put_part(digest, _announced(context, size), number, body)
    return answer(request, empty())


@router.post("/blobs/{digest}/complete", **described(body=Announced, result=Stored, status=201))
def post_complete(request: Request, digest: str, asker: Asker) -> Response:
    """Make one of the parts. It is hashed; what is not what the name says is refused, and dropped."""
    context = context_of(request)
    size = _announced(context, parsed(request, Announced, MEGABYTE).size)
    try:
        uploads_of(context.blobs).complete(digest, size)
    except Corrupt as error:
        raise UsageError(error.message, remedy=error.remedy) from None
    context.telemetry.blob_bytes.inc(size)
    return answer(request, Stored(digest, size), 201)


def _announced(context: Context, size: int) -> int:
    if size > context.config.max_blob:
        raise TooLarge(f"{size:,} bytes are more than this server takes ({context.config.max_blob:,}).")
    return size

"""Content by its SHA-256: asked for, sent, fetched. Streamed both ways; memory does not grow with the file."""

from __future__ import annotations

from typing import BinaryIO, cast

import msgspec
from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from tracker.errors import Corrupt, NotFound, UsageError
from tracker.events import Digest
from tracker.server.api.shapes import MEDIA, PREFIX, described
from tracker.server.auth import Asker
from tracker.server.config import MEGABYTE, Context, context_of
from tracker.server.wire import Body, answer, parsed, pieces

router = APIRouter(prefix=PREFIX, tags=["content"])
_HEX = frozenset("0123456789abcdef")
# A blob never changes under its name, and it is nothing a browser may run.
_HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "attachment",
}


class Wanted(msgspec.Struct, frozen=True):
    """Digests a writer could send."""

    digests: tuple[Digest, ...]


class Missing(msgspec.Struct, frozen=True):
    """Those of them the store does not hold."""

    missing: tuple[str, ...]


class Stored(msgspec.Struct, frozen=True):
    """A blob the store holds, and its size in bytes."""

    digest: str
    size: int


@router.post("/blobs/missing", **described(body=Wanted, result=Missing))
def post_missing(request: Request, asker: Asker) -> Response:
    """Which of these the store does not hold yet."""
    context = context_of(request)
    wanted = parsed(request, Wanted, 8 * MEGABYTE)
    return answer(request, Missing(tuple(context.blobs.missing(wanted.digests))))


@router.head("/blobs/{digest}", **described())
def head_blob(request: Request, digest: str, asker: Asker) -> Response:
    """Whether the store holds it, and how large it is."""
    context = context_of(request)
    size = _size(context, digest)
    return Response(headers={**_HEADERS, "Content-Length": str(size)}, media_type=MEDIA["bytes"])


@router.get("/blobs/{digest}", **described(raw=True))
def get_blob(request: Request, digest: str, asker: Asker) -> Response:
    """Its bytes."""
    context = context_of(request)
    size = _size(context, digest)
    headers = {**_HEADERS, "Content-Length": str(size)}
    return StreamingResponse(pieces(context.blobs.open(digest)), headers=headers, media_type=MEDIA["bytes"])


@router.put("/blobs/{digest}", **described(body=bytes, result=Stored, status=201))
def put_blob(request: Request, digest: str, asker: Asker) -> Response:
    """Store it. What arrives is hashed on the way; bytes that are not what the name says are refused.

    Sending again what is held changes nothing.
    """
    context = context_of(request)
    _check(digest)
    body = Body(request, context.config.max_blob)
    if context.blobs.has(digest):
        return answer(request, Stored(digest, context.blobs.size(digest)), 200)
    try:
        size = context.blobs.put(digest, cast(BinaryIO, body))
    except Corrupt as error:
        raise UsageError(error.message, remedy="Send the file again.") from None
    context.telemetry.blob_bytes.inc(size)
    return answer(request, Stored(digest, size), 201)


def _size(context: Context, digest: str) -> int:
    _check(digest)
    if not context.blobs.has(digest):
        raise NotFound(f"No blob {digest[:12]}… is stored.", remedy="Let `runcite sync` send it again.")
    return context.blobs.size(digest)


def _check(digest: str) -> None:
    if len(digest) != 64 or not _HEX.issuperset(digest):
        raise UsageError("A blob's name is its SHA-256: 64 lower-case hex digits.", remedy="Hash the file's bytes.")

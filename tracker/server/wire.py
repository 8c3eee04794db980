"""How values travel over HTTP: bodies in, under a limit; records out, as JSON or msgpack."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, TypeVar

import anyio.from_thread
import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from tracker.errors import Unavailable, UsageError
from tracker.learning import learned

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MSGPACK = "application/msgpack"
_PIECE = 1 << 18
T = TypeVar("T")


class TooLarge(UsageError):
    """A body above the limit."""


class Body(io.RawIOBase):
    """A request's raw bytes as a readable stream for synchronous code on a worker thread.

    Memory stays at one network chunk however long the body is.

    Raises (while reading):
        TooLarge: more than `limit` bytes came.
        Unavailable: the client went away in the middle.
    """

    def __init__(self, request: Request, limit: int) -> None:
        announced = request.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > limit:
            raise _too_large(limit)
        self._chunks = request.stream()
        self._rest = b""
        self._left = limit
        self._limit = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        while not self._rest:
            chunk = self._next()
            if chunk is None:
                return 0
            self._rest = chunk
        taken = min(len(view), len(self._rest))
        view[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken

    def _next(self) -> bytes | None:
        try:
            chunk = anyio.from_thread.run(self._chunks.__anext__)
        except StopAsyncIteration:
            return None
        except ClientDisconnect:
            raise Unavailable("The client went away in the middle of the body.") from None
        self._left -= len(chunk)
        if self._left < 0:
            raise _too_large(self._limit)
        return chunk

    def chunks(self) -> Iterator[bytes]:
        """What has not been read yet, as it comes."""
        if self._rest:
            yield self._rest
            self._rest = b""
        while (chunk := self._next()) is not None:
            yield chunk


def unpacked(request: Request, kind: type[T], limit: int) -> T:
    """The msgpack body as a `kind`.

    Raises:
        UsageError: it is no msgpack, or not of that shape; one line says where.
    """
    return _decoded(request, kind, limit, "msgpack")


def parsed(request: Request, kind: type[T], limit: int) -> T:
    """The JSON body as a `kind`.

    Raises:
        UsageError: it is no JSON, or not of that shape; one line says where.
    """
    return _decoded(request, kind, limit, "json")


def _decoded(request: Request, kind: type[T], limit: int, form: str) -> T:
    data = b"".join(Body(request, limit).chunks())
    try:
        if form == "json":
            return msgspec.json.decode(data, type=learned(kind))
        return msgspec.msgpack.decode(data, type=learned(kind))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        what = "JSON" if form == "json" else "msgpack"
        line = " ".join(str(error).split())
        raise UsageError(
            f"The body is not the {what} this address takes: {line}.", remedy="The shapes are listed at /docs."
        ) from None


def answer(request: Request, value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """`value` as msgpack where the client asks for it, as JSON otherwise (non-finite numbers are null there)."""
    if MSGPACK in request.headers.get("accept", ""):
        return Response(msgspec.msgpack.encode(value), status, headers, MSGPACK)
    return Response(msgspec.json.encode(value), status, headers, "application/json")


def packed(value: object) -> Response:
    """`value` as msgpack, whatever the client asks for: for writers, who speak nothing else."""
    return Response(msgspec.msgpack.encode(value), media_type=MSGPACK)


def pieces(file: BinaryIO) -> Iterator[bytes]:
    """The file's bytes, piece by piece; it is closed at the end, or when nobody wants more."""
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than the {limit:,} bytes this address takes.", remedy="Send less at once.")

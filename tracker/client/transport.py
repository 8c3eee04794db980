"""How batches, questions and content reach a store: over HTTP here; the embedded store satisfies the same protocol."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol, Self, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from tracker.errors import (
    Clash,
    InvalidConfig,
    InvalidQuery,
    InvalidRunID,
    NotAllowed,
    NotFound,
    NotLoggedIn,
    Refused,
    RunciteError,
    Sealed,
    Unavailable,
    UsageError,
)
from tracker.events import Ack, Batch

MSGPACK = "application/msgpack"
_SAYS_NO: dict[int, type[RunciteError]] = {
    401: NotLoggedIn,
    403: NotAllowed,
    404: NotFound,
    409: Clash,
    410: Sealed,
}
_USAGE: dict[str, type[RunciteError]] = {
    "invalid_run_id": InvalidRunID,
    "invalid_query": InvalidQuery,
    "invalid_config": InvalidConfig,
    "usage_error": UsageError,
}
_TRY_AGAIN = {408, 425, 429}
PIECE = 1 << 20
IN_ONE = 32 << 20
"""Bytes of a file that still goes in one piece."""
HASHED_SECONDS = 900.0
"""Seconds that a server may take to read a large file and hash it."""
T = TypeVar("T")


class Place(msgspec.Struct, frozen=True):
    """The question where the store stands with one segment."""

    run_id: str
    segment: str
    nonce: str


class Missing(msgspec.Struct, frozen=True):
    """The digests that the store does not hold."""

    missing: tuple[str, ...]


class Upload(msgspec.Struct, frozen=True):
    """How an upload stands: the size of a part, which come next, and where they go, if not to the server."""

    part: int
    missing: tuple[int, ...] = ()
    urls: dict[int, str] = {}
    stored: bool = False


class Fault(msgspec.Struct, frozen=True):
    """What a server says when it says no."""

    error: str = ""
    message: str = ""
    remedy: str = ""
    suggestions: tuple[str, ...] = ()


class Transport(Protocol):
    """A store, as the shipper sees it.

    Every method raises Unavailable when trying again later is right, and another RunciteError when it is not.
    """

    def send(self, batches: Sequence[Batch]) -> tuple[Ack, ...]:
        """Deliver batches; where the store then stands with each segment, in order. Sending again is safe."""

    def cursors(self, places: Sequence[Place]) -> tuple[Ack, ...]:
        """Where the store stands with these segments, in order."""

    def heartbeat(self, run_ids: Iterable[str]) -> None:
        """These runs are alive."""

    def missing(self, digests: Iterable[str]) -> frozenset[str]:
        """Which of these the store does not hold."""

    def put_blob(self, digest: str, path: Path) -> None:
        """Store a file's content, streamed."""

    def close(self) -> None:
        """Let go of connections."""


class HttpTransport:
    """A Runcite server at `url`. Connections are kept; a request waits at most `timeout` seconds for each answer."""

    def __init__(self, url: str, token: str | None, *, timeout: float = 10.0, trust_env: bool = True) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.url = url.rstrip("/")
        self._client = httpx.Client(
            base_url=f"{self.url}/api/v1/",
            headers=headers,
            timeout=httpx.Timeout(timeout, connect=min(timeout, 5.0)),
            trust_env=trust_env,
            verify=checks(self.url),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def send(self, batches: Sequence[Batch]) -> tuple[Ack, ...]:
        """Deliver batches; where the store then stands with each segment, in order."""
        return self._acks("batches", batches, len(batches))

    def cursors(self, places: Sequence[Place]) -> tuple[Ack, ...]:
        """Where the store stands with these segments, in order."""
        return self._acks("cursors", places, len(places))

    def _acks(self, path: str, values: Sequence[object], count: int) -> tuple[Ack, ...]:
        headers = {"Content-Type": MSGPACK, "Accept": MSGPACK}
        answer = self._ask("POST", path, content=msgspec.msgpack.encode(values), headers=headers)
        acks: tuple[Ack, ...] = _decoded(answer, tuple[Ack, ...], msgspec.msgpack.decode)
        if len(acks) != count:
            raise Unavailable(f"{self.url} answered {len(acks)} times for {count} questions.")
        return acks

    def heartbeat(self, run_ids: Iterable[str]) -> None:
        """These runs are alive."""
        self._ask("POST", "heartbeats", content=msgspec.json.encode({"runs": list(run_ids)}), headers=_JSON)

    def missing(self, digests: Iterable[str]) -> frozenset[str]:
        """Which of these the server does not hold."""
        body = msgspec.json.encode({"digests": list(digests)})
        answer = self._ask("POST", "blobs/missing", content=body, headers=_JSON)
        return frozenset(_decoded(answer, Missing, msgspec.json.decode).missing)

    def put_blob(self, digest: str, path: Path) -> None:
        """Store a file's content, streamed; the server checks it against the digest. A large one goes in parts, and
        from where it broke off when it is put again."""
        if (size := path.stat().st_size) > IN_ONE:
            self._put_in_parts(digest, path, size)
            return
        with path.open("rb") as file:
            headers = {"Content-Type": "application/octet-stream", "Content-Length": str(path.stat().st_size)}
            self._ask("PUT", f"blobs/{digest}", content=file, headers=headers)

    def _put_in_parts(self, digest: str, path: Path, size: int) -> None:
        announced = {"content": msgspec.json.encode({"size": size}), "headers": _JSON}
        with path.open("rb") as file:
            while True:
                upload = _decoded(self._ask("POST", f"blobs/{digest}/upload", **announced), Upload, msgspec.json.decode)
                if upload.stored:
                    return
                for number in upload.missing:
                    before = upload.part * (number - 1)
                    file.seek(before)
                    length = min(upload.part, size - before)
                    data, headers = _pieces(file, length), {"Content-Length": str(length)}
                    if url := upload.urls.get(number):
                        self._put_straight(url, data, headers)
                    else:
                        place = f"blobs/{digest}/upload/{number}"
                        self._ask("PUT", place, params={"size": size}, content=data, headers=headers)
                if not upload.missing:
                    break
        self._ask("POST", f"blobs/{digest}/complete", timeout=HASHED_SECONDS, **announced)

    def _put_straight(self, url: str, data: Iterator[bytes], headers: dict[str, str]) -> None:
        """To the place the server signed an address for; our token is not for there."""
        timeout, trusts = self._client.timeout, self._client.trust_env
        try:
            answer = httpx.put(url, content=data, headers=headers, timeout=timeout, trust_env=trusts)
        except (httpx.TransportError, httpx.StreamError) as error:
            told = str(error) or type(error).__name__
            raise Unavailable(f"The artifacts' store can't be reached: {told}.") from None
        if not answer.is_success:
            raise Unavailable(f"The artifacts' store answered {answer.status_code}.", remedy="Try again shortly.")

    def get(
        self, path: str, kind: type[T], params: Mapping[str, object] | None = None, *, seconds: float | None = None
    ) -> T:
        """What a reading address answers, as a `kind`; NaN and infinite numbers arrive as they are. With `seconds`
        the server may take so long, which the rules' answers on a busy one do."""
        more: dict[str, object] = {} if seconds is None else {"timeout": seconds}
        answer = self._ask("GET", path, params=params, headers={"Accept": MSGPACK}, **more)
        found: T = _decoded(answer, kind, msgspec.msgpack.decode)
        return found

    def get_blob(self, digest: str) -> bytes:
        """A blob's bytes. Raises NotFound where the server does not hold it."""
        return self._ask("GET", f"blobs/{digest}").content

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            answer = self._client.request(method, path, **more)
        except (httpx.TransportError, httpx.StreamError, httpx.DecodingError) as error:
            said = str(error) or type(error).__name__
            raise Unavailable(f"{self.url} can't be reached: {said}.", remedy="Is the server running?") from None
        except (httpx.InvalidURL, httpx.TooManyRedirects, UnicodeError) as error:
            raise Refused(f"{self.url} is no address of a server: {error}.", remedy="Check RUNCITE_URL.") from None
        if answer.is_success:
            return answer
        raise _error(self.url, answer)


def _pieces(file: BinaryIO, left: int) -> Iterator[bytes]:
    """The next bytes of a file, a piece at a time: requests may outlive their answers, and would keep a part each."""
    while left and (piece := file.read(min(PIECE, left))):
        left -= len(piece)
        yield piece


def checks(url: str) -> ssl.SSLContext | bool:
    """How a server proves who it is. On loopback nothing is encrypted, and reading the list of authorities would cost
    more than all the rest: there none is known, and a certificate that turned up would be refused."""
    loopback = url.startswith("http://") and urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if loopback else True


_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


def _decoded(answer: httpx.Response, kind: Any, decode: Any) -> Any:
    try:
        return decode(answer.content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = f"{answer.url.host} answered something that is no answer of a Runcite server."
        raise Unavailable(said, remedy="Check RUNCITE_URL.") from None


def _error(url: str, answer: httpx.Response) -> RunciteError:
    """What an answer that is no success means."""
    try:
        fault = msgspec.json.decode(answer.content, type=Fault)
    except (msgspec.DecodeError, UnicodeDecodeError):
        fault = Fault()
    status = answer.status_code
    message = fault.message or f"{url} answered {status}."
    if status >= 500 or status in _TRY_AGAIN:
        return Unavailable(message, remedy=fault.remedy, retry_after=_retry_after(answer))
    if answer.is_redirect:
        return Refused(f"{url} sends elsewhere ({status}).", remedy="Check RUNCITE_URL.")
    kind = _USAGE.get(fault.error) or _SAYS_NO.get(status, Refused)
    if kind is NotFound:
        return NotFound(message, remedy=fault.remedy, suggestions=fault.suggestions)
    return kind(message, remedy=fault.remedy)


def _retry_after(answer: httpx.Response) -> float | None:
    """The seconds in a Retry-After header, written as a number or as a date."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isdigit():
        return float(text)
    try:
        then = parsedate_to_datetime(text).timestamp()
        said = parsedate_to_datetime(answer.headers.get("date", "")).timestamp()
    except (ValueError, TypeError):
        return None
    return max(0.0, then - said)

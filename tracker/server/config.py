"""What a server is started with, and what every request may reach."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.requests import Request

from tracker.server.shelf import Shelf
from tracker.server.telemetry import Telemetry
from tracker.settings import Settings
from tracker.store.blobs import Blobs
from tracker.store.database import Database

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8765
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class ServerConfig:
    """One server. `url` is a database, `artifacts` a folder or `s3://bucket/prefix`.

    `public_url` is the address people reach the server under; links and the cookie's Secure flag follow it.
    `require_login` is False only on loopback with the embedded database: whoever can open the page owns the
    file behind it. Sizes are bytes: `max_body` of a request that is decoded, `max_blob` of one blob.
    """

    url: str = field(repr=False)
    artifacts: str
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    public_url: str = ""
    require_login: bool = True
    max_body: int = 64 * MEGABYTE
    max_blob: int = 64 << 30
    min_free: int = 64 * MEGABYTE

    @classmethod
    def of(
        cls,
        settings: Settings,
        *,
        host: str = DEFAULT_HOST,
        port: int = DEFAULT_PORT,
        public_url: str = "",
        require_login: bool = False,
    ) -> ServerConfig:
        """The server for these settings: no log-in on loopback with SQLite, a log-in anywhere else.

        A public address means that others reach it through a proxy, so that asks for a log-in too.
        """
        open_house = is_loopback(host) and settings.url.startswith("sqlite") and not public_url and not require_login
        return cls(
            url=settings.url,
            artifacts=settings.artifacts,
            host=host,
            port=port,
            public_url=public_url or f"http://{_bracketed(host)}:{port}",
            require_login=not open_house,
        )

    @property
    def secure(self) -> bool:
        """Whether people reach the server over HTTPS."""
        return urlsplit(self.public_url).scheme == "https"


@dataclass(frozen=True)
class Context:
    """What the endpoints of one application share. `clock` gives microseconds since 1970 in UTC; `closing` is set
    when the server ends, so that streams do; `shelf` keeps what is costly to reckon."""

    config: ServerConfig
    db: Database
    blobs: Blobs
    clock: Callable[[], int]
    telemetry: Telemetry
    closing: threading.Event = field(default_factory=threading.Event)
    shelf: Shelf = field(default_factory=Shelf)


def context_of(request: Request) -> Context:
    """The context of the application that serves this request."""
    context = request.app.state.context
    assert isinstance(context, Context)
    return context


def is_loopback(host: str) -> bool:
    """Whether a server bound to `host` can be reached from this machine only."""
    name = host.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host

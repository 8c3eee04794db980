"""The server's connections, so that one can be cut as a broken network would cut it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_OPEN: dict[tuple[str, int], asyncio.BaseTransport] = {}


class CutProtocol(H11Protocol):
    """Uvicorn's own HTTP protocol, which also remembers its transport by the client's address."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if self.client is not None:
            _OPEN[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self.client is not None:
            _OPEN.pop(self.client, None)
        super().connection_lost(exc)


def cut(scope: Scope) -> None:
    """Reset the connection of a request: no answer, not even an end."""
    transport = _OPEN.get(tuple(scope.get("client") or ("", 0)))
    if isinstance(transport, asyncio.Transport):
        transport.abort()


class Outage:
    """While `is_down`, every connection for an app is reset; the page and the controls stay."""

    def __init__(self, app: ASGIApp, is_down: Callable[[], bool]) -> None:
        self._app = app
        self._is_down = is_down

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", ""))
        if self._is_down() and path.startswith(("/api/", "/upload/", "/actions/", "/files-pri/", "/link/")):
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1013})
            cut(scope)
            return
        await self._app(scope, receive, send)

"""The server process: uvicorn's, which says when it is up, and tells streams without an end that it is time to end."""

from __future__ import annotations

import socket
import threading

import uvicorn
from fastapi import FastAPI

from tracker.server.config import Context

PATIENCE = 5
"""Seconds that a request in flight gets when the server ends."""


class Server(uvicorn.Server):
    """Serves an application; `up` is set once it listens. When it is to end, live pages let go at once."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(
            uvicorn.Config(app, log_level="warning", access_log=False, ws="none", timeout_graceful_shutdown=PATIENCE)
        )
        self.up = threading.Event()
        context = getattr(app.state, "context", None)
        self._closing = context.closing if isinstance(context, Context) else threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self.up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End: streams first, then what uvicorn waits for."""
        self._closing.set()
        await super().shutdown(sockets)

"""Socket Mode: single-use tickets, up to ten connections, each envelope to one of them, an answer by its ID."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.people import APP
from bot.sandbox.shapes import Json

MOST = 10


@dataclass(eq=False)
class _Connection:
    socket: WebSocket
    number: int
    waiting: dict[str, asyncio.Future[Json]] = field(default_factory=dict)


class Sockets:
    """The open connections of the app. Everything here runs in the server's loop, `count` excepted."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._tickets: set[str] = set()
        self._connections: list[_Connection] = []
        self._numbers = itertools.count(1)
        self._turn = 0
        self._on_change = on_change
        self.enabled = True

    @property
    def count(self) -> int:
        """How many connections are up and have been greeted."""
        return len(self._connections)

    def ticket(self) -> str:
        """A ticket for one connection."""
        ticket = secrets.token_urlsafe(18)
        self._tickets.add(ticket)
        return ticket

    async def endpoint(self, socket: WebSocket) -> None:
        """The address that apps.connections.open gave out."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close(4001, "invalid ticket")
            return
        self._tickets.discard(ticket)
        await socket.accept()
        if len(self._connections) >= MOST:
            await socket.send_text(_frame({"type": "disconnect", "reason": "too_many_websockets"}))
            await socket.close(1000)
            return
        connection = _Connection(socket, next(self._numbers))
        short = "debug_reconnects" in socket.query_params
        hello: Json = {
            "type": "hello",
            "num_connections": len(self._connections) + 1,
            "connection_info": {"app_id": APP},
            "debug_info": {
                "host": "stand-in",
                "build_number": 1,
                "approximate_connection_time": 360 if short else 18_060,
            },
        }
        await socket.send_text(_frame(hello))
        self._connections.append(connection)
        self._on_change()
        try:
            while True:
                self._answered(connection, await socket.receive_text())
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            self._gone(connection)

    def _answered(self, connection: _Connection, frame: str) -> None:
        try:
            answer = msgspec.json.decode(frame, type=dict)
        except msgspec.MsgspecError:
            return
        future = connection.waiting.pop(str(answer.get("envelope_id")), None)
        if future is not None and not future.done():
            future.set_result(answer)

    def _gone(self, connection: _Connection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
        for future in connection.waiting.values():
            if not future.done():
                future.set_exception(ConnectionError("the connection is gone"))
        self._on_change()

    async def ask(self, envelope: Json, limit: float) -> Json | None:
        """Send `envelope` to one connection; its answer, or None without connections or without one in `limit` s."""
        if not self._connections or not self.enabled:
            return None
        self._turn += 1
        connection = self._connections[self._turn % len(self._connections)]
        future: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope["envelope_id"]] = future
        try:
            await connection.socket.send_text(_frame(envelope))
            return await asyncio.wait_for(future, limit)
        except (TimeoutError, WebSocketDisconnect, RuntimeError, OSError):
            return None
        finally:
            connection.waiting.pop(envelope["envelope_id"], None)

    async def disconnect(self, reason: str) -> None:
        """Ask every connection to go: `warning` only warns, `refresh_requested` and `link_disabled` close too."""
        for connection in list(self._connections):
            frame: Json = {"type": "disconnect", "reason": reason, "debug_info": {"host": "stand-in"}}
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # it went by itself in the meantime
                await connection.socket.send_text(_frame(frame))
                if reason != "warning":
                    await connection.socket.close(1000)

    async def cut(self) -> None:
        """Close every connection without a word beforehand."""
        for connection in list(self._connections):
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await connection.socket.close(1011)


def _frame(value: Json) -> str:
    return msgspec.json.encode(value).decode()

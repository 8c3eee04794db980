"""What stands round every request: the security headers, the count of it, and the shield's one-line 500.

Pure ASGI, so that streamed bodies stay streamed.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracker.server.telemetry import Telemetry

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {frames}"
)
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
UNCACHED = "private, no-cache"
EMBEDDABLE = "embed"


class Guard:
    """Adds the headers to every answer, and counts it.

    Nothing may frame a page but a board that was asked for as `?embed=1`: that one has no form on it.
    """

    def __init__(self, app: ASGIApp, telemetry: Telemetry, *, timer: Callable[[], float] = time.perf_counter) -> None:
        self._app = app
        self._telemetry = telemetry
        self._timer = timer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = self._timer()
        status = 0

        async def send_guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _FIXED.items():
                    headers.setdefault(name, value)
                frames = "*" if scope.get("state", {}).get(EMBEDDABLE) else "'none'"
                headers.setdefault("Content-Security-Policy", _POLICY.format(frames=frames))
                headers.setdefault("Cache-Control", UNCACHED)
            await send(message)

        try:
            await self._app(scope, receive, send_guarded)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._telemetry.answered(_method(scope["method"]), route, status, self._timer() - began)


def _method(name: str) -> str:
    return name if name in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"

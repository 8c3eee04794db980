"""The application: API, pages, health, put together; and the shield that keeps a fault to one line."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from random import Random, SystemRandom
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracker.errors import NotLoggedIn, RunciteError, UsageError
from tracker.server import api, health, pages
from tracker.server.api.shapes import with_schemas
from tracker.server.config import Context, ServerConfig
from tracker.server.faults import Fault, fault_of, fault_of_http, headers_of, status_of
from tracker.server.guard import Guard
from tracker.server.mlflow.door import Door
from tracker.server.shelf import Shelf
from tracker.server.telemetry import Telemetry
from tracker.store.blobs import open_blobs
from tracker.store.database import open_database
from tracker.store.migrate import upgrade

log = logging.getLogger("runcite.server")


def now_in_microseconds() -> int:
    """Microseconds since 1970 in UTC."""
    return time.time_ns() // 1000


def create_app(
    config: ServerConfig,
    *,
    clock: Callable[[], int] = now_in_microseconds,
    rng: Random | None = None,
    extend: Sequence[Callable[[FastAPI], None]] = (),
    shelf: Shelf | None = None,
) -> FastAPI:
    """The server for this database and these artifacts; the schema is brought up to date first.

    Each of `extend` gets the application before it serves, to add routes of its own; what endpoints share is
    at `app.state.context`. `shelf` is for answers that others of this process make, too.

    Raises:
        Unavailable: the database or the artifacts cannot be reached.
    """
    db = open_database(config.url)
    upgrade(db)
    release = version("runcite")
    telemetry = Telemetry(release)
    context = Context(config, db, open_blobs(config.artifacts), clock, telemetry, shelf=shelf or Shelf())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        db.close()

    app = FastAPI(
        title="Runcite",
        version=release,
        description="Registers every training run. No result without a run.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
    )
    app.state.context = context
    app.router.routes.append(Door(context, rng or SystemRandom()))
    app.include_router(api.router())
    app.include_router(health.router)
    app.include_router(pages.router())
    _describe(app)
    app.add_exception_handler(RunciteError, _told)
    app.add_exception_handler(RequestValidationError, _misused)
    app.add_exception_handler(HTTPException, _framework)
    for step in extend:
        step(app)
    app.add_middleware(Shield, telemetry=telemetry)
    app.add_middleware(Guard, telemetry=telemetry)
    return app


class Shield:
    """The one broad shield of the server: whatever nobody foresaw is logged once and answered in one line."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_watched)
        except Exception:
            self._telemetry.faults.inc()
            log.exception("A request failed: %s %s", scope["method"], scope["path"])
            if not started:
                await _answer(Request(scope, receive), FAULT, 500, {})(scope, receive, send)


FAULT = Fault("fault", "The server failed at this; its log says why.", "Try again, and tell who runs it if it stays.")


def _answer(request: Request, fault: Fault, status: int, headers: dict[str, str]) -> Response:
    """The fault as a page for a person, as JSON for a program."""
    accepts = request.headers.get("accept", "")
    if request.url.path.startswith((api.PREFIX, "/openapi")) or "text/html" not in accepts:
        return Response(msgspec.json.encode(fault), status, headers, "application/json")
    return pages.error_page(request, fault, status)


def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, RunciteError)
    wants_page = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith(api.PREFIX)
    if isinstance(error, NotLoggedIn) and wants_page and request.method == "GET":
        return RedirectResponse(pages.login_address(request), 303)
    return _answer(request, fault_of(error), status_of(error), headers_of(error))


def _misused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    told = UsageError(f"{where}: {first['msg']}.", remedy="The parameters are listed at /docs.")
    return _answer(request, fault_of(told), 422, {})


def _framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _answer(request, fault_of_http(error), error.status_code, dict(error.headers or {}))


def _describe(app: FastAPI) -> None:
    """Give the OpenAPI the schemas of the values as they are, once, when it is first asked for."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = with_schemas(plain())
        return app.openapi_schema

    app.__dict__["openapi"] = described

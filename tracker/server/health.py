"""Is it alive, can it serve, and what does it count: for those who run it. No log-in is asked."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
from fastapi import APIRouter, Request, Response
from sqlalchemy import text

from tracker.errors import RunciteError
from tracker.server.config import Context, context_of
from tracker.server.telemetry import CONTENT_TYPE
from tracker.store import migrate

router = APIRouter(include_in_schema=False)


class Readiness(msgspec.Struct, frozen=True):
    """Whether requests can be served, and each part's state: "ok", or what is wrong."""

    ready: bool
    parts: dict[str, str]


@router.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return Response(b"ok\n", media_type="text/plain")


@router.get("/readyz")
def readyz(request: Request) -> Response:
    """The database answers, its schema is this version's, and there is room for what comes."""
    state = readiness(context_of(request))
    return Response(msgspec.json.encode(state), 200 if state.ready else 503, media_type="application/json")


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """The server's own counters."""
    return Response(context_of(request).telemetry.page(), headers={"Content-Type": CONTENT_TYPE})


def readiness(context: Context) -> Readiness:
    """Look at every part the server needs."""
    checks: dict[str, Callable[[Context], str]] = {"database": _database, "schema": _schema, "disk": _disk}
    parts = {}
    for name, check in checks.items():
        try:
            parts[name] = check(context)
        except (RunciteError, OSError) as error:
            parts[name] = f"does not answer ({type(error).__name__})"
    return Readiness(all(state == "ok" for state in parts.values()), parts)


def _database(context: Context) -> str:
    with context.db.read() as connection:
        connection.execute(text("SELECT 1"))
    return "ok"


def _schema(context: Context) -> str:
    return "ok" if migrate.is_current(context.db) else "older or newer than this version of Runcite"


def _disk(context: Context) -> str:
    if "://" in context.config.artifacts:
        return "ok"
    folder = Path(context.config.artifacts)
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    return "ok" if free >= context.config.min_free else f"only {free:,} bytes are free for artifacts"

"""Style sheet, scripts and icon; ours, and plotly's own from its package. Nothing comes from elsewhere."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response

from tracker.errors import NotFound
from tracker.server.templating import STATIC, plotly_address, plotly_script, static

router = APIRouter()
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FOR_GOOD = "public, max-age=31536000, immutable"


@router.get("/static/{digest}/{name}")
def get_asset(request: Request, digest: str, name: str) -> Response:
    """An asset by name. The address names its content, so it may be kept for good; an older one is not."""
    if name == "plotly.min.js":
        current = plotly_address() == request.url.path
        plain, packed = _plotly()
    elif name in _names():
        current = static(name) == request.url.path
        plain, packed = _asset(name)
    else:
        raise NotFound(f"There is no asset {name!r}.", remedy="Reload the page.")
    headers = {"Vary": "Accept-Encoding", "Cache-Control": _FOR_GOOD if current else "no-cache"}
    body = plain
    if "gzip" in request.headers.get("accept-encoding", ""):
        body = packed
        headers["Content-Encoding"] = "gzip"
    return Response(body, headers=headers, media_type=_TYPES[Path(name).suffix])


@router.get("/favicon.ico")
def get_icon(request: Request) -> Response:
    """The icon, for browsers that ask without being told."""
    return get_asset(request, "", "icon.svg")


@cache
def _names() -> frozenset[str]:
    return frozenset(file.name for file in STATIC.iterdir() if file.suffix in _TYPES)


@cache
def _asset(name: str) -> tuple[bytes, bytes]:
    return _both((STATIC / name).read_bytes())


@cache
def _plotly() -> tuple[bytes, bytes]:
    return _both(plotly_script())


def _both(data: bytes) -> tuple[bytes, bytes]:
    return data, gzip.compress(data, 6, mtime=0)

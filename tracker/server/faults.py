"""Errors as HTTP answers, in one place: a status, a code, a sentence and the remedy."""

from __future__ import annotations

import re
from http import HTTPStatus

import msgspec
from starlette.exceptions import HTTPException

from tracker.errors import (
    Clash,
    Corrupt,
    InvalidConfig,
    InvalidQuery,
    InvalidRunID,
    InvalidSettings,
    NotAllowed,
    NotFound,
    NotLoggedIn,
    Refused,
    RunciteError,
    Sealed,
    Unavailable,
    UsageError,
)
from tracker.server.wire import TooLarge

# The first that fits; so the inner classes stand before the outer ones.
_STATUS: tuple[tuple[type[RunciteError], int], ...] = (
    (TooLarge, 413),
    (InvalidRunID, 400),
    (InvalidQuery, 400),
    (InvalidConfig, 422),
    (InvalidSettings, 500),
    (UsageError, 422),
    (NotFound, 404),
    (NotLoggedIn, 401),
    (NotAllowed, 403),
    (Sealed, 410),
    (Clash, 409),
    (Refused, 409),
    (Unavailable, 503),
    (Corrupt, 500),
)


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an error says over HTTP. `error` is a code that does not change between versions."""

    error: str
    message: str
    remedy: str = ""
    suggestions: tuple[str, ...] = ()


def fault_of(error: RunciteError) -> Fault:
    """The error as it is told: its class name in snake case, its sentence, its remedy, near names."""
    suggestions = error.suggestions if isinstance(error, NotFound) else ()
    return Fault(_snake(type(error).__name__), error.message, error.remedy, suggestions)


def status_of(error: RunciteError) -> int:
    """The HTTP status of an error."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def headers_of(error: RunciteError) -> dict[str, str]:
    """The headers an error asks for: when to come back, and how to log in."""
    if isinstance(error, Unavailable):
        return {"Retry-After": str(max(1, round(error.retry_after or 1)))}
    if isinstance(error, NotLoggedIn):
        return {"WWW-Authenticate": 'Bearer realm="runcite"'}
    return {}


def fault_of_http(error: HTTPException) -> Fault:
    """The framework's own errors (no such address, wrong method) in the same shape."""
    phrase = HTTPStatus(error.status_code).phrase
    remedy = "The addresses are listed at /docs." if error.status_code in (404, 405) else ""
    return Fault(_snake(phrase.replace(" ", "").replace("-", "")), f"{phrase}.", remedy)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()

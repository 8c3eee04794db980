"""Errors as MLflow's clients understand them: a status, an error code, and a sentence.

A client raises by the code, and tries again, for minutes, on 408, 429 and 5xx: so a refusal is never one of those.
"""

from __future__ import annotations

import msgspec

from tracker.errors import Clash, Corrupt, NotAllowed, NotFound, NotLoggedIn, RunciteError, Unavailable

_CODES: tuple[tuple[type[RunciteError], int, str], ...] = (
    (NotFound, 404, "RESOURCE_DOES_NOT_EXIST"),
    (Clash, 400, "RESOURCE_ALREADY_EXISTS"),
    (NotLoggedIn, 401, "UNAUTHENTICATED"),
    (NotAllowed, 403, "PERMISSION_DENIED"),
    (Unavailable, 503, "TEMPORARILY_UNAVAILABLE"),
    (Corrupt, 500, "INTERNAL_ERROR"),
)


class NoEndpoint(RunciteError):
    """An address that this server does not have."""


class Fault(msgspec.Struct, frozen=True):
    """What a client gets instead of an answer."""

    error_code: str
    message: str


def told(error: RunciteError) -> tuple[int, dict[str, str], bytes]:
    """The error's status, headers and body."""
    if isinstance(error, NoEndpoint):
        status, code = 404, "ENDPOINT_NOT_FOUND"
    else:
        found = [(status, code) for kind, status, code in _CODES if isinstance(error, kind)]
        status, code = found[0] if found else (400, "INVALID_PARAMETER_VALUE")
    headers = {}
    if isinstance(error, NotLoggedIn):
        headers["WWW-Authenticate"] = 'Basic realm="runcite"'
    if isinstance(error, Unavailable):
        headers["Retry-After"] = str(max(1, round(error.retry_after or 1)))
    return status, headers, msgspec.json.encode(Fault(code, str(error)))

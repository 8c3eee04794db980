"""The door: log-in and log-out, what an error looks like, and the API's addresses in a page of our own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from tracker.errors import NotLoggedIn
from tracker.server.auth import Asker, log_in, log_out, safe_next
from tracker.server.config import context_of
from tracker.server.faults import Fault
from tracker.server.templating import LANGUAGE_COOKIE, render
from tracker.server.words import Language

router = APIRouter()
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Operation:
    """One operation of the API, as the page shows it."""

    tag: str
    verb: str
    path: str
    text: str
    takes: str
    parameters: tuple[str, ...]


@router.get("/login")
def get_login(request: Request, next: str = "/") -> Response:
    """Ask for a token; where none is needed, go on."""
    if not context_of(request).config.require_login:
        return RedirectResponse(safe_next(next), 303)
    return render(request, "login.html", target=safe_next(next), problem=None)


@router.post("/login")
def post_login(
    request: Request, token: Annotated[str, Form(max_length=200)] = "", next: Annotated[str, Form()] = "/"
) -> Response:
    """Open a session for the token's owner."""
    answer = RedirectResponse(safe_next(next), 303)
    try:
        log_in(request, answer, token)
    except NotLoggedIn as error:
        return render(request, "login.html", 401, target=safe_next(next), problem=error)
    return answer


@router.post("/logout")
def post_logout(request: Request, form_token: Annotated[str, Form()] = "") -> Response:
    """End the session."""
    answer = RedirectResponse("/login", 303)
    log_out(request, answer, form_token)
    return answer


@router.get("/language/{language}")
def get_language(request: Request, language: Language, next: str = "/") -> Response:
    """Speak that language to this browser from now on, whatever it says of itself."""
    answer = RedirectResponse(safe_next(next), 303)
    secure = context_of(request).config.secure
    answer.set_cookie(LANGUAGE_COOKIE, language, max_age=_YEAR, secure=secure, httponly=True, samesite="lax", path="/")
    return answer


@router.get("/docs")
def get_docs(request: Request, asker: Asker) -> Response:
    """The API's addresses."""
    return render(request, "docs.html", operations=_operations(request.app.openapi()))


def login_address(request: Request) -> str:
    """Where to log in, and to come back from."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/login?next={quote(here, safe='')}"


def error_page(request: Request, fault: Fault, status: int) -> Response:
    """An error as a page: what happened, and what to do."""
    return render(request, "error.html", status, fault=fault, status_code=status)


def _operations(document: dict[str, Any]) -> list[Operation]:
    """The OpenAPI's operations as the page lists them."""
    listed = [
        Operation(
            tag=(operation.get("tags") or [""])[0],
            verb=verb.upper(),
            path=path,
            text=" ".join(operation.get("description", "").split()),
            takes=", ".join(operation.get("requestBody", {}).get("content", {})),
            parameters=tuple(each["name"] for each in operation.get("parameters", ())),
        )
        for path, verbs in document["paths"].items()
        for verb, operation in verbs.items()
    ]
    return sorted(listed, key=lambda each: (each.tag, each.path))

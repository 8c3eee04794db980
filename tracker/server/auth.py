"""Who asks: a bearer token, a browser's session, or, on loopback with the embedded database, who sits here.

A session is a token of its own that expires: opaque, stored hashed, revocable, the same on every replica.
It rides in an HttpOnly, SameSite cookie. What changes something and is not a bearer's request must come
from our own pages: browsers say so in `Sec-Fetch-Site` and `Origin`, and a session also shows the form
token that is derived from it.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from tracker.errors import NotAllowed, NotLoggedIn
from tracker.record import Member, Role
from tracker.rules.veil import Viewer
from tracker.server.config import Context, context_of, is_loopback
from tracker.store import members
from tracker.store.database import Database
from tracker.store.shown import Shown

SESSION_SECONDS = 14 * 24 * 3600
SESSION_LABEL = "browser session"
LINK_SECONDS = 15 * 60
_RANK: dict[Role, int] = {"member": 0, "instructor": 1, "admin": 2}
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Visitor:
    """A member, and how they were known. `session` is the cookie's token, where there is one."""

    member: Member
    via: Literal["token", "session", "local"]
    session: str | None = field(default=None, repr=False)

    @property
    def viewer(self) -> Viewer:
        """Who they are to a board that conceals something until it closes."""
        return Viewer(self.member.handle, whole=self.reaches("instructor"))

    @property
    def form_token(self) -> str:
        """What a form must carry to act in this session; empty where there is no session to steal."""
        return form_token(self.session) if self.session else ""

    def reaches(self, role: Role) -> bool:
        """Whether the member's role is `role` or a higher one."""
        return _RANK[self.member.role] >= _RANK[role]

    def must_reach(self, role: Role, what: str) -> None:
        """Go on only with `role` or a higher one.

        Raises:
            NotAllowed: the member's role does not reach.
        """
        if not self.reaches(role):
            raise NotAllowed(
                f"{what} needs the role {role}; {self.member.handle} has {self.member.role}.",
                remedy=f"Ask an admin, who can type: runcite members role {self.member.handle} {role}",
            )

    def must_be(self, handle: str | None, what: str, *, or_role: Role = "admin") -> None:
        """Go on only as that member, or with a role.

        Raises:
            NotAllowed: the member is somebody else and the role does not reach.
        """
        if handle != self.member.handle and not self.reaches(or_role):
            raise NotAllowed(
                f"{what} belongs to {handle or 'nobody'}, not to {self.member.handle}.",
                remedy=f"Ask {handle or 'an admin'}, or an {or_role}.",
            )


def visitor(request: Request) -> Visitor:
    """Who asks.

    Raises:
        NotLoggedIn: nobody known, and this server asks for a log-in.
        NotAllowed: a page of another site, or a form without its token, tries to act for the visitor.
    """
    context = context_of(request)
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if bearer or scheme:
        if scheme.lower() != "bearer" or not bearer.strip():
            raise _unknown("The Authorization header is not of the form 'Bearer rc_…'.")
        return Visitor(_owner(context, bearer.strip()), "token")
    session = request.cookies.get(cookie_name(context))
    if session and (member := members.whose(context.db, session, context.clock())):
        must_be_ours(request)
        if request.method not in _SAFE and request.url.path.startswith("/api/"):
            _check_form_token(session, request.headers.get("x-form-token", ""))
        return Visitor(member, "session", session)
    if context.config.require_login:
        raise _unknown("This server wants to know who asks.")
    _must_be_local(request)
    must_be_ours(request)
    return Visitor(members.local_member(context.db, now=context.clock()), "local")


def reader(request: Request) -> Visitor:
    """Who reads; kept on the request, so that an error page can still say who it speaks to."""
    found = visitor(request)
    request.state.visitor = found
    return found


Asker = Annotated[Visitor, Depends(reader)]


def seen_by(request: Request, asker: Asker) -> Shown:
    """The store as who asks may see it."""
    context = context_of(request)
    return Shown(context.db, asker.viewer, context.clock())


Sees = Annotated[Shown, Depends(seen_by)]


def log_in(request: Request, response: Response, shown: str) -> Member:
    """Open a session for whom a token, or the secret of a log-in link, belongs to; set its cookie on `response`.

    Raises:
        NotLoggedIn: the token is unknown, revoked or expired, or the link was used before.
    """
    context = context_of(request)
    must_be_ours(request)
    now = context.clock()
    shown = shown.strip()
    member = _linked(context, shown) if shown.startswith(members.LINK_PREFIX) else _owner(context, shown)
    session = members.issue_token(
        context.db, member.handle, now=now, label=SESSION_LABEL, expires_at=now + SESSION_SECONDS * 1_000_000
    )
    response.set_cookie(
        cookie_name(context),
        session,
        max_age=SESSION_SECONDS,
        httponly=True,
        secure=context.config.secure,
        samesite="lax",
        path="/",
    )
    return member


def login_link(db: Database, pages: str, handle: str, *, now: int) -> str:
    """An address under `pages` that opens a browser session for the member, once, within a quarter of an hour.

    Its secret stands behind the `#`: browsers send that to no server, so it is in no log and no preview opens it.

    Raises:
        NotFound: no such member.
    """
    secret = members.issue_link(db, handle, now=now, expires_at=now + LINK_SECONDS * 1_000_000)
    return f"{pages}/login#{secret}"


def log_out(request: Request, response: Response, shown: str) -> None:
    """Revoke the session's token and take its cookie away. `shown` is the form's token."""
    context = context_of(request)
    session = request.cookies.get(cookie_name(context))
    if session:
        must_be_ours(request)
        _check_form_token(session, shown)
        members.revoke_secret(context.db, session, now=context.clock())
    response.delete_cookie(cookie_name(context), path="/", secure=context.config.secure, httponly=True, samesite="lax")


def form_token(session: str) -> str:
    """The token of the session's forms: nobody can derive it without the cookie."""
    return hmac.new(session.encode(), b"runcite form", hashlib.sha256).hexdigest()


def cookie_name(context: Context) -> str:
    """The session cookie's name; over HTTPS one that browsers take from this very host only."""
    return "__Host-runcite" if context.config.secure else "runcite"


def safe_next(target: str) -> str:
    """Where to go after the log-in: a path of ours, else the first page."""
    parts = urlsplit(target)
    ours = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc and "\\" not in target
    return target if ours and target.isprintable() else "/"


def _owner(context: Context, token: str) -> Member:
    member = members.whose(context.db, token, context.clock())
    if member is None:
        raise _unknown("The token is unknown, revoked or expired.")
    return member


def _linked(context: Context, secret: str) -> Member:
    member = members.redeem_link(context.db, secret, now=context.clock())
    if member is None:
        raise NotLoggedIn(
            "This log-in link was used before, or its time is over.", remedy="Type /results login in Slack again."
        )
    return member


def _unknown(message: str) -> NotLoggedIn:
    return NotLoggedIn(
        message, remedy="Ask an admin for a token (runcite members token HANDLE), then: runcite login URL"
    )


def _check_form_token(session: str, shown: str) -> None:
    if not hmac.compare_digest(form_token(session).encode(), shown.encode()):
        raise NotAllowed("The form is out of date.", remedy="Reload the page and send it again.")


def must_be_ours(request: Request) -> None:
    """Refuse what another site's page sends with the visitor's cookie, or from the visitor's machine."""
    if request.method in _SAFE:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    foreign = site not in (None, "same-origin", "none")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        foreign = True
    if foreign:
        raise NotAllowed("Another site's page asked for this.", remedy="Do it from Runcite's own pages.")


def _must_be_local(request: Request) -> None:
    """Refuse a foreign name that was made to resolve to this machine (DNS rebinding)."""
    host = request.headers.get("host", "")
    name = urlsplit(f"//{host}").hostname or ""
    if not is_loopback(name):
        raise NotAllowed(
            f"Without a log-in this server answers on loopback names only, not as {name!r}.",
            remedy="Open it as http://127.0.0.1, or start it with --require-login.",
        )

"""Members and their tokens: who they are, and, for admins, who there is."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Request, Response

from tracker.record import Member, Role, Token
from tracker.server.api.shapes import PREFIX, described, empty
from tracker.server.auth import Asker
from tracker.server.config import MEGABYTE, context_of
from tracker.server.wire import answer, parsed
from tracker.store import members

router = APIRouter(prefix=PREFIX, tags=["members"])


class NewMember(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody to add."""

    handle: str
    role: Role = "member"
    name: str = ""


class NewRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A role to give."""

    role: Role


class Presence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a member is here, or has left."""

    active: bool


class NewToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a token is for, and, in microseconds since 1970, until when."""

    label: str = ""
    expires_at: int | None = None


class IssuedToken(msgspec.Struct, frozen=True):
    """The one time a token is shown."""

    token: str


class SlackUser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A Slack user, by workspace and ID."""

    team: str
    user: str


class Standing(msgspec.Struct, frozen=True):
    """Who the token belongs to, and how they were known."""

    member: Member
    via: str
    version: str


@router.get("/me", **described(result=Standing))
def get_me(request: Request, asker: Asker) -> Response:
    """Whose token this is."""
    return answer(request, Standing(asker.member, asker.via, request.app.version))


@router.get("/members", **described(result=tuple[Member, ...]))
def get_members(request: Request, asker: Asker) -> Response:
    """Everybody, by handle."""
    return answer(request, members.list_members(context_of(request).db))


@router.post("/members", **described(body=NewMember, result=Member, status=201))
def post_member(request: Request, asker: Asker) -> Response:
    """Add a member (admins)."""
    asker.must_reach("admin", "Adding a member")
    context = context_of(request)
    new = parsed(request, NewMember, MEGABYTE)
    member = members.add_member(context.db, new.handle, new.role, new.name, now=context.clock())
    return answer(request, member, 201)


@router.put("/members/{handle}/role", **described(body=NewRole, result=Member))
def put_role(request: Request, handle: str, asker: Asker) -> Response:
    """Give a member another role (admins)."""
    asker.must_reach("admin", "Giving a role")
    context = context_of(request)
    new = parsed(request, NewRole, MEGABYTE)
    return answer(request, members.set_role(context.db, handle, new.role))


@router.put("/members/{handle}/slack", **described(body=SlackUser, result=Member))
def put_slack(request: Request, handle: str, asker: Asker) -> Response:
    """Bind a member to their Slack user (admins; members do it themselves with /results login)."""
    asker.must_reach("admin", "Binding a Slack user")
    context = context_of(request)
    user = parsed(request, SlackUser, MEGABYTE)
    members.bind_slack(context.db, handle, user.team, user.user, now=context.clock())
    return answer(request, members.get_member(context.db, handle))


@router.post("/members/{handle}/tokens", **described(body=NewToken, result=IssuedToken, status=201))
def post_token(request: Request, handle: str, asker: Asker) -> Response:
    """Issue a token: one's own, or, for admins, anybody's. It is shown this once."""
    context = context_of(request)
    new = parsed(request, NewToken, MEGABYTE)
    asker.must_be(handle, "This account")
    token = members.issue_token(context.db, handle, now=context.clock(), label=new.label, expires_at=new.expires_at)
    return answer(request, IssuedToken(token), 201)


@router.get("/members/{handle}/tokens", **described(result=tuple[Token, ...]))
def get_tokens(request: Request, handle: str, asker: Asker) -> Response:
    """A member's tokens, without their secrets: one's own, or, for admins, anybody's."""
    asker.must_be(handle, "This account")
    return answer(request, members.list_tokens(context_of(request).db, handle))


@router.put("/members/{handle}/active", **described(body=Presence, result=Member))
def put_active(request: Request, handle: str, asker: Asker) -> Response:
    """Let a member leave, so that their tokens open nothing any more, or come back (admins)."""
    asker.must_reach("admin", "Letting a member leave or return")
    context = context_of(request)
    return answer(request, members.set_active(context.db, handle, parsed(request, Presence, MEGABYTE).active))


@router.post("/tokens/{token_id}/rotate", **described(result=IssuedToken, status=201))
def post_rotate(request: Request, token_id: str, asker: Asker) -> Response:
    """Replace a token by a new one with the same owner, label and expiry: one's own, or, for admins, anybody's.

    The old one is revoked at once; the new one is shown this once.
    """
    context = context_of(request)
    asker.must_be(members.owner_of_token(context.db, token_id), "This token")
    return answer(request, IssuedToken(members.rotate_token(context.db, token_id, now=context.clock())), 201)


@router.delete("/tokens/{token_id}", **described(result=dict[str, str]))
def delete_token(request: Request, token_id: str, asker: Asker) -> Response:
    """Revoke a token at once: one's own, or, for admins, anybody's."""
    context = context_of(request)
    asker.must_be(members.owner_of_token(context.db, token_id), "This token")
    members.revoke_token(context.db, token_id, now=context.clock())
    return answer(request, empty())

"""Members and their tokens.

A token is `rc_` and 32 random bytes in base64; only its SHA-256 is stored, which is enough for a secret that
cannot be guessed. It is shown once, when it is issued.
"""

from __future__ import annotations

import base64
import difflib
import hashlib
import os
import re
import secrets
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update
from sqlalchemy.exc import IntegrityError

from tracker.errors import Clash, NotFound, UsageError
from tracker.ids import clip
from tracker.record import Member, Role, Token
from tracker.settings import PREFIX
from tracker.store.database import Database
from tracker.store.sql import insert_new
from tracker.store.tables import people

LINK_PREFIX = "rl_"
LINK_LABEL = "log-in link"
ROLES: tuple[Role, ...] = ("member", "instructor", "admin")
_HANDLE = re.compile(r"[^\W_][\w.@+-]{0,63}")
_COLUMNS = (
    people.members.c.handle,
    people.members.c.role,
    people.members.c.name,
    people.members.c.slack_team,
    people.members.c.slack_user,
    people.members.c.active,
)


def add_member(db: Database, handle: str, role: Role = "member", name: str = "", *, now: int) -> Member:
    """Register a person under a handle of letters, digits, `.`, `-`, `_`, `+` and `@`.

    Raises:
        UsageError: a handle or role that cannot be.
        Clash: the handle is taken.
    """
    if not _HANDLE.fullmatch(handle):
        raise UsageError(
            f"{clip(handle)!r} is no handle.", remedy="Use up to 64 letters, digits, dots, dashes or underscores."
        )
    _check_role(role)
    row = {"handle": handle, "role": role, "name": name, "active": True, "created_at": now}
    try:
        with db.write() as connection:
            connection.execute(people.members.insert(), row)
    except IntegrityError:
        raise Clash(f"There is a member {handle!r} already.", remedy="See `runcite members list`.") from None
    return Member(handle, role, name)


def local_member(db: Database, *, now: int) -> Member:
    """Who works on an embedded database: the user of this operating system, made an admin when first seen."""
    handle = _system_user()
    with db.read() as connection:
        found = _find(connection, handle)
    if found is None:
        row = {"handle": handle, "role": "admin", "name": "", "active": True, "created_at": now}
        with db.write() as connection:
            insert_new(connection, people.members, [row])
            found = _find(connection, handle)
    assert found is not None
    return found


def list_members(db: Database) -> tuple[Member, ...]:
    """Everybody, by handle, those who left included."""
    with db.read() as connection:
        rows = connection.execute(select(*_COLUMNS).order_by(people.members.c.handle))
        return tuple(_member(row) for row in rows)


def get_member(db: Database, handle: str) -> Member:
    """The member with that handle.

    Raises:
        NotFound: nobody has it; handles that come close are suggested.
    """
    with db.read() as connection:
        return _must_find(connection, handle)


def set_role(db: Database, handle: str, role: Role) -> Member:
    """Give a member another role. Raises as `add_member` and `get_member`."""
    _check_role(role)
    return _change(db, handle, role=role)


def set_active(db: Database, handle: str, active: bool) -> Member:
    """Let a member leave (their tokens no longer open anything) or come back."""
    return _change(db, handle, active=active)


def bind_slack(db: Database, handle: str, team: str, user: str, now: int) -> Member:
    """Bind a member to their Slack user. Binding again replaces the member's earlier user.

    Raises:
        NotFound: no such member.
        Clash: the Slack user is bound to another member.
    """
    try:
        return _change(db, handle, slack_team=team, slack_user=user, slack_at=now)
    except IntegrityError:
        raise Clash(
            "That Slack user is bound to another member.", remedy="An admin can unbind them with `runcite members`."
        ) from None


def unbind_slack(db: Database, handle: str) -> Member:
    """Forget a member's Slack user."""
    return _change(db, handle, slack_team=None, slack_user=None, slack_at=None)


def by_slack(db: Database, team: str, user: str) -> Member | None:
    """The member bound to a Slack user."""
    with db.read() as connection:
        where = and_(people.members.c.slack_team == team, people.members.c.slack_user == user)
        row = connection.execute(select(*_COLUMNS).where(where)).first()
        return _member(row) if row else None


def issue_token(
    db: Database,
    handle: str,
    *,
    now: int,
    label: str = "",
    expires_at: int | None = None,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> str:
    """A new token of a member: this is the only time it is shown.

    Raises:
        NotFound: no such member.
        UsageError: it would have expired already.
    """
    if expires_at is not None and expires_at <= now:
        raise UsageError("The token would have expired already.", remedy="Give a time that is still to come.")
    with db.write() as connection:
        return _issue(connection, handle, label, expires_at, now, random_bytes)


def rotate_token(
    db: Database, token_id: str, *, now: int, random_bytes: Callable[[int], bytes] = secrets.token_bytes
) -> str:
    """Replace a token by a new one with the same owner, label and expiry; the old one is revoked at once.

    Raises:
        NotFound: no such token, or one that is revoked already.
    """
    with db.write() as connection:
        old = _tokens(connection, people.tokens.c.id == token_id)
        if not old or not old[0].usable(now):
            raise _no_token(token_id)
        connection.execute(update(people.tokens).where(people.tokens.c.id == token_id).values(revoked_at=now))
        return _issue(connection, old[0].handle, old[0].label, old[0].expires_at, now, random_bytes)


def issue_link(
    db: Database,
    handle: str,
    *,
    now: int,
    expires_at: int,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> str:
    """The secret of a link that logs a member in, once; an earlier one that was not used yet is worth nothing then.

    It is no token: no request is let in by it.

    Raises:
        NotFound: no such member.
    """
    t = people.tokens.c
    with db.write() as connection:
        _must_find(connection, handle)
        mine = select(people.members.c.id).where(people.members.c.handle == handle).scalar_subquery()
        unused = and_(t.member_id == mine, t.label == LINK_LABEL, t.revoked_at.is_(None))
        connection.execute(update(people.tokens).where(unused).values(revoked_at=now))
        return _issue(connection, handle, LINK_LABEL, expires_at, now, random_bytes, LINK_PREFIX)


def redeem_link(db: Database, secret: str, *, now: int) -> Member | None:
    """The active member whom the link logs in; it is used up. None for one that is unknown, used or expired.

    Of several who come with it at once, one gets in.
    """
    if not secret.startswith(LINK_PREFIX):
        return None
    t = people.tokens.c
    usable = and_(t.digest == _digest(secret), t.revoked_at.is_(None), t.expires_at > now)
    with db.write() as connection:
        used = connection.execute(update(people.tokens).where(usable).values(revoked_at=now))
        if used.rowcount != 1:
            return None
        query = select(*_COLUMNS).join(people.tokens).where(t.digest == _digest(secret), people.members.c.active)
        row = connection.execute(query).first()
        return _member(row) if row else None


def whose(db: Database, token: str, now: int) -> Member | None:
    """The active member a token belongs to; None for one that is unknown, revoked or expired."""
    if not token.startswith(PREFIX):
        return None
    t = people.tokens.c
    usable = and_(
        t.digest == _digest(token),
        t.revoked_at.is_(None),
        or_(t.expires_at.is_(None), t.expires_at > now),
        people.members.c.active,
    )
    with db.read() as connection:
        row = connection.execute(select(*_COLUMNS).join(people.tokens).where(usable)).first()
        return _member(row) if row else None


def list_tokens(db: Database, handle: str | None = None) -> tuple[Token, ...]:
    """A member's tokens (everybody's without `handle`), the newest first, without their secrets."""
    with db.read() as connection:
        if handle is None:
            return _tokens(connection)
        _must_find(connection, handle)
        return _tokens(connection, people.members.c.handle == handle)


def owner_of_token(db: Database, token_id: str) -> str:
    """The handle of whom the token `token_id` belongs to.

    Raises:
        NotFound: no such token.
    """
    with db.read() as connection:
        found = _tokens(connection, people.tokens.c.id == token_id)
    if not found:
        raise _no_token(token_id)
    return found[0].handle


def revoke_token(db: Database, token_id: str, *, now: int) -> None:
    """Make a token useless from now on. Revoking again changes nothing.

    Raises:
        NotFound: no such token.
    """
    owner_of_token(db, token_id)
    _revoke(db, people.tokens.c.id == token_id, now)


def revoke_secret(db: Database, token: str, *, now: int) -> None:
    """Make the token itself useless, known by its secret; an unknown one is no error."""
    _revoke(db, people.tokens.c.digest == _digest(token), now)


def _revoke(db: Database, which: ColumnElement[bool], now: int) -> None:
    t = people.tokens
    with db.write() as connection:
        connection.execute(update(t).where(which, t.c.revoked_at.is_(None)).values(revoked_at=now))


def _issue(
    connection: Connection,
    handle: str,
    label: str,
    expires_at: int | None,
    now: int,
    random_bytes: Callable[[int], bytes],
    prefix: str = PREFIX,
) -> str:
    _must_find(connection, handle)
    member_id = connection.scalar(select(people.members.c.id).where(people.members.c.handle == handle))
    token = prefix + base64.urlsafe_b64encode(random_bytes(32)).decode().rstrip("=")
    row = {
        "id": _digest("id:" + token)[:12],
        "member_id": member_id,
        "digest": _digest(token),
        "label": label,
        "created_at": now,
        "expires_at": expires_at,
    }
    connection.execute(people.tokens.insert(), row)
    return token


def _tokens(connection: Connection, *where: ColumnElement[bool]) -> tuple[Token, ...]:
    t = people.tokens.c
    query = select(t.id, people.members.c.handle, t.label, t.created_at, t.expires_at, t.revoked_at)
    query = query.join(people.members).where(*where).order_by(t.created_at.desc(), t.id)
    return tuple(Token(*row) for row in connection.execute(query))


def _change(db: Database, handle: str, **values: object) -> Member:
    with db.write() as connection:
        _must_find(connection, handle)
        connection.execute(update(people.members).where(people.members.c.handle == handle).values(**values))
        return _must_find(connection, handle)


def _find(connection: Connection, handle: str) -> Member | None:
    row = connection.execute(select(*_COLUMNS).where(people.members.c.handle == handle)).first()
    return _member(row) if row else None


def _must_find(connection: Connection, handle: str) -> Member:
    found = _find(connection, handle)
    if found is None:
        known = connection.scalars(select(people.members.c.handle).limit(10_000)).all()
        raise NotFound(
            f"There is no member {clip(handle)!r}.",
            remedy="See `runcite members list`.",
            suggestions=tuple(difflib.get_close_matches(handle, known)),
        )
    return found


def _member(row: Sequence[Any]) -> Member:
    return Member(*row)


def _no_token(token_id: str) -> NotFound:
    return NotFound(f"There is no token {clip(token_id)!r}.", remedy="See `runcite members tokens`.")


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise UsageError(f"{clip(role)!r} is no role.", remedy=f"Use one of {', '.join(ROLES)}.")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _system_user() -> str:
    try:
        import pwd

        name = pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError, AttributeError):
        name = f"user{os.getuid()}" if hasattr(os, "getuid") else os.getlogin()
    return re.sub(r"[^\w.@+-]", "-", name)[:64].lstrip("_.@+-") or "local"

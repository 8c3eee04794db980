"""What the app was granted: codes that stand for a consent, once, and tokens that are renewed before they expire."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.shapes import SECOND, ApiError

CODE_LASTS = 600 * SECOND
ACTIVE = 2
"""Tokens of one installation that work at a time: an older one ends when another is made."""


@dataclass
class Caller:
    """Whom a token belongs to: the app's `bot`, a `user` who lent theirs, or the `app` itself. `state` may end it."""

    kind: str
    user: str
    scopes: tuple[str, ...]
    state: str = ""
    expires_at: int | None = None

    @property
    def is_bot(self) -> bool:
        return self.kind == "bot"


@dataclass
class Grant:
    """One installation: in which workspace, by whom, what it may do, and its tokens, the oldest first."""

    team: str
    user: str
    scopes: tuple[str, ...]
    tokens: dict[str, Caller] = field(default_factory=dict)
    refresh: str = ""


@dataclass(frozen=True)
class _Code:
    grant: Grant
    redirect: str
    until: int


class Grants:
    """The app's client ID and secret, and what people consented to. With `rotation`, tokens last `lifetime` seconds."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self.client_id, self.client_secret = "1111111111.2222222222", "stand-in-client-secret"
        self.rotation, self.lifetime = True, 43_200
        self.redirect = ""
        self._clock = clock
        self._codes: dict[str, _Code] = {}
        self._grants: list[Grant] = []

    def consent(self, team: str, user: str, scopes: tuple[str, ...], redirect: str) -> str:
        """Somebody allowed it: the code that the app gets."""
        code = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**13)}.{secrets.token_hex(32)}"
        self._codes[code] = _Code(Grant(team, user, scopes), redirect, self._clock() + CODE_LASTS)
        return code

    def redeem(self, code: str, redirect: str) -> Grant:
        """The installation that a code stands for, once.

        Raises:
            ApiError: `invalid_code`, `bad_redirect_uri`.
        """
        known = self._codes.pop(code, None)
        if known is None or known.until < self._clock():
            raise ApiError("invalid_code")
        if redirect != known.redirect:
            raise ApiError("bad_redirect_uri")
        self._grants.append(known.grant)
        return known.grant

    def renewing(self, refresh: str) -> Grant:
        """The installation whose token is to be renewed; a refresh token works once.

        Raises:
            ApiError: `invalid_refresh_token`.
        """
        for grant in self._grants:
            if refresh and secrets.compare_digest(grant.refresh, refresh):
                return grant
        raise ApiError("invalid_refresh_token")

    def issue(self, grant: Grant, bot_user: str) -> tuple[str, Caller]:
        """A new token of an installation."""
        ends = self._clock() + self.lifetime * SECOND if self.rotation else None
        prefix = "xoxe.xoxb-1-" if self.rotation else "xoxb-"
        token, caller = f"{prefix}{secrets.token_urlsafe(100)}", Caller("bot", bot_user, grant.scopes, "", ends)
        grant.refresh = f"xoxe-1-{secrets.token_urlsafe(100)}" if self.rotation else ""
        for old in list(grant.tokens.values())[: max(0, len(grant.tokens) + 1 - ACTIVE)]:
            old.state = "token_revoked"
        grant.tokens[token] = caller
        return token, caller

    def end(self, team: str) -> None:
        """The app was taken out of a workspace: none of its tokens works any more."""
        for grant in [each for each in self._grants if each.team == team]:
            self._grants.remove(grant)
            for caller in grant.tokens.values():
                caller.state = "token_revoked"

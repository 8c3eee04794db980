"""The ear: what Slack sends is stored, and only then acknowledged. Nothing else is done here.

This stands in Bolt right behind its check of the signature, before anything that would call Slack. It is
the same for HTTP and for Socket Mode: when the letter cannot be stored the answer is no 200, and Slack sends
it again; a command, which Slack never repeats, is told so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import msgspec
from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.middleware import Middleware

from bot.letters import letter_of
from bot.worker import Bell
from tracker.errors import RunciteError
from tracker.store import mailbox
from tracker.store.database import Database
from tracker.store.mailbox import Letter

log = logging.getLogger("runcite.bot")

AWAY = "Runcite cannot reach its database just now. Please type that again in a minute."


class Ear(Middleware):
    """Stores and acknowledges. `team` is the one workspace that is served; None serves all of the app's."""

    def __init__(
        self,
        db: Database,
        clock: Callable[[], int],
        bell: Bell,
        team: str | None = None,
        reach: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._bell = bell
        self._team = team
        self._reach = reach

    @property
    def name(self) -> str:
        return "bot.listeners.Ear"

    def process(self, *, req: BoltRequest, resp: BoltResponse, next: Callable[[], BoltResponse]) -> BoltResponse | None:
        """The acknowledgement, once what was sent is safe."""
        body: dict[str, Any] = req.body
        if body.get("type") in {"url_verification", "ssl_check"}:
            return next()
        if self._team is not None and _team(body) not in (None, self._team):
            log.warning("A request of the workspace %s is not for this bot", _team(body))
            return BoltResponse(status=200, body="")
        letter = _letter(body)
        if letter is None:
            return BoltResponse(status=200, body="")
        self._reach("arrived")
        try:
            new = mailbox.deliver(self._db, letter, now=self._clock())
        except RunciteError as error:
            log.warning("A letter cannot be stored, Slack has to send it again: %s", error.message)
            if letter.kind == "command":
                return BoltResponse(status=200, body=AWAY)
            return BoltResponse(status=503, body="")
        self._reach("stored")
        if new:
            self._bell.ring()
        return BoltResponse(status=200, body="")


def _team(body: dict[str, Any]) -> str | None:
    """The workspace of a request; gestures name it in another place than events."""
    team = body.get("team")
    return body.get("team_id") or (team.get("id") if isinstance(team, dict) else None)


def _letter(body: dict[str, Any]) -> Letter | None:
    """The letter; none of an event in a shape that nobody knows, which would only come again."""
    try:
        return letter_of(body)
    except msgspec.ValidationError as error:
        log.warning("An event of an unknown shape is left: %s", error)
        return None

"""Steps that effects are made of: it is somebody's turn, this is tried, it is over; and saying it in words alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bot.blocks import Message, section
from bot.desk import Desk
from bot.slack import Declined, Unheard
from tracker.errors import RunciteError
from tracker.store import mailbox
from tracker.store.mailbox import Effect, Lease

log = logging.getLogger("runcite.bot")

_BLOCKS_AT_FAULT = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "block_mismatch"})


@dataclass(frozen=True)
class Pace:
    """How often something may be done: once for each `every` (microseconds), up to `burst` at once."""

    every: int
    burst: int


class Later(RunciteError):
    """Not now, and nothing was tried."""

    def __init__(self, at: int) -> None:
        super().__init__("It is not its turn yet.")
        self.at = at


class Queued(RunciteError):
    """Its turn comes later, and that is noted; nothing was tried."""


def say(send: Callable[[Message], object], said: Message) -> str:
    """Send a message; if Slack does not like its blocks, the words alone."""
    try:
        return str(send(said))
    except Declined as error:
        if error.code not in _BLOCKS_AT_FAULT:
            raise
        log.warning("Slack does not take the blocks, so the words go alone: %s", error.message)
        return str(send(words_only(said)))


def said_once(send: Callable[[], object]) -> str:
    """Say something that nobody can look for afterwards. What came of it, for the effect's end.

    A call that went out whole and was not answered in time counts as said: Slack has it, and said again it would stand
    there twice. One that may not have got there is the caller's to repeat.
    """
    try:
        send()
    except Unheard as error:
        log.warning("%s It counts as said.", error.message)
        return "not answered in time"
    return ""


def words_only(said: Message) -> Message:
    """The message as one section of its plain text."""
    return Message(said.text, (section(said.text[:2900].rpartition(" ")[0] if len(said.text) > 2900 else said.text),))


def attempt(desk: Desk, held: Lease, effect: Effect, key: str = "", pace: Pace | None = None) -> None:
    """Note that the effect is tried now: until its end is noted, nobody knows whether it came about.

    Raises:
        Queued: it is not its turn under `key` yet.
    """
    now = desk.clock()
    with mailbox.holding(desk.db, held, until=now + desk.patience.lease) as connection:
        at = now
        if pace is not None:
            at = mailbox.take_turn(connection, effect, key, now=now, every=pace.every, burst=pace.burst)
        if at <= now:
            mailbox.attempt(connection, effect, now=now)
        else:
            unsure = effect.attempted_at is not None
            mailbox.postpone(connection, effect, not_before=at, error="its turn", unsure=unsure)
    if at > now:
        raise Queued("Its turn comes later.")


def end(desk: Desk, held: Lease, effect: Effect, state: mailbox.Ending, result: str) -> None:
    """The effect is over."""
    with mailbox.holding(desk.db, held) as connection:
        mailbox.end(connection, effect, state, now=desk.clock(), result=result)

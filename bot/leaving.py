"""Workspaces that took the app out, and tokens that are about to expire: both done by whoever holds their lane."""

from __future__ import annotations

from bot.desk import Desk
from bot.installs import RENEW_BEFORE
from bot.letters import decoded
from bot.settings import SECOND
from tracker.store import mailbox
from tracker.store.mailbox import Intent, Lease, Letter, Mail


def read_leave(desk: Desk, held: Lease, mail: Mail) -> str:
    """The app was taken out of a workspace, or its token was revoked: nothing is kept to call it with."""
    body = decoded(mail.body)
    event = body["event"]
    ended = event.get("type") == "app_uninstalled" or bool((event.get("tokens") or {}).get("bot"))
    outcome = "one workspace" if desk.installs is None else "others' tokens"
    if ended and desk.installs is not None:
        at = int(body.get("event_time") or mail.received_at // SECOND) * SECOND
        outcome = desk.installs.remove(str(body.get("team_id", "")), at=at)
    with mailbox.holding(desk.db, held) as connection:
        mailbox.settle(connection, mail, outcome, now=desk.clock())
    return outcome


def notice(desk: Desk) -> int:
    """Put the renewal of tokens that run out soon into the mailbox. How many letters that made."""
    now, made = desk.clock(), 0
    for each in desk.installs.teams() if desk.installs is not None else ():
        if each.expires_at is not None and each.expires_at - now <= RENEW_BEFORE:
            key = f"renew:{each.team}:{each.expires_at}"
            made += mailbox.deliver(desk.db, Letter(f"install:{each.team}", "renew", key, key, b"{}"), now=now)
    return made


def read_renewal(desk: Desk, held: Lease, mail: Mail) -> str:
    """A workspace's token is to be renewed."""
    team = held.key.partition(":")[2]
    with mailbox.holding(desk.db, held) as connection:
        mailbox.intend(
            connection, held, [Intent(f"renew:{held.key}:{mail.id}", "renew", team.encode())], now=desk.clock()
        )
        mailbox.settle(connection, mail, "renew", now=desk.clock())
    return "renew"

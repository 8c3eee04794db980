"""What the bot posts of itself: the week in review, and the day's root, each once in each channel that wants it.

Whoever notices first that one is due puts it into the mailbox under a key of its own, so that however many
replicas notice it, there is one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from bot import digest
from bot.blocks import Message
from bot.desk import Desk
from bot.forms import Announcement
from bot.instructors import handles
from bot.letters import decoded
from bot.lookup import MOST_RECORDS, sees
from bot.settings import SECOND
from bot.sight import Sight
from tracker.learning import learned
from tracker.store import channels, citations, mailbox, queries, roots
from tracker.store.mailbox import Intent, Lease, Letter, Mail

DAY = 86_400 * SECOND
_AT_HOUR = 8
"""The digest comes on Mondays at eight, UTC; the root a few minutes after midnight."""
_AFTER_MIDNIGHT = 5


class Occasion(msgspec.Struct, frozen=True):
    """What is due where: the week from `since` to `until`, or the root of a day; who (a handle) wanted it."""

    team: str
    channel: str
    since: int
    until: int
    day: str
    by: str = ""


def notice(desk: Desk) -> int:
    """Put what is due into the mailbox. How many letters that made."""
    now = desk.clock()
    today = datetime.fromtimestamp(now / SECOND, UTC)
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
    monday = midnight - timedelta(days=midnight.weekday())
    weekly, daily = monday + timedelta(hours=_AT_HOUR), midnight + timedelta(minutes=_AFTER_MIDNIGHT)
    made = 0
    for kind, value, at in (("digest", "weekly", weekly), ("roots", "daily", daily)):
        due = int(at.timestamp()) * SECOND
        if due > now:
            continue
        for each in channels.channels_with(desk.db, kind, value):
            if each.set_at >= due:
                continue
            until = int(monday.timestamp()) * SECOND
            occasion = Occasion(
                each.team, each.channel, until - 7 * DAY, until, midnight.date().isoformat(), each.set_by
            )
            key = f"{kind}:{each.team}:{each.channel}:{at.date().isoformat()}"
            made += mailbox.deliver(desk.db, Letter(key, kind, key, key, msgspec.json.encode(occasion)), now=now)
    return made


def read_digest(desk: Desk, held: Lease, mail: Mail) -> str:
    """The week in review; nothing where nothing happened."""
    occasion = msgspec.convert(decoded(mail.body), learned(Occasion))
    return _post(desk, held, mail, occasion, _week(desk, occasion))


def _week(desk: Desk, occasion: Occasion) -> Message | None:
    shown = sees(desk)
    now = shown.now
    found = citations.list_citations(desk.db, since=occasion.since, until=occasion.until, limit=100_000)
    posts = [each for each in found if each.team == occasion.team]
    projects = []
    for project in queries.list_projects(desk.db, now=now):
        if project.last_seen is not None and project.last_seen >= occasion.since:
            spec = queries.get_board(desk.db, project.name)
            records = shown.without_values(queries.find_records(desk.db, project.name, limit=MOST_RECORDS, now=now))
            week = digest.week_of(spec, records, occasion.since, occasion.until)
            projects.append(week.seen(shown.veil(project.name)))
    moved = [each for each in projects if each.happened]
    if not posts and not moved:
        return None
    return digest.message_of(moved, posts, handles(desk, occasion.team), _sight(desk, occasion), occasion.since)


def _sight(desk: Desk, occasion: Occasion) -> Sight:
    """In the language of who wanted it in the channel."""
    user = next((user for user, handle in handles(desk, occasion.team).items() if handle == occasion.by), None)
    return Sight((), desk.pages, desk.at(occasion.team).language(user) if user is not None else "en")


def read_roots(desk: Desk, held: Lease, mail: Mail) -> str:
    """The day's root over all chains: a witness that the database's owner cannot rewrite."""
    occasion = msgspec.convert(decoded(mail.body), learned(Occasion))
    root = roots.daily(desk.db, datetime.fromisoformat(occasion.day).date(), desk.clock())
    return _post(
        desk,
        held,
        mail,
        occasion,
        digest.root_message(root.day, root.number, root.digest, root.moved, _sight(desk, occasion)),
    )


def _post(desk: Desk, held: Lease, mail: Mail, occasion: Occasion, said: Message | None) -> str:
    with mailbox.holding(desk.db, held) as connection:
        if said is not None:
            order = Announcement(occasion.team, occasion.channel, said.text, tuple(map(dict, said.blocks)))
            intent = Intent(f"announce:{held.key}", "announce", msgspec.json.encode(order))
            mailbox.intend(connection, held, [intent], now=desk.clock())
        mailbox.settle(connection, mail, mail.kind if said is not None else "nothing", now=desk.clock())
    return mail.kind

"""What instructors set for a Slack channel: how posts are refused there, and what is posted of itself."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, and_, select

from tracker.store.database import Database
from tracker.store.sql import upsert
from tracker.store.tables.mail import channels

KEYS = ("manner", "digest", "roots")
"""`manner` (thread, ephemeral or removal), `digest` (weekly or off), `roots` (daily or off)."""


class ChannelSetting(msgspec.Struct, frozen=True):
    """One setting of a channel, and who (handle) set it."""

    team: str
    channel: str
    key: str
    value: str
    set_by: str
    set_at: int


_ROW = tuple(channels.c[name] for name in ChannelSetting.__struct_fields__)


def set_channel(db: Database, team: str, channel: str, key: str, value: str, *, by: str, now: int) -> None:
    """Set it, in place of what it was."""
    row = {"team": team, "channel": channel, "key": key, "value": value, "set_by": by, "set_at": now}
    with db.write() as connection:
        upsert(connection, channels, ("team", "channel", "key"), [row])


def settings_of(db: Database, team: str, channel: str) -> dict[str, str]:
    """Everything that was set for a channel."""
    with db.read() as connection:
        return settings_in(connection, team, channel)


def settings_in(connection: Connection, team: str, channel: str) -> dict[str, str]:
    """The same, inside a transaction."""
    here = and_(channels.c.team == team, channels.c.channel == channel)
    rows = connection.execute(select(channels.c.key, channels.c.value).where(here))
    return {row.key: row.value for row in rows}


def channels_with(db: Database, key: str, value: str) -> tuple[ChannelSetting, ...]:
    """Every channel where `key` is `value`."""
    with db.read() as connection:
        query = select(*_ROW).where(channels.c.key == key, channels.c.value == value)
        rows = connection.execute(query.order_by(channels.c.team, channels.c.channel))
        return tuple(ChannelSetting(*row) for row in rows)

"""Mail: what Slack sent, what is owed to it, and the posts, replies and citations that came of it."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from tracker.store.tables import Bytes, Key, Line, Time, metadata

lanes = Table(
    "lanes",
    metadata,
    Column("id", Key, primary_key=True),
    Column("key", Line, nullable=False, unique=True),
    Column("due_at", Time),
    Column("leased_until", Time),
    Column("lease", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("patient", Boolean, nullable=False),
    Index(None, "due_at"),
)
"""A lane is what must be done one after the other: all about one post, one command, one person's Home.
`due_at` is NULL where nothing is to do; `lease` counts leases, so that a holder who was too slow is known. A
`patient` lane lets the others go first: what it waits for is an effect that nobody waits for."""

inbox = Table(
    "inbox",
    metadata,
    Column("id", Key, primary_key=True),
    Column("lane", Key, ForeignKey("lanes.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("event_id", Line, nullable=False, unique=True),
    Column("subject", Line, nullable=False, unique=True),
    Column("client", Line, unique=True),
    Column("body", Bytes, nullable=False),
    Column("received_at", Time, nullable=False),
    Column("done_at", Time),
    Column("attempts", Integer, nullable=False),
    Column("outcome", Line),
    Index(None, "lane", "done_at"),
    Index(None, "done_at"),
)
"""Events as they came. `event_id`, `subject` (team, channel, ts, kind) and `client` (the sending client's own
ID of the message) each keep a duplicate out."""

outbox = Table(
    "outbox",
    metadata,
    Column("id", Key, primary_key=True),
    Column("lane", Key, ForeignKey("lanes.id"), nullable=False),
    Column("key", Line, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("body", Bytes, nullable=False),
    Column("state", Text, nullable=False),
    Column("not_before", Time, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("attempted_at", Time),
    Column("progress", Bytes),
    Column("result", Line),
    Column("error", Line),
    Column("created_at", Time, nullable=False),
    Column("ended_at", Time),
    Column("patient", Boolean, nullable=False),
    Column("turn_at", Time),
    CheckConstraint("state IN ('waiting', 'sent', 'dropped', 'dead')", name="state"),
    Index(None, "lane", "state"),
)
"""One row for each intended effect. `attempted_at` stands while it is not known whether Slack got it; `turn_at` is
the effect's place among those that must not come about all at once."""

posts = Table(
    "posts",
    metadata,
    Column("lane", Key, ForeignKey("lanes.id"), primary_key=True, autoincrement=False),
    Column("team", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("ts", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("verdict", Text),
    Column("reply_ts", Text),
    Column("reply", Bytes),
    Column("chart", Text),
    Column("chart_file", Text),
    Column("deleted_at", Time),
    Column("seen_at", Time, nullable=False),
    UniqueConstraint("team", "channel", "ts"),
    Index(None, "chart"),
)
"""Posts the bot saw. `version` is the ts of the edit judged last (empty for the post as it was written),
`digest` that of its content, `reply` what the reply should say now, `chart` the digest of the chart's inputs."""

citations = Table(
    "citations",
    metadata,
    Column("id", Key, primary_key=True),
    Column("team", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("ts", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("poster", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("claims", Bytes, nullable=False),
    Column("findings", Bytes, nullable=False),
    Column("at", Time, nullable=False),
    Column("retracted_at", Time),
    UniqueConstraint("team", "channel", "ts", "revision"),
    CheckConstraint("verdict IN ('accepted', 'rejected', 'ignored')", name="verdict"),
    Index(None, "at"),
)
"""One row for each judged revision of a post, kept for good."""

cited = Table(
    "cited",
    metadata,
    Column("citation", Key, ForeignKey("citations.id"), primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("run_id", Text, nullable=False),
    Index(None, "run_id"),
)
"""The run IDs of a citation, in the post's order; one that nothing is registered under too."""

paces = Table(
    "paces",
    metadata,
    Column("key", Line, primary_key=True),
    Column("free_at", Time, nullable=False),
)
"""When the next message may go that has no turn yet, for each thing that Slack limits."""

channels = Table(
    "channels",
    metadata,
    Column("team", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("set_by", Line, nullable=False),
    Column("set_at", Time, nullable=False),
)
"""What instructors set for a channel."""

"""Runs: what they said (segments, events, chunks), and what readers ask for (all the rest).

Every run has a number of its own (`runs.id`) that the other tables name it by; people know it by `run_id`.
Names of metrics and config keys are numbered for each project, so that an index over `metric_id` or
`key_id` is an index over one project's values.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from tracker.store.tables import Bytes, Key, Line, Real, Time, metadata

projects = Table(
    "projects",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Line, nullable=False, unique=True),
    Column("created_at", Time, nullable=False),
)

boards = Table(
    "boards",
    metadata,
    Column("id", Key, primary_key=True),
    Column("project_id", Key, ForeignKey("projects.id"), nullable=False),
    Column("spec", Bytes, nullable=False),
    Column("set_by", Line, nullable=False),
    Column("set_at", Time, nullable=False),
    Index(None, "project_id"),
)
"""Every board a project ever had; the last one holds. `spec` is canonical JSON of a `BoardSpec`."""

runs = Table(
    "runs",
    metadata,
    Column("id", Key, primary_key=True),
    Column("run_id", Text, nullable=False, unique=True),
    Column("project_id", Key, ForeignKey("projects.id"), nullable=False),
    Column("member_id", Key, ForeignKey("members.id")),
    Column("nonce", Line, nullable=False),
    Column("principal", Key),
    Column("state", Text, nullable=False),
    Column("started_at", Time, nullable=False),
    Column("received_at", Time, nullable=False),
    Column("last_seen", Time, nullable=False),
    Column("ended_at", Time),
    Column("runtime", Real),
    Column("name", Line),
    Column("seed", Text),
    Column("parent", Line),
    Column("reproduces", Line),
    Column("config_digest", Text, nullable=False),
    Column("code_digest", Text),
    Column("data_digest", Text),
    Column("environment_digest", Text),
    Column("events", BigInteger, nullable=False),
    Column("head", Bytes, nullable=False),
    Column("seals", Integer, nullable=False),
    Column("note", Line, nullable=False),
    CheckConstraint("state IN ('running', 'finished', 'failed')", name="state"),
    Index(None, "project_id", "started_at", "id"),
    Index(None, "project_id", "state", "started_at"),
    Index(None, "project_id", "config_digest"),
    Index(None, "member_id", "started_at"),
    Index(None, "started_at", "id"),
    Index(None, "reproduces"),
)
"""`principal` is the segment whose end is the run's: the first, or the last that resumed it (no foreign key, as
that table comes later). `seed` is a decimal number (it may exceed 64 bits of sign and value). `head` is the chain's
last link, `seals` how often the run was sealed."""

details = Table(
    "details",
    metadata,
    Column("run", Key, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("code", Key, ForeignKey("documents.id")),
    Column("python", Key, ForeignKey("documents.id")),
    Column("config", Bytes, nullable=False),
    Column("snapshot", Bytes, nullable=False),
    Column("ended", Bytes),
    Column("seals", Bytes, nullable=False),
)
"""A run's larger parts, as canonical JSON: config, snapshot (but for code and interpreter), end, and every seal."""

documents = Table(
    "documents",
    metadata,
    Column("id", Key, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("body", Bytes, nullable=False),
)
"""Parts of snapshots that many runs share, stored once by digest."""

retractions = Table(
    "retractions",
    metadata,
    Column("run", Key, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("by", Line, nullable=False),
    Column("at", Time, nullable=False),
    Column("why", Line, nullable=False),
)

segments = Table(
    "segments",
    metadata,
    Column("id", Key, primary_key=True),
    Column("run", Key, ForeignKey("runs.id"), nullable=False),
    Column("segment", Line, nullable=False),
    Column("nonce", Line, nullable=False),
    Column("role", Text, nullable=False),
    Column("rank", Integer),
    Column("part", Integer, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("last_digest", Text, nullable=False),
    Column("ended", Boolean, nullable=False),
    Unique("run", "nonce", "segment"),
)
"""How far each segment is held. Two resumed processes may name a segment alike; their nonces differ.
`part` is how many seals the run had when it was opened: a seal behind it closes it. `last_digest` is that of event
`number`, to know it again."""

events = Table(
    "events",
    metadata,
    Column("run", Key, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("segment", Key, ForeignKey("segments.id"), nullable=False),
    Column("received_at", Time, nullable=False),
    Column("link", Bytes, nullable=False),
    Column("body", Bytes, nullable=False),
)
"""What runs said, as canonical JSON, in the order of their chains. Never changed."""

keys = Table(
    "keys",
    metadata,
    Column("id", Key, primary_key=True),
    Column("project_id", Key, ForeignKey("projects.id"), nullable=False),
    Column("name", Line, nullable=False),
    Unique("project_id", "name"),
)
"""The config keys of a project."""

config_values = Table(
    "config_values",
    metadata,
    Column("run", Key, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("key_id", Key, ForeignKey("keys.id"), primary_key=True, autoincrement=False),
    Column("text", Line),
    Column("number", Real),
    Index("ix_config_values_text", "key_id", "text", "run"),
    Index("ix_config_values_number", "key_id", "number", "run"),
    sqlite_with_rowid=False,
)
"""Config values for queries: as text (its first characters), and as a number where it reads as one."""

metrics = Table(
    "metrics",
    metadata,
    Column("id", Key, primary_key=True),
    Column("project_id", Key, ForeignKey("projects.id"), nullable=False),
    Column("name", Line, nullable=False),
    Unique("project_id", "name"),
)
"""The metrics of a project."""

summaries = Table(
    "summaries",
    metadata,
    Column("run", Key, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("metric_id", Key, ForeignKey("metrics.id"), primary_key=True, autoincrement=False),
    Column("count", BigInteger, nullable=False),
    Column("nonfinite", BigInteger, nullable=False),
    Column("last_step", BigInteger, nullable=False),
    Column("last_time", Time, nullable=False),
    Column("last", Real),
    Column("first_step", BigInteger, nullable=False),
    Column("first", Real),
    Column("min", Real),
    Column("min_step", BigInteger),
    Column("max", Real),
    Column("max_step", BigInteger),
    Index("ix_summaries_max", "metric_id", "max", "run"),
    Index("ix_summaries_min", "metric_id", "min", "run"),
    Index("ix_summaries_last", "metric_id", "last", "run"),
    sqlite_with_rowid=False,
)
"""A `Summary` for each run and metric. `last` and `first` are NULL where the value is NaN."""

chunks = Table(
    "chunks",
    metadata,
    Column("run", Key, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("metric_id", Key, ForeignKey("metrics.id"), primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
    Column("data", Bytes, nullable=False),
)
"""Stretches of series as they came, by the event that brought them."""

pieces = Table(
    "pieces",
    metadata,
    Column("run", Key, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("metric_id", Key, ForeignKey("metrics.id"), primary_key=True, autoincrement=False),
    Column("after_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
    Column("data", Bytes, nullable=False),
)
"""Many small chunks in one, for reading: those behind `after_seq` up to `last_seq`, which the next piece comes
after. Derived from `chunks`; may be emptied at any time."""

artifacts = Table(
    "artifacts",
    metadata,
    Column("run", Key, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Line, nullable=False),
    Column("version", Integer, nullable=False),
    Column("type", Line, nullable=False),
    Column("digest", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("folder", Boolean, nullable=False),
    Column("media_type", Line, nullable=False),
    Column("at", Time, nullable=False),
    Column("stored", Boolean, nullable=False),
    Unique("run", "name", "version"),
    Index(None, "digest"),
)

datasets = Table(
    "datasets",
    metadata,
    Column("run", Key, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Line, nullable=False),
    Column("digest", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("source", Line),
    Column("used_as", Line),
    Index(None, "digest"),
)

tags = Table(
    "tags",
    metadata,
    Column("run", Key, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("tag", Line, primary_key=True),
    Index(None, "tag", "run"),
    sqlite_with_rowid=False,
)

reproductions = Table(
    "reproductions",
    metadata,
    Column("run", Key, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("original", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("sentence", Line, nullable=False),
    Column("sealed", Text),
    Column("score", Line, nullable=False),
    Column("at", Time, nullable=False),
    Index(None, "original"),
)
"""What a run that reproduced another found, by its own chain; badges follow from it."""

notices = Table(
    "notices",
    metadata,
    Column("id", Key, primary_key=True),
    Column("run", Key, ForeignKey("runs.id"), nullable=False),
    Column("at", Time, nullable=False),
    Column("code", Line, nullable=False),
    Column("message", Line, nullable=False),
    Index(None, "run"),
)

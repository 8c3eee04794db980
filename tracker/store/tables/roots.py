"""Daily roots: one digest over all chains, and what each chain stood at when it was taken."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Table, Text

from tracker.store.tables import Bytes, Key, Time, metadata

roots = Table(
    "roots",
    metadata,
    Column("number", Key, primary_key=True, autoincrement=False),
    Column("day", Text, nullable=False, unique=True),
    Column("digest", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("moved", BigInteger, nullable=False),
    Column("at", Time, nullable=False),
)
"""One for each day it was asked for, numbered from 1. `day` as ISO 8601 writes it, so that text sorts as days do."""

rooted = Table(
    "rooted",
    metadata,
    Column("run", Key, ForeignKey("runs.id"), primary_key=True, autoincrement=False),
    Column("root", Key, ForeignKey("roots.number"), primary_key=True, autoincrement=False, index=True),
    Column("seq", BigInteger, nullable=False),
    Column("link", Bytes, nullable=False),
    sqlite_with_rowid=False,
)
"""The chains that had moved since the root before: where each stood."""

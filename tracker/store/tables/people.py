"""Who may do what: members and their tokens; and the store's own secrets."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Table, Text, UniqueConstraint

from tracker.store.tables import Key, Line, Time, metadata

members = Table(
    "members",
    metadata,
    Column("id", Key, primary_key=True),
    Column("handle", Line, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("name", Line, nullable=False),
    Column("slack_team", Line),
    Column("slack_user", Line),
    Column("slack_at", Time),
    Column("active", Boolean, nullable=False),
    Column("created_at", Time, nullable=False),
    UniqueConstraint("slack_team", "slack_user"),
    CheckConstraint("role IN ('member', 'instructor', 'admin')", name="role"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Text, primary_key=True),
    Column("member_id", Key, ForeignKey("members.id"), nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("label", Line, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("expires_at", Time),
    Column("revoked_at", Time),
    Index(None, "member_id"),
)
"""`digest` is the SHA-256 of the token; the token itself is stored nowhere."""

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("secret", Text, nullable=False),
    Column("created_at", Time, nullable=False),
)
"""Secrets of this store's own, each drawn when it is first needed; every server and bot of the store uses the same."""

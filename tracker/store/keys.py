"""The store's own secrets: drawn when they are first needed, and the same for every server and bot from then on."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from sqlalchemy import select

from tracker.store.database import Database
from tracker.store.sql import insert_new
from tracker.store.tables import people

PSEUDONYMS = "pseudonyms"
_k = people.secrets.c


def key_of(db: Database, name: str, *, now: int, draw: Callable[[], str] = lambda: secrets.token_hex(32)) -> str:
    """The secret of that name."""
    query = select(_k.secret).where(_k.name == name)
    with db.read() as connection:
        found: str | None = connection.scalar(query)
    if found is None:
        with db.write() as connection:
            insert_new(connection, people.secrets, [{"name": name, "secret": draw(), "created_at": now}])
            found = connection.scalar(query)
    assert found is not None
    return found

"""Statements that both databases know under the same name, and that SQLAlchemy keeps in two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")
AT_ONCE = 500


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose unique columns are not there yet, whoever else inserts at the same time."""
    if rows:
        given = rows[0] if len(rows) == 1 else list(rows)
        connection.execute(insertion(table, connection.dialect.name), given)


@cache
def insertion(table: Table, dialect: str) -> Insert:
    """The statement of `insert_new`, built once: putting it together takes longer than running it."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing()


def upsert(connection: Connection, table: Table, key: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows, or overwrite those with the same `key`."""
    if rows:
        statement = _upsert(connection.dialect.name, table, tuple(key), tuple(rows[0]))
        connection.execute(statement, [dict(row) for row in rows])


@cache
def _upsert(dialect: str, table: Table, key: tuple[str, ...], names: tuple[str, ...]) -> Insert:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = insert(table)
    changed = {name: statement.excluded[name] for name in names if name not in key}
    if changed:
        return statement.on_conflict_do_update(index_elements=list(key), set_=changed)
    return statement.on_conflict_do_nothing()


def portions(items: Sequence[T], size: int = AT_ONCE) -> Iterator[Sequence[T]]:
    """`items` in stretches that fit the databases' limit on parameters."""
    for start in range(0, len(items), size):
        yield items[start : start + size]

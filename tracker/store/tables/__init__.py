"""The tables: one `MetaData`, and the column types that mean the same on SQLite and PostgreSQL.

Tables are declared in the modules beside this one and come into being by the migrations; a test holds the
two together.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import BigInteger, Dialect, Float, Integer, LargeBinary, MetaData, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Key = BigInteger().with_variant(Integer, "sqlite")
"""A surrogate key: SQLite's own row number, a bigserial on PostgreSQL."""

Time = BigInteger
"""Microseconds since 1970 in UTC."""

Bytes = LargeBinary
"""Bytes as they came, or canonical JSON."""

Real = Float(53)
"""A float64. NaN is not stored in it (SQLite has none): NULL stands there."""


_UNTEXT = re.compile("[\0\ud800-\udfff]")


def as_stored(text: str) -> str:
    """Text as databases can hold it."""
    return _UNTEXT.sub("\ufffd", text)


class Line(TypeDecorator[str]):
    """Text from people. What databases cannot hold (NUL, lone surrogates) is stored as U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return as_stored(value) if value else value

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        return self

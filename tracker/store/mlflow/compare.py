"""Comparisons of MLflow's filters as SQL, and pages of what is found."""

from __future__ import annotations

import base64
import binascii
import operator
from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, func

from tracker.errors import InvalidQuery
from tracker.ids import clip
from tracker.store.mlflow.language import Clause

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_GLOB = str.maketrans({"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"})


class Page(msgspec.Struct, frozen=True):
    """How many of what is found, and from where on."""

    limit: int
    offset: int

    @classmethod
    def of(cls, limit: int, most: int, token: str | None) -> Page:
        """The page a client asks for.

        Raises:
            InvalidQuery: too many at once, or a token that is none of ours.
        """
        if not 0 < limit <= most:
            raise InvalidQuery(f"max_results is {limit}.", remedy=f"Ask for 1 to {most:,} at once.")
        if not token:
            return cls(limit, 0)
        try:
            offset = msgspec.json.decode(base64.b64decode(token, validate=True), type=dict[str, int])["offset"]
        except (binascii.Error, ValueError, msgspec.DecodeError, KeyError):
            offset = -1
        if offset < 0:
            raise InvalidQuery(f"The page token {clip(token)!r} is none of ours.", remedy="Begin without one.")
        return cls(limit, offset)

    def next_token(self, found: int) -> str | None:
        """Where the next page begins, when one more than `limit` was found."""
        if found <= self.limit:
            return None
        return base64.b64encode(b'{"offset": %d}' % (self.offset + self.limit)).decode()


def holds(connection: Connection, column: ColumnElement[Any], clause: Clause) -> ColumnElement[bool]:
    """Whether the column compares as the clause says."""
    value: Any = clause.value
    found: Any
    if clause.op in _OPERATORS:
        found = _OPERATORS[clause.op](column, value)
    elif clause.op in {"IN", "NOT IN"}:
        found = column.in_(value) if clause.op == "IN" else column.not_in(value)
    elif clause.op == "ILIKE":
        found = func.lower(column).like(str(value).lower())
    elif clause.op == "LIKE" and connection.dialect.name == "sqlite":  # whose LIKE knows no case
        found = column.op("GLOB")(str(value).translate(_GLOB))
    elif clause.op == "LIKE":
        found = column.like(value)
    else:
        found = column.is_not(None)
    result: ColumnElement[bool] = found
    return result


def keyed(connection: Connection, rows: Select[Any], value: ColumnElement[Any], clause: Clause) -> ColumnElement[bool]:
    """Whether there is, or (for IS NULL) is not, a row among `rows` whose value compares as the clause says."""
    if clause.op == "IS NULL":
        return ~rows.exists()
    return rows.where(holds(connection, value, clause)).exists()

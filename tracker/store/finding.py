"""Runs found by `where`, in the order of `order_by`, without looking at more of them than need be.

The order is walked by an index wherever there is one (a metric's last, least or greatest value, a config
value, the start), each run is probed with the condition, and the walk ends when enough were found. Where a
part of the condition fits few runs, those are taken first, and sorted. Which it is, is found out by counting
up to a limit, so that it hangs neither on the planner's statistics nor on how many runs there are.

`order_by` lists fields as `where` knows them, separated by commas, a minus before one that falls; runs without
the value come last. What stands equal is ordered by age, in the direction of the first term.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, exists, func, not_, select
from sqlalchemy.exc import DataError

from tracker.errors import InvalidQuery
from tracker.store.fields import Field, Fields
from tracker.store.language import Node, parse_condition, parse_order
from tracker.store.tables import runs as t
from tracker.store.where import Condition, metric_of

FEW = 2_000
"""A set of runs up to this size is cheaper to sort than an index is to walk."""


@dataclass(frozen=True)
class _Walk:
    """An order that an index gives: rows of a table of (run, value), those with a value."""

    rows: FromClause
    mine: ColumnElement[bool]
    value: ColumnElement[Any]
    metric: int | None


class Query:
    """A search for runs. Build it with `parse`; `ids` and `count` run it.

    `project_id` is None for all projects; `now` decides which runs are silent.
    """

    def __init__(
        self,
        connection: Connection,
        project_id: int | None,
        where: Node | None,
        order: Sequence[tuple[Node, bool]],
        now: int,
    ) -> None:
        self._connection = connection
        self._project_id = project_id
        self._where = where
        self._order = order
        self._now = now
        self._fields = Fields(connection, project_id, now)

    @classmethod
    def parse(
        cls, connection: Connection, project_id: int | None, where: str | None, order_by: str | None, now: int
    ) -> Query:
        """The search that the two texts describe.

        Raises:
            InvalidQuery: they cannot be understood, or name what no run here has.
        """
        tree = parse_condition(where) if where and where.strip() else None
        order = parse_order(order_by if order_by and order_by.strip() else "-started")
        query = cls(connection, project_id, tree, order, now)
        query._condition(query._fields).probe()
        return query

    def ids(self, limit: int, offset: int = 0) -> list[int]:
        """The runs found, by their numbers, in order.

        Raises:
            InvalidQuery: the query reckons with numbers that overflow.
        """
        few = self._few()
        walk = self._walk()
        if walk is None:
            return self._run(self._sorted(few).limit(limit).offset(offset))
        found = self._run(self._walked(walk, few).limit(limit).offset(offset))
        if len(found) == limit:
            return found
        before = offset + len(found)
        if not found and offset:
            counted = self._walked(walk, few).order_by(None).subquery()
            before = self._run(select(func.count()).select_from(counted))[0]
        rest = self._sorted(few).where(not_(exists().where(walk.mine, walk.value.is_not(None))))
        return found + self._run(rest.limit(limit - len(found)).offset(max(0, offset - before)))

    def count(self) -> int:
        """How many runs there are in all. Raises as `ids`."""
        few = self._few()
        counted = select(func.count()).select_from(t.runs).where(*self._mine())
        if few is not None:
            counted = counted.where(t.runs.c.id.in_(few), self._condition(self._fields).probe())
        elif self._where is not None:
            counted = counted.where(self._condition(self._fields).sets())
        return self._run(counted)[0]

    def _run(self, query: Select[Any]) -> list[int]:
        try:
            return list(self._connection.scalars(query))
        except DataError as error:
            said = " ".join(str(error.orig).split())
            raise InvalidQuery(f"The query cannot be reckoned: {said}.", remedy="Use smaller numbers.") from None

    def _condition(self, fields: Fields) -> Condition:
        return Condition(self._where, fields)

    def _mine(self) -> Iterator[ColumnElement[bool]]:
        if self._project_id is not None:
            yield t.runs.c.project_id == self._project_id

    def _few(self) -> list[int] | None:
        """A short list that holds all runs that fit, where a part of the condition gives one."""
        for driver in self._condition(self._fields).drivers():
            found = self._run(driver.limit(FEW + 1))
            if len(found) <= FEW:
                return sorted(set(found))
        return None

    def _walk(self) -> _Walk | None:
        """The index that gives the first term's order, if one does."""
        term, _ = self._order[0]
        index = Condition(None, self._fields).field(term).index
        if index is None or "number" not in index.of:
            return None
        rows = index.table.alias()
        mine = and_(index.over(rows), rows.c.run == t.runs.c.id)
        asked = metric_of(term)
        only = self._fields.metric_ids(asked[1]) if asked else []
        return _Walk(rows, mine, rows.c[index.of["number"].name], only[0] if len(only) == 1 else None)

    def _walked(self, walk: _Walk, few: list[int] | None) -> Select[Any]:
        """The runs that have the first term's value, in its order."""
        at_hand = {} if walk.metric is None else {walk.metric: walk.rows}
        fields = Fields(self._connection, self._project_id, self._now, at_hand=at_hand)
        down = self._order[0][1]
        query = (
            select(walk.rows.c.run)
            .join_from(walk.rows, t.runs, walk.mine)
            .where(walk.value.is_not(None), *self._mine(), self._condition(fields).probe())
        )
        if few is not None:
            query = query.where(walk.rows.c.run.in_(few))
        return query.order_by(
            _directed(walk.value, down), *self._terms(fields, self._order[1:]), _directed(walk.rows.c.run, down)
        )

    def _sorted(self, few: list[int] | None) -> Select[Any]:
        """The runs in order, without an index over the first term's values."""
        query = select(t.runs.c.id).where(*self._mine(), self._condition(self._fields).probe())
        if few is not None:
            query = query.where(t.runs.c.id.in_(few))
        return query.order_by(*self._terms(self._fields, self._order), _directed(t.runs.c.id, self._order[0][1]))

    def _terms(self, fields: Fields, order: Sequence[tuple[Node, bool]]) -> Iterator[ColumnElement[Any]]:
        for term, down in order:
            for side in _sides(Condition(None, fields).field(term)):
                directed = _directed(side, down)
                yield directed if side is t.runs.c.started_at else directed.nulls_last()


def _sides(field: Field) -> list[ColumnElement[Any]]:
    if field.tags or (field.number is None and field.text is None):
        raise InvalidQuery("Runs cannot be ordered by tags.", remedy="For example: -max('val/accuracy'), started.")
    return [side for side in (field.number, field.text) if side is not None]


def _directed(value: ColumnElement[Any], down: bool) -> Any:
    return value.desc() if down else value.asc()

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
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, exists, func, not_, select
from sqlalchemy.exc import DataError
from sqlglot import exp

from tracker.errors import InvalidQuery
from tracker.store.fields import Fields, nicknamed
from tracker.store.language import Node, parse_condition, parse_order
from tracker.store.tables import runs as t
from tracker.store.where import Condition, Operand, metric_of

FEW = 2_000
"""A set of runs up to this size is cheaper to sort than an index is to walk."""


@dataclass(frozen=True)
class _Walk:
    """An order that an index gives: the rows of a table of (run, value) that `has` picks."""

    rows: FromClause
    mine: ColumnElement[bool]
    has: ColumnElement[bool]
    value: ColumnElement[Any]
    metric: int | None


class Query:
    """A search for runs. Build it with `parse`; `ids` and `count` run it.

    `project_id` is None for all projects; `now` decides which runs are silent; `among` are the runs that are looked at
    at all (None for all of them).
    """

    def __init__(
        self,
        connection: Connection,
        project_id: int | None,
        where: Node | None,
        order: Sequence[tuple[Node, bool]],
        now: int,
        among: ColumnElement[bool] | None = None,
    ) -> None:
        self._connection = connection
        self._project_id = project_id
        self._where = where
        self._order = order
        self._now = now
        self._among = among
        self._fields = Fields(connection, project_id, now)

    @cached_property
    def _probe(self) -> ColumnElement[bool]:
        return self._condition(self._fields).probe()

    @classmethod
    def parse(
        cls,
        connection: Connection,
        project_id: int | None,
        where: str | None,
        order_by: str | None,
        now: int,
        among: ColumnElement[bool] | None = None,
    ) -> Query:
        """The search that the two texts describe.

        Raises:
            InvalidQuery: they cannot be understood, or name what no run here has.
        """
        return cls(connection, project_id, *_parsed(where, order_by), now, among)

    def ids(self, limit: int, offset: int = 0) -> list[int]:
        """The runs found, by their numbers, in order.

        Raises:
            InvalidQuery: the query reckons with numbers that overflow.
        """
        few = self._few()
        if few == []:
            return []
        found: list[int] = []
        for leg in self._legs(few):
            here = self._run(leg.limit(limit - len(found)).offset(offset))
            found += here
            if len(found) >= limit:
                break
            if here:
                offset = 0
            elif offset:
                offset -= self._run(select(func.count()).select_from(leg.order_by(None).subquery()))[0]
        return found

    def _legs(self, few: list[int] | None) -> Iterator[Select[Any]]:
        """One query after the other gives the runs in order: those with the first term's value, then the others."""
        walks = self._walks()
        for walk in walks:
            yield self._walked(walk, few)
        yield self._sorted(few).where(*(not_(exists().where(walk.mine, walk.has)) for walk in walks))

    def count(self) -> int:
        """How many runs there are in all. Raises as `ids`."""
        few = self._few()
        counted = select(func.count()).select_from(t.runs).where(*self._mine())
        if few is not None:
            counted = counted.where(t.runs.c.id.in_(few), self._probe)
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
        if self._among is not None:
            yield self._among

    def _few(self) -> list[int] | None:
        """A short list that holds all runs that fit, where a part of the condition gives one."""
        for driver in self._condition(self._fields).drivers():
            size = self._run(select(func.count()).select_from(driver.limit(FEW + 1).subquery()))[0]
            if size <= FEW:
                return sorted(set(self._run(driver)))
        return None

    def _walks(self) -> list[_Walk]:
        """The indices that give the first term's order, if any does: numbers, and behind them text."""
        term, _ = self._order[0]
        index = Condition(None, self._fields).order(term).field.index
        if index is None or "number" not in index.of:
            return []
        asked = metric_of(term)
        only = self._fields.metric_ids(asked[1]) if asked else ()
        walks: list[_Walk] = []
        for kind in index.of:
            rows = nicknamed(index.table, len(walks), "walked")
            value = rows.c[index.of[kind].name]
            has = value.is_not(None) if kind == "number" else and_(rows.c.number.is_(None), value.is_not(None))
            mine = and_(index.over(rows), rows.c.run == t.runs.c.id)
            walks.append(_Walk(rows, mine, has, value, only[0] if len(only) == 1 else None))
        return walks

    def _walked(self, walk: _Walk, few: list[int] | None) -> Select[Any]:
        """The runs that have the first term's value, in its order."""
        at_hand = {} if walk.metric is None else {walk.metric: walk.rows}
        fields = replace(self._fields, at_hand=at_hand)
        down = self._order[0][1]
        query = (
            select(walk.rows.c.run)
            .join_from(walk.rows, t.runs, walk.mine)
            .where(walk.has, *self._mine(), self._condition(fields).probe())
        )
        if few is not None:
            query = query.where(walk.rows.c.run.in_(few))
        return query.order_by(
            _directed(walk.value, down), *self._terms(fields, self._order[1:]), _directed(walk.rows.c.run, down)
        )

    def _sorted(self, few: list[int] | None) -> Select[Any]:
        """The runs in order, without an index over the first term's values."""
        query = select(t.runs.c.id).where(*self._mine(), self._probe)
        if few is not None:
            query = query.where(t.runs.c.id.in_(few))
        return query.order_by(*self._terms(self._fields, self._order), _directed(t.runs.c.id, self._order[0][1]))

    def _terms(self, fields: Fields, order: Sequence[tuple[Node, bool]]) -> Iterator[ColumnElement[Any]]:
        for term, down in order:
            for side in _sides(Condition(None, fields).order(term)):
                directed = _directed(side, down)
                yield directed if side is t.runs.c.started_at else directed.nulls_last()


def asked_for(where: str | None, order_by: str | None) -> tuple[frozenset[str], frozenset[str]]:
    """The metrics, and the fields by their plain names, that a search looks at.

    Raises:
        InvalidQuery: it cannot be understood.
    """
    tree, order = _parsed(where, order_by)
    metrics, fields = set(), set()
    for part in (*((tree,) if tree is not None else ()), *(term for term, _ in order)):
        for node in part.walk():
            if (asked := metric_of(node)) is not None:
                metrics.add(asked[1])
            elif isinstance(node, exp.Column) and len(node.parts) == 1:
                fields.add(node.name)
    return frozenset(metrics), frozenset(fields)


def _parsed(where: str | None, order_by: str | None) -> tuple[Node | None, Sequence[tuple[Node, bool]]]:
    tree = parse_condition(where) if where and where.strip() else None
    return tree, parse_order(order_by if order_by and order_by.strip() else "-started")


def _sides(operand: Operand) -> list[ColumnElement[Any]]:
    return [side for side in (operand.number, operand.text) if side is not None]


def _directed(value: ColumnElement[Any], down: bool) -> Any:
    return value.desc() if down else value.asc()

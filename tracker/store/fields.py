"""What `where` and `order_by` can name: fields of a run as SQLAlchemy expressions, and how each is searched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import (
    Alias,
    ColumnElement,
    Connection,
    Float,
    FromClause,
    Select,
    Table,
    Text,
    case,
    cast,
    exists,
    null,
    select,
    true,
)

from tracker.errors import InvalidQuery
from tracker.ids import clip
from tracker.store.digests import MAX_TEXT
from tracker.store.records import SILENT_AFTER
from tracker.store.tables import people
from tracker.store.tables import runs as t

Aggregate = Literal["last", "first", "min", "max"]
Kind = Literal["number", "text"]
NAMES = (
    "id", "name", "project", "member", "state", "seed", "tag", "note", "parent", "reproduces", "runtime", "started",
    "ended", "seen", "retracted",
)  # fmt: skip
_TEXTS = {"id": "run_id", "name": "name", "note": "note", "parent": "parent", "reproduces": "reproduces"}
_TIMES = {"started": "started_at", "ended": "ended_at", "seen": "last_seen"}


@dataclass(frozen=True)
class Index:
    """A table of (run, value) with an index on the values: `ids` of its column `by` pick this field's rows, `of`
    has the value's column by kind."""

    table: Table
    by: str | None
    ids: tuple[int, ...]
    of: dict[Kind, ColumnElement[Any]]

    def over(self, rows: FromClause) -> ColumnElement[bool]:
        """Which rows of the table, or of an alias of it, are this field's."""
        return true() if self.by is None else _is_one(rows.c[self.by], self.ids)


@dataclass(frozen=True)
class Field:
    """A field of a run, for the run that the query is at."""

    number: ColumnElement[Any] | None = None
    text: ColumnElement[Any] | None = None
    truth: ColumnElement[bool] | None = None
    time: bool = False
    tags: bool = False
    index: Index | None = None

    def fitting(self, value: str | float) -> str | float:
        """A value of the query as this field stores it: times as numbers, config text by its first characters.

        Raises:
            InvalidQuery: no time, where one is compared with.
        """
        if not isinstance(value, str):
            return value
        if self.time:
            return _time(value)
        return value[:MAX_TEXT] if self.index and self.index.table is t.config_values else value

    def search(
        self, fits: Callable[[ColumnElement[Any]], ColumnElement[bool]], kind: Kind | None
    ) -> Select[Any] | None:
        """The numbers of the runs whose value fits, by the index; None where there is none for that kind."""
        if self.index is None or kind is None or kind not in self.index.of:
            return None
        return select(self.index.table.c.run).where(self.index.over(self.index.table), fits(self.index.of[kind]))


NO_FIELD = Field()


@dataclass
class Fields:
    """The fields of runs of one project (of all, for None). `run` is the table, or alias, that the query is over.

    `at_hand` are metrics whose summary the query has joined already, by their number; `known` are names that
    were looked up, and `built` fields that were put together, before.
    """

    connection: Connection
    project_id: int | None
    now: int
    run: Table | Alias = t.runs
    at_hand: dict[int, Any] = field(default_factory=dict)
    known: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)
    built: dict[tuple[str, str, bool], Field] = field(default_factory=dict)

    def named(self, name: str) -> Field:
        """A field by its plain name.

        Raises:
            InvalidQuery: there is none of that name; what was probably meant is said.
        """
        r = self.run.c
        if name in _TEXTS:
            return Field(text=r[_TEXTS[name]])
        if name in _TIMES:
            return Field(number=r[_TIMES[name]], time=True)
        if name == "runtime":
            return Field(number=r.runtime)
        if name == "seed":
            return Field(number=cast(r.seed, Float(53)), text=r.seed)
        if name == "state":
            silent = (r.state == "running") & (r.last_seen < self.now - SILENT_AFTER)
            return Field(text=case((silent, "silent"), else_=r.state))
        if name == "member":
            handle = select(people.members.c.handle).where(people.members.c.id == r.member_id)
            return Field(text=handle.scalar_subquery())
        if name == "project":
            return Field(text=select(t.projects.c.name).where(t.projects.c.id == r.project_id).scalar_subquery())
        if name == "tag":
            return Field(tags=True, index=Index(t.tags, None, (), {"text": t.tags.c.tag}))
        if name == "retracted":
            gone = exists().where(t.retractions.c.run == r.id)
            return Field(truth=gone, number=case((gone, 1.0), else_=0.0))
        raise self._unknown(name)

    def config(self, key: str) -> Field:
        """A hyperparameter.

        Raises:
            InvalidQuery: no run of the project has such a key.
        """
        ids = self._ids(t.keys, key, "hyperparameter", lambda name: f"config.{name}")
        if not ids:
            return Field(number=cast(null(), Float(53)), text=cast(null(), Text))
        if found := self.built.get(("config", key, False)):
            return found
        v = nicknamed(t.config_values, len(self.built))
        here = (v.c.run == self.run.c.id) & _is_one(v.c.key_id, ids)
        c = t.config_values.c
        found = self.built["config", key, False] = Field(
            number=select(v.c.number).where(here).limit(1).scalar_subquery(),
            text=select(v.c.text).where(here).limit(1).scalar_subquery(),
            index=Index(t.config_values, "key_id", ids, {"number": c.number, "text": c.text}),
        )
        return found

    def metric(self, aggregate: Aggregate, name: str) -> Field:
        """A metric's last, first, least or greatest value.

        Raises:
            InvalidQuery: no run of the project has logged such a metric.
        """
        ids = self._ids(t.metrics, name, "metric", lambda found: f"{aggregate}('{found}')")
        if not ids:
            return Field(number=cast(null(), Float(53)))
        here = len(ids) == 1 and ids[0] in self.at_hand
        if found := self.built.get((aggregate, name, here)):
            return found
        c = t.summaries.c
        searched: dict[Kind, ColumnElement[Any]] = {} if aggregate == "first" else {"number": c[aggregate]}
        index = Index(t.summaries, "metric_id", ids, searched)
        if here:
            number = self.at_hand[ids[0]].c[aggregate]
        else:
            s = nicknamed(t.summaries, len(self.built))
            its = (s.c.run == self.run.c.id) & _is_one(s.c.metric_id, ids)
            number = select(s.c[aggregate]).where(its).limit(1).scalar_subquery()
        found = self.built[aggregate, name, here] = Field(number=number, index=index)
        return found

    def metric_ids(self, name: str) -> tuple[int, ...]:
        """The numbers of the metrics of that name."""
        return self._ids(t.metrics, name, "metric", repr)

    def _ids(self, table: Table, name: str, what: str, written: Callable[[str], str]) -> tuple[int, ...]:
        if (table.name, name) in self.known:
            return self.known[table.name, name]
        ours = table.c.project_id == self.project_id if self.project_id is not None else true()
        found = self.connection.scalars(select(table.c.id).where(ours, table.c.name == name)).all()
        self.known[table.name, name] = tuple(found)
        if found:
            return tuple(found)
        known = self.connection.scalars(select(table.c.name).where(ours).distinct().limit(10_000)).all()
        if not known:
            return ()  # nothing was logged yet: whatever is asked for will be missing
        close = get_close_matches(name, known, n=1, cutoff=0.5)
        remedy = f"Did you mean {written(close[0])}?" if close else f"There are {_listed(known)}."
        raise InvalidQuery(f"No run here has a {what} {clip(name)!r}.", remedy=remedy)

    def _unknown(self, name: str) -> InvalidQuery:
        def among(table: Table) -> bool:
            return self.connection.scalar(select(table.c.id).where(table.c.name == name).limit(1)) is not None

        if among(t.keys):
            remedy = f"Did you mean config.{name}?"
        elif among(t.metrics):
            remedy = f"Did you mean last('{name}')?"
        elif close := get_close_matches(name.lower(), NAMES, n=1):
            remedy = f"Did you mean {close[0]}?"
        else:
            remedy = f"Text stands in single quotes; fields are config.KEY, max('METRIC') and {_listed(NAMES)}."
        return InvalidQuery(f"There is no field {clip(name)!r}.", remedy=remedy)


@lru_cache(256)
def nicknamed(table: Table, number: int, use: str = "asked") -> FromClause:
    """The table under another name: putting one together takes longer than most queries run, so they are kept."""
    return table.alias(f"{table.name}_{use}_{number}")


def _is_one(column: ColumnElement[int], ids: tuple[int, ...]) -> ColumnElement[bool]:
    return column == ids[0] if len(ids) == 1 else column.in_(ids)


def _time(text: str) -> float:
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidQuery(f"{clip(text)!r} is no time.", remedy="Write '2026-05-17' or '2026-05-17 12:00'.") from None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp() * 1e6


def _listed(names: Any, most: int = 15) -> str:
    shown = sorted(names)
    return ", ".join(clip(name) for name in shown[:most]) + (", …" if len(shown) > most else "")

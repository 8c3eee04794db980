"""The columns of a project's table of runs: which there are, which are shown, and how each is sorted by. Pure.

A column is named in an address as `config.KEY`, `metric.NAME`, or by a plain field.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tracker.errors import InvalidQuery
from tracker.ids import clip
from tracker.record import BoardSpec, Record
from tracker.server.show import NOTHING, differing, number, scalar, seconds

Kind = Literal["config", "metric", "field"]
FIELDS = ("state", "member", "seed", "code", "runtime", "started")
"""Fields that are columns of their own, in the order in which they stand behind the others."""
SHOWN = 5
MOST = 40
_PLAIN = re.compile(r"[A-Za-z_]\w*")
_SORTED = {"member": "member", "seed": "seed", "runtime": "runtime", "started": "started"}


@dataclass(frozen=True)
class Column:
    """One column: `token` names it in addresses, `sort` is what `order_by` takes, empty where nothing does."""

    kind: Kind
    name: str
    sort: str = ""
    numeric: bool = False

    @property
    def token(self) -> str:
        """Its name in an address."""
        return self.name if self.kind == "field" else f"{self.kind}.{self.name}"

    def text(self, record: Record) -> str:
        """The run's value as it reads; a dash where it has none."""
        if self.kind == "config":
            return scalar(record.config[self.name]) if self.name in record.config else NOTHING
        if self.kind == "metric":
            summary = record.metrics.get(self.name)
            return number(summary.last if summary else None)
        if self.name == "seed":
            return NOTHING if record.seed is None else str(record.seed)
        if self.name == "runtime":
            return seconds(record.end.runtime if record.end else None)
        return record.member or NOTHING


def column_of(token: str) -> Column | None:
    """The column that an address names; None for what is none."""
    kind, _, name = token.partition(".")
    if kind == "config" and name:
        return Column("config", name, f"config.{_quoted(name)}")
    if kind == "metric" and name:
        literal = name.replace("'", "''")
        return Column("metric", name, f"last('{literal}')", True)
    if token in FIELDS:
        return Column("field", token, _SORTED.get(token, ""), token in ("seed", "runtime"))
    return None


def chosen(tokens: Sequence[str], records: Sequence[Record]) -> tuple[Column, ...]:
    """The columns that were asked for; without a wish the fields, and before them the settings that differ."""
    wished = [column for token in dict.fromkeys(tokens) if (column := column_of(token))]
    if not wished:
        numeric = dict(differing(records, SHOWN))
        fields = [column for name in FIELDS if (column := column_of(name))]
        differ = [Column("config", key, f"config.{_quoted(key)}", numeric[key]) for key in numeric]
        return (*fields[:2], *differ, *fields[2:])
    numeric = dict(differing(records, MOST))
    return tuple(
        Column(each.kind, each.name, each.sort, numeric.get(each.name, False)) if each.kind == "config" else each
        for each in wished[:MOST]
    )


def searched(text: str) -> str:
    """What was typed into the search, as a condition: plain words are looked for in names, notes, tags and members."""
    words = text.split()
    if not words or not all(re.fullmatch(r"[\w.@+/:-]+", word) for word in words):
        return text
    if any(word.lower() in _GRAMMAR for word in words):
        return text
    return " and ".join(
        f"(name like '%{word}%' or note like '%{word}%' or id like '%{word}%' or member = '{word}' or tag = '{word}')"
        for word in words
    )


def narrowed(where: str, asked: Mapping[str, str], spec: BoardSpec) -> str:
    """A condition narrowed by the fields `min.KEY`, `max.KEY` and `is.KEY` of a form, each of a setting; `min` and
    `max` alone are about the board's metric. A field that is empty narrows nothing.

    Raises:
        InvalidQuery: a bound is no number.
    """
    parts = [f"({where.strip()})"] if where.strip() else []
    metric = spec.metric.replace("'", "''")
    taken = "last" if spec.aggregate == "last" else spec.direction
    for name, text in asked.items():
        kind, _, key = name.partition(".")
        if kind not in _NARROWING or not text.strip() or (kind == "is" and not key):
            continue
        field = f"config.{_quoted(key)}" if key else f"{taken}('{metric}')"
        if kind == "is":
            parts.append(f"{field} = '{text.replace(chr(39), chr(39) * 2)}'")
        else:
            parts.append(f"{field} {_NARROWING[kind]} {_bound(text, key or spec.metric)}")
    return " and ".join(parts) if len(parts) > bool(where.strip()) else where.strip()


def _bound(text: str, name: str) -> str:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InvalidQuery(f"{clip(text)!r} is no bound for {name}.", remedy="Write a number, such as 0.01.")
    return repr(value)


_NARROWING = {"min": ">=", "max": "<=", "is": "="}
_GRAMMAR = frozenset({"and", "or", "not", "in", "like", "is", "between", "null", "retracted"})


def _quoted(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"'

"""Records as rows of tables, for whoever reckons elsewhere. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from tracker.record import Record
from tracker.rules.fitness import IMPORTED
from tracker.snapshot import Scalar

Cell = str | int | float | bool | None
Row = tuple[Cell, ...]
Kind = Literal["string", "int64", "float64", "bool", "time"]
Schema = tuple[tuple[str, Kind], ...]


@dataclass(frozen=True)
class Table:
    """A table: its columns, and the rows that a record gives."""

    schema: Schema
    rows: Callable[[Record], Iterator[Row]]


SERIES: Schema = (("run", "string"), ("metric", "string"), ("step", "int64"), ("value", "float64"), ("time", "time"))
"""The table of points, which no record holds."""


def _runs(record: Record) -> Iterator[Row]:
    code, end = record.snapshot.code, record.end
    git = code.git if code else None
    yield (
        record.id,
        record.project,
        record.name,
        record.state,
        record.member,
        record.seed,
        record.started_at,
        end.at if end else None,
        end.runtime if end else None,
        git.commit if git else None,
        code.dirty if code and code.seen else None,
        record.digests.config,
        record.digests.code,
        record.digests.data,
        record.digests.environment,
        record.badge,
        record.parent,
        record.reproduces,
        ", ".join(record.tags),
        record.note,
        record.sealed,
        IMPORTED in record.tags,
        record.retracted is not None,
    )


def _params(record: Record) -> Iterator[Row]:
    for key, value in sorted(record.config.items()):
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        number = float(value) if plain and value is not None else None
        yield record.id, record.project, key, _text(value), number, _kind(value)


def _kind(value: Scalar) -> str:
    return "null" if value is None else type(value).__name__


def _text(value: Scalar) -> str | None:
    if value is None:
        return None
    return repr(value) if isinstance(value, float) else str(value)


def _metrics(record: Record) -> Iterator[Row]:
    for name, each in sorted(record.metrics.items()):
        numbers = (each.count, each.nonfinite, each.last, each.last_step, each.last_time)
        yield record.id, record.project, name, *numbers, each.min, each.min_step, each.max, each.max_step


def _artifacts(record: Record) -> Iterator[Row]:
    for each in record.artifacts:
        what = (each.name, each.version, each.type, each.digest, each.size, each.folder, each.media_type)
        yield record.id, record.project, *what, each.at, each.stored


def _datasets(record: Record) -> Iterator[Row]:
    for each in record.datasets:
        yield record.id, record.project, each.name, each.digest, each.size, each.source, each.used_as


def _tags(record: Record) -> Iterator[Row]:
    for tag in record.tags:
        yield record.id, record.project, tag


def _schema(text: str) -> Schema:
    kinds: dict[str, Kind] = {"": "string", "i": "int64", "f": "float64", "b": "bool", "t": "time"}
    parts = (word.partition(":") for word in text.split())
    return tuple((name, kinds[kind]) for name, _, kind in parts)


TABLES: dict[str, Table] = {
    "runs": Table(
        _schema(
            "run project name state member seed:i started:t ended:t runtime:f commit dirty:b config_digest code_digest"
            " data_digest environment_digest badge parent reproduces tags note sealed imported:b retracted:b"
        ),
        _runs,
    ),
    "params": Table(_schema("run project key value number:f type"), _params),
    "metrics": Table(
        _schema(
            "run project metric count:i nonfinite:i last:f last_step:i last_time:t min:f min_step:i max:f max_step:i"
        ),
        _metrics,
    ),
    "artifacts": Table(
        _schema("run project name version:i type digest size:i folder:b media_type logged:t stored:b"), _artifacts
    ),
    "datasets": Table(_schema("run project name digest size:i source used_as"), _datasets),
    "tags": Table(_schema("run project tag"), _tags),
}

"""Tables of records and points, written a stretch at a time: memory does not grow with how much there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from tracker.record import Record
from tracker.store.series import Points
from tracker.ways import comma, parquet
from tracker.ways.tables import SERIES, Schema, Table

Format = Literal["csv", "parquet"]
ROWS = 1 << 16
"""Rows of a stretch."""
Columns = Callable[[str], Iterator[tuple[str, Points]]]
"""A run's points as they came: metric and stretch, by its ID."""


class Growing(Protocol):
    """A file that grows by stretches of columns."""

    def write(self, columns: Sequence[Any]) -> None:
        """One stretch more."""

    def close(self) -> None:
        """Finish the file."""

    def drop(self) -> None:
        """Give up."""


def _opened(path: Path, form: Format, schema: Schema) -> Growing:
    return comma.Writer(path, schema) if form == "csv" else parquet.Writer(path, schema)


def write_table(table: Table, records: Iterable[Record], path: Path, form: Format) -> int:
    """Write the table of these records; how many rows it has.

    Raises:
        UsageError: the package for the format is not installed.
        OSError: it can't be written.
    """
    return _written(path, form, table.schema, _stretches(table, records))


def write_series(records: Iterable[Record], columns: Columns, path: Path, form: Format) -> int:
    """Write every point of these runs; how many there are. Raises as `write_table`."""
    return _written(path, form, SERIES, _points(records, columns))


def _written(path: Path, form: Format, schema: Schema, stretches: Iterator[Sequence[Any]]) -> int:
    file, rows = _opened(path, form, schema), 0
    done = False
    try:
        for stretch in stretches:
            file.write(stretch)
            rows += len(stretch[0])
        done = True
    finally:
        file.close() if done else file.drop()
    return rows


def _stretches(table: Table, records: Iterable[Record]) -> Iterator[Sequence[Any]]:
    held: list[list[Any]] = [[] for _ in table.schema]
    for record in records:
        for row in table.rows(record):
            for column, cell in zip(held, row, strict=True):
                column.append(cell)
        if len(held[0]) >= ROWS:
            yield held
            held = [[] for _ in table.schema]
    if held[0]:
        yield held


def _points(records: Iterable[Record], columns: Columns) -> Iterator[Sequence[Any]]:
    """Stretches of points; small ones of neighbours together."""
    runs: list[str] = []
    names: list[str] = []
    held: list[Points] = []
    for record in records:
        for metric, points in columns(record.id):
            for start in range(0, len(points), ROWS):
                cut = slice(start, start + ROWS)
                part = Points(points.steps[cut], points.values[cut], points.times[cut])
                runs += [record.id] * len(part)
                names += [metric] * len(part)
                held.append(part)
                if len(runs) >= ROWS:
                    yield _columns(runs, names, held)
                    runs, names, held = [], [], []
    if runs:
        yield _columns(runs, names, held)


def _columns(runs: list[str], names: list[str], held: list[Points]) -> Sequence[Any]:
    together = [np.concatenate(each) for each in zip(*((p.steps, p.values, p.times) for p in held), strict=True)]
    return [runs, names, *together]

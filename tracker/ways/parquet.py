"""The one door to pyarrow, which `runcite[parquet]` brings: without it the rest of the ways still stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from tracker.errors import UsageError

try:
    _pa: Any = import_module("pyarrow")
    _pq: Any = import_module("pyarrow.parquet")
except ModuleNotFoundError:
    _pa = _pq = None

ArrowError: type[Exception] = _pa.ArrowException if _pa is not None else OSError
_ROWS = 1 << 16


def the_library() -> Any:
    """pyarrow.

    Raises:
        UsageError: it is not installed.
    """
    if _pa is None:
        raise UsageError("Parquet needs the package pyarrow.", remedy="Type: pip install 'runcite[parquet]'")
    return _pa


def names(path: Path) -> set[str]:
    """The columns of a Parquet file. Raises OSError or ArrowError for what is none."""
    the_library()
    return set(_pq.read_schema(path).names)


def batches(path: Path, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The rows of a file, with those of the columns that it has; a stretch is held at a time."""
    the_library()
    with _pq.ParquetFile(path) as file:
        held = [name for name in columns if name in file.schema_arrow.names]
        for batch in file.iter_batches(batch_size=_ROWS, columns=held):
            yield from batch.to_pylist()


class Writer:
    """A Parquet file that grows by stretches of columns; it is there whole or not at all.

    `schema` names each column's type: "string", "int64", "float64", "bool" or "time" (microseconds in UTC).
    """

    def __init__(self, path: Path, schema: Sequence[tuple[str, str]]) -> None:
        pa = the_library()
        kinds = {
            "string": pa.string(),
            "int64": pa.int64(),
            "float64": pa.float64(),
            "bool": pa.bool_(),
            "time": pa.timestamp("us", tz="UTC"),
        }
        self._schema = pa.schema([(name, kinds[kind]) for name, kind in schema])
        self._path, self._part = path, path.with_name(f".{path.name}.part")
        self._writer = _pq.ParquetWriter(self._part, self._schema, compression="zstd")

    def write(self, columns: Sequence[Any]) -> None:
        """One stretch more: a list or array for each column, all of one length."""
        pa = the_library()
        arrays = [pa.array(each, field.type) for each, field in zip(columns, self._schema, strict=True)]
        self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()
        self._part.replace(self._path)

    def drop(self) -> None:
        """Give up: nothing stays."""
        self._writer.close()
        self._part.unlink(missing_ok=True)

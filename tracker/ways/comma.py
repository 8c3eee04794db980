"""CSV files that grow by stretches of rows, and that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

_BEGAN = datetime(1970, 1, 1, tzinfo=UTC)


def safe(text: str) -> str:
    """Text that a spreadsheet shows and never reckons: an apostrophe stands before what would begin a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else text


class Writer:
    """A CSV file; it is there whole or not at all. `schema` names each column and its type, as for Parquet."""

    def __init__(self, path: Path, schema: Sequence[tuple[str, str]]) -> None:
        self._path, self._part = path, path.with_name(f".{path.name}.part")
        self._file = self._part.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file)
        self._says = [_SAYS[kind] for _, kind in schema]
        self._writer.writerow([name for name, _ in schema])

    def write(self, columns: Sequence[Any]) -> None:
        """One stretch more: a list or array for each column, all of one length."""
        held = [each.tolist() if hasattr(each, "tolist") else each for each in columns]
        shown = [[say(value) for value in each] for say, each in zip(self._says, held, strict=True)]
        self._writer.writerows(zip(*shown, strict=True))

    def close(self) -> None:
        """Finish the file."""
        self._file.close()
        self._part.replace(self._path)

    def drop(self) -> None:
        """Give up: nothing stays."""
        self._file.close()
        self._part.unlink(missing_ok=True)


def _text(value: Any) -> str:
    return "" if value is None else safe(str(value))


def _number(value: Any) -> str:
    return "" if value is None else repr(value)


def _truth(value: Any) -> str:
    return "" if value is None else "true" if value else "false"


def _time(value: Any) -> str:
    """ISO 8601 in UTC, to the microsecond; the bare number for what no calendar has."""
    try:
        return "" if value is None else (_BEGAN + timedelta(microseconds=value)).isoformat()
    except OverflowError:
        return repr(value)


_SAYS = {"string": _text, "int64": _number, "float64": _number, "bool": _truth, "time": _time}

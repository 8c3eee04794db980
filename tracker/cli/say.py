"""What every command may print without a table: JSON for programs, and one-line complaints."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence

import msgspec

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def complain(message: str, remedy: str = "") -> None:
    """One line on standard error: what happened, and what to type next."""
    line = printable(" ".join(f"{message} {remedy}".split()))
    sys.stderr.write(f"runcite: {line}\n")


def as_json(value: object) -> None:
    """`value` as one line of JSON on standard output; non-finite numbers are null."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table as CSV on standard output, full precision; text that a spreadsheet would run as a formula is quoted."""
    csv.writer(sys.stdout, lineterminator="\n").writerow(heads)
    rows_as_csv(rows)


def rows_as_csv(rows: Iterable[Sequence[object]]) -> None:
    """Further rows of such a table."""
    csv.writer(sys.stdout, lineterminator="\n").writerows([_inert(cell) for cell in row] for row in rows)


def _inert(cell: object) -> object:
    """A cell as it is written: none as nothing, and text that begins like a formula behind a quote."""
    if isinstance(cell, str):
        text = printable(cell)
        return f"'{text}" if text.startswith(_FORMULAS) else text
    return "" if cell is None else cell


def printable(text: str) -> str:
    """`text` without what could move the cursor or colour a terminal."""
    return "".join(symbol if symbol.isprintable() or symbol == "\n" else "\ufffd" for symbol in text)

"""A project's runs as CSV: one line a run, and nothing in it that a spreadsheet would execute. Pure."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence

from tracker.record import BoardSpec, Citation, Record
from tracker.rules.board import place_of, rank, why_unranked
from tracker.rules.replicates import value_of
from tracker.times import moment

_COLUMNS = (
    *("place", "run", "member", "name", "state", "value", "seeds", "low", "high", "seed", "why not ranked", "started"),
    *("commit", "files changed", "badge", "posts accepted", "posts not accepted", "retracted"),
)
_ALIVE = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_of(spec: BoardSpec, records: Sequence[Record], posts: Mapping[str, Sequence[Citation]]) -> bytes:
    """UTF-8 with a mark that spreadsheets know it by; ranked runs first, hyperparameters in columns of their own."""
    ranking = rank(spec, records)
    keys = list(dict.fromkeys(key for record in records for key in record.config))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        [_text(name) for name in (*_COLUMNS[:5], spec.metric, *_COLUMNS[6:], *(f"config {key}" for key in keys))]
    )
    lines = []
    for record in records:
        place, why = place_of(ranking, record.id), why_unranked(ranking, record.id)
        row = place.row if place else None
        code = record.snapshot.code
        standing = [each for each in posts.get(record.id, ()) if each.retracted_at is None]
        cells: list[object] = [
            *(place.rank if place else None, record.id, record.member, record.name, record.state),
            value_of(spec, record),
            *((row.n, row.low, row.high) if row else (None, None, None)),
            *(record.seed, why.reason if why else None, moment(record.started_at)),
            code.git.commit if code and code.git else None,
            len(code.changed) + len(code.left_out) if code else None,
            record.badge,
            sum(each.verdict == "accepted" for each in standing),
            sum(each.verdict == "rejected" for each in standing),
            record.retracted.why if record.retracted else None,
            *(record.config.get(key) for key in keys),
        ]
        lines.append((place.rank if place else 10**9, -(value_of(spec, record) or 0.0), [cell(each) for each in cells]))
    for _, _, line in sorted(lines, key=lambda each: each[:2]):
        writer.writerow(line)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def cell(value: object) -> str:
    """A value as a cell: numbers as they are, text so that no spreadsheet takes it for a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else _text(str(value))
    return _text(str(value))


def _text(value: str) -> str:
    """Text with an apostrophe before what would make it a formula, on one line."""
    line = "".join(" " if char in "\r\n\t\x00" else char for char in value)
    return f"'{line}" if line.lstrip().startswith(_ALIVE) or value.startswith(_ALIVE) else line

"""How values read in a terminal, and how they are typed there. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tracker.errors import UsageError
from tracker.record import Record
from tracker.snapshot import Scalar


def number(value: float | None) -> str:
    """A measured value to five significant digits; a dash where there is none."""
    if value is None:
        return "–"
    if math.isfinite(value) and value == int(value) and abs(value) < 1e7:
        return str(int(value))
    return f"{value:.5g}"


def scalar(value: Scalar) -> str:
    """A hyperparameter as in code, without quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "none" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def state(record: Record) -> str:
    """The run's state; for one that was taken back, that."""
    return "retracted" if record.retracted else record.state


def ago(at: int, now: int) -> str:
    """How long ago, in one unit."""
    gone = max(0, now - at) // 1_000_000
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if gone >= length:
            return f"{gone // length} {unit} ago"
    return f"{gone} s ago"


def moment(at: int) -> str:
    """A moment in UTC, to the second."""
    return datetime.fromtimestamp(min(max(at // 1_000_000, 0), 253_402_300_799), UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def duration(seconds: float | None) -> str:
    """A duration in its one or two units that matter."""
    if seconds is None or not math.isfinite(seconds):
        return "–"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole // 3600} h {whole % 3600 // 60} min" if whole >= 7200 else f"{whole // 60} min {whole % 60} s"


def size(value: int) -> str:
    """Bytes, in powers of 1,000."""
    amount = float(value)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def named_paths(given: Sequence[str]) -> dict[str, Path]:
    """`NAME=PATH`, each taken apart.

    Raises:
        UsageError: one is not of that form.
    """
    found = {}
    for each in given:
        name, sign, path = each.partition("=")
        if not sign or not name or not path:
            raise UsageError(f"{each!r} names no data set.", remedy="Write --data NAME=PATH.")
        found[name] = Path(path)
    return found

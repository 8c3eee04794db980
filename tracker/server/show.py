"""How values read on a page: numbers, times, sizes, names. Pure; escaping is the templates' part."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from markupsafe import Markup

from tracker.ids import clip
from tracker.record import Record
from tracker.snapshot import Scalar

__all__ = ["FILTERS", "ago", "clip", "differing", "number", "scalar", "seconds", "size", "stamp"]

NOTHING = "–"
_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def number(value: float | None, digits: int = 4) -> str:
    """A measured value to `digits` significant digits; a dash where there is none."""
    if value is None:
        return NOTHING
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == int(value) and abs(value) < 1e7:
        return f"{int(value):,}".replace("-", "−")
    size = abs(value)
    if 1e-4 <= size < 1e7:
        places = max(0, digits - 1 - math.floor(math.log10(size)))
        text = f"{value:,.{places}f}"
        if size < 0.1:
            text = text.rstrip("0")
    else:
        text = f"{value:.{digits - 1}e}"
    return text.replace("-", "−", 1) if text.startswith("-") else text


def signed(value: float, digits: int = 3) -> str:
    """A difference, its sign always said."""
    return f"{'+' if value > 0 else ''}{number(value, digits)}"


def scalar(value: Scalar) -> str:
    """A hyperparameter as it was written in code, without quotes."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)


def seconds(value: float | None) -> str:
    """A duration, in the two largest units that matter."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if value < 1:
        return f"{value * 1000:.0f} ms"
    if value < 60:
        return f"{value:.1f} s" if value < 10 else f"{value:.0f} s"
    whole = round(value)
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"


def percent(value: float) -> str:
    """A share of 1 in percent, to one digit behind the point where it is small."""
    share = min(max(value, 0.0), 1.0) * 100
    return f"{share:.0f}%" if share >= 10 else f"{share:.1f}%"


def size(value: int) -> str:
    """A number of bytes, in powers of 1,000."""
    amount = float(value)
    for unit in _UNITS:
        if amount < 1000 or unit == _UNITS[-1]:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1000
    return str(value)


def stamp(at: int) -> str:
    """A moment in UTC, to the minute."""
    return _moment(at).strftime("%Y-%m-%d %H:%M UTC")


def of_day(at: int) -> str:
    """A moment's time of day in UTC, to the second."""
    return _moment(at).strftime("%H:%M:%S")


def iso(at: int) -> str:
    """A moment in UTC for programs, to the second."""
    return _moment(at).strftime("%Y-%m-%dT%H:%M:%SZ")


def ago(at: int, now: int) -> tuple[str, int]:
    """How long ago: the phrase of the catalogue and its number."""
    gone = max(0, now - at) // 1_000_000
    if gone < 60:
        return "just now", 0
    if gone < 3600:
        return "{n} min ago", gone // 60
    if gone < 48 * 3600:
        return "{n} h ago", gone // 3600
    return "{n} days ago", gone // 86_400


def short(digest: str | None, length: int = 8) -> str:
    """The beginning of a digest or commit."""
    return digest[:length] if digest else NOTHING


def soft(text: str) -> Markup:
    """A name that may be broken behind its underscores, dots and slashes; escaped."""
    return Markup("<wbr>").join(re.split(r"(?<=[_./])", text))


def path(text: str) -> str:
    """A name as part of an address."""
    return quote(text, safe="")


def long_path(text: str) -> str:
    """A name with folders as part of an address."""
    return quote(text, safe="/")


def differing(records: Sequence[Record], limit: int) -> tuple[tuple[str, bool], ...]:
    """The config keys whose values differ among these runs, in the order they were written; at most `limit`.

    With each, whether its values are numbers.
    """
    if len(records) < 2:
        return ()
    keys = dict.fromkeys(key for record in records for key in record.config)
    missing = object()
    varying = [key for key in keys if len({repr(record.config.get(key, missing)) for record in records}) > 1]
    return tuple((key, _numeric(records, key)) for key in varying if key != "seed")[:limit]


def _numeric(records: Sequence[Record], key: str) -> bool:
    values = [record.config[key] for record in records if key in record.config]
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def digest_column(records: Sequence[Record], name: str) -> list[str]:
    """One of the digests (code, data, environment) of each run, cut short."""
    return [short(getattr(record.digests, name)) for record in records]


def _moment(at: int) -> datetime:
    """The moment; one outside the calendar is brought to its edge, as clocks of strangers may say anything."""
    return datetime.fromtimestamp(min(max(at // 1_000_000, 0), 253_402_300_799), UTC)


FILTERS: dict[str, Callable[..., object]] = {
    "number": number,
    "signed": signed,
    "scalar": scalar,
    "seconds": seconds,
    "size": size,
    "percent": percent,
    "stamp": stamp,
    "iso": iso,
    "of_day": of_day,
    "short": short,
    "path": path,
    "soft": soft,
    "long_path": long_path,
}

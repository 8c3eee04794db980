"""How the rules write numbers, durations and lists: the same wherever their sentences are read. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tracker.ids import clip
from tracker.snapshot import Scalar

DIGITS = 4
"""Significant digits that measured values are shown with; values equal in these are called equal."""


def number(value: float, digits: int = DIGITS) -> str:
    """A measured value to `digits` significant digits, without trailing zeros that a whole number has not."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "infinity" if value > 0 else "−infinity"
    value = rounded(value, digits)
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    if -4 <= exponent < 7:
        places = max(0, digits - 1 - exponent)
        text = f"{value:.0f}" if value == int(value) else f"{value:.{places}f}"
        if exponent < -1:
            text = text.rstrip("0")
    else:
        mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        text = f"{mantissa}e{int(power)}"
    return text.replace("-", "−", 1) if text.startswith("-") else text


def rounded(value: float, digits: int = DIGITS) -> float:
    """A finite value to `digits` significant digits, half to even in decimal; never minus zero."""
    near = float(f"{value:.{digits - 1}e}") + 0.0
    return near if math.isfinite(near) else value


def duration(seconds: float) -> str:
    """A time in the one or two units that matter."""
    if not math.isfinite(seconds) or seconds < 0:
        return "an unknown time"
    if seconds < 100:
        return f"{number(seconds, 3)} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes and hours < 24 else f"{hours} h"


def listed(items: Sequence[str], limit: int = 4, joint: str = "and") -> str:
    """`a, b and c`; beyond `limit` items, how many more there are."""
    if len(items) > limit:
        return f"{', '.join(items[: limit - 1])} {joint} {len(items) - limit + 1} more"
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {joint} {items[-1]}"


def counted(count: int, one: str, many: str = "") -> str:
    """`1 seed`, `3 seeds`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def shown(value: Scalar) -> str:
    """A hyperparameter as people read it; a float that is whole keeps its point, as 1 and 1.0 are not equal."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "none"
    if not isinstance(value, float):
        return clip(str(value), 40)
    text = f"{value:g}"
    return f"{text}.0" if text.lstrip("-").isdigit() else text

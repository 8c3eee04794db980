"""Moments as people write and read them: ISO 8601, in UTC unless they say otherwise. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from tracker.errors import UsageError

_LAST = 253_402_300_799


def parse_moment(text: str) -> int:
    """Microseconds since 1970 of `2026-12-01`, `2026-12-01T18:00` or `2026-12-01T18:00+01:00`.

    Raises:
        UsageError: that is no moment.
    """
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"{text[:40]!r} is no date.", remedy="Write it as 2026-12-01T18:00 (UTC).") from None
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()) * 1_000_000


def moment(at: int) -> str:
    """`2026-12-01 18:00 UTC`."""
    return datetime.fromtimestamp(min(max(at // 1_000_000, 0), _LAST), UTC).strftime("%Y-%m-%d %H:%M UTC")

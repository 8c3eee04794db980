"""What could not be kept or had to be changed: said once on stderr for each kind, and kept as events."""

from __future__ import annotations

from collections.abc import Iterator

from tracker.client.ending import tell
from tracker.client.values import clean
from tracker.events import Noticed

PER_CODE = 20
"""Events of one kind; of more only the number is kept."""


class Notices:
    """Counts notices by their codes."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def note(self, code: str, message: str) -> Noticed | None:
        """The event to be kept, None when there were enough of its kind. The first is said on stderr."""
        count = self._counts[code] = self._counts.get(code, 0) + 1
        message = clean(message, 2000)
        if count == 1:
            tell(f"{message} (Training goes on; said once.)")
        return Noticed(code, message) if count <= PER_CODE else None

    def rest(self) -> Iterator[Noticed]:
        """How many more there were of each kind that was cut off."""
        for code, count in self._counts.items():
            if count > PER_CODE:
                yield Noticed(code, f"and {count - PER_CODE} more of these")

    def forget(self) -> None:
        """Count anew: in a child made by fork."""
        self._counts.clear()

"""The fault board: what goes wrong next. Tests and the page put faults on it; calls and events take them off."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from bot.sandbox.shapes import Json
from tracker.errors import UsageError

CALL_KINDS = ("ratelimited", "http_500", "drop", "drop_after_commit", "delay", "delay_after_commit", "error")
EVENT_KINDS = ("duplicate", "twice_at_once", "out_of_order", "lose")


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong with the next `times` calls of `method` (`*` for any, `upload` for a file's bytes,
    `response_url` for the answer to a command or gesture).

    kind        `ratelimited` (HTTP 429, `Retry-After: seconds`) · `http_500` · `drop` (the connection is cut before
                anything is done) · `drop_after_commit` (done, then cut) · `delay` and `delay_after_commit` (by
                `seconds`) · `error` (answers `code`; `fatal_error` and `internal_error` are done all the same).
                For events (`method` is an event type or `*`): `duplicate`, `twice_at_once`, `out_of_order` (it comes
                after the event behind it), `lose`.
    """

    method: str
    kind: str
    times: int = 1
    seconds: float = 1.0
    code: str = "internal_error"

    def __post_init__(self) -> None:
        if self.kind not in CALL_KINDS + EVENT_KINDS:
            known = ", ".join(CALL_KINDS + EVENT_KINDS)
            raise UsageError(f"{self.kind!r} is no fault of the stand-in's board.", remedy=f"It has: {known}.")


class Faults:
    """The board. `take_call` and `take_event` consume what they return. Thread-safe."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._waiting: list[Fault] = []
        self._down_until = 0

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Everything works again, at once."""
        with self._lock:
            self._waiting.clear()
            self._down_until = 0

    def go_down(self, seconds: float) -> None:
        """For `seconds` no connection is answered, nor any event sent."""
        with self._lock:
            self._down_until = self._clock() + int(seconds * 1_000_000)

    @property
    def down(self) -> bool:
        return self._clock() < self._down_until

    def take_call(self, method: str) -> Fault | None:
        return self._take(method, CALL_KINDS)

    def take_event(self, kind: str) -> Fault | None:
        return self._take(kind, EVENT_KINDS)

    def shown(self) -> list[Json]:
        """The board, as JSON."""
        with self._lock:
            return [asdict(fault) for fault in self._waiting]

    def _take(self, name: str, kinds: tuple[str, ...]) -> Fault | None:
        with self._lock:
            for at, fault in enumerate(self._waiting):
                if fault.kind in kinds and fault.method in (name, "*"):
                    if fault.times > 1:
                        self._waiting[at] = replace(fault, times=fault.times - 1)
                    else:
                        del self._waiting[at]
                    return fault
        return None

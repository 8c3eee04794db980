"""Everything that passed between the app and the stand-in, in order, to be asserted upon or written as JSON lines."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from bot.sandbox.shapes import Json

_SECRET = {"token", "client_secret", "authorization"}


class Recording:
    """Entries {at, kind, …}: `call` (method, args, answer, status), `event` (envelope, attempt, status), `ask`.

    Keeps the last `most` in memory and, given a file, writes each line there too. Tokens are left out.
    """

    def __init__(self, clock: Callable[[], int], file: Path | None = None, most: int = 100_000) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: deque[Json] = deque(maxlen=most)
        self._file: TextIO | None = file.open("a", encoding="utf-8") if file else None
        self.on_entry: Callable[[], None] = lambda: None

    def add(self, kind: str, **entry: Any) -> None:
        line: Json = {"at": self._clock(), "kind": kind, **{key: _plain(value) for key, value in entry.items()}}
        with self._lock:
            self._entries.append(line)
            if self._file is not None:
                self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
                self._file.flush()
        self.on_entry()

    def entries(self, kind: str | None = None) -> list[Json]:
        """A copy of what was recorded, of one kind or of all."""
        with self._lock:
            return [entry for entry in self._entries if kind in (None, entry["kind"])]

    def calls(self, method: str) -> list[Json]:
        """The recorded calls of one Web API method."""
        return [entry for entry in self.entries("call") if entry["method"] == method]

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if key not in _SECRET}
    return value

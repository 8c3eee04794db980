"""What a training process prints, kept beside its journal as it prints it.

    output-0            the first megabyte
    output-OFFSET       what was printed from there on; of these only the last two are kept, half a megabyte each

A stream's own `write` stays in place and is called first: the user sees what they would see without us, whatever
happens here. Each piece of text then goes to the file by one `os.write`, so that a kill loses nothing that was
printed. What C code and child processes print past Python's streams is not seen. A child made by fork keeps nothing:
what it prints is its own.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

HEAD = 1 << 20
TAIL = 1 << 19
PREFIX = "output-"
_Write = Callable[[Any], Any]


class Output:
    """Keeps what stdout and stderr of this process are given, from `attach` to `detach`. Nothing here raises."""

    def __init__(self, folder: Path, *, head: int = HEAD, tail: int = TAIL) -> None:
        self.stopped = ""
        self._folder = folder
        self._tail = tail
        self._offset = 0
        self._room = head
        self._fd = -1
        self._tails: list[Path] = []
        self._lock = threading.RLock()
        self._taps: list[tuple[Any, _Write, _Write, bool]] = []

    def attach(self) -> None:
        """From now on, keep what is printed."""
        for stream in dict.fromkeys((sys.stdout, sys.stderr)):
            original = getattr(stream, "write", None)
            if original is None:
                continue
            tap = self._tap(original)
            own = "write" in getattr(stream, "__dict__", {})
            try:
                stream.write = tap  # type: ignore[method-assign]
            except (AttributeError, TypeError):  # a stream that can't be looked over the shoulder
                continue
            self._taps.append((stream, tap, original, own))

    def _tap(self, original: _Write) -> _Write:
        def write(text: Any) -> Any:
            written = original(text)
            if not self.stopped:
                self.take(text)
            return written

        return write

    def take(self, text: object) -> None:
        """Keep a piece of text. A disk that is full, or a stream used in odd ways, ends it without a word."""
        if not isinstance(text, str) or not text:
            return
        with self._lock:
            if self.stopped:
                return
            try:
                if self._fd < 0:
                    self._fd = self._open(0)
                self._room -= os.write(self._fd, text.encode("utf-8", "backslashreplace"))
                if self._room <= 0:
                    self._turn()
            except OSError as error:
                self.stopped = f"it could not be written: {error.strerror or error}"

    def _open(self, offset: int) -> int:
        path = self._folder / f"{PREFIX}{offset}"
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def _turn(self) -> None:
        """Go on in another file, and let the oldest go that is neither the first nor one of the last two."""
        old = self._fd
        self._offset += os.fstat(old).st_size
        self._fd, self._room = self._open(self._offset), self._tail
        os.close(old)
        self._tails.append(self._folder / f"{PREFIX}{self._offset}")
        if len(self._tails) > 2:
            self._tails.pop(0).unlink(missing_ok=True)

    def detach(self) -> None:
        """Let the streams alone. Where somebody has put a `write` over ours since, ours lets everything through."""
        self.stopped = self.stopped or "the run has ended"
        for stream, tap, original, own in self._taps:
            with contextlib.suppress(AttributeError, TypeError):
                if stream.__dict__.get("write") is tap:
                    if own:
                        stream.write = original
                    else:
                        del stream.write
        self._taps.clear()
        with self._lock:  # nobody is writing: the number may be another file's as soon as it is closed
            fd, self._fd = self._fd, -1
            if fd >= 0:
                with contextlib.suppress(OSError):
                    os.close(fd)

    def abandon(self) -> None:
        """In a child made by fork, where another thread's lock is never released: let the streams alone."""
        self._lock = threading.RLock()
        self.detach()


def kept(folder: Path) -> list[Path]:
    """The files that hold a run's output, in order."""
    found = [path for path in folder.glob(f"{PREFIX}*") if path.name.removeprefix(PREFIX).isdigit()]
    return sorted(found, key=_offset)


def read(folder: Path) -> str:
    """What was printed, as it stands in the files, with a line where something was left out.

    Raises:
        OSError: it can't be read.
    """
    parts: list[str] = []
    end = 0
    for path in kept(folder):
        gap = _offset(path) - end
        if gap > 0:
            parts.append(f"\n… {gap:,} bytes were left out here …\n")
        data = path.read_bytes()
        end = _offset(path) + len(data)
        parts.append(data.decode("utf-8", "replace"))
    return "".join(parts)


def as_seen(text: str) -> str:
    """`text` as a terminal leaves it: of a line that was rewritten (a progress bar) only the last state."""
    return "\n".join(_last_state(line) for line in text.split("\n"))


def _last_state(line: str) -> str:
    return line.rstrip("\r").rpartition("\r")[2]


def _offset(path: Path) -> int:
    return int(path.name.removeprefix(PREFIX))

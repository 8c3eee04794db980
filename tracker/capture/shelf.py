"""Put changed files away: each stored through `keep` within the caps, or left out with the reason."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable
from pathlib import Path, PurePath
from typing import Literal

import msgspec

from tracker.capture.content import holds_private_key, secret_by_name, without_secrets
from tracker.snapshot import ChangedFile, LeftOut, Scrubbed

Keep = Callable[[Path], str]
"""Stores a file's content under its SHA-256 (lower-case hex), which it returns. It may raise OSError."""

CODE = frozenset(
    [
        *(
            ".py",
            ".pyx",
            ".pyi",
            ".ipynb",
            ".sh",
            ".toml",
            ".yaml",
            ".yml",
            ".json",
            ".cfg",
            ".ini",
            ".cu",
            ".cpp",
            ".c",
        ),
        *(".h", ".hpp", ".cuh", ".rs", ".jl", ".r", ".lua", ".gin", ".txt", ".md", ".lock", ".mk", ".sql", ".proto"),
    ]
)
"""What is stored first when the caps do not let everything through."""
_NAMED = 100


class Limits(msgspec.Struct, frozen=True):
    """What the slow parts may cost. Sizes in bytes; what goes over is left out, and the record says so."""

    seconds: float = 60.0
    file_size: int = 10 * 1024 * 1024
    total_size: int = 100 * 1024 * 1024
    files: int = 5000
    bundle_size: int = 50 * 1024 * 1024


class Found(msgspec.Struct, frozen=True):
    """A path that differs from the commit: where it is, and its name in the record."""

    place: Path
    name: str
    in_commit: bool


class Shelf:
    """Stores files one by one and remembers what came of each. `deadline` is on `clock`, in seconds."""

    def __init__(
        self, keep: Keep, limits: Limits, scratch: Path, *, deadline: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.changed: list[ChangedFile] = []
        self.scrubbed: list[Scrubbed] = []
        self._left_out: list[LeftOut] = []
        self.keep = keep
        self._limits = limits
        self.scratch = scratch
        self._deadline = deadline
        self._clock = clock
        self._stored = 0
        self._loose = 0

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """What was not stored; beyond the first hundred only their number and size."""
        rest = self._left_out[_NAMED:]
        if not rest:
            return tuple(self._left_out)
        summed = LeftOut("…", sum(item.size for item in rest), f"and {len(rest):,} more; the first: {rest[0].path}")
        return (*self._left_out[:_NAMED], summed)

    def leave(self, name: str, size: int, reason: str) -> None:
        """Notes that something was not stored."""
        self._left_out.append(LeftOut(readable(name), size, reason))

    def put_all(self, files: Iterable[Found]) -> None:
        """Stores the files, those of the commit first, then code, then the small ones: the caps hit data, not code."""
        sized = [(file, _lstat(file.place)) for file in files]
        for file, found in sorted(sized, key=_urgency):
            self.put(file, found)
        self.changed.sort(key=lambda item: item.path)

    def put(self, file: Found, found: os.stat_result | None) -> None:
        """Stores one file, or its deletion, or says why not."""
        name = readable(file.name)
        if found is None:
            if file.in_commit:
                self.changed.append(ChangedFile(name, "deleted", None, 0))
            return
        change: Literal["modified", "untracked"] = "modified" if file.in_commit else "untracked"
        if reason := self._refusal(file, found):
            self.leave(file.name, found.st_size, reason)
            return
        try:
            if stat.S_ISLNK(found.st_mode):
                target = os.fsencode(file.place.readlink())
                self.changed.append(ChangedFile(name, change, self.store(target), len(target), "symlink"))
                return
            data = file.place.read_bytes()
            if holds_private_key(data):
                self.leave(file.name, found.st_size, "it holds a private key")
                return
            cleaned, secrets = without_secrets(data, name)
            digest = self.store(cleaned) if secrets else self.keep(file.place)
        except OSError as error:
            self.leave(file.name, found.st_size, f"it could not be stored: {error.strerror or type(error).__name__}")
            return
        self.scrubbed += secrets
        self._stored += len(cleaned)
        mode: Literal["file", "executable"] = "executable" if found.st_mode & 0o111 else "file"
        self.changed.append(ChangedFile(name, change, digest, len(cleaned), mode))

    def _refusal(self, file: Found, found: os.stat_result) -> str | None:
        limits, megabyte = self._limits, 1024 * 1024
        if not (stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode)):
            return "it is no regular file"
        if secret_by_name(file.name):
            return "its name says that it holds secrets"
        if found.st_size > limits.file_size:
            return f"it is larger than {limits.file_size / megabyte:g} MB"
        if len(self.changed) >= limits.files:
            return f"there are more than {limits.files:,} changed files"
        if self._stored + found.st_size > limits.total_size:
            return f"the changed files are larger than {limits.total_size / megabyte:g} MB together"
        if self._clock() > self._deadline:
            return "there was no time left"
        return None

    def store(self, data: bytes) -> str:
        """Stores bytes that stand in no file of their own; gives back their digest. Raises OSError."""
        self._loose += 1
        place = self.scratch / f"loose-{self._loose}"
        place.write_bytes(data)
        return self.keep(place)


def _lstat(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except OSError:
        return None


def _urgency(item: tuple[Found, os.stat_result | None]) -> tuple[bool, bool, int, str]:
    file, found = item
    return not file.in_commit, PurePath(file.name).suffix.lower() not in CODE, found.st_size if found else 0, file.name


def readable(name: str) -> str:
    """A file's name as text: bytes that are no UTF-8 written as Python escapes them."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")

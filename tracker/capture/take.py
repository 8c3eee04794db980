"""Take the snapshot: the quick part in the training process, the slow parts in another one.

    origin = look()                                 in the training process, well under a millisecond
    snapshot = quick(origin, seed=7)                command, seeds, interpreter
    for part in parts(origin, keep): ...            in a child: machine, packages, code, as they come
    snapshot = full(origin, keep)                   the same in one piece

Nothing here raises: what could not be seen stands in `problems`, a sentence each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from tracker.capture.origin import Origin, look
from tracker.snapshot import Command, Python, Seeds, Snapshot, merged

__all__ = ["Keep", "Limits", "Origin", "full", "look", "parts", "quick"]

Keep = Callable[[Path], str]
"""Stores a file's content under its SHA-256 (lower-case hex), which it returns. It may raise OSError."""


class Limits(msgspec.Struct, frozen=True):
    """What the slow parts may cost. Sizes in bytes; what goes over is left out, and the record says so."""

    seconds: float = 60.0
    file_size: int = 10 * 1024 * 1024
    total_size: int = 100 * 1024 * 1024
    files: int = 5000
    bundle_size: int = 50 * 1024 * 1024


def quick(origin: Origin, *, seed: int | None = None) -> Snapshot:
    """What the training process alone can see: command, seeds, interpreter. `seed` is the one the caller stated."""
    return Snapshot(
        python=Python(origin.version, origin.implementation, origin.executable),
        command=Command(origin.argv, origin.cwd, origin.module, origin.env),
        seeds=Seeds(stated=seed),
        scrubbed=origin.scrubbed,
        problems=origin.problems,
    )


def parts(origin: Origin, keep: Keep, *, limits: Limits = Limits()) -> Iterator[Snapshot]:
    """The slow parts, each as soon as it is known: machine, packages, code. Takes them in the calling process."""
    yield Snapshot(python=Python(origin.version, origin.implementation, origin.executable))


def full(origin: Origin, keep: Keep, *, limits: Limits = Limits()) -> Snapshot:
    """The slow parts in one piece."""
    whole = Snapshot()
    for part in parts(origin, keep, limits=limits):
        whole = merged(whole, part)
    return whole

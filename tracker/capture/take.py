"""Take the snapshot: the quick part in the training process, the slow parts in another one.

    origin = look()                                 in the training process, about a millisecond
    snapshot = quick(origin, seed=7)                command, seeds, interpreter
    for part in parts(origin, keep): ...            in a child: machine, packages, code, as they come
    snapshot = full(origin, keep)                   the same in one piece

`tracker.snapshot.merged` puts the parts together. Nothing here raises over what cannot be seen: that stands
in `problems`, a sentence each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from tracker.capture import code, machine, packages
from tracker.capture.command import look
from tracker.capture.origin import Origin
from tracker.capture.quick import quick
from tracker.capture.shelf import Keep, Limits
from tracker.snapshot import Snapshot, merged

__all__ = ["Keep", "Limits", "Origin", "full", "look", "parts", "quick"]

_ODD = (ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError)


def parts(
    origin: Origin, keep: Keep, *, limits: Limits = Limits(), without: tuple[Path, ...] = ()
) -> Iterator[Snapshot]:
    """The slow parts, each as soon as it is known: machine, packages, code.

    They are taken in the calling process, with its rights, within about `limits.seconds`. `keep` stores a
    file's content and gives back its SHA-256. Folders in `without` are not looked into: where we keep our own
    journals must not become part of the code.
    """
    yield _seen("machine", machine.see)
    yield _seen("packages", lambda: packages.see(origin, seconds=limits.seconds / 2))
    yield _seen("code", lambda: code.see(origin, keep, limits, without=without))


def _seen(what: str, see: Callable[[], Snapshot]) -> Snapshot:
    """One part; an odd machine that breaks it costs that part and not the others."""
    try:
        return see()
    except _ODD as error:
        return Snapshot(problems=(f"The {what} could not be seen ({type(error).__name__}).",))


def full(origin: Origin, keep: Keep, *, limits: Limits = Limits(), without: tuple[Path, ...] = ()) -> Snapshot:
    """The slow parts in one piece."""
    whole = Snapshot()
    for part in parts(origin, keep, limits=limits, without=without):
        whole = merged(whole, part)
    return whole

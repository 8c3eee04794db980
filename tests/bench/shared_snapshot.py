"""One process that makes thousands of runs: the snapshot's slow parts are looked at once, and told by every run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tracker.capture.shelf import Keep
from tracker.capture.take import parts
from tracker.client import launch, observer
from tracker.client.folders import Folder
from tracker.snapshot import Snapshot


@contextmanager
def looked_at_once() -> Iterator[None]:
    """While this lasts, runs of this process start no observer of their own: the first one's parts serve them all.

    Contents that the first run staged (changed files, unpushed commits) are in the store when the others arrive.
    """
    seen: list[Snapshot] = []

    def once(origin: observer.Origin, keep: Keep, **where: Any) -> Iterator[Snapshot]:
        if not seen:
            seen.extend(parts(origin, keep, **where))
        yield from seen

    def here(module: str, *arguments: str, home: Path) -> None:
        observer.observe(Folder(Path(arguments[0])), lambda: time.time_ns() // 1000)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(observer, "parts", once)
        patch.setattr(launch, "detached", here)
        yield

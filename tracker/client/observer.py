"""The observer: `python -m tracker.client.observer FOLDER` takes the snapshot's slow parts beside the training.

It writes a segment of its own into the run. A run shorter than this still gets its whole snapshot, as the shipper
keeps the run's end back until this segment has ended.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from tracker.capture.take import Origin, parts
from tracker.client import launch, process
from tracker.client.folders import Folder
from tracker.client.frames import START, event_frame, read_owner, walk
from tracker.client.journal import Journal
from tracker.events import Body, Captured, Finished, Joined, Noticed

SEGMENT = "observer"


def observe(folder: Folder, clock: Callable[[], int]) -> None:
    """Take the slow parts of the snapshot of the run in this folder, once.

    Raises:
        OSError: the folder is gone, there is no room, or another observer is at it.
        msgspec.DecodeError: what the training process left is not to be understood.
    """
    origin = msgspec.msgpack.decode(folder.origin.read_bytes(), type=Origin)
    first = next(walk(_first(folder), START, folder.seed("main")))
    owner = read_owner(first.payload)
    began = time.monotonic()
    mine = process.describe(owner.run_id, SEGMENT, owner.nonce, clock())
    journal = Journal(folder.segment(SEGMENT), mine, folder.seed(SEGMENT))

    def say(body: Body) -> bytes:
        return event_frame(clock(), body, journal.seed)

    journal.append(say(Joined(owner.nonce, "worker")))
    reason = None
    try:
        for part in parts(origin, folder.keep, without=(folder.path.parents[1],)):  # our home is no part of the code
            journal.append(say(Captured(part)))
    except OSError as error:
        reason = f"the snapshot could not be taken whole: {error.strerror or error}"
        journal.append(say(Noticed("snapshot-cut-short", reason)))
    journal.close(
        say(Finished(state="failed" if reason else "finished", runtime=time.monotonic() - began, reason=reason))
    )
    folder.origin.unlink(missing_ok=True)


def _first(folder: Folder) -> bytes:
    with folder.segment("main").open("rb") as file:
        return file.read(65536)


def main() -> None:
    """Observe the run whose folder is the only argument, at low priority."""
    launch.make_way()
    observe(Folder(Path(sys.argv[1])), lambda: time.time_ns() // 1000)


if __name__ == "__main__":
    main()

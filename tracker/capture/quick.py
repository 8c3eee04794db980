"""The quick part of the snapshot, for the training process: nothing that only the slow parts need is loaded."""

from __future__ import annotations

from tracker.capture import seeds
from tracker.capture.origin import Origin
from tracker.snapshot import Command, Python, Snapshot


def quick(origin: Origin, *, seed: int | None = None) -> Snapshot:
    """What the training process alone can see: command, seeds, interpreter. `seed` is the one the caller stated."""
    seen, problems = seeds.see(seed)
    return Snapshot(
        python=Python(origin.version, origin.implementation, origin.executable),
        command=Command(origin.argv, origin.cwd, origin.module, origin.env, origin.wrapped),
        seeds=seen,
        scrubbed=origin.scrubbed,
        problems=(*origin.problems, *problems),
    )

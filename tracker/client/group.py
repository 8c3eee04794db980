"""Ranks that were launched together log into one run, though each of them calls `start_run`.

What a launcher (torchrun, accelerate, srun) tells every rank of a machine, and the launcher's own process, give the
same run ID and nonce in each of them: nobody asks anybody, and nobody waits. The first rank on the machine writes
the run's first segment; every other one writes a segment of its own into the same folder.
"""

from __future__ import annotations

import hashlib
import itertools
import os
from random import Random

import msgspec

from tracker import ids
from tracker.capture.command import Ranks
from tracker.client import process

_ordinal = itertools.count()


class Group(msgspec.Struct, frozen=True):
    """One rank's share in a run of several."""

    run_id: str
    nonce: str
    rank: int
    first: bool

    @property
    def segment(self) -> str:
        """The name of the segment that this rank writes."""
        return "main" if self.first else f"worker-rank{self.rank}"


def group_of(ranks: Ranks | None) -> Group | None:
    """The group that the calling process starts its next run in; None for a process that was launched alone.

    The n-th run that a rank starts is that of the n-th start of every other rank.
    """
    if ranks is None or ranks.world < 2:
        return None
    launcher = os.getppid()
    told = (launcher, process.started(launcher), process.boot(), process.host(), *ranks.told, next(_ordinal))
    nonce = hashlib.sha256(repr(told).encode()).hexdigest()[:32]
    rng = Random(int(nonce, 16))  # noqa: S311 - no secret: an ID that all ranks must mint alike
    return Group(ids.mint(rng), nonce, ranks.rank, ranks.local == 0)

"""What a run printed: the end of it, read from the artifact that keeps it, whatever its size."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass

from tracker.record import Artifact, Record
from tracker.server.config import MEGABYTE, Context

SHOWN = 48 * 1024
"""Bytes of the output's end that the page shows."""
READ_AT_MOST = 64 * MEGABYTE
"""Unpacked bytes that are read to get there; what lies behind is not shown."""
_TYPES = frozenset({"output", "log"})
_PIECE = 1 << 18


@dataclass(frozen=True)
class Printed:
    """The end of an output. `cut` says that there is more before it, `problem` that it cannot be read."""

    artifact: Artifact
    text: str = ""
    cut: bool = False
    problem: bool = False


def printed(context: Context, record: Record) -> Printed | None:
    """What the run printed; None where nothing was kept, or has arrived."""
    kept = [each for each in record.artifacts if each.type in _TYPES and not each.folder and each.stored]
    if not kept or not context.blobs.has(kept[-1].digest):
        return None
    try:
        data, cut = _end_of(context, kept[-1])
    except (OSError, EOFError, zlib.error):
        return Printed(kept[-1], problem=True)
    return Printed(kept[-1], data.decode("utf-8", "replace"), cut)


def _end_of(context: Context, artifact: Artifact) -> tuple[bytes, bool]:
    """The last bytes, from the beginning of a line, and whether there are others."""
    end, read = b"", 0
    with context.blobs.open(artifact.digest) as stored:
        packed = artifact.name.endswith(".gz")
        stream = gzip.open(stored) if packed else stored  # noqa: SIM115
        while read < READ_AT_MOST and (piece := stream.read(_PIECE)):
            read += len(piece)
            end = (end + piece)[-SHOWN:]
    if read <= SHOWN:
        return end, False
    return end.partition(b"\n")[2], True

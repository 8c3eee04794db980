"""Events: what a run says, and how it travels.

A process that logs into a run writes one *segment*: a journal of its own, whose events are numbered from
1 without a gap. A run has one segment for each process (a resumed run, a DDP rank). The store gives every
event its place in the run (`seq`, from 1) and links it into the run's hash chain.

Writers send a `Batch` (one segment's next events) and get an `Ack` (the highest number the store holds
without a gap, and the journal offset behind it). A writer that lost its place asks for the Ack and goes on
from `offset`; what the store already holds is skipped, so sending everything again is always safe.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

import msgspec

from tracker.snapshot import Scalar, Snapshot, canonical

Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class Started(msgspec.Struct, frozen=True, tag="started", tag_field="kind"):
    """The first event of a run's first segment. `nonce` tells two runs that minted the same ID apart."""

    project: str
    nonce: str
    name: str | None = None
    config: dict[str, Scalar] = {}
    seed: int | None = None
    tags: tuple[str, ...] = ()
    note: str = ""
    parent: str | None = None
    reproduces: str | None = None


class Joined(msgspec.Struct, frozen=True, tag="joined", tag_field="kind"):
    """The first event of a further segment: the run was resumed, or another process logs into it.

    A run that ended can be resumed by its owner: what it says then follows in the chain behind the seal.
    """

    nonce: str
    role: Literal["resume", "worker"]
    rank: int | None = None


class Captured(msgspec.Struct, frozen=True, tag="captured", tag_field="kind"):
    """The snapshot. It may come in parts, as slow ones are taken after the start; a part is never replaced."""

    snapshot: Snapshot


class Configured(msgspec.Struct, frozen=True, tag="configured", tag_field="kind"):
    """Hyperparameters that became known after the start. A key is written once."""

    config: dict[str, Scalar]


class Column(msgspec.Struct, frozen=True):
    """A stretch of one metric's series. `digest` is the SHA-256 of its encoded bytes in `Batch.columns`."""

    name: str
    count: int
    digest: Digest


class Metrics(msgspec.Struct, frozen=True, tag="metrics", tag_field="kind"):
    """Logged values, column by column."""

    columns: tuple[Column, ...]


class ArtifactLogged(msgspec.Struct, frozen=True, tag="artifact", tag_field="kind"):
    """A file (`digest` of its bytes), or a folder (`digest` of its manifest: canonical JSON, path to digest)."""

    name: str
    digest: Digest
    size: int
    type: str = "file"
    folder: bool = False
    media_type: str = "application/octet-stream"


class DatasetLogged(msgspec.Struct, frozen=True, tag="dataset", tag_field="kind"):
    """A data set by its full-content digest; `source` is where it was read from, `used_as` train, val, ..."""

    name: str
    digest: Digest
    size: int
    source: str | None = None
    used_as: str | None = None


class Tagged(msgspec.Struct, frozen=True, tag="tagged", tag_field="kind"):
    """Tags added, tags removed, and the note where it was rewritten."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    note: str | None = None


NOT_JOINED = "not-joined"
"""The code of the notice that marks a run of `runcite exec` of which what it printed and parsed was not seen."""


class Noticed(msgspec.Struct, frozen=True, tag="noticed", tag_field="kind"):
    """Something the recorder could not keep or had to change, so that the record says it."""

    code: str
    message: str


class Reproduced(msgspec.Struct, frozen=True, tag="reproduced", tag_field="kind"):
    """What this run, which reproduced another, found: evidence, in its own chain, for the other's badge.

    `sealed` is the original's seal as it was held against. `score` says how far the original's record sufficed.
    """

    original: str
    verdict: Literal["exact", "within", "differs"]
    sentence: str
    sealed: str | None = None
    score: str = ""


class Finished(msgspec.Struct, frozen=True, tag="finished", tag_field="kind"):
    """The end of a segment; the first segment's end is the run's. `runtime` in seconds, monotonic.

    `witness` is "process" when the training process said so itself, "shipper" when its death was seen from
    outside.
    """

    state: Literal["finished", "failed"]
    runtime: float
    witness: Literal["process", "shipper"] = "process"
    reason: str | None = None
    traceback: str | None = None
    exit_code: int | None = None
    signal: str | None = None
    out_of_memory: bool = False
    overhead: float | None = None


Body = (
    Started
    | Joined
    | Captured
    | Configured
    | Metrics
    | ArtifactLogged
    | DatasetLogged
    | Tagged
    | Noticed
    | Reproduced
    | Finished
)


class Event(msgspec.Struct, frozen=True):
    """One event of a segment.

    `number` counts from 1 in the segment; `at` is the writer's clock, microseconds since 1970 in UTC;
    `offset` is the journal position just behind what the event covers.
    """

    number: int
    at: int
    offset: int
    body: Body


class PlacedEvent(msgspec.Struct, frozen=True):
    """An event at its place in the run: `seq` from 1, and the chain's link up to it in lower-case hex.

    `received_at` is the store's clock, microseconds since 1970 in UTC.
    """

    seq: int
    segment: str
    received_at: int
    link: str
    event: Event


class Batch(msgspec.Struct, frozen=True):
    """The next events of one segment, in order, and the encoded columns of its `Metrics`, in order."""

    run_id: str
    segment: str
    nonce: str
    events: tuple[Event, ...]
    columns: tuple[bytes, ...] = ()


class Ack(msgspec.Struct, frozen=True):
    """Where the store stands with one segment.

    `number` is the highest event held without a gap (0: none) and `offset` the journal position behind it.
    `state` is "held" (go on from `offset`), "clash" (the run ID belongs to another run: mint again), "sealed"
    (the run has ended since, nothing more of this segment is taken), "unknown" (the first segment has not arrived
    yet: try again later), or "refused" (a fault that sending again will not mend; `message` says which).
    """

    run_id: str
    segment: str
    number: int
    offset: int
    state: Literal["held", "clash", "sealed", "unknown", "refused"] = "held"
    message: str = ""


def genesis(run_id: str) -> bytes:
    """The chain's link before a run's first event."""
    return hashlib.sha256(b"runcite:" + run_id.encode()).digest()


def link(previous: bytes, run_id: str, seq: int, segment: str, event: Event) -> bytes:
    """The chain's next link: SHA-256 over the previous one and the canonical JSON of the placed event."""
    return link_stored(previous, run_id, seq, segment, canonical(event))


def link_stored(previous: bytes, run_id: str, seq: int, segment: str, event: bytes) -> bytes:
    """`link` of an event that is canonical JSON already: one that is stored stays as it was written, whatever
    fields later versions add."""
    place = canonical((run_id, seq, segment))
    return hashlib.sha256(previous + place[:-1] + b"," + event + b"]").digest()

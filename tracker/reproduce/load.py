"""Take an exported run into a store: content, then events in their order, and a notice that it was imported."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from tracker.client.transport import Place, Transport
from tracker.errors import Clash, Refused
from tracker.events import Batch, Body, Event, Finished, Joined, Metrics, Noticed, PlacedEvent, Started
from tracker.record import Record
from tracker.reproduce.archive import Archive
from tracker.rules.fitness import IMPORTED

SEGMENT = "import"


class Imported(msgspec.Struct, frozen=True):
    """What became of it: the run, and whether it was new here."""

    run_id: str
    project: str
    new: bool


def load(archive: Archive, transport: Transport, scratch: Path, now: int | None = None) -> Imported:
    """Bring the run to a store. Bringing it again changes nothing.

    The chain is the exported one, event for event, up to the end; before the end stands a notice that the run was
    imported, with the seal it had, so that nobody takes it for one that this store saw.

    Raises:
        Clash: the store has another run under the ID.
        Refused: the store does not take it.
    """
    record = archive.contents.record
    for digest in sorted(transport.missing(archive.blobs())):
        path = scratch / digest
        archive.blob(digest, path)
        transport.put_blob(digest, path)
        path.unlink()
    batches = list(_batches(archive, record, time.time_ns() // 1000 if now is None else now))
    (stands,) = transport.cursors([Place(record.id, batches[0].segment, batches[0].nonce)])
    for batch in batches:
        (ack,) = transport.send([batch])
        if ack.state == "clash":
            raise Clash(f"{record.id} is another run here.", remedy="It can't be imported.")
        if ack.state == "sealed":
            break
        if ack.state != "held":
            raise Refused(
                f"The store does not take {record.id}: {ack.message or ack.state}.", remedy="Look at the file."
            )
    return Imported(record.id, record.project, stands.number == 0)


def _batches(archive: Archive, record: Record, now: int) -> Iterator[Batch]:
    """The chain's stretches of one segment each, in order, and the notice before the end."""
    events = archive.contents.events
    end = next((place for place, placed in enumerate(events) if placed.link == record.sealed), len(events))
    nonces: dict[str, str] = {}
    yield from _stretches(archive, record.id, events[:end], nonces)
    main = nonces[events[end].segment] if end < len(events) else next(iter(nonces.values()))
    said = (
        f"Imported from an export of {record.member or 'somebody'}'s run, sealed there as {record.sealed or 'nothing'}."
    )
    bodies: tuple[Body, ...] = (Joined(main, "worker"), Noticed(IMPORTED, said), Finished("finished", 0.0))
    noticed = tuple(Event(number, now, number, body) for number, body in enumerate(bodies, 1))
    if any(placed.segment == SEGMENT for placed in events):
        noticed = ()
    if noticed:
        yield Batch(record.id, SEGMENT, main, noticed)
    yield from _stretches(archive, record.id, events[end:], nonces)


def _stretches(archive: Archive, run_id: str, events: Sequence[PlacedEvent], nonces: dict[str, str]) -> Iterator[Batch]:
    group: list[PlacedEvent] = []
    for placed in events:
        if group and group[-1].segment != placed.segment:
            yield _batch(archive, run_id, group, nonces)
            group = []
        body = placed.event.body
        if isinstance(body, Started | Joined):
            nonces[placed.segment] = body.nonce
        group.append(placed)
    if group:
        yield _batch(archive, run_id, group, nonces)


def _batch(archive: Archive, run_id: str, group: Sequence[PlacedEvent], nonces: dict[str, str]) -> Batch:
    columns = [
        archive.column(column.digest)
        for placed in group
        if isinstance(placed.event.body, Metrics)
        for column in placed.event.body.columns
    ]
    segment = group[0].segment
    return Batch(run_id, segment, nonces.get(segment, ""), tuple(placed.event for placed in group), tuple(columns))

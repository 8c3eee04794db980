"""What can be said of a batch before the database is asked: whether it can be stored at all, and as what bytes.

This is the costly half of taking a batch (every column is decoded, hashed and summed up), and it runs outside
of any transaction.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import pairwise

import msgspec

from tracker.errors import Corrupt, RunciteError
from tracker.events import (
    ArtifactLogged,
    Batch,
    Column,
    Configured,
    DatasetLogged,
    Event,
    Finished,
    Joined,
    Metrics,
    Noticed,
    Reproduced,
    Started,
    Tagged,
)
from tracker.ids import clip, is_run_id
from tracker.record import Summary
from tracker.snapshot import Scalar, canonical
from tracker.store import series

MAX_NAME = 500
MAX_POINTS = 1 << 24
_MOST = (1 << 63) - 1


class Unfit(RunciteError):
    """A batch, or an event in it, that can never be stored; the message says why."""


@dataclass(frozen=True)
class Stretch:
    """One metric's new points: their bytes as they came, and what they come to."""

    metric: str
    data: bytes
    summary: Summary
    first_step: int
    first: float


@dataclass(frozen=True)
class Prepared:
    """An event with its canonical JSON and, where it brought metrics, their stretches."""

    event: Event
    json: bytes
    stretches: tuple[Stretch, ...] = ()


def prepare(batch: Batch) -> tuple[Prepared, ...]:
    """The batch's events, checked one by one.

    Raises:
        Unfit: something in it cannot be stored, now or later.
    """
    _must(is_run_id(batch.run_id), f"{clip(batch.run_id)!r} is no run ID")
    _must(bool(batch.events), "a batch has at least one event")
    _name(batch.segment, "segment")
    _name(batch.nonce, "nonce")
    numbers = [event.number for event in batch.events]
    _must(numbers[0] >= 1 and all(b == a + 1 for a, b in pairwise(numbers)), "the events are not numbered in a row")
    columns = list(batch.columns)
    named = sum(len(event.body.columns) for event in batch.events if isinstance(event.body, Metrics))
    _must(named == len(columns), f"the events name {named} columns, the batch brings {len(columns)}")
    points = sum(c.count for event in batch.events if isinstance(event.body, Metrics) for c in event.body.columns)
    _must(points <= MAX_POINTS, f"{points:,} points are more than a batch may bring ({MAX_POINTS:,})")
    columns.reverse()
    decoder = series.Decoder()
    return tuple(_prepared(event, columns, decoder) for event in batch.events)


def _prepared(event: Event, columns: list[bytes], decoder: series.Decoder) -> Prepared:
    where = f"event {event.number} ({type(event.body).__name__.lower()})"
    try:
        _check(event)
        json = canonical(event)
        if not isinstance(event.body, Metrics):
            return Prepared(event, json)
        return Prepared(event, json, tuple(_stretch(one, columns.pop(), decoder) for one in event.body.columns))
    except Unfit as error:
        raise Unfit(f"{where}: {error.message}") from None
    except (UnicodeError, msgspec.MsgspecError, TypeError, OverflowError) as error:
        raise Unfit(f"{where}: it has no JSON form: {error}") from None


def _stretch(column: Column, data: bytes, decoder: series.Decoder) -> Stretch:
    what = f"column {clip(column.name)!r}"
    _must(hashlib.sha256(data).hexdigest() == column.digest, f"{what} is not what its digest says")
    try:
        points = decoder.decode(data)
    except Corrupt as error:
        raise Unfit(f"{what} cannot be read: {error.message}") from None
    _must(len(points) == column.count, f"{what} has {len(points)} points, not {column.count}")
    step, value = series.first(points)
    return Stretch(column.name, data, series.summarize(points), step, value)


def _check(event: Event) -> None:
    """Names short enough for an index, numbers that fit into 64 bits."""
    _number(event.at, "time")
    _number(event.offset, "offset")
    body = event.body
    if isinstance(body, Started | Joined):
        _must(event.number == 1, "it can only be the first of a segment")
        _name(body.nonce, "nonce")
    else:
        _must(event.number > 1, "a segment begins with started or joined")
    if isinstance(body, Started):
        _name(body.project, "project")
        for name in (body.name, body.parent, body.reproduces):
            _must(name is None or len(name) <= MAX_NAME, "a name is too long")
    if isinstance(body, Started | Configured):
        _config(body.config)
    if isinstance(body, Started | Tagged):
        for tag in body.tags if isinstance(body, Started) else body.add + body.remove:
            _name(tag, "tag")
    if isinstance(body, ArtifactLogged | DatasetLogged):
        _name(body.name, "name")
        _number(body.size, "size")
    if isinstance(body, Metrics):
        names = [column.name for column in body.columns]
        _must(len(set(names)) == len(names) > 0, "it names no metric, or one twice")
        for column in body.columns:
            _name(column.name, "metric")
    if isinstance(body, Reproduced):
        _must(is_run_id(body.original), f"{clip(body.original)!r} is no run ID")
    if isinstance(body, Noticed):
        _name(body.code, "code")
    if isinstance(body, Finished):
        _must(body.runtime == body.runtime and abs(body.runtime) != float("inf"), "its runtime is no number")


def _config(config: dict[str, Scalar]) -> None:
    for key, value in config.items():
        _name(key, "config key")
        finite = not isinstance(value, float) or (value == value and abs(value) != float("inf"))
        _must(finite, f"config {clip(key)!r} is not finite: it must be sent as text")


def _name(text: str, what: str) -> None:
    _must(0 < len(text) <= MAX_NAME, f"a {what} has 1 to {MAX_NAME} characters")


def _number(value: int, what: str) -> None:
    _must(0 <= value <= _MOST, f"its {what} is out of range")


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Unfit(otherwise)

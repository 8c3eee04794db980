"""Fetch: the record, its board, its histories and its content, from wherever they are kept. The first stage.

The same questions to a database at hand, to a server, and (`tracker.reproduce.archive`) to an exported file.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import httpx
import msgspec
import numpy as np

from tracker import ids
from tracker.client.transport import HttpTransport
from tracker.errors import Corrupt, NotFound, Unavailable
from tracker.events import Joined, PlacedEvent
from tracker.record import BoardSpec, Record
from tracker.settings import Settings
from tracker.store import migrate, queries
from tracker.store.blobs import open_blobs
from tracker.store.database import open_database
from tracker.store.series import Points

PIECE = 1 << 20


class Column(msgspec.Struct, frozen=True):
    """A stretch of one metric's points as it came, encoded, with the place of the event that brought it."""

    seq: int
    metric: str
    data: bytes


class Origin(Protocol):
    """Where a run's record comes from. Every method raises RunciteError where the answer is no."""

    @property
    def name(self) -> str:
        """What people call it."""

    def record(self, run_id: str) -> Record:
        """Everything known of a run."""

    def board(self, project: str) -> BoardSpec:
        """What the project's board ranks by."""

    def history(self, run_id: str, metric: str) -> Points:
        """Every point of a metric, by step."""

    def replicates(self, record: Record) -> tuple[Record, ...]:
        """Other runs of equal config, code, data and environment."""

    def blob(self, digest: str, into: Path) -> None:
        """Write content to a file; its digest is checked.

        Raises:
            NotFound: it is not stored there.
            Corrupt: it is not what its name says.
        """

    def resumes(self, run_id: str) -> int:
        """How often the run was resumed."""

    def commit(self, into: Path) -> bool:
        """Write the run's commit as a bundle without its past, where the origin holds one; whether it does."""


class LocalOrigin:
    """The database and the folder of content at hand."""

    def __init__(self, settings: Settings) -> None:
        self.name = "the database at hand"
        self._db = open_database(settings.url)
        migrate.upgrade(self._db)
        self._blobs = open_blobs(settings.artifacts)

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    def record(self, run_id: str) -> Record:
        return queries.get_record(self._db, ids.parse(run_id), now=_now())

    def board(self, project: str) -> BoardSpec:
        return queries.get_board(self._db, project)

    def history(self, run_id: str, metric: str) -> Points:
        return queries.get_history(self._db, run_id, metric)

    def replicates(self, record: Record) -> tuple[Record, ...]:
        return queries.replicates_of(self._db, record, now=_now())

    def blob(self, digest: str, into: Path) -> None:
        with self._blobs.open(digest) as stream:
            _write(digest, iter(lambda: stream.read(PIECE), b""), into)

    def resumes(self, run_id: str) -> int:
        return count_resumes(self.events(run_id))

    def commit(self, into: Path) -> bool:
        return False

    def events(self, run_id: str) -> Iterator[PlacedEvent]:
        """What the run said, in the order of its chain."""
        yield from _paged(lambda after: queries.get_events(self._db, run_id, after=after))

    def columns(self, run_id: str) -> Iterator[Column]:
        """The points of every metric, as they came."""
        after = 0
        while found := queries.get_columns(self._db, run_id, after=after):
            yield from (Column(*each) for each in found)
            after = found[-1][0]


class _History(msgspec.Struct, frozen=True):
    steps: list[int]
    values: list[float]
    times: list[int]


class ServerOrigin(HttpTransport):
    """A Runcite server."""

    @property
    def name(self) -> str:
        return self.url

    def record(self, run_id: str) -> Record:
        return self.get(f"runs/{ids.parse(run_id)}", Record)

    def board(self, project: str) -> BoardSpec:
        return self.get(f"projects/{_part(project)}/board", BoardSpec)

    def history(self, run_id: str, metric: str) -> Points:
        found = self.get(f"runs/{run_id}/history", _History, {"metric": metric})
        return Points(
            np.array(found.steps, np.int64), np.array(found.values, np.float64), np.array(found.times, np.int64)
        )

    def replicates(self, record: Record) -> tuple[Record, ...]:
        if record.digests.code is None or record.digests.environment is None:
            return ()
        found = self.get("runs", tuple[Record, ...], {"project": record.project, "limit": 1000})
        return tuple(each for each in found if each.id != record.id and each.digests == record.digests)

    def blob(self, digest: str, into: Path) -> None:
        try:
            with self._client.stream("GET", f"blobs/{digest}") as answer:
                if answer.status_code == 404:
                    raise NotFound(f"No blob {digest[:12]}… is stored.", remedy="Was the run delivered whole?")
                answer.raise_for_status()
                _write(digest, answer.iter_bytes(PIECE), into)
        except httpx.HTTPError as error:
            raise Unavailable(f"{self.url} can't be reached: {error}.", remedy="Try again.") from None

    def resumes(self, run_id: str) -> int:
        return count_resumes(self.events(run_id))

    def commit(self, into: Path) -> bool:
        return False

    def events(self, run_id: str) -> Iterator[PlacedEvent]:
        """What the run said, in the order of its chain."""
        yield from _paged(lambda after: self.get(f"runs/{run_id}/events", tuple[PlacedEvent, ...], {"after": after}))

    def columns(self, run_id: str) -> Iterator[Column]:
        """The points of every metric, as they came."""
        after = 0
        while found := self.get(f"runs/{run_id}/columns", tuple[Column, ...], {"after": after}):
            yield from found
            after = found[-1].seq


def count_resumes(events: Iterable[PlacedEvent]) -> int:
    """How often the events tell of a run that went on."""
    return sum(isinstance(placed.event.body, Joined) and placed.event.body.role == "resume" for placed in events)


@contextmanager
def open_whole(settings: Settings) -> Iterator[LocalOrigin | ServerOrigin]:
    """The store that the settings name, for as long as the block lasts."""
    made = ServerOrigin(settings.url, settings.token) if settings.remote else LocalOrigin(settings)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def open_origin(settings: Settings) -> Iterator[Origin]:
    """The same, as any origin."""
    with open_whole(settings) as found:
        yield found


def histories(origin: Origin, record: Record) -> dict[str, Points]:
    """Every metric's history."""
    return {name: origin.history(record.id, name) for name in record.metrics}


def content(origin: Origin, digest: str, folder: Path) -> bytes:
    """A small blob's bytes, read through a file in `folder`."""
    path = folder / digest
    origin.blob(digest, path)
    data = path.read_bytes()
    path.unlink()
    return data


def _write(digest: str, pieces: Iterator[bytes], into: Path) -> None:
    seen = hashlib.sha256()
    with into.open("wb") as file:
        for piece in pieces:
            seen.update(piece)
            file.write(piece)
    if seen.hexdigest() != digest:
        into.unlink()
        raise Corrupt(f"The content {digest[:12]}… is not what was stored.", remedy="Type: runcite verify")


def _paged(ask: Callable[[int], tuple[PlacedEvent, ...]]) -> Iterator[PlacedEvent]:
    after = 0
    while page := ask(after):
        yield from page
        after = page[-1].seq


def _part(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="")


def _now() -> int:
    return time.time_ns() // 1000

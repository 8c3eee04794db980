"""The embedded store as a transport: a database and a folder of content that this process writes itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tracker.client.transport import Place
from tracker.events import Ack, Batch
from tracker.store import ingest, members, migrate
from tracker.store.blobs import open_blobs
from tracker.store.database import open_database


class EmbeddedStore:
    """The store at a database URL. Runs belong to the user of this operating system."""

    def __init__(self, url: str, artifacts: str, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._db = open_database(url)
        migrate.upgrade(self._db)
        self._blobs = open_blobs(artifacts)
        self._member = members.local_member(self._db, now=clock()).handle

    def send(self, batches: Sequence[Batch]) -> tuple[Ack, ...]:
        """Deliver batches; where the store then stands with each segment, in order."""
        return ingest.append(self._db, batches, member=self._member, now=self._clock(), has_blob=self._blobs.has)

    def cursors(self, places: Sequence[Place]) -> tuple[Ack, ...]:
        """Where the store stands with these segments, in order."""
        return tuple(ingest.cursor(self._db, place.run_id, place.segment, place.nonce) for place in places)

    def heartbeat(self, run_ids: Iterable[str]) -> None:
        """These runs are alive."""
        ingest.heartbeat(self._db, tuple(run_ids), member=self._member, now=self._clock())

    def missing(self, digests: Iterable[str]) -> frozenset[str]:
        """Which of these the store does not hold."""
        return frozenset(self._blobs.missing(tuple(digests)))

    def put_blob(self, digest: str, path: Path) -> None:
        """Store a file's content."""
        with path.open("rb") as file:
            self._blobs.put(digest, file)

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

"""Runs written straight into a store, as the shipper writes them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from random import Random

from tracker.events import Batch, Body, Column, Event, Finished, Metrics, Started
from tracker.ids import mint
from tracker.store import ingest
from tracker.store.database import Database
from tracker.store.series import Points, encode

NOW = 1_700_000_000_000_000


class Writer:
    """One run, begun. `log` and `end` go on with it."""

    def __init__(self, db: Database, project: str, seed: int = 7) -> None:
        self.run_id = mint(Random(seed))
        self._db = db
        self._number = 0
        self._say(Started(project, "bench"))

    def log(self, series: Mapping[str, Points], *, rows: int) -> None:
        """Series, as events of so many rows each."""
        count = max(len(points) for points in series.values())
        for start in range(0, count, rows):
            columns, encoded = [], []
            for name, points in series.items():
                cut = slice(start, start + rows)
                data = encode(Points(points.steps[cut], points.values[cut], points.times[cut]))
                columns.append(Column(name, len(points.steps[cut]), hashlib.sha256(data).hexdigest()))
                encoded.append(data)
            self._say(Metrics(tuple(columns)), *encoded)

    def end(self) -> None:
        """The run's end."""
        self._say(Finished("finished", 1.0))

    def _say(self, body: Body, *columns: bytes) -> None:
        self._number += 1
        event = Event(self._number, NOW + self._number, 100 * self._number, body)
        batch = Batch(self.run_id, "main", "bench", (event,), columns)
        (ack,) = ingest.append(self._db, [batch], member=None, now=NOW + self._number)
        assert ack.number == self._number, ack

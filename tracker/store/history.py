"""Histories read from chunks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, select

from tracker.store.series import Points, decode, joined, ordered
from tracker.store.sql import portions
from tracker.store.tables import runs as t


def read_history(connection: Connection, runs: Sequence[int], metric: str) -> dict[int, Points]:
    """One metric's points by step, for each of the runs that has logged it."""
    c = t.chunks.c
    found: dict[int, list[Points]] = defaultdict(list)
    for some in portions(runs):
        query = (
            select(c.run, c.data)
            .where(c.run.in_(some), c.metric_id.in_(select(t.metrics.c.id).where(t.metrics.c.name == metric)))
            .order_by(c.run, c.metric_id, c.seq)
        )
        for run, data in connection.execute(query):
            found[run].append(decode(data))
    return {run: ordered(joined(stretches)) for run, stretches in found.items()}

"""The chart of a reply: the cited run's curve over the team's, drawn from what the store holds now."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from bot.desk import Desk
from bot.lookup import board_of
from tracker.charts import reply_chart
from tracker.charts.select import reply_of
from tracker.charts.shapes import Picture
from tracker.store import queries

OTHERS = 20
"""Runs of the team that are drawn behind the cited one."""
BUCKETS = 250
"""Each bucket of a curve keeps its least and its greatest value: about two for each pixel's width."""


@dataclass(frozen=True)
class Drawn:
    """A picture, and the digest of its bytes."""

    picture: Picture
    digest: str


def draw(desk: Desk, run_id: str) -> Drawn | None:
    """The chart for a run; None for one that recorded nothing of its board's metric."""
    now = desk.clock()
    record = queries.get_record(desk.db, run_id, now=now)
    ranking = board_of(desk, record.project, now)
    if ranking.spec.metric not in record.metrics:
        return None
    team = [row.records[0].id for row in ranking.rows if run_id not in row.run_ids][:OTHERS]
    histories = queries.get_histories(desk.db, [run_id, *team], ranking.spec.metric, buckets=BUCKETS)
    picture = reply_chart(reply_of(ranking, record, histories))
    return Drawn(picture, hashlib.sha256(picture.png).hexdigest())

"""The chart of a reply: the cited run's curve over the team's, drawn from what the store holds now."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields

import numpy as np

from bot.desk import Desk
from bot.lookup import board_of, sees
from tracker.charts import LIGHT, in_language, reply_chart
from tracker.charts.reply import reply_alt
from tracker.charts.select import reply_of
from tracker.charts.shapes import Curve, Picture, ReplyChart
from tracker.rules.veil import Viewer
from tracker.store import queries

OTHERS = 20
"""Runs of the team that are drawn behind the cited one."""
BUCKETS = 250
"""Each bucket of a curve keeps its least and its greatest value: about two for each pixel's width."""


@dataclass(frozen=True)
class Plan:
    """What is to be drawn, and its digest: equal plans make equal pictures."""

    chart: ReplyChart
    digest: str
    language: str = "en"

    @property
    def alt(self) -> str:
        """The picture in words."""
        return reply_alt(self.chart, in_language(LIGHT, self.language))

    def draw(self) -> Picture:
        """The picture."""
        return reply_chart(self.chart, in_language(LIGHT, self.language))


def plan(desk: Desk, run_id: str, viewer: Viewer, language: str = "en") -> Plan | None:
    """The chart for a run, as a viewer may see it; None for one that recorded nothing of its board's metric that may be
    seen."""
    now = desk.clock()
    record = queries.get_record(desk.db, run_id, now=now)
    ranking = board_of(desk, record.project, now)
    shown = sees(desk, viewer)
    record = shown.of(record)
    if ranking.spec.metric not in record.metrics:
        return None
    team = [row.records[0].id for row in ranking.rows if run_id not in row.run_ids][:OTHERS]
    histories = shown.histories([run_id, *team], ranking.spec.metric, buckets=BUCKETS)
    chart = reply_of(ranking, record, histories)
    return Plan(chart, digest_of(chart, language), language)


def digest_of(chart: ReplyChart, language: str = "en") -> str:
    """A digest of everything that the chart shows."""
    digest = hashlib.sha256(language.encode())
    for field in fields(chart):
        value = getattr(chart, field.name)
        curves = [value] if isinstance(value, Curve) else value if field.name == "others" else []
        digest.update(f"{field.name}\n".encode())
        if not curves:
            digest.update(repr(value).encode())
        for curve in curves:
            digest.update(repr((curve.run_id, curve.label, len(curve.steps))).encode())
            digest.update(np.ascontiguousarray(curve.steps, np.float64).tobytes())
            digest.update(np.ascontiguousarray(curve.values, np.float64).tobytes())
    return digest.hexdigest()

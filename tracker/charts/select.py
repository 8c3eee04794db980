"""From what the rules say to what the charts draw: which rows, which curves, under which names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tracker.charts.shapes import Bar, BoardChart, ComparisonChart, Curve, FactorBar, ImportanceChart, ReplyChart
from tracker.record import Record
from tracker.rules.board import Ranking, Row, place_of, why_unranked
from tracker.rules.compared import Compared
from tracker.rules.importance import Importance
from tracker.rules.noise import Judgement
from tracker.rules.replicates import value_of
from tracker.rules.words import number


class History(Protocol):
    """A series as the store gives it."""

    @property
    def steps(self) -> NDArray[np.int64]: ...

    @property
    def values(self) -> NDArray[np.float64]: ...


def reply_of(ranking: Ranking, record: Record, histories: Mapping[str, History]) -> ReplyChart:
    """The chart for a post that cites `record`: `histories` are series of the board's metric by run ID.

    Every history but the run's own is drawn behind it; the board's best row's first run is named if its
    history is among them.
    """
    spec, value = ranking.spec, value_of(ranking.spec, record)
    bars = [_bar(row, record.id) for row in ranking.rows]
    why = why_unranked(ranking, record.id)
    if place_of(ranking, record.id) is None and value is not None:
        bars.append(Bar(name_of(record), record.id, value, None, values=(value,), cited=True))
    others = [run_id for run_id in histories if run_id != record.id]
    return ReplyChart(
        project=spec.project,
        metric=spec.metric,
        direction=spec.direction,
        aggregate=spec.aggregate,
        member=name_of(record),
        value=value,
        curve=_curve(record.id, name_of(record), histories),
        others=tuple(_curve(run_id, "", histories) for run_id in others),
        bars=tuple(bars),
        rows=max(ranking.of, len(ranking.rows)),
        why=why.reason if why else "",
    )


def board_of(ranking: Ranking, cited: str | None = None) -> BoardChart:
    """The board as a chart; the run `cited`, if any, stands out."""
    spec = ranking.spec
    return BoardChart(
        project=spec.project,
        metric=spec.metric,
        direction=spec.direction,
        aggregate=spec.aggregate,
        bars=tuple(_bar(row, cited) for row in ranking.rows),
        rows=max(ranking.of, len(ranking.rows)),
        unranked=max(ranking.unranked_of, len(ranking.unranked)),
    )


def comparison_of(
    ranking: Ranking,
    records: Sequence[Record],
    histories: Mapping[str, History],
    *,
    verdict: str = "",
    notes: tuple[str, ...] = (),
) -> ComparisonChart:
    """Runs side by side, each by its row of the board (its replicates' mean), or by its own value without one.

    A run without a finite value is left out; two runs of one row are told by their own values, and runs of one name
    by their IDs.
    """
    spec = ranking.spec
    names = [name_of(record) for record in records]
    labels = [name if names.count(name) == 1 else record.id for name, record in zip(names, records, strict=True)]
    places = [place_of(ranking, record.id) for record in records]
    rows = [place.row.run_ids for place in places if place]
    bars, curves = [], []
    for record, place, label in zip(records, places, labels, strict=True):
        value = value_of(spec, record)
        if place is not None and rows.count(place.row.run_ids) == 1:
            bars.append(replace(_bar(place.row, record.id), label=label))
        elif value is not None:
            bars.append(Bar(label, record.id, value, place.rank if place else None, values=(value,)))
        else:
            continue
        curves.append(_curve(record.id, label, histories))
    return ComparisonChart(
        project=spec.project,
        metric=spec.metric,
        direction=spec.direction,
        aggregate=spec.aggregate,
        curves=tuple(curves),
        bars=tuple(bars),
        verdict=verdict,
        notes=notes,
    )


def compared_of(found: Compared, records: Sequence[Record], histories: Mapping[str, History]) -> ComparisonChart:
    """Runs that were compared: their places among each other, what is said of the difference, and what differs.

    `records` are those of `found.run_ids`, `histories` series of the board's metric by run ID.
    """
    two = len(records) == 2
    judgement = found.judgements[0] if two else None
    notes = list(_odds(judgement)) if judgement else []
    lines = found.comparisons[0].lines if two else found.spread.lines
    metrics = {f"{name}:" for record in records for name in record.metrics}
    notes += [line for line in lines if not line.startswith(tuple(metrics))]
    return comparison_of(found.ranking, records, histories, verdict=found.verdict, notes=tuple(notes))


def _odds(judgement: Judgement) -> Iterator[str]:
    if judgement.improvement is not None:
        yield f"second beats first: {judgement.improvement:.0%} of pairs"
    if judgement.p is not None:
        yield f"p = {number(judgement.p, 2)}" + (
            f", by permutation {number(judgement.p_permutation, 2)}" if judgement.p_permutation is not None else ""
        )


def importance_of(found: Importance, project: str) -> ImportanceChart:
    """Importance as a chart."""
    factors = tuple(
        FactorBar(each.key, each.share, each.low, each.high, each.total, each.confirmed) for each in found.factors
    )
    return ImportanceChart(project, found.metric, factors, found.sentence, found.caveats)


def name_of(record: Record) -> str:
    """What a run is called in a chart: its member, else its own name, else its ID."""
    return record.member or record.name or record.id


def _bar(row: Row, cited: str | None) -> Bar:
    own = next((record for record in (*row.records, *row.repeats) if record.id == cited), None)
    first = own or row.records[0]
    members = {name_of(record) for record in row.records} - {name_of(first)}
    return Bar(
        label=f"{name_of(first)} +{len(members)}" if members else name_of(first),
        run_id=first.id,
        value=row.value,
        rank=row.rank,
        n=row.n,
        low=row.low,
        high=row.high,
        values=row.values,
        tied=row.tied,
        cited=own is not None,
    )


def _curve(run_id: str, label: str, histories: Mapping[str, History]) -> Curve:
    found = histories.get(run_id)
    if found is None:
        return Curve(run_id, label)
    return Curve(run_id, label, np.asarray(found.steps, np.float64), np.asarray(found.values, np.float64))

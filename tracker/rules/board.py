"""The board: who stands where, by the project's own metric, and who does not rank and why. Pure.

Replicates make one row with their mean. Rows that can't be told apart share a rank (`standing` says how it is
reckoned). Telling apart is not transitive, so a row may share a rank with its neighbour and not with that one's
other neighbour; each comparison is at 5 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from tracker.record import BoardSpec, Record
from tracker.rules.filters import EVERYTHING, Filter
from tracker.rules.replicates import Key, apart, key_of
from tracker.rules.standing import (
    BASELINE,
    Entry,
    Gain,
    Group,
    Row,
    Unranked,
    gain_over,
    group_of,
    grouped,
    ranks,
    split,
)

__all__ = [
    "BASELINE",
    "Filter",
    "Gain",
    "Lead",
    "Place",
    "Ranking",
    "Row",
    "Unranked",
    "best",
    "lead_history",
    "place_of",
    "rank",
    "shortened",
    "why_unranked",
]

Why = Literal["first", "better", "fell back"]


class Ranking(msgspec.Struct, frozen=True):
    """A project's board as it stands: rows from the best to the worst, and the runs that do not rank.

    `of` and `unranked_of` count all rows and all runs that do not rank, more than are here where the ranking was
    `shortened`. `left_out` counts the runs that rank and did not pass the filter `only`.
    """

    spec: BoardSpec
    rows: tuple[Row, ...]
    unranked: tuple[Unranked, ...]
    of: int = 0
    unranked_of: int = 0
    only: Filter = EVERYTHING
    left_out: int = 0


class Lead(msgspec.Struct, frozen=True):
    """A row that took the lead: when (the end of the run that decided it), the row's best run then, its value.

    `why`: it was the "first", it was "better", or the leader "fell back" when a further seed lowered its mean.
    `told_apart` says that it could be told from the row it took the lead from; `until` when it lost the lead,
    None for the row that has it.
    """

    at: int
    record: Record
    value: float
    n: int
    told_apart: bool
    why: Why = "first"
    until: int | None = None


class Place(msgspec.Struct, frozen=True):
    """Where a run stands: the rank of its row, and how many rows there are."""

    rank: int
    of: int
    tied: bool
    row: Row


def rank(spec: BoardSpec, records: Sequence[Record], only: Filter = EVERYTHING) -> Ranking:
    """The board over these runs, or over those that pass a filter. The order of `records` does not matter."""
    passing = [record for record in records if only.passes(record)]
    entries, unranked = split(spec, passing)
    sign = _sign(spec)
    groups = sorted(grouped(entries), key=lambda group: group.order(sign))
    shown = [group for group in groups if group.sample.n >= only.seeds]
    found = ranks([group.sample for group in shown], sign)
    baseline = next((group for group in shown if group.baseline), None)
    rows = tuple(
        group.row(found[at], _shared(found, at), sign, gain_over(baseline, group, sign))
        for at, group in enumerate(shown)
    )
    unranked.sort(key=lambda each: (-each.record.started_at, each.record.id))
    left_out = 0
    if only != EVERYTHING:
        taking_part = sum(len(group.entries) + len(group.repeats) for group in shown)
        left_out = len(split(spec, records)[0]) - taking_part
    return Ranking(spec, rows, tuple(unranked), len(rows), len(unranked), only, left_out)


def shortened(ranking: Ranking, rows: int, unranked: int | None = None) -> Ranking:
    """The ranking with its first so many rows, and so many of the newest runs that don't rank (as many as rows)."""
    return msgspec.structs.replace(
        ranking,
        rows=ranking.rows[:rows],
        unranked=ranking.unranked[: rows if unranked is None else unranked],
        of=max(ranking.of, len(ranking.rows)),
        unranked_of=max(ranking.unranked_of, len(ranking.unranked)),
    )


def best(ranking: Ranking) -> Row | None:
    """The row with the best value; others may share its rank."""
    return ranking.rows[0] if ranking.rows else None


def place_of(ranking: Ranking, run_id: str) -> Place | None:
    """Where a run stands; None for one that does not rank (`why_unranked` says why)."""
    for row in ranking.rows:
        if run_id in row.run_ids:
            return Place(row.rank, max(ranking.of, len(ranking.rows)), row.tied, row)
    return None


def why_unranked(ranking: Ranking, run_id: str) -> Unranked | None:
    """Why a run has no place; None for one that has, or is not of the project."""
    return next((each for each in ranking.unranked if each.record.id == run_id), None)


def lead_history(spec: BoardSpec, records: Sequence[Record], only: Filter = EVERYTHING) -> tuple[Lead, ...]:
    """Who led when: the board replayed in the order in which the runs ended, the oldest lead first.

    A row's mean may fall with a further seed, and the lead with it; runs that do not rank now never led.
    """
    sign = _sign(spec)
    entries, _ = split(spec, [record for record in records if only.passes(record)])
    found: dict[Key | str, list[Entry]] = {}
    rows: dict[Key | str, Group] = {}
    leader: Key | str | None = None
    leads: list[Lead] = []
    for entry in sorted(entries, key=lambda entry: entry.ended):
        key: Key | str = key_of(entry.record) or entry.record.id
        found.setdefault(key, []).append(entry)
        group = group_of(found[key])
        if group.sample.n < only.seeds:
            continue
        rows[key] = group
        rivals = rows if key == leader or leader is None else (leader, key)
        first = min(rivals, key=lambda each: rows[each].order(sign))
        if first != leader:
            leads[-1:] = [msgspec.structs.replace(lead, until=entry.ended[0]) for lead in leads[-1:]]
            # What is told apart is the row that lost the lead as it stands now: a further seed may just have cost it.
            lost = rows[leader] if leader is not None else None
            told_apart = lost is None or apart(lost.sample, rows[first].sample)
            why: Why = "first" if lost is None else "fell back" if key == leader else "better"
            leads.append(_lead(entry, rows[first], sign, told_apart, why))
        leader = first
    return tuple(leads)


def _lead(entry: Entry, group: Group, sign: float, told_apart: bool, why: Why) -> Lead:
    row = group.row(1, False, sign)
    return Lead(entry.ended[0], row.records[0], row.value, row.n, told_apart, why)


def _sign(spec: BoardSpec) -> float:
    return 1.0 if spec.direction == "max" else -1.0


def _shared(found: Sequence[int], at: int) -> bool:
    """Whether a neighbour has the same rank: they never fall."""
    return found[at] in (*found[max(0, at - 1) : at], *found[at + 1 : at + 2])

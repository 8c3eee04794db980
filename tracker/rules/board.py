"""The board: who stands where, by the project's own metric, and who does not rank and why. Pure.

Replicates make one row with their mean. A row's rank is 1 + the number of rows that are better *and* can be
told apart from it (see `replicates`), but never better than the rank of a row with a better value, so that
noise buys no place: rows that can't be told apart share one. Telling apart is not transitive, so a row may
share a rank with its neighbour and not with that one's other neighbour; each comparison is at 5 %.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec

from tracker.record import BoardSpec, Record
from tracker.rules.fitness import findings
from tracker.rules.replicates import Key, Sample, apart, key_of, mean_of, value_of

BASELINE = "baseline"
"""The tag of a run that others are measured against."""


class Row(msgspec.Struct, frozen=True):
    """A row of the board.

    `records` are the runs the value stands for, the best first; `values` theirs in that order; `value` their
    mean, with its 95 % confidence interval when there are several. `repeats` are further runs of a seed that
    is already counted: they change nothing, and stand here so that they are not lost. `tied` says that the
    rank is shared, `one_seed` that luck cannot be told from merit.
    """

    rank: int
    records: tuple[Record, ...]
    values: tuple[float, ...]
    value: float
    n: int
    low: float | None = None
    high: float | None = None
    tied: bool = False
    one_seed: bool = True
    repeats: tuple[Record, ...] = ()
    baseline: bool = False

    @property
    def run_ids(self) -> tuple[str, ...]:
        """Every run that the row speaks of."""
        return tuple(record.id for record in (*self.records, *self.repeats))


class Unranked(msgspec.Struct, frozen=True):
    """A run that has no place: the finding's code, and the reason as a sentence."""

    record: Record
    code: str
    reason: str


class Ranking(msgspec.Struct, frozen=True):
    """A project's board as it stands: rows from the best to the worst, and the runs that do not rank."""

    spec: BoardSpec
    rows: tuple[Row, ...]
    unranked: tuple[Unranked, ...]


class Lead(msgspec.Struct, frozen=True):
    """A row that took the lead: when (the end of the run that decided it), the row's best run then, its value.

    `told_apart` says that it could be told from the row it took the lead from.
    """

    at: int
    record: Record
    value: float
    n: int
    told_apart: bool


class Place(msgspec.Struct, frozen=True):
    """Where a run stands: the rank of its row, and how many rows there are."""

    rank: int
    of: int
    tied: bool
    row: Row


def rank(spec: BoardSpec, records: Sequence[Record]) -> Ranking:
    """The board over these runs. The order of `records` does not matter."""
    entries, unranked = _split(spec, records)
    sign = 1.0 if spec.direction == "max" else -1.0
    groups = sorted(_grouped(entries), key=lambda group: group.order(sign))
    ranks = _ranks([group.sample for group in groups], sign)
    rows = tuple(group.row(ranks[at], _shared(ranks, at), sign) for at, group in enumerate(groups))
    unranked.sort(key=lambda each: (-each.record.started_at, each.record.id))
    return Ranking(spec, rows, tuple(unranked))


def best(ranking: Ranking) -> Row | None:
    """The row with the best value; others may share its rank."""
    return ranking.rows[0] if ranking.rows else None


def place_of(ranking: Ranking, run_id: str) -> Place | None:
    """Where a run stands; None for one that does not rank (`why_unranked` says why)."""
    for row in ranking.rows:
        if run_id in row.run_ids:
            return Place(row.rank, len(ranking.rows), row.tied, row)
    return None


def why_unranked(ranking: Ranking, run_id: str) -> Unranked | None:
    """Why a run has no place; None for one that has, or is not of the project."""
    return next((each for each in ranking.unranked if each.record.id == run_id), None)


def lead_history(spec: BoardSpec, records: Sequence[Record]) -> tuple[Lead, ...]:
    """Who led when: the board replayed in the order in which the runs ended, the oldest lead first.

    A row's mean may fall with a further seed, and the lead with it; runs that do not rank now never led.
    """
    sign = 1.0 if spec.direction == "max" else -1.0
    entries, _ = _split(spec, records)
    found: dict[Key | str, list[_Entry]] = {}
    rows: dict[Key | str, _Group] = {}
    leader: Key | str | None = None
    leads: list[Lead] = []
    for entry in sorted(entries, key=lambda entry: entry.ended):
        key: Key | str = key_of(entry.record) or entry.record.id
        before = rows.get(leader) if leader is not None else None
        found.setdefault(key, []).append(entry)
        rows[key] = _group(found[key])
        rivals = rows if key == leader or leader is None else (leader, key)
        first = min(rivals, key=lambda each: rows[each].order(sign))
        if first != leader:
            now = rows[first].row(1, False, sign)
            told_apart = before is None or apart(before.sample, rows[first].sample)
            leads.append(Lead(entry.ended[0], now.records[0], now.value, now.n, told_apart))
        leader = first
    return tuple(leads)


def _split(spec: BoardSpec, records: Sequence[Record]) -> tuple[list[_Entry], list[Unranked]]:
    """The runs that rank, each with its value, and those that don't."""
    entries: list[_Entry] = []
    unranked: list[Unranked] = []
    for record in records:
        reason = _unfit(spec, record)
        value = value_of(spec, record)
        if reason is not None or value is None:
            unranked.append(reason or Unranked(record, "metric-missing", f"{record.id} did not record {spec.metric}."))
        else:
            entries.append(_Entry(record, value))
    return entries, unranked


def _unfit(spec: BoardSpec, record: Record) -> Unranked | None:
    for finding in findings(record, spec):
        if finding.severity == "reject" or finding.code == "metric-missing":
            return Unranked(record, finding.code, finding.sentence)
    if record.reproduces is not None:
        return Unranked(record, "reproduction", f"{record.id} reproduces {record.reproduces}, which has the place.")
    if record.state != "finished":
        return Unranked(record, "not-ended", f"{record.id} has not ended well.")
    return None


@dataclass(frozen=True)
class _Entry:
    record: Record
    value: float

    @property
    def ended(self) -> tuple[int, str]:
        end = self.record.end
        return (end.at if end else self.record.started_at), self.record.id


@dataclass(frozen=True)
class _Group:
    """Replicates: one entry a seed, the first that ended; further ones of a seed are repeats."""

    entries: tuple[_Entry, ...]
    repeats: tuple[_Entry, ...]

    @cached_property
    def sample(self) -> Sample:
        return Sample(tuple(entry.value for entry in self.entries), tuple(entry.record.seed for entry in self.entries))

    def order(self, sign: float) -> tuple[float, int, tuple[int, str]]:
        return -sign * self.sample.mean, -len(self.entries), self.entries[0].ended

    def row(self, place: int, tied: bool, sign: float) -> Row:
        chosen = sorted(self.entries, key=lambda entry: (-sign * entry.value, entry.ended))
        mean = mean_of(self.sample)
        return Row(
            rank=place,
            records=tuple(entry.record for entry in chosen),
            values=tuple(entry.value for entry in chosen),
            value=mean.value,
            n=mean.n,
            low=mean.low,
            high=mean.high,
            tied=tied,
            one_seed=mean.n == 1,
            repeats=tuple(entry.record for entry in self.repeats),
            baseline=any(BASELINE in entry.record.tags for entry in chosen),
        )


def _grouped(entries: Iterable[_Entry]) -> list[_Group]:
    together: dict[Key | str, list[_Entry]] = {}
    for entry in sorted(entries, key=lambda entry: entry.ended):
        together.setdefault(key_of(entry.record) or entry.record.id, []).append(entry)
    return [_group(found) for found in together.values()]


def _group(found: Sequence[_Entry]) -> _Group:
    first: dict[int | None, _Entry] = {}
    for entry in found:
        first.setdefault(entry.record.seed, entry)
    return _Group(tuple(first.values()), tuple(entry for entry in found if first[entry.record.seed] is not entry))


def _shared(ranks: Sequence[int], at: int) -> bool:
    """Whether a neighbour has the same rank: they never fall."""
    return ranks[at] in (*ranks[max(0, at - 1) : at], *ranks[at + 1 : at + 2])


def _ranks(samples: Sequence[Sample], sign: float) -> list[int]:
    """The rank of each sample, which come from the best to the worst.

    Single values are many and several seeds are few: the singles above a sample are counted by bisection
    (their worth, the sign turned so that it rises, and the same to the digits shown), the groups one by one.
    """
    ranks: list[int] = []
    singles: list[float] = []
    digits: list[float] = []
    groups: list[Sample] = []
    for sample in samples:
        worth, shown = -sign * sample.mean, -sign * sample.digits
        better = bisect_left(digits, shown)
        if sample.margin:
            better = min(better, bisect_left(singles, worth - sample.margin))
        better += sum(apart(group, sample) for group in groups)
        ranks.append(max(1 + better, ranks[-1] if ranks else 1))
        if sample.n == 1:
            singles.append(worth)
            digits.append(shown)
        else:
            groups.append(sample)
    return ranks

"""What a board is made of: the runs that rank, grouped into rows, and their ranks. Pure.

A row's rank is 1 + the number of rows that are better *and* can be told apart from it (see `replicates`), but
never better than the rank of a row with a better value, so that noise buys no place.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec

from tracker.record import Badge, BoardSpec, Record
from tracker.rules.budget import Budget, budget_of
from tracker.rules.filters import furthest
from tracker.rules.fitness import findings
from tracker.rules.replicates import Key, Sample, apart, key_of, mean_of, value_of

BASELINE = "baseline"
"""The tag of a run that others are measured against."""


class Gain(msgspec.Struct, frozen=True):
    """How much better than the best baseline row, in the metric's own units: above 0 is better, whichever way is.

    `told_apart` says that it is more than noise.
    """

    by: float
    told_apart: bool


class Row(msgspec.Struct, frozen=True):
    """A row of the board.

    `records` are the runs the value stands for, the best first; `values` theirs in that order; `value` their
    mean, with its 95 % confidence interval when there are several. `repeats` are further runs of a seed that
    is already counted: they change nothing, and stand here so that they are not lost. `tied` says that the
    rank is shared, `one_seed` that luck cannot be told from merit. `badge` is that of the run that is proven
    furthest, `proven` how many of `records` are proven by more than their own word.
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
    budget: Budget = Budget()
    badge: Badge = "self-reported"
    proven: int = 0
    gain: Gain | None = None

    @property
    def run_ids(self) -> tuple[str, ...]:
        """Every run that the row speaks of."""
        return tuple(record.id for record in (*self.records, *self.repeats))


class Unranked(msgspec.Struct, frozen=True):
    """A run that has no place: the finding's code, and the reason as a sentence."""

    record: Record
    code: str
    reason: str


@dataclass(frozen=True)
class Entry:
    """A run that ranks, and its value."""

    record: Record
    value: float

    @property
    def ended(self) -> tuple[int, str]:
        """When it ended; the ID decides between runs that ended at once."""
        end = self.record.end
        return (end.at if end else self.record.started_at), self.record.id


@dataclass(frozen=True)
class Group:
    """Replicates: one entry a seed, the first that ended; further ones of a seed are repeats."""

    entries: tuple[Entry, ...]
    repeats: tuple[Entry, ...]

    @cached_property
    def sample(self) -> Sample:
        """The values, seed by seed."""
        return Sample(tuple(entry.value for entry in self.entries), tuple(entry.record.seed for entry in self.entries))

    @property
    def baseline(self) -> bool:
        """Whether one of the runs is tagged as a baseline."""
        return any(BASELINE in entry.record.tags for entry in self.entries)

    def order(self, sign: float) -> tuple[float, int, tuple[int, str]]:
        """The best first; of equal means the one of more seeds, then the older."""
        return -sign * self.sample.mean, -len(self.entries), self.entries[0].ended

    def row(self, place: int, tied: bool, sign: float, gain: Gain | None = None) -> Row:
        """The group as a row at that rank."""
        chosen = sorted(self.entries, key=lambda entry: (-sign * entry.value, entry.ended))
        records = tuple(entry.record for entry in chosen)
        mean = mean_of(self.sample)
        return Row(
            rank=place,
            records=records,
            values=tuple(entry.value for entry in chosen),
            value=mean.value,
            n=mean.n,
            low=mean.low,
            high=mean.high,
            tied=tied,
            one_seed=mean.n == 1,
            repeats=tuple(entry.record for entry in self.repeats),
            baseline=self.baseline,
            budget=budget_of(records),
            badge=furthest(records),
            proven=sum(record.badge != "self-reported" for record in records),
            gain=gain,
        )


def split(spec: BoardSpec, records: Sequence[Record]) -> tuple[list[Entry], list[Unranked]]:
    """The runs that rank, each with its value, and those that don't."""
    entries: list[Entry] = []
    unranked: list[Unranked] = []
    for record in records:
        reason = _unfit(spec, record)
        value = value_of(spec, record)
        if reason is not None or value is None:
            unranked.append(reason or Unranked(record, "metric-missing", f"{record.id} did not record {spec.metric}."))
        else:
            entries.append(Entry(record, value))
    return entries, unranked


def grouped(entries: Iterable[Entry]) -> list[Group]:
    """Replicates together; a run that cannot be one stands alone."""
    together: dict[Key | str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: entry.ended):
        together.setdefault(key_of(entry.record) or entry.record.id, []).append(entry)
    return [group_of(found) for found in together.values()]


def group_of(found: Sequence[Entry]) -> Group:
    """These runs of one config, in the order they ended, as a group."""
    first: dict[int | None, Entry] = {}
    for entry in found:
        first.setdefault(entry.record.seed, entry)
    return Group(tuple(first.values()), tuple(entry for entry in found if first[entry.record.seed] is not entry))


def gain_over(baseline: Group | None, group: Group, sign: float) -> Gain | None:
    """What the group gains over the baseline; None without one, and for the baseline itself."""
    if baseline is None or group is baseline:
        return None
    by = sign * (group.sample.mean - baseline.sample.mean)
    return Gain(by + 0.0, apart(baseline.sample, group.sample))


def ranks(samples: Sequence[Sample], sign: float) -> list[int]:
    """The rank of each sample, which come from the best to the worst.

    Single values are many and several seeds are few: the singles above a sample are counted by bisection
    (their worth, the sign turned so that it rises, and the same to the digits shown), the groups one by one.
    """
    found: list[int] = []
    singles: list[float] = []
    digits: list[float] = []
    groups: list[Sample] = []
    for sample in samples:
        worth, shown = -sign * sample.mean, -sign * sample.digits
        better = bisect_left(digits, shown)
        if sample.margin:
            better = min(better, bisect_left(singles, worth - sample.margin))
        better += sum(apart(group, sample) for group in groups)
        found.append(max(1 + better, found[-1] if found else 1))
        if sample.n == 1:
            singles.append(worth)
            digits.append(shown)
        else:
            groups.append(sample)
    return found


def _unfit(spec: BoardSpec, record: Record) -> Unranked | None:
    for finding in findings(record, spec):
        if finding.severity == "reject" or finding.code == "metric-missing":
            return Unranked(record, finding.code, finding.sentence)
    if record.reproduces is not None:
        return Unranked(record, "reproduction", f"{record.id} reproduces {record.reproduces}, which has the place.")
    if record.state != "finished":
        return Unranked(record, "not-ended", f"{record.id} has not ended well.")
    return None

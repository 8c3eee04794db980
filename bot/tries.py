"""Best of how many: the runs of one kind that stand behind a number. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from tracker.record import BoardSpec, Record
from tracker.rules.differences import SEED_KEY
from tracker.rules.replicates import value_of


@dataclass(frozen=True)
class Tries:
    """`count` runs of a kind, the run itself among them; `place` of its value among theirs, and their median."""

    count: int
    place: int | None
    median: float | None


def tries_of(spec: BoardSpec, record: Record, records: Iterable[Record]) -> Tries:
    """The runs of the record's kind: the same member's, of the same script, with the same hyperparameters set.

    Runs that failed or are still going count as tries; only those with a finite value are compared.
    """
    kind = _kind(record)
    family = {each.id: each for each in records if _kind(each) == kind} | {record.id: record}
    values = {run_id: value for run_id, each in family.items() if (value := value_of(spec, each)) is not None}
    own = values.get(record.id)
    if own is None:
        return Tries(len(family), None, None)
    better = [each for each in values.values() if (each > own if spec.direction == "max" else each < own)]
    return Tries(len(family), 1 + len(better), statistics.median(values.values()))


def _kind(record: Record) -> tuple[str | None, str, str | None, frozenset[str]]:
    script = record.snapshot.code.script if record.snapshot.code else None
    return record.member, record.project, script, frozenset(record.config) - {SEED_KEY}

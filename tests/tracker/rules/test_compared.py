"""Runs held against each other with their replicates, and what is said of several at once."""

from __future__ import annotations

import math

import pytest

from tracker.errors import UsageError
from tracker.rules.compared import compare

from .makers import METRIC, SPEC, group, record, run_id

A, B = group(1, [0.90, 0.91, 0.905, 0.90]), group(11, [0.95, 0.96, 0.955, 0.95], config={"lr": 0.2})


def test_a_run_speaks_with_its_replicates() -> None:
    found = compare(SPEC, [A[0], B[0]], replicates={A[0].id: A[1:], B[0].id: B[1:]})
    (judgement,) = found.judgements
    assert judgement is not None and judgement.n == (4, 4) and judgement.conclusion == "better"
    assert found.verdict == judgement.sentence and found.verdict.startswith(f"{B[0].id} is better than {A[0].id}: +0.0")
    assert [(row.rank, row.n) for row in found.ranking.rows] == [(1, 4), (2, 4)]
    alone = compare(SPEC, [A[0], B[0]]).judgements[0]
    assert alone is not None and alone.conclusion == "unknown"


def test_what_is_no_result_or_no_further_seed_does_not_count_as_a_replicate() -> None:
    others = [
        record(21, 0.99, seed=2, state="failed"),
        record(22, math.nan, seed=3),
        record(23, 0.99, seed=1),
        record(24, 0.99, seed=4, config={"lr": 9}),
        record(25, 0.99, seed=5, reproduces=A[0].id),
    ]
    (judgement,) = compare(SPEC, [A[0], B[0]], replicates={A[0].id: others}).judgements
    assert judgement is not None and judgement.n == (1, 1)


def test_what_keeps_runs_from_being_judged_is_said() -> None:
    failed = record(31, 0.9, state="failed", config={"lr": 3})
    elsewhere = record(32, 0.9, config={"lr": 4}, project="other")
    without = record(33, 0.9, config={"lr": 5}, metrics={})
    found = compare(SPEC, [A[0], A[1], failed, elsewhere, without])
    assert found.judgements == (None,) * 4
    said = ("the seed", "not ended well", "another project", f"no finite {METRIC}")
    for why, part in zip(found.why_not, said, strict=True):
        assert part in why
    assert compare(SPEC, [A[0], A[1]]).verdict.endswith("what differs is the seed.")


def test_of_several_runs_the_leader_is_named_with_those_that_cannot_be_told_from_it() -> None:
    third = record(41, 0.956, config={"lr": 3})
    found = compare(SPEC, [A[0], B[0], third], replicates={A[0].id: A[1:], B[0].id: B[1:]})
    assert found.ranking.rows[1].records[0].id != B[0].id
    assert found.verdict == (
        f"{run_id(41)} is the best of 3 rows by {METRIC}: 0.9560; {B[0].id} can't be told apart from it."
    )
    assert len(found.comparisons) == len(found.judgements) == 2 and found.spread.run_ids == found.run_ids
    with pytest.raises(UsageError, match="fewer than two"):
        compare(SPEC, [A[0]])

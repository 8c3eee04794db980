"""Promise 10: the board ranks what can be ranked, and no more."""

from __future__ import annotations

import math
import time
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import UsageError
from tracker.record import BoardSpec, Digests, End, Record, Retraction, Rules
from tracker.rules.board import Filter, Ranking, best, lead_history, place_of, rank, shortened, why_unranked
from tracker.rules.budget import Budget, gpus_of
from tracker.rules.replicates import Sample, apart, mean_over
from tracker.snapshot import Code, Command, Gpu, Snapshot

from .makers import MACHINE, METRIC, SPEC, changed, group, record, run_id, summary

LOSS = BoardSpec("digits", METRIC, direction="min")


def ranks(ranking: Ranking) -> list[int]:
    return [row.rank for row in ranking.rows]


def single(number: int, value: float, **changes: Any) -> Record:
    """A run of a config of its own."""
    return record(number, value, config={"lr": number / 1000}, **changes)


@pytest.mark.parametrize(("spec", "first"), [(SPEC, 0.93), (LOSS, 0.89)])
def test_rows_stand_in_the_board_s_direction(spec: BoardSpec, first: float) -> None:
    ranking = rank(spec, [single(1, 0.91), single(2, 0.93), single(3, 0.89)])
    assert ranks(ranking) == [1, 2, 3]
    leader = best(ranking)
    assert leader is not None and leader.value == first


@pytest.mark.parametrize(
    ("aggregate", "direction", "value"), [("best", "max", 0.95), ("best", "min", 0.1), ("last", "max", 0.9)]
)
def test_a_run_is_summed_up_by_the_board_s_aggregate(aggregate: str, direction: str, value: float) -> None:
    both = msgspec.structs.replace(summary(0.9), min=0.1, max=0.95)
    spec = msgspec.convert(
        {"project": "digits", "metric": METRIC, "aggregate": aggregate, "direction": direction}, BoardSpec
    )
    assert rank(spec, [record(metrics={METRIC: both})]).rows[0].value == value


@pytest.mark.parametrize(
    ("code", "unfit"),
    [
        ("not-finite", single(9, math.nan)),
        ("not-finite", single(9, math.inf)),
        ("failed", single(9, 0.99, state="failed")),
        ("not-ended", single(9, 0.99, state="running")),
        ("silent", single(9, 0.99, state="silent")),
        ("retracted", single(9, 0.99, retracted=Retraction("ada", 1, "a leak"))),
        ("metric-missing", single(9, 0.99, metrics={})),
    ],
)
@pytest.mark.parametrize("policy", [{}, "ignore"])
def test_what_is_no_result_never_ranks_and_is_listed_with_the_reason(
    code: str, unfit: Record, policy: dict[str, str] | str
) -> None:
    rules = msgspec.convert({"policy": {code: "ignore"} if policy else {}}, Rules)
    ranking = rank(msgspec.structs.replace(SPEC, rules=rules), [single(1, 0.5), unfit])
    assert [row.run_ids for row in ranking.rows] == [(run_id(1),)]
    (listed,) = ranking.unranked
    assert listed.code == code and listed.record.id == unfit.id and unfit.id in listed.reason
    assert why_unranked(ranking, unfit.id) == listed and place_of(ranking, unfit.id) is None


def test_a_run_that_the_board_s_policy_rejects_does_not_rank() -> None:
    dirty = single(2, 0.99, code=Code(None, None, (changed("a.py"),)))
    strict = msgspec.structs.replace(SPEC, rules=Rules(policy={"no-git": "reject"}))
    assert len(rank(SPEC, [single(1, 0.5), dirty]).rows) == 2
    assert [each.code for each in rank(strict, [single(1, 0.5), dirty]).unranked] == ["no-git"]


def test_replicates_are_one_row_with_mean_interval_and_n() -> None:
    (row,) = rank(SPEC, group(1, [0.90, 0.92, 0.91])).rows
    assert (row.n, row.one_seed, row.rank) == (3, False, 1)
    assert row.value == pytest.approx(0.91)
    assert row.low == pytest.approx(0.91 - 4.302652729911275 * 0.01 / math.sqrt(3), abs=1e-12)
    assert row.high == pytest.approx(0.91 + 4.302652729911275 * 0.01 / math.sqrt(3), abs=1e-12)
    assert row.values == (0.92, 0.91, 0.90) and row.records[0].seed == 2


def test_one_seed_is_said_and_has_no_interval() -> None:
    (row,) = rank(SPEC, [record()]).rows
    assert row.one_seed and row.low is None and row.high is None and row.n == 1


@pytest.mark.parametrize("missing", ["code", "data", "environment"])
def test_runs_that_are_not_fully_known_are_never_replicates(missing: str) -> None:
    runs = group(1, [0.90, 0.91])
    blind = [
        msgspec.structs.replace(run, digests=msgspec.structs.replace(run.digests, **{missing: None})) for run in runs
    ]
    assert [row.n for row in rank(SPEC, blind).rows] == [1, 1]


@pytest.mark.parametrize("part", ["config", "code", "data", "environment"])
def test_runs_that_differ_in_more_than_the_seed_are_no_replicates(part: str) -> None:
    one, other = group(1, [0.90, 0.91])
    digests = msgspec.structs.replace(other.digests, **{part: "0" * 64})
    assert [row.n for row in rank(SPEC, [one, msgspec.structs.replace(other, digests=digests)]).rows] == [1, 1]


def test_runs_without_a_seed_are_no_replicates() -> None:
    assert [row.n for row in rank(SPEC, [record(1, 0.9, seed=None), record(2, 0.8, seed=None)]).rows] == [1, 1]


def test_a_seed_counts_once_by_the_run_that_ended_first_and_the_other_is_not_lost() -> None:
    runs = [record(1, 0.80, seed=1), record(2, 0.99, seed=1), record(3, 0.90, seed=2)]
    ranking = rank(SPEC, runs)
    (row,) = ranking.rows
    assert row.n == 2 and row.value == pytest.approx(0.85)
    assert [each.id for each in row.repeats] == [run_id(2)]
    place = place_of(ranking, run_id(2))
    assert place is not None and place.rank == 1


def test_rows_that_cannot_be_told_apart_share_a_rank() -> None:
    near = rank(SPEC, group(1, [0.90, 0.92, 0.91]) + group(11, [0.905, 0.915, 0.90], config={"lr": 0.2}))
    assert ranks(near) == [1, 1] and all(row.tied for row in near.rows)
    far = rank(SPEC, group(1, [0.90, 0.92, 0.91]) + group(11, [0.80, 0.82, 0.81], config={"lr": 0.2}))
    assert ranks(far) == [1, 2] and not any(row.tied for row in far.rows)


def test_single_values_tie_when_equal_in_the_digits_shown() -> None:
    assert ranks(rank(SPEC, [single(1, 0.90004), single(2, 0.89996), single(3, 0.8998), single(4, 0.7)])) == [
        1,
        1,
        3,
        4,
    ]


def test_a_single_run_ties_with_replicates_whose_further_draw_it_could_be() -> None:
    replicates = group(1, [0.90, 0.92, 0.91])  # a further draw lies within 4.303 · 0.01 · √(4/3) = 0.0497
    assert ranks(rank(SPEC, [*replicates, single(11, 0.955)])) == [1, 1]
    assert ranks(rank(SPEC, [*replicates, single(11, 0.965)])) == [1, 2]


def test_noise_buys_no_place() -> None:
    """A row of two wild seeds is worse than nobody for sure, yet it stands behind every row with a better mean."""
    steady, second = group(1, [0.900, 0.901, 0.902]), group(11, [0.880, 0.881, 0.882], config={"lr": 0.2})
    wild = group(21, [0.70, 0.99], config={"lr": 0.3})
    ranking = rank(SPEC, [*steady, *second, *wild])
    assert [row.n for row in ranking.rows] == [3, 3, 2] and ranks(ranking) == [1, 2, 2]


def test_place_is_told_with_the_number_of_rows() -> None:
    ranking = rank(SPEC, [single(1, 0.91), single(2, 0.93), single(3, 0.89)])
    place = place_of(ranking, run_id(1))
    assert place is not None and (place.rank, place.of, place.tied) == (2, 3, False)
    assert place_of(ranking, run_id(77)) is None and why_unranked(ranking, run_id(77)) is None
    assert best(rank(SPEC, [])) is None


def test_a_mean_over_replicates_is_given_with_its_interval() -> None:
    mean = mean_over(SPEC, group(1, [0.90, 0.92, 0.91]))
    assert mean.value == pytest.approx(0.91) and mean.n == 3 and mean.low is not None


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (record(2, 0.9, seed=2, config={"lr": 0.2}), "lr differs (0.1 and 0.2)"),
        (record(2, 0.9, seed=2, digests=Digests("x", "c" * 64, "d" * 64, "e" * 64)), "the config differs"),
        (record(2, 0.9, seed=1), "seed 1 was used more than once"),
        (record(2, 0.9, seed=None), f"the seed of {run_id(2)} is not known"),
        (record(2, 0.9, seed=2, digests=Digests(record().digests.config, None, "d" * 64, "e" * 64)), "not fully known"),
        (record(2, 0.9, seed=2, digests=Digests(record().digests.config, "c" * 64, "0", "e" * 64)), "the data differs"),
    ],
)
def test_a_mean_over_runs_that_are_no_replicates_is_refused_and_says_what_differs(other: Record, said: str) -> None:
    with pytest.raises(UsageError, match=r"no replicates") as refused:
        mean_over(SPEC, [record(1, 0.9, seed=1), other])
    assert said in refused.value.message and refused.value.remedy


def test_a_mean_over_a_run_without_a_finite_value_is_refused() -> None:
    with pytest.raises(UsageError, match="has no finite val/accuracy"):
        mean_over(SPEC, group(1, [0.9, math.nan]))
    with pytest.raises(UsageError, match="no mean over no runs"):
        mean_over(SPEC, [])


VALUES = st.floats(-1e6, 1e6).map(lambda value: round(value, 3))


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(1, 5), VALUES), max_size=25),
    st.sampled_from([SPEC, LOSS]),
    st.randoms(use_true_random=False),
)
def test_a_ranking_holds_every_run_once_in_order_whatever_comes(
    drawn: list[tuple[int, int, float]], spec: BoardSpec, shuffler: Random
) -> None:
    runs = [record(i, value, seed=seed, config={"lr": lr}) for i, (lr, seed, value) in enumerate(drawn)]
    ranking = rank(spec, runs)
    assert sorted(each for row in ranking.rows for each in row.run_ids) == sorted(run.id for run in runs)
    means = [row.value for row in ranking.rows]
    assert means == sorted(means, reverse=spec.direction == "max")
    places = ranks(ranking)
    assert places == sorted(places) and places[:1] in ([], [1])
    assert all(row.tied == (places.count(row.rank) > 1) for row in ranking.rows)
    samples = [Sample(row.values, tuple(each.seed for each in row.records)) for row in ranking.rows]
    for at, place in enumerate(places):
        better = sum(apart(samples[above], samples[at]) for above in range(at))
        assert place == max(1 + better, places[at - 1] if at else 1)
    shuffled = list(runs)
    shuffler.shuffle(shuffled)
    assert rank(spec, shuffled) == ranking


def test_a_board_of_two_thousand_runs_is_ranked_at_once() -> None:
    rng = Random(5)
    runs = [record(i, rng.gauss(0.9, 0.02), seed=i % 5, config={"lr": i // 5}) for i in range(2000)]
    began = time.process_time()
    assert len(rank(SPEC, runs).rows) == 400
    assert time.process_time() - began < 5  # 0.2 s here; a cubic slip would take minutes


def test_the_history_of_the_lead_says_who_took_over_when_and_whether_it_was_more_than_luck() -> None:
    runs = [
        single(1, 0.80, member="ada"),
        single(2, 0.79, member="ben"),
        single(3, 0.85, member="chen"),
        single(4, 0.99, member="dana", state="failed"),
        single(5, 0.850001, member="emil"),
    ]
    led = lead_history(SPEC, list(reversed(runs)))
    assert [(lead.at, lead.until, lead.record.member, lead.told_apart, lead.why) for lead in led] == [
        (2, 4, "ada", True, "first"),
        (4, 6, "chen", True, "better"),
        (6, None, "emil", False, "better"),
    ]


def test_the_lead_falls_back_when_a_further_seed_lowers_the_mean() -> None:
    runs = [
        record(1, 0.90, seed=1, config={"lr": 1}),
        record(2, 0.95, seed=1, config={"lr": 2}),
        record(3, 0.70, seed=2, config={"lr": 2}),
    ]
    assert [(lead.record.id, lead.n, lead.why) for lead in lead_history(SPEC, runs)] == [
        (run_id(1), 1, "first"),
        (run_id(2), 1, "better"),
        (run_id(1), 1, "fell back"),
    ]


def test_rows_are_measured_against_the_best_baseline_in_the_board_s_direction() -> None:
    baseline = group(1, [0.80, 0.82, 0.81], tags=("baseline",))
    better, same = group(11, [0.90, 0.92, 0.91], config={"lr": 2}), group(21, [0.80, 0.83, 0.82], config={"lr": 3})
    older = single(31, 0.5, tags=("baseline",))
    rows = {row.records[0].config["lr"]: row for row in rank(SPEC, [*baseline, *better, *same, older]).rows}
    gain = rows[2].gain
    assert gain is not None and gain.by == pytest.approx(0.10) and gain.told_apart
    assert rows[3].gain is not None and not rows[3].gain.told_apart
    assert rows[0.1].baseline and rows[0.1].gain is None
    turned = {row.records[0].config["lr"]: row for row in rank(LOSS, [*baseline, *better]).rows}
    assert turned[2].gain is not None and turned[2].gain.by == pytest.approx(-0.10)
    assert all(row.gain is None for row in rank(SPEC, better).rows)


def test_a_row_tells_what_it_cost_and_how_far_it_is_proven() -> None:
    gpus = msgspec.structs.replace(MACHINE, gpus=(Gpu("H100", 80), Gpu("H100", 80)))
    hour = [
        record(
            number,
            0.9,
            seed=number,
            end=End(number, 3600.0 * number, "process"),
            snapshot=Snapshot(machine=gpus),
            metrics={METRIC: summary(0.9), "model/parameters": summary(float(number))},
            badge=badge,
        )
        for number, badge in ((1, "self-reported"), (2, "reproduced by member"))
    ]
    (row,) = rank(SPEC, hour).rows
    assert row.budget == Budget(runtime=5400.0, gpu_hours=3.0, parameters=2)
    assert (row.badge, row.proven) == ("reproduced by member", 1)
    (untold,) = rank(SPEC, [msgspec.structs.replace(each, snapshot=Snapshot()) for each in hour]).rows
    assert untold.budget.gpu_hours is None


@pytest.mark.parametrize(("visible", "gpus"), [("0", 1), ("", 0), ("-1", 0), ("1,0,-1", 2), ("0,1,2,3", 2)])
def test_gpus_that_the_process_was_not_given_cost_it_nothing(visible: str, gpus: int) -> None:
    machine = msgspec.structs.replace(MACHINE, gpus=(Gpu("H100", 80), Gpu("H100", 80)))
    command = Command(("train.py",), "/", None, {"CUDA_VISIBLE_DEVICES": visible})
    assert gpus_of(record(snapshot=Snapshot(machine=machine, command=command))) == gpus


@pytest.mark.parametrize(
    ("only", "there"),
    [
        (Filter(), [1, 2, 3, 4]),
        (Filter(members=("ada",)), [1, 3, 4]),
        (Filter(tags=("final",)), [2]),
        (Filter(without_tags=("final",)), [1, 3, 4]),
        (Filter(badge="reproduced by author"), [3]),
        (Filter(since=4), [3, 4]),
        (Filter(until=3), [1, 2]),
        (Filter(max_runtime=10.0), [4]),
        (Filter(max_parameters=100), [2]),
        (Filter(max_gpu_hours=1.0), [1, 2, 3, 4]),
        (Filter(seeds=2), []),
    ],
)
def test_a_filtered_board_ranks_among_what_passes_and_counts_the_rest(only: Filter, there: list[int]) -> None:
    runs = [
        single(1, 0.91),
        single(2, 0.93, member="ben", tags=("final",)),
        single(3, 0.89, badge="reproduced elsewhere"),
        single(4, 0.95, end=End(5, 9.0, "process")),
    ]
    runs[1] = msgspec.structs.replace(runs[1], config={"lr": 0.002, "parameters": 100})
    ranking = rank(SPEC, runs, only)
    assert sorted(each for row in ranking.rows for each in row.run_ids) == sorted(run_id(number) for number in there)
    assert ranks(ranking) == list(range(1, len(there) + 1))
    assert ranking.left_out == 4 - len(there) and ranking.only == only
    leads = lead_history(SPEC, runs, only)
    assert {lead.record.id for lead in leads} <= {run_id(number) for number in there}


def test_a_shortened_ranking_still_says_how_many_there_are() -> None:
    ranking = rank(SPEC, [*(single(number, number / 10) for number in range(1, 9)), single(9, 1.0, state="failed")])
    short = shortened(ranking, 3, 0)
    assert (len(short.rows), short.of, len(short.unranked), short.unranked_of) == (3, 8, 0, 1)
    place = place_of(short, run_id(8))
    assert place is not None and (place.rank, place.of) == (1, 8)
    assert shortened(short, 2).of == 8

"""What is said of a difference holds in simulation, and nothing is said that cannot be known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tracker.errors import UsageError
from tracker.rules.noise import between, improvement, judge, permutation_p, seeds_needed
from tracker.rules.replicates import Sample, apart, contrast, correlation, mean_of
from tracker.rules.student import critical

from .makers import SPEC, group, record

DRAWS = 10_000
RNG = np.random.default_rng
SOME = st.lists(st.floats(-100, 100).map(lambda value: round(value, 6)), min_size=2, max_size=12)


def samples(
    n: int, m: int, sd: float, other: float, gap: float, *, paired: bool, seed: int
) -> list[tuple[Sample, Sample]]:
    """Draws of two normal samples whose means are `gap` apart."""
    rng = RNG(seed)
    a, b = rng.normal(0, sd, (DRAWS, n)), rng.normal(gap, other, (DRAWS, m))
    seeds = tuple(range(n)) if paired else ()
    if paired:
        common = rng.normal(0, 2, (DRAWS, n))
        a, b = a + common, b + common
    return [(Sample(tuple(x), seeds), Sample(tuple(y), seeds)) for x, y in zip(a.tolist(), b.tolist(), strict=True)]


@pytest.mark.parametrize(
    ("n", "m", "sd", "other", "paired"),
    [
        (5, 5, 1.0, 1.0, False),
        (5, 5, 1.0, 3.0, False),
        (10, 5, 1.0, 3.0, False),
        (3, 3, 1.0, 1.0, True),
        (5, 5, 1.0, 2.0, True),
        (1, 5, 1.0, 1.0, False),
    ],
)
def test_intervals_cover_and_alarms_are_false_as_often_as_stated(
    n: int, m: int, sd: float, other: float, paired: bool
) -> None:
    covered = alarms = 0
    for a, b in samples(n, m, sd, other, 0.0, paired=paired, seed=n * m):
        found = contrast(a, b)
        covered += abs(found.difference) <= critical(found.df) * found.error
        alarms += apart(a, b)
    assert covered / DRAWS == pytest.approx(0.95, abs=0.01)
    assert alarms / DRAWS == pytest.approx(0.05, abs=0.01)


@pytest.mark.parametrize(("alone", "alike"), [((3, 3), 0.0), ((10, 0), 0.5), ((10, 0), 0.9)])
def test_seeds_that_are_partly_shared_count_as_pairs(alone: tuple[int, int], alike: float) -> None:
    rng, shared = RNG(sum(alone)), 5
    a, b = (rng.normal(size=(DRAWS, shared + extra)) for extra in alone)
    common = rng.normal(size=(DRAWS, shared))
    for side in (a, b):
        side[:, :shared] = math.sqrt(alike) * common + math.sqrt(1 - alike) * side[:, :shared]
    seeds = tuple(range(shared + alone[0])), (*range(shared), *range(100, 100 + alone[1]))
    covered = 0
    for x, y in zip(a.tolist(), b.tolist(), strict=True):
        found = contrast(Sample(tuple(x), seeds[0]), Sample(tuple(y), seeds[1]))
        assert found.method == "partly paired"
        covered += abs(found.difference) <= critical(round(found.df, 1)) * found.error
    assert covered / DRAWS == pytest.approx(0.95, abs=0.01)


def test_the_test_for_partly_shared_seeds_is_as_sure_as_the_seeds_go_together() -> None:
    """The correlation is scipy's; the more alike the shared seeds, the less is left of Welch's error."""
    rng = RNG(3)
    common = rng.normal(size=6)
    one = (*common, *rng.normal(size=3))
    pairs = list(zip(one, (common + 0.1 * rng.normal(size=6)).tolist(), strict=False))
    assert correlation(pairs) == pytest.approx(stats.pearsonr(*zip(*pairs, strict=True)).statistic)
    a, b = Sample(one, tuple(range(9))), Sample(tuple(pair[1] for pair in pairs), tuple(range(6)))
    partly, plain = contrast(a, b), contrast(Sample(a.values), Sample(b.values))
    assert (partly.method, plain.method) == ("partly paired", "welch") and partly.difference == plain.difference
    assert partly.error < 0.6 * plain.error
    few = contrast(a, Sample(b.values, (6, 7, 8, 9, 10, 11)))
    assert few.method == "welch"


def test_the_permutation_test_for_partly_shared_seeds_agrees_with_the_other() -> None:
    rng = RNG(12)
    common = rng.normal(size=8)
    seeds = tuple(range(12)), tuple(range(8))
    far = judge(
        Sample((*(common + 0.1 * rng.normal(size=8)), *rng.normal(size=4)), seeds[0]),
        Sample(tuple(common + 1.5 + 0.1 * rng.normal(size=8)), seeds[1]),
    )
    assert far.method == "partly paired" and far.conclusion == "better"
    assert far.p is not None and far.p_permutation is not None and max(far.p, far.p_permutation) < 0.05
    assert "seed by seed where both have one" in far.sentence
    near = [
        judge(Sample(tuple(rng.normal(size=12)), seeds[0]), Sample(tuple(rng.normal(size=8)), seeds[1]))
        for _ in range(6)
    ]
    assert all(abs((each.p or 0) - (each.p_permutation or 0)) < 0.1 for each in near)


@pytest.mark.parametrize("n", [2, 3])
def test_with_two_or_three_seeds_welch_errs_on_the_side_of_caution(n: int) -> None:
    drawn = samples(n, n, 1.0, 1.0, 0.0, paired=False, seed=n)
    assert 0.01 < sum(apart(a, b) for a, b in drawn) / DRAWS < 0.04


@pytest.mark.parametrize("n", [2, 3, 5, 10])
def test_the_interval_of_a_mean_covers_as_often_as_stated(n: int) -> None:
    drawn = RNG(n).normal(0.9, 0.02, (DRAWS, n)).tolist()
    means = [mean_of(Sample(tuple(values))) for values in drawn]
    covered = sum(mean.low <= 0.9 <= mean.high for mean in means if mean.low is not None and mean.high is not None)
    assert covered / DRAWS == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize(("gap", "paired"), [(1.0, False), (2.0, False), (1.0, True), (2.0, True)])
def test_the_number_of_seeds_named_gives_the_power_stated(gap: float, paired: bool) -> None:
    needed = seeds_needed(gap, 2.0, paired=paired)
    assert needed is not None
    drawn = samples(needed, needed, 1.0, 1.0, gap, paired=paired, seed=4)[:4000]
    assert 0.77 < sum(apart(a, b) for a, b in drawn) / len(drawn) < 0.92


def test_a_difference_too_small_for_any_sensible_number_of_seeds_gets_none() -> None:
    assert seeds_needed(0.0, 1.0, paired=True) is None
    assert seeds_needed(1e-3, 1.0, paired=False) is None
    assert seeds_needed(1e-300, 1.0, paired=False) is None


@given(SOME, SOME)
def test_welch_agrees_with_scipy(one: list[float], other: list[float]) -> None:
    a, b = Sample(tuple(one)), Sample(tuple(other))
    if min(a.sd, b.sd) > 1e-6:
        theirs = stats.ttest_ind(other, one, equal_var=False)
        interval = theirs.confidence_interval(0.95)
        ours = judge(a, b)
        assert ours.p == pytest.approx(theirs.pvalue, rel=1e-6, abs=1e-12)
        assert (ours.low, ours.high) == pytest.approx((interval.low, interval.high), rel=1e-6, abs=1e-9)


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=2, max_size=10))
def test_the_paired_test_agrees_with_scipy(pairs: list[tuple[float, float]]) -> None:
    one, other = ([round(pair[side], 6) for pair in pairs] for side in (0, 1))
    seeds = tuple(range(len(pairs)))
    if np.std(np.subtract(other, one)) > 1e-6:
        theirs = stats.ttest_rel(other, one)
        ours = judge(Sample(tuple(one), seeds), Sample(tuple(reversed(other)), tuple(reversed(seeds))))
        assert ours.method == "paired" and ours.p == pytest.approx(theirs.pvalue, rel=1e-6, abs=1e-12)


def test_permutation_tests_agree_with_scipy() -> None:
    a, b = (0.90, 0.93, 0.91, 0.95), (0.92, 0.96, 0.95, 0.97, 0.94)

    def welch(x: np.ndarray, y: np.ndarray) -> float:
        return float(stats.ttest_ind(x, y, equal_var=False).statistic)

    theirs = stats.permutation_test((a, b), welch, n_resamples=10**6, vectorized=False)
    assert permutation_p(Sample(a), Sample(b), RNG(1)) == pytest.approx(theirs.pvalue, abs=0.02)
    paired = stats.permutation_test((np.subtract(b[:4], a),), np.sum, permutation_type="samples", n_resamples=10**6)
    seeds = (1, 2, 3, 4)
    assert permutation_p(Sample(a, seeds), Sample(b[:4], seeds), RNG(1)) == pytest.approx(paired.pvalue)


def test_random_permutations_come_near_the_exact_ones() -> None:
    rng = RNG(2)
    a, b = tuple(rng.normal(0, 1, 12).tolist()), tuple(rng.normal(0.8, 1, 12).tolist())
    assert permutation_p(Sample(a), Sample(b), RNG(1)) == pytest.approx(stats.ttest_ind(a, b).pvalue, abs=0.02)
    seeds = tuple(range(16))
    long_a, long_b = tuple(rng.normal(0, 1, 16).tolist()), tuple(rng.normal(0.5, 1, 16).tolist())
    theirs = stats.ttest_rel(long_a, long_b).pvalue
    assert permutation_p(Sample(long_a, seeds), Sample(long_b, seeds), RNG(1)) == pytest.approx(theirs, abs=0.02)


@given(SOME, SOME)
def test_the_probability_of_improvement_is_the_mann_whitney_statistic(one: list[float], other: list[float]) -> None:
    statistic = stats.mannwhitneyu(other, one, method="asymptotic").statistic
    assert improvement(one, other) == pytest.approx(statistic / (len(one) * len(other)))
    assert improvement(one, other, "min") == pytest.approx(1 - improvement(one, other))


def test_one_seed_each_says_what_cannot_be_known() -> None:
    judgement = judge(Sample((0.90,)), Sample((0.91,)))
    assert judgement.conclusion == "unknown" and judgement.low is None and judgement.p is None
    assert "may be luck" in judgement.sentence and "3 seeds" in judgement.sentence


def test_a_difference_beyond_the_noise_is_told_in_the_metric_s_direction() -> None:
    a, b = Sample((0.90, 0.91, 0.905, 0.90)), Sample((0.95, 0.96, 0.955, 0.95))
    assert judge(a, b).conclusion == "better" and judge(a, b, "min").conclusion == "worse"
    assert judge(b, a).conclusion == "worse"
    assert judge(a, b, names=("r-A", "r-B")).sentence.startswith("r-B is better than r-A: +0.05")


def test_noise_is_called_noise_with_the_seeds_that_would_settle_it() -> None:
    judgement = judge(Sample((0.90, 0.92, 0.91)), Sample((0.91, 0.925, 0.912)))
    assert judgement.conclusion == "unclear" and judgement.more_seeds is not None
    assert f"About {judgement.more_seeds} more seeds each" in judgement.sentence


def test_one_answer_for_board_and_judgement() -> None:
    rng = RNG(9)
    for n in (2, 3, 5):
        for _ in range(200):
            a, b = (Sample(tuple(rng.normal(0, 1, n)), tuple(range(n))) for _ in range(2))
            assert (judge(a, b).conclusion != "unclear") == apart(a, b)


def test_a_permutation_test_that_disagrees_or_cannot_speak_is_said() -> None:
    few = judge(Sample((0.90, 0.91, 0.905), (1, 2, 3)), Sample((0.95, 0.965, 0.955), (1, 2, 3)))
    assert any("can go below p = 0.25" in caveat for caveat in few.caveats)
    outlier = judge(Sample((0.0, 0.1, 0.2, 0.1, 0.0, 0.1)), Sample((0.2, 0.3, 0.1, 0.2, 0.3, 9.0)))
    assert outlier.conclusion == "unclear" and any("does not agree" in caveat for caveat in outlier.caveats)


def test_no_spread_means_that_the_noise_is_not_known() -> None:
    judgement = judge(Sample((0.9, 0.9, 0.9)), Sample((0.8, 0.8, 0.8)))
    assert judgement.conclusion == "worse" and judgement.low is None
    assert any("No spread" in caveat for caveat in judgement.caveats)


def test_groups_must_be_replicates() -> None:
    first, second = group(1, [0.90, 0.91, 0.92]), group(11, [0.95, 0.965, 0.97], config={"lr": 0.2})
    judgement = between(SPEC, first, second)
    assert judgement.conclusion == "better" and judgement.method == "paired"
    with pytest.raises(UsageError, match=r"no replicates: lr differs"):
        between(SPEC, [first[0], second[1]], second)
    with pytest.raises(UsageError, match="no finite"):
        between(SPEC, first, [record(30, math.nan)])
    with pytest.raises(UsageError, match="no run"):
        between(SPEC, [], first)

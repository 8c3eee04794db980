"""Is B better than A, or is it noise? For runs and for groups of replicates. Pure.

The answer is that of the board (`replicates.contrast`: paired where the seeds are the same, partly so where some
are, else Welch's test, else whether one run could be a further draw of the others), and with it what makes it
defensible: the difference with its interval, a permutation test that assumes no distribution, the probability that
a run of B beats a run of A, and how many seeds would settle it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from statistics import NormalDist
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from tracker.errors import UsageError
from tracker.record import BoardSpec, Direction, Record
from tracker.rules.differences import why_no_replicates
from tracker.rules.replicates import (
    CONFIDENCE,
    Contrast,
    Method,
    Sample,
    apart,
    contrast,
    correlation,
    shared_values,
    value_of,
)
from tracker.rules.student import critical, two_sided
from tracker.rules.words import counted, listed, number

POWER = 0.8
"""The chance of seeing a difference that is there, which the number of seeds is reckoned for."""

MOST_SEEDS = 1000
"""Beyond this no number of seeds is named: the difference is nothing for practice."""

ARRANGEMENTS = 20_000
"""A permutation test that has no more of them tries all; else so many are drawn at random."""

FEWEST = 3
"""Seeds a side that are asked for where luck cannot be told from merit."""

Conclusion = Literal["better", "worse", "unclear", "unknown"]
Floats = NDArray[np.float64]


class Judgement(msgspec.Struct, frozen=True):
    """What can be said of B against A.

    `conclusion`: B is "better" or "worse" at 5 %, it is "unclear", or "unknown" as nothing tells the noise.
    `difference` is B's mean less A's, in the metric's own units, `low` and `high` its 95 % interval (None
    where there is none). `effect` is the difference in standard deviations, corrected for few values (Hedges'
    g; of the paired differences where `method` is "paired"). `improvement` is the probability that a run of B
    beats a run of A (ties half), as seen in all pairs of runs. `p` is the test's, `p_permutation` that of the
    permutation test. `more_seeds` is how many further seeds each side needs for an 80 % chance to settle a
    difference as large as the one seen; None where that cannot be known or is beyond `MOST_SEEDS`.
    """

    conclusion: Conclusion
    method: Method
    names: tuple[str, str]
    n: tuple[int, int]
    means: tuple[float, float]
    difference: float
    low: float | None
    high: float | None
    effect: float | None
    improvement: float | None
    p: float | None
    p_permutation: float | None
    more_seeds: int | None
    sentence: str
    caveats: tuple[str, ...]


def judge(
    a: Sample,
    b: Sample,
    direction: Direction = "max",
    *,
    names: tuple[str, str] = ("A", "B"),
    rng: np.random.Generator | None = None,
) -> Judgement:
    """Whether B is better than A. `rng` draws permutations where there are too many to try all (seed 0 without)."""
    found = contrast(a, b)
    interval = _interval(found)
    gain = found.difference if direction == "max" else -found.difference
    conclusion: Conclusion
    if a.n == b.n == 1:
        conclusion = "unknown"
    elif not apart(a, b):
        conclusion = "unclear"
    else:
        conclusion = "better" if gain > 0 else "worse"
    several = a.n > 1 and b.n > 1
    judgement = Judgement(
        conclusion=conclusion,
        method=found.method,
        names=names,
        n=(a.n, b.n),
        means=(a.mean, b.mean),
        difference=found.difference,
        low=interval[0] if interval else None,
        high=interval[1] if interval else None,
        effect=_effect(a, b, found) if several else None,
        improvement=improvement(a.values, b.values, direction) if several else None,
        p=two_sided(found.difference / found.error, found.df) if interval else None,
        p_permutation=permutation_p(a, b, rng or np.random.default_rng(0)) if several else None,
        more_seeds=_more_seeds(a, b, found) if conclusion == "unclear" and several else None,
        sentence="",
        caveats=tuple(_caveats(a, b, found)),
    )
    caveats = (*judgement.caveats, *_disagreement(a, b, judgement))
    return msgspec.structs.replace(judgement, sentence=_sentence(judgement), caveats=caveats)


def between(
    spec: BoardSpec, a: Sequence[Record], b: Sequence[Record], *, rng: np.random.Generator | None = None
) -> Judgement:
    """Whether the second runs are better than the first by the board's metric. Several on a side are replicates.

    Raises:
        UsageError: several runs on one side are no replicates, or a run has no finite value.
    """
    one, other = _sample(spec, a), _sample(spec, b)
    return judge(one, other, spec.direction, names=(a[0].id, b[0].id), rng=rng)


def improvement(a: Sequence[float], b: Sequence[float], direction: Direction = "max") -> float:
    """The probability that a value of `b` beats one of `a`, ties half: the Mann-Whitney statistic over all pairs."""
    one, other = np.asarray(a, np.float64), np.asarray(b, np.float64)
    gains = other[:, None] - one[None, :]
    if direction == "min":
        gains = -gains
    return float(((gains > 0) + 0.5 * (gains == 0)).mean())


def permutation_p(a: Sample, b: Sample, rng: np.random.Generator) -> float:
    """The two-sided p of a permutation test: signs of the differences for equal seeds, else Welch's t of groupings
    (where some seeds are shared, their values change sides and the rest is grouped anew).

    Exact where there are at most 20,000 arrangements, else by so many random ones, the one seen counted
    (B. Phipson and G. K. Smyth, "Permutation P-values should never be zero", 2010). Both statistics stay valid
    when the spreads differ (A. Janssen, "Studentized permutation tests", 1997).
    """
    pairs = _differences(a, b)
    if pairs is not None:
        return _sign_flips(np.asarray(pairs), rng)
    if contrast(a, b).method == "partly paired":
        return _partial_flips(a, b, rng)
    return _groupings(np.asarray(a.values), np.asarray(b.values), rng)


def seeds_needed(difference: float, variance: float, *, paired: bool, power: float = POWER) -> int | None:
    """How many seeds a side an 80 % chance of telling such a difference takes; None beyond `MOST_SEEDS`.

    `variance` is that of the paired differences, or the sum of both sides'. The smallest n with
    n ≥ (t(1−α/2) + t(power))² · variance / difference², the quantiles being those of n's own degrees of freedom
    (W. C. Guenther, "Sample size formulas for normal theory t tests", 1981).
    """
    if difference == 0:
        return None
    noise = math.sqrt(variance) / abs(difference)
    ratio = noise * noise
    least = (NormalDist().inv_cdf((1 + CONFIDENCE) / 2) + NormalDist().inv_cdf(power)) ** 2 * ratio
    if least > MOST_SEEDS:
        return None
    for n in range(max(2, math.floor(least)), MOST_SEEDS + 1):
        df = n - 1 if paired else 2 * (n - 1)
        if n >= (critical(df, CONFIDENCE) + critical(df, 2 * power - 1)) ** 2 * ratio:
            return n
    return None


def _interval(found: Contrast) -> tuple[float, float] | None:
    if found.method == "none":
        return None
    half = critical(found.df, CONFIDENCE) * found.error
    return found.difference - half, found.difference + half


def _effect(a: Sample, b: Sample, found: Contrast) -> float | None:
    """Hedges' g (L. V. Hedges, 1981): the difference over the spread, times 1 − 3 / (4·df − 1)."""
    if found.method == "none":
        return None
    if found.method == "paired":
        sd, df = found.error * math.sqrt(a.n), a.n - 1.0
    else:
        sd, df = math.sqrt((a.sd**2 + b.sd**2) / 2), a.n + b.n - 2.0
    return found.difference / sd * (1 - 3 / (4 * df - 1))


def _more_seeds(a: Sample, b: Sample, found: Contrast) -> int | None:
    paired = found.method in ("paired", "partly paired")
    variance = a.sd**2 + b.sd**2
    if found.method == "paired":
        variance = found.error**2 * a.n
    elif found.method == "partly paired":
        variance -= 2 * (correlation(shared_values(a, b)) or 0.0) * a.sd * b.sd
    needed = seeds_needed(found.difference, variance, paired=paired)
    return None if needed is None else max(1, needed - min(a.n, b.n))


def _differences(a: Sample, b: Sample) -> list[float] | None:
    if contrast(a, b).method != "paired" or a.by_seed is None or b.by_seed is None:
        return None
    return [b.by_seed[seed] - a.by_seed[seed] for seed in a.by_seed]


def _sign_flips(differences: Floats, rng: np.random.Generator) -> float:
    n = len(differences)
    if 2**n <= ARRANGEMENTS:
        signs = 1.0 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)
        return _share(np.abs(signs @ differences), abs(float(differences.sum())), exact=True)
    signs = rng.choice(np.array([-1.0, 1.0]), size=(ARRANGEMENTS, n))
    return _share(np.abs(signs @ differences), abs(float(differences.sum())), exact=False)


def _groupings(a: Floats, b: Floats, rng: np.random.Generator) -> float:
    together, first = np.concatenate([a, b]), len(a)
    together = together - together.mean()
    seen = abs(float(_welch_t(together[None, :first], together)[0]))
    if math.comb(len(together), first) <= ARRANGEMENTS:
        chosen = np.array(list(combinations(range(len(together)), first)))
        return _share(np.abs(_welch_t(together[chosen], together)), seen, exact=True)
    shuffled = rng.permuted(np.tile(together, (ARRANGEMENTS, 1)), axis=1)
    return _share(np.abs(_welch_t(shuffled[:, :first], together)), seen, exact=False)


def _partial_flips(a: Sample, b: Sample, rng: np.random.Generator) -> float:
    """Shared seeds change sides, and what is not shared is grouped anew; the statistic is the difference over the
    error that the shared seeds leave."""
    pairs = np.asarray(shared_values(a, b))
    one, other = a.by_seed or {}, b.by_seed or {}
    alone = [value for seed, value in one.items() if seed not in other]
    rest = np.array([*alone, *(value for seed, value in other.items() if seed not in one)])
    swapped = rng.random((ARRANGEMENTS, len(pairs))) < 0.5
    swapped[0] = False
    shuffled = rng.permuted(np.tile(rest, (ARRANGEMENTS, 1)), axis=1)
    shuffled[0] = rest
    first, second = np.where(swapped, pairs[:, 1], pairs[:, 0]), np.where(swapped, pairs[:, 0], pairs[:, 1])
    t = np.abs(_partly_paired_t(first, second, shuffled[:, : len(alone)], shuffled[:, len(alone) :]))
    return _share(t[1:], float(t[0]), exact=False)


def _partly_paired_t(first: Floats, second: Floats, a: Floats, b: Floats) -> Floats:
    """T_new2 of each row: shared seeds in `first` and `second`, the others in `a` and `b`."""
    one, other = np.concatenate([first, a], axis=1), np.concatenate([second, b], axis=1)
    n, m, shared = one.shape[1], other.shape[1], first.shape[1]
    moved = (first - first.mean(axis=1, keepdims=True)) * (second - second.mean(axis=1, keepdims=True))
    scale = np.sqrt(first.var(axis=1) * second.var(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        alike = np.nan_to_num(moved.mean(axis=1) / scale)
        across, along = one.var(axis=1, ddof=1), other.var(axis=1, ddof=1)
        variance = across / n + along / m - 2 * alike * np.sqrt(across * along) * shared / (n * m)
        t: Floats = (other.mean(axis=1) - one.mean(axis=1)) / np.sqrt(np.maximum(variance, 1e-300))
    return t


def _welch_t(chosen: Floats, together: Floats) -> Floats:
    """Welch's t of each row of `chosen` against what it leaves of `together`, whose mean is 0."""
    n, rest = chosen.shape[1], len(together) - chosen.shape[1]
    sums, squares = chosen.sum(axis=1), (chosen**2).sum(axis=1)
    left, left_squares = together.sum() - sums, (together**2).sum() - squares
    variance = np.maximum(squares - sums**2 / n, 0) / (n - 1) / n
    variance = variance + np.maximum(left_squares - left**2 / rest, 0) / (rest - 1) / rest
    difference = left / rest - sums / n
    with np.errstate(divide="ignore", invalid="ignore"):
        t: Floats = np.where(difference == 0, 0.0, difference / np.sqrt(variance))
    return t


def _share(drawn: Floats, seen: float, *, exact: bool) -> float:
    """How many of the arrangements are at least as far out, rounding errors forgiven."""
    extreme = int((drawn >= seen * (1 - 1e-9)).sum())
    return extreme / len(drawn) if exact else (extreme + 1) / (len(drawn) + 1)


def _caveats(a: Sample, b: Sample, found: Contrast) -> list[str]:
    told = []
    for sample, other in ((a, b), (b, a)):
        if sample.n == 1 and other.n > 1:
            told.append("One side has one seed: its own spread is taken to be that of the other.")
    if found.method == "none" and a.n > 1 and b.n > 1:
        told.append("No spread was seen, so nothing is known of the noise.")
    if 1 < min(a.n, b.n) < FEWEST:
        told.append("Two seeds say little of the spread: the interval is wide for that reason.")
    return told


def _disagreement(a: Sample, b: Sample, judgement: Judgement) -> tuple[str, ...]:
    """What the permutation test says against the conclusion, or why it cannot say anything."""
    p, alpha = judgement.p_permutation, 1 - CONFIDENCE
    if p is None or judgement.method == "none":
        return ()
    arrangements = 2**a.n if judgement.method == "paired" else math.comb(a.n + b.n, a.n)
    least = 2 / arrangements if judgement.method == "paired" or a.n == b.n else 1 / arrangements
    if least > alpha:
        return (f"With so few seeds no permutation test can go below p = {number(least, 2)}.",)
    if (p > alpha) == (judgement.conclusion in ("better", "worse")):
        return (f"The permutation test, which assumes no distribution, does not agree (p = {number(p, 2)}).",)
    return ()


def _sentence(judgement: Judgement) -> str:
    a, b = judgement.names
    seen = f"{'+' if judgement.difference > 0 else ''}{number(judgement.difference, 3)}"
    if judgement.conclusion == "unknown":
        return (
            f"One seed each: the difference of {seen} may be luck, and nothing here can tell. "
            f"Train both with {FEWEST} seeds or more."
        )
    behind = f"{seen}{_told_interval(judgement)}{_told_seeds(judgement)}"
    if judgement.conclusion == "better":
        return f"{b} is better than {a}: {behind}."
    if judgement.conclusion == "worse":
        return f"{b} is worse than {a}: {behind}."
    return f"{b} and {a} can't be told apart: {behind}.{_told_need(judgement)}"


def _told_interval(judgement: Judgement) -> str:
    if judgement.low is None or judgement.high is None:
        return ""
    return f", 95 % interval {number(judgement.low, 3)} to {number(judgement.high, 3)}"


def _told_seeds(judgement: Judgement) -> str:
    one, other = judgement.n
    if judgement.method == "paired":
        return f", {counted(one, 'seed')} each, seed by seed"
    if judgement.method == "partly paired":
        return f", {one} against {counted(other, 'seed')}, seed by seed where both have one"
    return f", {counted(one, 'seed')} each" if one == other else f", {one} against {counted(other, 'seed')}"


def _told_need(judgement: Judgement) -> str:
    if judgement.more_seeds is not None:
        more = counted(judgement.more_seeds, "more seed")
        return f" About {more} each would settle a difference of that size."
    if min(judgement.n) == 1:
        return " More seeds of the one would help."
    return " No sensible number of seeds would settle a difference that small."


def _sample(spec: BoardSpec, records: Sequence[Record]) -> Sample:
    ids = listed([record.id for record in records], 6)
    if not records:
        raise UsageError("There is no run to compare.", remedy="Name the runs.")
    if len(records) > 1 and (reasons := why_no_replicates(records)):
        raise UsageError(
            f"{ids} cannot stand together on one side, as they are no replicates: {'; '.join(reasons)}.",
            remedy="Put runs together that differ in the seed alone.",
        )
    values = [value_of(spec, record) for record in records]
    known = tuple(value for value in values if value is not None)
    if len(known) < len(values):
        raise UsageError(f"A run among {ids} has no finite {spec.metric}.", remedy="Leave it out, and say so.")
    return Sample(known, tuple(record.seed for record in records))

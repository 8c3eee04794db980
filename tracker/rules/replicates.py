"""Replicates, their mean, and when two of them can be told apart. Pure, and free of numeric libraries.

Two samples are told apart at 5 %, by the test that fits them:

- several seeds, the same in both: Student's t test of the differences seed by seed;
- several seeds, four or more of them the same in both: the t test for partly overlapping samples, which is the
  paired one where all are the same and Welch's where none is (B. Derrick, B. Russ, D. Toher, P. White, "Test
  statistics for the comparison of means for two samples that include both paired and independent observations",
  Journal of Modern Applied Statistical Methods 16, 2017, T_new2);
- several seeds that are not the same: Welch's t test (B. L. Welch, "The generalization of Student's problem
  when several different population variances are involved", Biometrika 34, 1947);
- one of several seeds, the other of one: whether the one value could be a further draw of the others, with
  their spread: |x − mean| against t(n−1) · s · √(1 + 1/n);
- one seed each, or no spread at all: nothing is known of the noise, so only values that differ in the four
  significant digits shown are told apart.

Values that are equal in those digits are never told apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import msgspec

from tracker.errors import UsageError
from tracker.record import BoardSpec, Record
from tracker.rules.differences import why_no_replicates
from tracker.rules.student import critical
from tracker.rules.words import listed, rounded

CONFIDENCE = 0.95

Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Sample:
    """Values of replicates, one a seed; at least one, all finite. `seeds` as many, or none where not known."""

    values: tuple[float, ...]
    seeds: tuple[int | None, ...] = ()

    @property
    def n(self) -> int:
        return len(self.values)

    @cached_property
    def mean(self) -> float:
        return math.fsum(self.values) / self.n

    @cached_property
    def sd(self) -> float:
        """The standard deviation, n − 1 in the denominator; 0 for one value."""
        return spread(self.values, self.mean)

    @cached_property
    def margin(self) -> float:
        """How far from the mean one further draw may lie before it is told apart; 0 without spread."""
        return critical(self.n - 1, CONFIDENCE) * self.sd * math.sqrt(1 + 1 / self.n) if self.sd else 0.0

    @cached_property
    def digits(self) -> float:
        """The mean to the digits shown."""
        return rounded(self.mean)

    @cached_property
    def by_seed(self) -> dict[int, float] | None:
        """The value of each seed; None unless every seed is known and counts once."""
        known = {seed: value for seed, value in zip(self.seeds, self.values, strict=False) if seed is not None}
        return known if len(known) == self.n else None


Method = Literal["paired", "partly paired", "welch", "one draw", "none"]

FEWEST_SHARED = 4
"""Fewer seeds that only some of each side's are say too little of how the two go together."""


class Contrast(msgspec.Struct, frozen=True):
    """The difference of two samples' means, b − a, its standard error and degrees of freedom.

    `method` "none" says that nothing is known of the noise; the error is 0 then.
    """

    method: Method
    difference: float
    error: float = 0.0
    df: float = 1.0


class Mean(msgspec.Struct, frozen=True):
    """The mean over replicates with its 95 % confidence interval (Student's t, n − 1 degrees of freedom).

    With one seed there is no interval: `low` and `high` are None.
    """

    value: float
    n: int
    low: float | None = None
    high: float | None = None


def key_of(record: Record) -> Key | None:
    """What replicates have in common; None for a run that cannot be a replicate, as something is not fully known."""
    digests = record.digests
    if digests.code is None or digests.data is None or digests.environment is None or record.seed is None:
        return None
    return digests.config, digests.code, digests.data, digests.environment


def value_of(spec: BoardSpec, record: Record) -> float | None:
    """The value of the board's metric that ranks the run; None where it has none, or none that is finite."""
    summary = record.metrics.get(spec.metric)
    value = summary.value(spec.aggregate, spec.direction) if summary else None
    return value if value is not None and math.isfinite(value) else None


def mean_of(sample: Sample, confidence: float = CONFIDENCE) -> Mean:
    """The mean and its interval."""
    if sample.n < 2:
        return Mean(sample.mean, 1)
    half = critical(sample.n - 1, confidence) * sample.sd / math.sqrt(sample.n)
    return Mean(sample.mean, sample.n, sample.mean - half, sample.mean + half)


def mean_over(spec: BoardSpec, records: Sequence[Record]) -> Mean:
    """The mean of the board's metric over these runs, if they are replicates.

    Raises:
        UsageError: they are no replicates (the message says what differs), or one has no finite value.
    """
    ids = listed([record.id for record in records], 6)
    if not records:
        raise UsageError("There is no mean over no runs.", remedy="Name the runs.")
    if reasons := why_no_replicates(records):
        raise UsageError(
            f"There is no mean over {ids}, as they are no replicates: {'; '.join(reasons)}.",
            remedy="Give the mean over runs that differ in the seed alone.",
        )
    values = [value_of(spec, record) for record in records]
    known = tuple(value for value in values if value is not None)
    if len(known) < len(values):
        without = listed([record.id for record, value in zip(records, values, strict=True) if value is None])
        raise UsageError(
            f"There is no mean over {ids}: {without} has no finite {spec.metric}.", remedy="Leave it out, and say so."
        )
    return mean_of(Sample(known))


def contrast(a: Sample, b: Sample) -> Contrast:
    """How the two differ, by the test that fits them (see the top of this file)."""
    if a.n > 1 and a.n == b.n and (differences := _pairs(a, b)):
        mean = math.fsum(differences) / a.n
        if sd := spread(differences, mean):
            return Contrast("paired", mean, sd / math.sqrt(a.n), a.n - 1)
        return Contrast("none", mean)
    difference = b.mean - a.mean
    if not a.sd and not b.sd:
        return Contrast("none", difference)
    if a.n == 1 or b.n == 1:
        several = a if b.n == 1 else b
        return Contrast("one draw", difference, several.sd * math.sqrt(1 + 1 / several.n), several.n - 1)
    one, other = a.sd**2 / a.n, b.sd**2 / b.n
    df = (one + other) ** 2 / (one**2 / (a.n - 1) + other**2 / (b.n - 1))
    if (shared := shared_values(a, b)) and (alike := correlation(shared)) is not None:
        return _partly_paired(a, b, len(shared), alike, df)
    return Contrast("welch", difference, math.sqrt(one + other), df)


def apart(a: Sample, b: Sample) -> bool:
    """Whether the two can be told apart, by the rule at the top of this file."""
    if a.digits == b.digits:
        return False
    found = contrast(a, b)
    if found.method == "none":
        return True
    t = abs(found.difference) / found.error
    if t <= critical(math.ceil(found.df), CONFIDENCE):
        return False
    return t > critical(math.floor(found.df), CONFIDENCE) or t > critical(found.df, CONFIDENCE)


def shared_values(a: Sample, b: Sample) -> list[tuple[float, float]]:
    """The values of the seeds that both have, where these are enough to go by, and not all that there are."""
    one, other = a.by_seed, b.by_seed
    if one is None or other is None or one.keys() == other.keys():
        return []
    shared = sorted(one.keys() & other.keys())
    return [(one[seed], other[seed]) for seed in shared] if len(shared) >= FEWEST_SHARED else []


def correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Pearson's correlation; None where one side has no spread."""
    one, other = tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)
    middle, centre = math.fsum(one) / len(one), math.fsum(other) / len(other)
    across, along = spread(one, middle), spread(other, centre)
    if not across or not along:
        return None
    together = math.fsum((x - middle) * (y - centre) for x, y in pairs) / (len(pairs) - 1)
    return max(-1.0, min(1.0, together / across / along))


def _partly_paired(a: Sample, b: Sample, shared: int, alike: float, welch_df: float) -> Contrast:
    """T_new2: Welch's error less what the shared seeds have in common, its degrees of freedom between the two's."""
    variance = a.sd**2 / a.n + b.sd**2 / b.n - 2 * alike * a.sd * b.sd * shared / (a.n * b.n)
    alone = a.n + b.n - 2 * shared
    df = shared - 1 + (welch_df - shared + 1) / (a.n + b.n) * alone
    difference = b.mean - a.mean
    return (
        Contrast("partly paired", difference, math.sqrt(variance), df) if variance > 0 else Contrast("none", difference)
    )


def spread(values: Sequence[float], mean: float) -> float:
    """The standard deviation, n − 1 in the denominator; 0 for one value, or values that are all equal."""
    if len(set(values)) < 2:
        return 0.0
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def _pairs(a: Sample, b: Sample) -> list[float] | None:
    """The differences seed by seed, b − a, where both have the same seeds."""
    one, other = a.by_seed, b.by_seed
    if one is None or other is None or one.keys() != other.keys():
        return None
    return [other[seed] - one[seed] for seed in one]

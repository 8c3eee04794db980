"""A claim held against what runs recorded: which value it is about, and whether it equals it. Pure.

A claim holds when it equals a recorded value of its metric, to the digits that were written: the best one or
the last one, whichever the post says; either, when it says neither. A run that recorded percents and a post
that wrote fractions, or the other way round, mean the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.claims.metric_words import RATIO
from bot.claims.metrics import fits
from tracker.ids import clip
from tracker.record import Aggregate, BoardSpec, Claim, Direction, Record, Summary
from tracker.rules.replicates import key_of
from tracker.rules.words import number

LOWER_IS_BETTER = frozenset(
    (
        *("loss", "wer", "cer", "der", "eer", "error_rate", "mape", "perplexity", "bits_per_byte"),
        *("rmse", "mae", "mse", "crps", "fid", "lpips", "latency"),
    )
)
"""Canonical metrics of which less is better."""


@dataclass(frozen=True)
class Recorded:
    """A recorded value: of which run and metric, best or last, at which step.

    For a mean, `of` runs, and whether these are `replicates`: one config under different seeds.
    """

    run_id: str
    metric: str
    aggregate: Aggregate
    value: float
    step: int
    of: int = 1
    replicates: bool = True


@dataclass(frozen=True)
class Match:
    """A claim and the value it was held against; `other` is the run's other aggregate, where it differs."""

    claim: Claim
    recorded: Recorded | None
    holds: bool
    other: Recorded | None = None


def match_of(
    claim: Claim,
    cited: Sequence[tuple[Record, BoardSpec | None]],
    mates: Sequence[tuple[Record, BoardSpec | None]] = (),
) -> Match:
    """The recorded value that the claim equals, of any cited run; else the one that it is nearest to in meaning.

    A mean may be over all cited runs, or over `mates`: the replicates of the one that is cited.
    """
    candidates = [value for each in cited for value in _candidates(claim, *each)]
    for value in candidates:
        if equals(claim, value.value, value.metric):
            return Match(claim, value, True, _other(value, candidates))
    mean = _mean(claim, cited) or (_mean(claim, mates) if mates else None)
    if mean is not None:
        return Match(claim, mean, True)
    if not candidates:
        return Match(claim, None, False)
    return Match(claim, candidates[0], False, _other(candidates[0], candidates))


def _other(value: Recorded, candidates: Sequence[Recorded]) -> Recorded | None:
    same = (each for each in candidates if (each.run_id, each.metric) == (value.run_id, value.metric))
    return next((each for each in same if each.aggregate != value.aggregate and each.value != value.value), None)


def _candidates(claim: Claim, record: Record, board: BoardSpec | None) -> Iterator[Recorded]:
    """The recorded values that the claim may be about, the likeliest first."""
    main = board.metric if board else None
    fitting = [(fits(claim.metric, claim.split, name), name) for name in record.metrics]
    for _, _, name in sorted((name != main, -fit, name) for fit, name in fitting if fit):
        yield from _values(record, name, claim, board)


def _values(record: Record, name: str, claim: Claim, board: BoardSpec | None) -> Iterator[Recorded]:
    summary = record.metrics[name]
    aggregates: tuple[Aggregate, ...] = ("best", "last")
    if claim.aggregate is not None:
        aggregates = (claim.aggregate,)
    elif board is not None and board.metric == name and board.aggregate == "last":
        aggregates = ("last", "best")
    for aggregate in aggregates:
        value = summary.value(aggregate, direction_of(name, claim.metric, board))
        if value is not None and math.isfinite(value):
            yield Recorded(record.id, name, aggregate, value, _step(summary, aggregate, value))


def direction_of(name: str, metric: str, board: BoardSpec | None) -> Direction:
    """Which way a metric is better: the board's for the board's own, else what the metric is known for."""
    if board is not None and board.metric == name:
        return board.direction
    lower = metric in LOWER_IS_BETTER or "loss" in name.lower() or "err" in name.lower()
    return "min" if lower else "max"


def _step(summary: Summary, aggregate: Aggregate, value: float) -> int:
    if aggregate == "last":
        return summary.last_step
    step = summary.max_step if value == summary.max else summary.min_step
    return summary.last_step if step is None else step


def equals(claim: Claim, recorded: float, name: str = "") -> bool:
    """Whether the claim says this value, to the digits it was written with.

    A value is within half a unit of the last digit written; `~` allows a whole one. Fractions and percents
    are brought together for ratio metrics, and for a claim that names none.
    """
    half = 0.5 * 10.0**-claim.digits
    for value in _scales(claim, recorded):
        slack = half * (1 + 1e-9) + 1e-12 * max(1.0, abs(value))
        difference = value - claim.value
        if claim.comparator == "=" and abs(difference) <= slack:
            return True
        if claim.comparator == "~" and abs(difference) <= 2 * slack:
            return True
        if claim.comparator in {">", ">="} and difference >= (-slack if claim.comparator == ">=" else 0.0):
            return True
        if claim.comparator in {"<", "<="} and difference <= (slack if claim.comparator == "<=" else 0.0):
            return True
    return False


def _scales(claim: Claim, recorded: float) -> tuple[float, ...]:
    if claim.metric in RATIO and abs(recorded) > 1.0:
        return (recorded / 100,)
    if claim.metric == "unknown" and abs(claim.value) > 1.0 and abs(recorded) <= 1.0:
        return (recorded * 100,)
    if claim.metric == "unknown" and abs(claim.value) <= 1.0 and abs(recorded) > 1.0:
        return (recorded, recorded / 100)
    return (recorded,)


def _mean(claim: Claim, cited: Sequence[tuple[Record, BoardSpec | None]]) -> Recorded | None:
    """The mean over all cited runs, where that is what the claim says."""
    if len(cited) < 2:
        return None
    per_run = [{(v.metric, v.aggregate): v for v in reversed(list(_candidates(claim, *each)))} for each in cited]
    for key in reversed(per_run[0]):
        values = [found[key].value for found in per_run if key in found]
        if len(values) == len(cited) and equals(claim, math.fsum(values) / len(values), key[0]):
            value = math.fsum(values) / len(values)
            alike = are_replicates([record for record, _ in cited])
            return Recorded(cited[0][0].id, key[0], key[1], value, 0, of=len(values), replicates=alike)
    return None


def are_replicates(records: Sequence[Record]) -> bool:
    """Whether the runs are one config on one code, data and environment, each under a seed of its own."""
    keys = {key_of(record) for record in records}
    return len(keys) == 1 and None not in keys and len({record.seed for record in records}) == len(records)


def said(claim: Claim) -> str:
    """The claim as the post wrote it."""
    return clip(" ".join(claim.as_written.split()), 40) or number(claim.value)


def describe(recorded: Recorded, other: Recorded | None = None) -> str:
    """`r-… recorded val/accuracy best 0.902 at step 7, last 0.899`."""
    if recorded.of > 1:
        return f"the mean of {recorded.metric} over {recorded.of} runs is {number(recorded.value)}"
    first, second = (recorded, other) if recorded.aggregate == "best" else (other, recorded)
    parts = []
    if first is not None:
        parts.append(f"best {number(first.value)} at step {first.step}")
    if second is not None:
        parts.append(f"last {number(second.value)}")
    return f"{recorded.run_id} recorded {recorded.metric} {', '.join(parts)}"

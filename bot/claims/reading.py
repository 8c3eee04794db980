"""What a reading of a post holds: frozen values, made by `bot.claims.read_post`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tracker.record import Claim

Way = Literal["up", "down", "better", "worse"]
"""Which way a change went: how the number moved, or how it is judged."""


@dataclass(frozen=True, slots=True)
class Delta:
    """An improvement or a loss relative to something: never a value of its own.

    `value` is the size of the change, never negative, a fraction for ratio metrics; `digits` how many of its decimals
    are fixed. `relative` changes are shares of the earlier value ("8 % relative") or, written as a word, multiples of
    it (2.0 for "twice"). `against` is the canonical ID of the run that it is measured against, where one is written.
    """

    metric: str
    value: float
    as_written: str
    digits: int = 0
    split: Literal["val", "test", "train"] | None = None
    way: Way | None = None
    relative: bool = False
    against: str | None = None


@dataclass(frozen=True, slots=True)
class NearMiss:
    """Text that was probably meant as a run ID. `folded` is the shape it probably stands for, or None."""

    as_written: str
    folded: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one number of the post was taken, or left: the cues that weighed most, strongest first.

    `kind` is `claim`, `delta` or `left`; `confidence` the model's probability, 0 to 1, that the author's team
    reports this number as its own; `cues` are short phrases for people, `+` before those in favour and
    `-` before those against.
    """

    as_written: str
    kind: str
    confidence: float
    cues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the bot understood of a post.

    `run_ids` are canonical, in order, without repeats, and only *shaped* like run IDs: neither the check
    symbol nor the registration is looked at. `confidence` is how sure the reading is of `is_result_post`. `seeds` is
    the n of "mean over n seeds", where the post says so.
    """

    is_result_post: bool
    claims: tuple[Claim, ...]
    deltas: tuple[Delta, ...]
    run_ids: tuple[str, ...]
    near_misses: tuple[NearMiss, ...]
    confidence: float
    reasons: tuple[Reason, ...]
    seeds: int | None = None

"""What a reading of a post holds: frozen values, made by `bot.claims.read_post`."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.record import Claim


@dataclass(frozen=True, slots=True)
class Delta:
    """An improvement or a loss relative to something, with the sign as written: recorded, never judged as a value."""

    metric: str
    value: float
    as_written: str


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
    symbol nor the registration is looked at. `confidence` is how sure the reading is of `is_result_post`.
    """

    is_result_post: bool
    claims: tuple[Claim, ...]
    deltas: tuple[Delta, ...]
    run_ids: tuple[str, ...]
    near_misses: tuple[NearMiss, ...]
    confidence: float
    reasons: tuple[Reason, ...]

"""Which runs a board is asked about: a filter as a value, and whether a run or a row passes it. Pure.

Filters are asked before the ranking, so that a place is one among what passes: "third of the models under 10,000
parameters". Conditions on hyperparameters and metrics are the query language's (`tracker.store.where`), asked of the
store before records get here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import msgspec

from tracker.record import Badge, Record
from tracker.rules.budget import gpu_hours_of, parameters_of

BADGES: tuple[Badge, ...] = get_args(Badge)
"""Every badge, the least proven first."""


class Filter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a run must be to take part; nothing said, everything passes.

    `members` and `tags`: any of the handles, all of the tags, none of `without_tags`. `badge`: proven so far at
    least. `since` and `until`: ended within (microseconds since 1970). The budgets are upper limits; a run that
    does not tell what is limited does not pass. `seeds`: only rows of so many seeds or more.
    """

    members: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    without_tags: tuple[str, ...] = ()
    badge: Badge | None = None
    since: int | None = None
    until: int | None = None
    max_runtime: float | None = None
    max_gpu_hours: float | None = None
    max_parameters: int | None = None
    seeds: int = 1

    def passes(self, record: Record) -> bool:
        """Whether the run takes part; the number of seeds is the row's and not looked at."""
        tags = set(record.tags)
        ended = record.end.at if record.end else record.last_seen
        return (
            (not self.members or record.member in self.members)
            and tags.issuperset(self.tags)
            and tags.isdisjoint(self.without_tags)
            and (self.badge is None or rank_of(record.badge) >= rank_of(self.badge))
            and (self.since is None or ended >= self.since)
            and (self.until is None or ended <= self.until)
            and _within(record.end.runtime if record.end else None, self.max_runtime)
            and _within(gpu_hours_of(record), self.max_gpu_hours)
            and _within(parameters_of(record), self.max_parameters)
        )


EVERYTHING = Filter()


def filter_of(
    *,
    members: Sequence[str] = (),
    tags: Sequence[str] = (),
    badge: str = "",
    seeds: str = "",
    parameters: str = "",
) -> Filter:
    """The filter that a board's address asks for; what is not understood asks for nothing."""
    return Filter(
        members=tuple(dict.fromkeys(filter(None, members))),
        tags=tuple(dict.fromkeys(filter(None, tags))),
        badge=next((each for each in BADGES if each == badge), None),
        seeds=max(1, _whole(seeds) or 1),
        max_parameters=_whole(parameters),
    )


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def rank_of(badge: Badge) -> int:
    """How far a badge proves a run: 0 for its own word."""
    return BADGES.index(badge)


def furthest(records: Sequence[Record]) -> Badge:
    """The badge of the run that is proven furthest."""
    return max((record.badge for record in records), key=rank_of, default=BADGES[0])


def _within(value: float | None, limit: float | None) -> bool:
    return limit is None or (value is not None and value <= limit)

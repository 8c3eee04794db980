"""An improvement that a post claims over another run, held against both. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.claims.metrics import fits
from bot.claims.reading import Delta
from bot.matches import direction_of
from tracker.record import Aggregate, BoardSpec, Record
from tracker.rules.words import number

Pair = tuple[Record, BoardSpec | None]


@dataclass(frozen=True)
class Gain:
    """A change that was claimed, and the one that was recorded: `before` of `base`, `after` of `run`."""

    delta: Delta
    run: Record
    base: Record
    metric: str
    before: float
    after: float
    holds: bool

    @property
    def points(self) -> str:
        """The recorded difference as people write it: points for a claim in percent, with its sign."""
        difference = self.after - self.before
        if self.delta.relative:
            return _signed(difference / abs(self.before) * 100) + " %" if self.before else "no share"
        hundredfold = abs(self.before) <= 1 and abs(self.after) <= 1 and _written(self.delta) > 2 * self.delta.value
        return _signed(difference * 100) + " points" if hundredfold else _signed(difference)


def gains(deltas: Sequence[Delta], cited: Sequence[Pair]) -> tuple[Gain, ...]:
    """Each change that is claimed over a run which the post cites too, of a metric that both recorded.

    A change whose other side is not a cited run cannot be judged, and is left out.
    """
    found = []
    for delta in deltas:
        base = next((record for record, _ in cited if record.id == delta.against), None)
        runs = [pair for pair in cited if pair[0].id != delta.against]
        candidates = [each for pair in runs for each in _candidates(delta, pair, base)] if base is not None else []
        if candidates:
            found.append(next((each for each in candidates if each.holds), candidates[0]))
    return tuple(found)


def _candidates(delta: Delta, pair: Pair, base: Record) -> Iterator[Gain]:
    run, board = pair
    main = board.metric if board else None
    both = [name for name in run.metrics if name in base.metrics]
    fitting = sorted((name != main, -fits(delta.metric, delta.split, name), name) for name in both)
    for _, fit, name in fitting:
        if not fit:
            continue
        direction = direction_of(name, delta.metric, board)
        aggregates: tuple[Aggregate, ...] = ("best", "last")
        for aggregate in aggregates:
            before, after = (each.metrics[name].value(aggregate, direction) for each in (base, run))
            if before is not None and after is not None and math.isfinite(before) and math.isfinite(after):
                holds = _holds(delta, before, after, higher=direction == "max")
                yield Gain(delta, run, base, name, before, after, holds)


def _holds(delta: Delta, before: float, after: float, *, higher: bool) -> bool:
    """Whether the change is as large as written, a whole unit of the last digit left for values rounded before."""
    difference = after - before
    rose = difference > 0
    if (delta.way == "up" and not rose) or (delta.way == "down" and rose):
        return False
    if (delta.way == "better" and rose != higher) or (delta.way == "worse" and rose == higher):
        return False
    if delta.relative:
        sizes = [abs(difference / before), abs(after / before)] if before else []
    else:
        sizes = [abs(difference), abs(difference) / 100] if max(abs(before), abs(after)) > 1 else [abs(difference)]
        if delta.metric == "unknown":
            sizes.append(abs(difference) * 100)
    slack = 10.0**-delta.digits * (1 + 1e-9)
    return any(abs(size - delta.value) <= slack for size in sizes)


def _written(delta: Delta) -> float:
    digits = "".join(char if char.isdigit() or char == "." else "" for char in delta.as_written.replace(",", "."))
    try:
        return float(digits)
    except ValueError:
        return 0.0


def _signed(value: float) -> str:
    return f"+{number(value, 3)}" if value >= 0 else number(value, 3)

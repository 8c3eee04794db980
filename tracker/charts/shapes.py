"""What charts are drawn from, and what they come out as: plain values, nothing of matplotlib."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tracker.record import Aggregate, Direction

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Picture:
    """A PNG, and the same facts in words for who cannot see it (at most `ALT_LIMIT` characters)."""

    png: bytes
    alt: str
    width: int
    height: int


ALT_LIMIT = 2000
"""What Slack takes as alternative text."""


@dataclass(frozen=True, eq=False)
class Curve:
    """One run's series: `steps` and `values` of equal length. Values may be NaN or infinite, and none is fine too."""

    run_id: str
    label: str
    steps: Floats = field(default_factory=lambda: np.empty(0))
    values: Floats = field(default_factory=lambda: np.empty(0))


@dataclass(frozen=True)
class Bar:
    """A row of the board as a bar: whose, which rank (None: it does not rank), and how sure.

    `values` are the seeds' own, `low` and `high` the 95 % interval of their mean. `cited` makes it stand out.
    """

    label: str
    run_id: str
    value: float
    rank: int | None
    n: int = 1
    low: float | None = None
    high: float | None = None
    values: tuple[float, ...] = ()
    tied: bool = False
    cited: bool = False


@dataclass(frozen=True, eq=False)
class ReplyChart:
    """What the reply to a post shows: the cited run's curve over the team's, and the team's best as bars.

    `value` is the cited run's own, by the board's aggregate; None where it has none that is finite. `rows` is
    how many rows the board has, `why` the reason when the run does not rank.
    """

    project: str
    metric: str
    direction: Direction
    aggregate: Aggregate
    member: str
    value: float | None
    curve: Curve
    others: tuple[Curve, ...]
    bars: tuple[Bar, ...]
    rows: int
    why: str = ""


@dataclass(frozen=True)
class BoardChart:
    """A project's board as a picture: its best rows, and how many more there are."""

    project: str
    metric: str
    direction: Direction
    aggregate: Aggregate
    bars: tuple[Bar, ...]
    rows: int
    unranked: int = 0


@dataclass(frozen=True)
class FactorBar:
    """A hyperparameter's part: alone, with its 95 % interval, and `total` with its interactions; shares of 1."""

    key: str
    share: float
    low: float
    high: float
    total: float
    confirmed: bool


@dataclass(frozen=True)
class ImportanceChart:
    """Which settings moved the metric, the most important first. `notes` are what a reader must know of it."""

    project: str
    metric: str
    factors: tuple[FactorBar, ...]
    sentence: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class ComparisonChart:
    """Runs side by side: their curves, their values with intervals, and what was found on the difference.

    `verdict` is one sentence; `notes` are short lines on what differs and what doesn't.
    """

    project: str
    metric: str
    direction: Direction
    aggregate: Aggregate
    curves: tuple[Curve, ...]
    bars: tuple[Bar, ...]
    verdict: str = ""
    notes: tuple[str, ...] = ()

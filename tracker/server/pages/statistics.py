"""How the numbers are reckoned: formulas, sources, and an example that the rules themselves work out."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from tracker.charts import Bar, BoardChart
from tracker.rules import evaluators, importance, noise, replicates, words
from tracker.rules.noise import judge
from tracker.rules.replicates import Sample, mean_of
from tracker.rules.student import critical
from tracker.server.auth import Asker
from tracker.server.templating import render

router = APIRouter()
FIRST = Sample((0.902, 0.911, 0.907), (1, 2, 3))
SECOND = Sample((0.915, 0.921, 0.924), (1, 2, 3))
NUMBERS = {
    "confidence": f"{replicates.CONFIDENCE:.0%}".replace("%", " %"),
    "digits": words.DIGITS,
    "fewest_shared": replicates.FEWEST_SHARED,
    "arrangements": f"{noise.ARRANGEMENTS:,}",
    "power": f"{noise.POWER:.0%}".replace("%", " %"),
    "most_seeds": f"{noise.MOST_SEEDS:,}",
    "fewest_configs": importance.FEWEST,
    "most_configs": importance.MOST,
    "resamples": importance.RESAMPLES,
    "sure": importance.SURE,
    "together": importance.TOGETHER,
    "top": f"{evaluators.TOP:.0%}".replace("%", " %"),
}
"""What the text says of itself is what the rules go by."""


def example() -> BoardChart:
    """The example's two settings as a board."""
    bars = []
    for rank, (name, sample) in enumerate((("B", SECOND), ("A", FIRST)), 1):
        mean = mean_of(sample)
        bars.append(Bar(name, "", mean.value, rank, sample.n, mean.low, mean.high, sample.values))
    return BoardChart("A, B", "val/accuracy", "max", "best", tuple(bars), len(bars))


@router.get("/statistics")
def get_statistics(request: Request, asker: Asker) -> Response:
    """The statistics of board, comparison, importance and reproduction, with their sources."""
    return render(
        request,
        "statistics.html",
        numbers=NUMBERS,
        first=FIRST,
        second=SECOND,
        mean=mean_of(FIRST),
        t=critical(FIRST.n - 1, replicates.CONFIDENCE),
        judgement=judge(FIRST, SECOND, names=("A", "B")),
    )

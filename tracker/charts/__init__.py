"""Charts as pictures: the one door to matplotlib.

Each takes a plain value and gives a `Picture`: a PNG, and the same facts in words. `reply_of`, `board_of`,
`compared_of` and `importance_of` make the values from what the rules say and the runs' histories:

    reply_chart(reply_of(ranking, record, get_histories(db, run_ids, spec.metric, buckets=500)))
"""

from tracker.charts.board import board_chart
from tracker.charts.comparison import comparison_chart
from tracker.charts.importance import importance_chart
from tracker.charts.palette import DARK, LIGHT, Theme, in_language
from tracker.charts.reply import reply_chart
from tracker.charts.select import board_of, compared_of, comparison_of, importance_of, reply_of
from tracker.charts.shapes import (
    Bar,
    BoardChart,
    ComparisonChart,
    Curve,
    FactorBar,
    ImportanceChart,
    Picture,
    ReplyChart,
)

__all__ = [
    "DARK",
    "LIGHT",
    "Bar",
    "BoardChart",
    "ComparisonChart",
    "Curve",
    "FactorBar",
    "ImportanceChart",
    "Picture",
    "ReplyChart",
    "Theme",
    "board_chart",
    "board_of",
    "compared_of",
    "comparison_chart",
    "comparison_of",
    "importance_chart",
    "importance_of",
    "in_language",
    "reply_chart",
    "reply_of",
]

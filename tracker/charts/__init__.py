"""Charts as pictures: the one door to matplotlib.

Each takes a plain value and gives a `Picture`: a PNG, and the same facts in words. `reply_of`, `board_of` and
`comparison_of` make the values from a ranking and the runs' histories:

    reply_chart(reply_of(ranking, record, get_histories(db, run_ids, spec.metric, buckets=500)))
"""

from tracker.charts.board import board_chart
from tracker.charts.comparison import comparison_chart
from tracker.charts.palette import DARK, LIGHT, Theme
from tracker.charts.reply import reply_chart
from tracker.charts.select import board_of, comparison_of, reply_of
from tracker.charts.shapes import Bar, BoardChart, ComparisonChart, Curve, Picture, ReplyChart

__all__ = [
    "DARK",
    "LIGHT",
    "Bar",
    "BoardChart",
    "ComparisonChart",
    "Curve",
    "Picture",
    "ReplyChart",
    "Theme",
    "board_chart",
    "board_of",
    "comparison_chart",
    "comparison_of",
    "reply_chart",
    "reply_of",
]

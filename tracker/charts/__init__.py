"""Charts as pictures: the one door to matplotlib.

Each takes a plain value and gives a `Picture`: a PNG, and the same facts in words. `reply_of` makes the value
for a reply from the board and the runs' histories.
"""

from tracker.charts.palette import DARK, LIGHT, Theme
from tracker.charts.reply import reply_chart
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
    "reply_chart",
]

"""Rows of a board as horizontal bars: whose, the value, the seeds behind it and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence

from tracker.charts.canvas import Box, Canvas
from tracker.charts.curves import scaled
from tracker.charts.shapes import Bar
from tracker.rules.words import counted, number

CUT = 26.0
"""Where the mark stands that says a bar does not start at zero, in pixels from its foot."""


def extent(bars: Sequence[Bar]) -> tuple[float, float]:
    """Where the bars' axis starts and ends: at zero if that leaves the differences visible, else near the least.

    Intervals have their room, but not more than the values twice over: a wide one is cut and drawn as an arrow.
    """
    values = [value for bar in bars for value in (bar.value, *bar.values)]
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    room = (high - low) or abs(high) * 0.1 or 1.0
    ends = [end for bar in bars for end in (bar.low, bar.high) if end is not None]
    top = min(max([high, *ends]), high + room)
    bottom = max(min([low, *ends]), low - room)
    if low >= 0 and high <= 3 * (high - low):
        return 0.0, top * 1.02
    if low < 0 < high:
        return bottom - room * 0.05, top + room * 0.05
    if low >= 0:
        return max(0.0, bottom - room * 0.6), top + room * 0.05
    return bottom - room * 0.6, top + room * 0.05


def draw(canvas: Canvas, box: Box, bars: Sequence[Bar], height: float, size: float = 22) -> None:
    """The bars from the top of the box, `height` pixels each; a gap in the ranks is shown by dots."""
    span = extent(bars)
    y, before = box.top, 0
    for bar in bars:
        if bar.rank is None or bar.rank > before + 1:
            _gap(canvas, box, y, skipped=before > 0)
        before = bar.rank or before
        _row(canvas, Box(box.left, y, box.right, y + height), bar, span, size)
        y += height


def legend(bars: Sequence[Bar]) -> str:
    """What a reader has to know of the bars: where they start, and what line and dots are."""
    foot = extent(bars)[0]
    parts = []
    if any(bar.n > 1 for bar in bars):
        parts.append("line: 95 % interval, dots: seeds")
    if foot != 0:
        parts.append(f"bars start at {number(foot, 2)}")
    return "; ".join(parts)


def said(bar: Bar) -> str:
    """The bar in words."""
    rank = "not ranked" if bar.rank is None else f"{'=' if bar.tied else ''}{bar.rank}."
    text = f"{rank} {bar.label} ({bar.run_id}) {number(bar.value)}"
    if bar.low is not None and bar.high is not None:
        text += f", 95 % interval {number(bar.low)} to {number(bar.high)}"
    return f"{text}, {counted(bar.n, 'seed')}"


def _row(canvas: Canvas, row: Box, bar: Bar, span: tuple[float, float], size: float) -> None:
    theme = canvas.theme
    base = row.top + size
    value = number(bar.value)
    seeds = counted(bar.n, "seed")
    shown = canvas.measure(seeds, size * 0.8)
    canvas.text(row.right, base, seeds, size=size * 0.8, color=theme.soft, align="right")
    right = row.right - shown - size * 0.5
    canvas.text(right, base, value, size=size, bold=True, color=theme.cited if bar.cited else theme.ink, align="right")
    rank = "–" if bar.rank is None else f"{'=' if bar.tied else ''}{bar.rank}"
    canvas.text(row.left, base, rank, size=size, color=theme.soft)
    start = row.left + size * 1.75
    room = right - canvas.measure(value, size, True) - size * 0.7 - start
    color = theme.cited if bar.cited else theme.ink
    canvas.text(start, base, bar.label, size=size, bold=bar.cited, color=color, room=room)
    _bar(canvas, Box(row.left, base + size * 0.42, row.right, base + size * 1.12), bar, span)


def _bar(canvas: Canvas, box: Box, bar: Bar, span: tuple[float, float]) -> None:
    theme = canvas.theme
    ends = (box.left, box.right)
    color = theme.cited if bar.cited else theme.crowd
    zero = min(max(0.0, span[0]), span[1])
    foot, tip = scaled(zero, span, ends), scaled(bar.value, span, ends)
    middle = (box.top + box.bottom) / 2
    canvas.bar(Box(box.left, box.top, box.right, box.bottom), theme.line)
    body = Box(min(foot, tip), box.top, max(foot, tip), box.bottom)
    if bar.rank is None:
        canvas.bar(body, theme.paper)
        canvas.bar(body, color, edge=color, dashed=True)
    else:
        canvas.bar(body, color)
    if span[0] > 0 or span[1] < 0:
        for shift in (0.0, 8.0):
            x = box.left + CUT + shift
            canvas.line([x - 4, x + 4], [box.bottom + 2, box.top - 2], theme.paper, 3.5)
    if bar.low is not None and bar.high is not None:
        _interval(canvas, box, bar.low, bar.high, span)
    if bar.n > 1:
        xs = [scaled(value, span, ends) for value in bar.values]
        canvas.dots(xs, [middle] * len(xs), theme.paper, 9, edge=theme.ink)


def _interval(canvas: Canvas, box: Box, low: float, high: float, span: tuple[float, float]) -> None:
    ink = canvas.theme.ink
    middle = (box.top + box.bottom) / 2
    left = scaled(max(low, span[0]), span, (box.left, box.right))
    right = scaled(min(high, span[1]), span, (box.left, box.right))
    canvas.line([left, right], [middle, middle], ink, 3)
    for x, cut, sign in ((left, low < span[0], 1), (right, high > span[1], -1)):
        if cut:
            canvas.line([x + 7 * sign, x, x + 7 * sign], [middle - 6, middle, middle + 6], ink, 3)
        else:
            canvas.line([x, x], [box.top - 1, box.bottom + 1], ink, 3)


def _gap(canvas: Canvas, box: Box, y: float, *, skipped: bool) -> None:
    if skipped:
        xs = [box.left + 4 + 9 * i for i in range(3)]
        canvas.dots(xs, [y - 7] * 3, canvas.theme.soft, 4)

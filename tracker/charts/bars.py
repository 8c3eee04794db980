"""Rows of a board as horizontal bars: whose, the value, the seeds behind it and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence

from tracker.charts.canvas import Box, Canvas
from tracker.charts.curves import scaled
from tracker.charts.palette import Theme
from tracker.charts.shapes import Bar
from tracker.charts.wording import many, say
from tracker.rules.words import number

CUT = 26.0
"""Where the mark stands that says a bar does not start at zero, in pixels from its foot."""


def extent(bars: Sequence[Bar]) -> tuple[float, float]:
    """Where the bars' axis starts and ends: at zero if that leaves the differences visible, else near the least.

    Intervals have their room, but not more than one and a half times the values': a wide one is cut, as an arrow.
    """
    values = [value for bar in bars for value in (bar.value, *bar.values)]
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    room = (high - low) or abs(high) * 0.1 or 1.0
    ends = [end for bar in bars for end in (bar.low, bar.high) if end is not None]
    top = min(max([high, *ends]), high + 1.5 * room)
    bottom = max(min([low, *ends]), low - 1.5 * room)
    if low >= 0 and high <= 3 * (high - low):
        return 0.0, top * 1.02 or 1.0
    if low < 0 < high:
        return bottom - room * 0.05, top + room * 0.05
    if low >= 0:
        return max(0.0, bottom - room * 0.6), top + room * 0.05
    return bottom - room * 0.6, top + room * 0.05


def draw(
    canvas: Canvas,
    box: Box,
    bars: Sequence[Bar],
    height: float,
    size: float,
    *,
    gap: int | None = None,
    marked: str | None = None,
) -> None:
    """The bars from the top of the box, `height` pixels each; dots before bar `gap` say that some are left out.

    The bar of the run `marked` has the colour of its curve.
    """
    span = extent(bars)
    indent = max([size * 1.75, *(canvas.measure(_rank(bar), size) + size * 0.45 for bar in bars)])
    y = box.top
    for place, bar in enumerate(bars):
        if place == gap:
            canvas.dots([box.left + 4 + 9 * i for i in range(3)], [y + 1] * 3, canvas.theme.soft, 4)
            y += size * 0.45
        color = canvas.theme.mark if bar.run_id == marked else canvas.theme.crowd
        color = canvas.theme.cited if bar.cited else color
        _row(canvas, Box(box.left, y, box.right, y + height), bar, span, size, indent, color)
        y += height


def legend(bars: Sequence[Bar], theme: Theme) -> tuple[str, ...]:
    """What a reader has to know of the bars, a line each: what line and dots are, and where the bars start."""
    lines = []
    if any(bar.n > 1 for bar in bars):
        lines.append(say(theme, "dots: seeds, line: 95 % interval"))
    span = extent(bars)
    if bars and (span[0] > 0 or span[1] < 0):
        lines.append(say(theme, "// bars start at {}, not at 0", number(span[0], 2)))
    return tuple(lines)


def said(bar: Bar, theme: Theme, *, ranked: bool = True) -> str:
    """The bar in words."""
    rank = f"{say(theme, 'not ranked')}: " if bar.rank is None else f"{'=' if bar.tied else ''}{bar.rank}. "
    text = f"{rank if ranked else ''}{bar.label} ({bar.run_id}) {number(bar.value)}"
    if bar.low is not None and bar.high is not None:
        text += say(theme, ", 95 % interval {} to {}", number(bar.low), number(bar.high))
    return f"{text}, {many(theme, bar.n, 'seed')}"


def _row(canvas: Canvas, row: Box, bar: Bar, span: tuple[float, float], size: float, indent: float, color: str) -> None:
    theme = canvas.theme
    base = row.top + size
    value = number(bar.value)
    seeds = many(theme, bar.n, "seed")
    shown = canvas.measure(seeds, size * 0.8)
    canvas.text(row.right, base, seeds, size=size * 0.8, color=theme.soft, align="right")
    right = row.right - shown - size * 0.5
    canvas.text(right, base, value, size=size, bold=True, color=theme.cited if bar.cited else theme.ink, align="right")
    canvas.text(row.left, base, _rank(bar), size=size, color=theme.soft)
    start = row.left + indent
    room = right - canvas.measure(value, size, True) - size * 0.7 - start
    canvas.text(
        start, base, bar.label, size=size, bold=bar.cited, color=theme.cited if bar.cited else theme.ink, room=room
    )
    track(canvas, Box(row.left, base + size * 0.42, row.right, base + size * 1.12), bar, span, color)


def _rank(bar: Bar) -> str:
    return "–" if bar.rank is None else f"{'=' if bar.tied else ''}{bar.rank}"


def track(canvas: Canvas, box: Box, bar: Bar, span: tuple[float, float], color: str) -> None:
    """The bar itself on its rail, filling the box: outlined when it does not rank, cut when zero is not on the axis."""
    theme = canvas.theme
    ends = (box.left, box.right)
    zero = 0.0 if span[0] <= 0 <= span[1] else span[0]
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
        interval(canvas, box, bar.low, bar.high, span, theme.ink)
    if bar.n > 1:
        xs = [scaled(value, span, ends) for value in bar.values]
        canvas.dots(xs, [middle] * len(xs), theme.paper, 9, edge=theme.ink)


def interval(canvas: Canvas, box: Box, low: float, high: float, span: tuple[float, float], color: str) -> None:
    """A line with caps across the box; an arrow where it goes on beyond the axis."""
    middle = (box.top + box.bottom) / 2
    left = scaled(max(low, span[0]), span, (box.left, box.right))
    right = scaled(min(high, span[1]), span, (box.left, box.right))
    canvas.line([left, right], [middle, middle], color, 3)
    for x, cut, sign in ((left, low < span[0], 1), (right, high > span[1], -1)):
        if cut:
            canvas.line([x + 7 * sign, x, x + 7 * sign], [middle - 6, middle, middle + 6], color, 3)
        else:
            canvas.line([x, x], [box.top - 1, box.bottom + 1], color, 3)

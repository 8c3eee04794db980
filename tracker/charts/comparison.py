"""Runs side by side: their curves, their values with intervals, and what can be said of the difference."""

from __future__ import annotations

import re

import numpy as np

from tracker.charts import bars
from tracker.charts.canvas import Box, Canvas
from tracker.charts.curves import axes, bounds, drawn, placed, scaled, stretch
from tracker.charts.fonts import drawable
from tracker.charts.palette import LIGHT, Theme
from tracker.charts.shapes import ALT_LIMIT, Bar, ComparisonChart, Picture
from tracker.charts.wording import many, say, told
from tracker.ids import clip
from tracker.rules.words import number

WIDTH, HEIGHT = 960, 600
_MARGIN = 28
_AT_MOST = 5
_LEFT = 560
_SHAPES = ("o", "s", "^", "D", "v")
"""A curve ends in the shape that its value has, so that colour alone never tells them apart."""


def comparison_chart(chart: ComparisonChart, theme: Theme = LIGHT) -> Picture:
    """The comparison of up to five runs or groups of replicates; further ones are counted, not drawn."""
    canvas = Canvas(WIDTH, HEIGHT, theme)
    top = _head(canvas, chart)
    _curves(canvas, chart, Box(100, top + 28, 508, HEIGHT - 52))
    below = _values(canvas, chart, top + 20)
    _notes(canvas, chart, below)
    return Picture(canvas.png(), _alt(chart, theme), WIDTH, HEIGHT)


def _head(canvas: Canvas, chart: ComparisonChart) -> float:
    theme, y = canvas.theme, 46.0
    for line in canvas.wrapped(told(theme, chart.verdict) or say(theme, "Side by side"), 26, WIDTH - 2 * _MARGIN, 3):
        canvas.text(_MARGIN, y, line, size=26, bold=True)
        y += 34
    canvas.text(_MARGIN, y, _what(chart, theme), size=21, color=theme.soft, room=WIDTH - 2 * _MARGIN)
    canvas.line([_MARGIN, WIDTH - _MARGIN], [y + 20, y + 20], theme.line, 2)
    return y + 20


def _curves(canvas: Canvas, chart: ComparisonChart, box: Box) -> None:
    theme = canvas.theme
    thinned = [drawn(curve, int(box.width)) for curve in chart.curves[:_AT_MOST]]
    finite = [(steps, values) for steps, values in thinned if np.isfinite(values).any()]
    if not finite:
        canvas.text(
            (box.left + box.right) / 2, 330, say(theme, "no points recorded"), size=22, color=theme.soft, align="center"
        )
        return
    across = stretch([steps for steps, _ in finite])
    later = np.concatenate([values[len(values) // 2 :] for _, values in finite])
    up = bounds(np.concatenate([values for _, values in finite]), later[np.isfinite(later)])
    axes(canvas, box, across, up)
    for at, (steps, values) in reversed(list(enumerate(thinned))):
        xs, ys = placed(steps, values, across, up, box)
        color = theme.series[at % len(theme.series)]
        canvas.line(xs, ys, theme.paper, 6, inside=box)
        canvas.line(xs, ys, color, 3.5, inside=box)
        last = np.flatnonzero(np.isfinite(ys))[-1:]
        canvas.dots(xs[last], np.clip(ys[last], box.top, box.bottom), color, 16, edge=theme.paper, shape=_SHAPES[at])


def _values(canvas: Canvas, chart: ComparisonChart, top: float) -> float:
    """A rail for each run: its value as a dot in the colour of its curve, its interval as a line."""
    rows = chart.bars[:_AT_MOST]
    span = _span(rows)
    right = WIDTH - _MARGIN
    y = top
    for at, bar in enumerate(rows):
        color = canvas.theme.series[at % len(canvas.theme.series)]
        base, middle = y + 22, y + 40
        value = number(bar.value)
        canvas.text(right, base, value, size=22, bold=True, color=color, align="right")
        used = canvas.measure(value, 22, True) + 14
        seeds = many(canvas.theme, bar.n, "seed")
        canvas.text(right - used, base, seeds, size=18, color=canvas.theme.soft, align="right")
        mark = f"{'=' if bar.tied else ''}{bar.rank} " if bar.rank is not None else ""
        room = right - used - canvas.measure(seeds, 18) - 14 - _LEFT
        label = drawable(f"{mark}{bar.label}")
        size = next((each for each in (22, 20, 18) if canvas.measure(label, each, True) <= room), 22)
        canvas.text(_LEFT, base, label, size=size, bold=True, room=room)
        _rail(canvas, bar, color, _SHAPES[at], span, middle)
        y += 62
    if len(chart.bars) > len(rows):
        canvas.text(
            _LEFT,
            y + 22,
            say(canvas.theme, "and {} more", len(chart.bars) - len(rows)),
            size=19,
            color=canvas.theme.soft,
        )
        y += 34
    return y


def _rail(canvas: Canvas, bar: Bar, color: str, shape: str, span: tuple[float, float], y: float) -> None:
    theme, ends = canvas.theme, (float(_LEFT), float(WIDTH - _MARGIN))
    canvas.line([*ends], [y, y], theme.line, 4)
    if bar.low is not None and bar.high is not None:
        bars.interval(canvas, Box(ends[0], y - 8, ends[1], y + 8), bar.low, bar.high, span, color)
    seeds = bar.values if bar.n > 1 else ()
    canvas.dots([scaled(each, span, ends) for each in seeds], [y] * len(seeds), theme.paper, 9, edge=color)
    canvas.dots([scaled(bar.value, span, ends)], [y], color, 17, edge=theme.paper, shape=shape)


def _notes(canvas: Canvas, chart: ComparisonChart, top: float) -> None:
    room = int((HEIGHT - 22 - top) // 27)
    shown = chart.notes if len(chart.notes) <= room else chart.notes[: max(0, room - 1)]
    y = top + 28
    for note in shown:
        canvas.text(_LEFT, y, _note(canvas.theme, note), size=19, color=canvas.theme.ink, room=WIDTH - _MARGIN - _LEFT)
        y += 27
    if len(shown) < len(chart.notes) and room > 0:
        canvas.text(
            _LEFT, y, say(canvas.theme, "and {} more", len(chart.notes) - len(shown)), size=19, color=canvas.theme.soft
        )


def _span(rows: tuple[Bar, ...]) -> tuple[float, float]:
    """The rails' common axis: dots may stand anywhere, so zero needs no place on it."""
    marks = [value for bar in rows for value in (bar.value, *bar.values)]
    if not marks:
        return 0.0, 1.0
    low, high = min(marks), max(marks)
    width = (high - low) or abs(high) * 0.1 or 1.0
    ends = [end for bar in rows for end in (bar.low, bar.high) if end is not None]
    low = max(min([low, *ends]), low - 1.5 * width)
    high = min(max([high, *ends]), high + 1.5 * width)
    return low - 0.06 * width, high + 0.06 * width


def _note(theme: Theme, note: str) -> str:
    odds = re.fullmatch(r"second beats first: (\S+) of pairs", note)
    return say(theme, "second beats first: {} of pairs", odds[1]) if odds else told(theme, note)


def _what(chart: ComparisonChart, theme: Theme) -> str:
    way = say(theme, "higher is better" if chart.direction == "max" else "lower is better")
    return f"{chart.project} · {say(theme, chart.aggregate)} {chart.metric}, {way}"


def _alt(chart: ComparisonChart, theme: Theme) -> str:
    rows = "; ".join(bars.said(bar, theme, ranked=bar.rank is not None) for bar in chart.bars)
    verdict, notes = told(theme, chart.verdict), [_note(theme, note) for note in chart.notes]
    parts = [
        f"{verdict} {_what(chart, theme)}.".strip(),
        say(theme, "Compared: {}.", rows) if rows else "",
        "; ".join(notes),
    ]
    return clip(drawable(" ".join(part for part in parts if part)), ALT_LIMIT)

"""A project's board as a picture."""

from __future__ import annotations

from tracker.charts import bars
from tracker.charts.canvas import Box, Canvas
from tracker.charts.fonts import drawable
from tracker.charts.palette import LIGHT, Theme
from tracker.charts.shapes import ALT_LIMIT, Bar, BoardChart, Picture
from tracker.charts.wording import many, say
from tracker.ids import clip
from tracker.rules.words import number

WIDTH = 960
_MARGIN = 28
_TOP, _ROW, _FOOT = 128, 58, 84
_AT_MOST = 12
_TRACK = (412.0, 716.0)


def board_chart(chart: BoardChart, theme: Theme = LIGHT) -> Picture:
    """The board's best rows as bars, 8 inches wide and as high as the rows need."""
    rows = chart.bars[:_AT_MOST]
    height = _TOP + _ROW * max(1, len(rows)) + _FOOT
    canvas = Canvas(WIDTH, height, theme)
    room = WIDTH - 2 * _MARGIN
    canvas.text(_MARGIN, 50, chart.project, size=32, bold=True, room=room)
    canvas.text(_MARGIN, 84, _what(chart, theme), size=22, color=theme.soft, room=room)
    canvas.line([_MARGIN, WIDTH - _MARGIN], [106, 106], theme.line, 2)
    if not rows:
        canvas.text(_MARGIN, _TOP + 36, say(theme, "nothing ranks yet"), size=24, color=theme.soft)
    span = bars.extent(rows)
    for place, bar in enumerate(rows):
        _row(canvas, _TOP + place * _ROW, bar, span)
    for at, line in enumerate(_foot(chart, rows, theme)):
        canvas.text(_MARGIN, height - 50 + 28 * at, line, size=19, color=theme.soft, room=room)
    return Picture(canvas.png(), _alt(chart, rows, theme), WIDTH, height)


def _row(canvas: Canvas, top: float, bar: Bar, span: tuple[float, float]) -> None:
    theme, base = canvas.theme, top + 26
    first = bar.rank == 1
    canvas.text(_MARGIN, base, f"{'=' if bar.tied else ''}{bar.rank}", size=24, bold=first)
    room = _TRACK[0] - _MARGIN - 52 - 16
    canvas.text(_MARGIN + 52, base, bar.label, size=24, bold=first or bar.cited, room=room)
    canvas.text(_MARGIN + 52, base + 21, bar.run_id, size=16, color=theme.soft, room=room)
    color = theme.cited if first or bar.cited else theme.crowd
    bars.track(canvas, Box(_TRACK[0], top + 10, _TRACK[1], top + 30), bar, span, color)
    canvas.text(_TRACK[1] + 104, base, number(bar.value), size=24, bold=True, align="right")
    canvas.text(WIDTH - _MARGIN, base, many(theme, bar.n, "seed"), size=19, color=theme.soft, align="right")


def _what(chart: BoardChart, theme: Theme) -> str:
    way = say(theme, "higher is better" if chart.direction == "max" else "lower is better")
    return f"{say(theme, chart.aggregate)} {chart.metric}, {way}"


def _foot(chart: BoardChart, rows: tuple[Bar, ...], theme: Theme) -> list[str]:
    how = list(bars.legend(rows, theme))
    if any(bar.tied for bar in rows):
        how.append(say(theme, "= can't be told apart"))
    left = []
    if chart.rows > len(rows):
        left.append(many(theme, chart.rows - len(rows), "more row"))
    if chart.unranked:
        left.append(_unranked(chart, theme))
    return [" · ".join(parts) for parts in (how, left) if parts]


def _unranked(chart: BoardChart, theme: Theme) -> str:
    return say(theme, "{} not ranked", many(theme, chart.unranked, "run"))


def _alt(chart: BoardChart, rows: tuple[Bar, ...], theme: Theme) -> str:
    told = "; ".join(bars.said(bar, theme) for bar in rows) or say(theme, "nothing ranks yet")
    more = f" {many(theme, chart.rows - len(rows), 'more row')}." if chart.rows > len(rows) else ""
    out = f" {_unranked(chart, theme)}." if chart.unranked else ""
    head = say(theme, "Board of {}, {}", chart.project, _what(chart, theme))
    return clip(drawable(f"{head}: {told}.{more}{out}"), ALT_LIMIT)

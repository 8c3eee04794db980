"""Which hyperparameters moved the metric, as a picture: a bar a setting, its interval, and what it does with others."""

from __future__ import annotations

from tracker.charts import bars
from tracker.charts.canvas import Box, Canvas
from tracker.charts.curves import scaled
from tracker.charts.fonts import drawable
from tracker.charts.palette import LIGHT, Theme
from tracker.charts.shapes import ALT_LIMIT, FactorBar, ImportanceChart, Picture
from tracker.charts.wording import many, say, told
from tracker.ids import clip

WIDTH = 960
_MARGIN = 28
_ROW, _FOOT = 50, 92
_AT_MOST = 10
_NAMES = 300.0
_RIGHT = 800.0


def importance_chart(chart: ImportanceChart, theme: Theme = LIGHT) -> Picture:
    """The most important settings as bars from 0 to 100 % of what the settings explain, as high as the rows need."""
    rows = chart.factors[:_AT_MOST]
    draft = Canvas(WIDTH, 100, theme)
    head = draft.wrapped(told(theme, chart.sentence), 28, WIDTH - 2 * _MARGIN, 3)
    top = 58 + 36 * len(head) + 44
    notes = [
        line
        for note in chart.notes[:2]
        for line in draft.wrapped(told(theme, note), 19, WIDTH - 2 * _MARGIN, 2, bold=False)
    ]
    height = top + _ROW * max(1, len(rows)) + _FOOT + 27 * len(notes)
    canvas = Canvas(WIDTH, height, theme)
    for at, line in enumerate(head):
        canvas.text(_MARGIN, 50 + 36 * at, line, size=28, bold=True)
    below = 50 + 36 * len(head)
    canvas.text(_MARGIN, below, _what(chart, theme), size=21, color=theme.soft, room=WIDTH - 2 * _MARGIN)
    canvas.line([_MARGIN, WIDTH - _MARGIN], [below + 20, below + 20], theme.line, 2)
    for at, factor in enumerate(rows):
        _row(canvas, top + at * _ROW, factor)
    y = top + _ROW * len(rows) + 22
    for line in (*_legend(chart, len(rows), theme), *notes):
        canvas.text(_MARGIN, y, line, size=19, color=theme.soft, room=WIDTH - 2 * _MARGIN)
        y += 27
    return Picture(canvas.png(), _alt(chart, theme), WIDTH, height)


def _row(canvas: Canvas, top: float, factor: FactorBar) -> None:
    theme, span, ends = canvas.theme, (0.0, 1.0), (_NAMES, _RIGHT)
    base = top + 26
    color = theme.cited if factor.confirmed else theme.crowd
    ink = theme.ink if factor.confirmed else theme.soft
    canvas.text(_MARGIN, base, factor.key, size=23, bold=factor.confirmed, color=ink, room=_NAMES - _MARGIN - 16)
    box = Box(_NAMES, top + 8, _RIGHT, top + 30)
    canvas.bar(box, theme.line)
    whole = Box(_NAMES, box.top, scaled(min(1.0, factor.total), span, ends), box.bottom)
    if factor.total > factor.share + 0.005:
        canvas.bar(whole, theme.paper)
        canvas.bar(whole, color, edge=color, dashed=True)
    if factor.share > 0:
        body = Box(_NAMES, box.top, scaled(factor.share, span, ends), box.bottom)
        if factor.confirmed:
            canvas.bar(body, color)
        else:
            canvas.bar(body, theme.paper)
            canvas.bar(body, color, edge=color)
    bars.interval(canvas, box, factor.low, factor.high, span, theme.ink)
    canvas.text(WIDTH - _MARGIN, base, f"{factor.share:.0%}", size=23, bold=True, color=ink, align="right")


def _legend(chart: ImportanceChart, rows: int, theme: Theme) -> list[str]:
    lines = [say(theme, "bar: alone, with its 95 % interval · dashed: with its interactions")]
    more = [many(theme, len(chart.factors) - rows, "more setting")] if len(chart.factors) > rows else []
    if any(not factor.confirmed for factor in chart.factors[:rows]):
        more.insert(0, say(theme, "grey outline: no more than chance"))
    return [*lines, " · ".join(more)] if more else lines


def _what(chart: ImportanceChart, theme: Theme) -> str:
    return say(theme, "{} · share of the spread of {} that the settings explain", chart.project, chart.metric)


def _alt(chart: ImportanceChart, theme: Theme) -> str:
    factors = "; ".join(
        say(
            *(theme, "{} {:.0%} alone ({:.0%} to {:.0%}), {:.0%} with others"),
            *(each.key, each.share, each.low, each.high, each.total),
        )
        + ("" if each.confirmed else say(theme, ", no more than chance"))
        for each in chart.factors
    )
    notes = [told(theme, note) for note in chart.notes]
    said = [told(theme, chart.sentence), f"{_what(chart, theme)}: {factors}.", *notes]
    return clip(drawable(" ".join(said)), ALT_LIMIT)

"""The chart in the reply to a post: the cited run's curve over the team's runs, and the team's best as bars."""

from __future__ import annotations

import numpy as np

from tracker.charts import bars
from tracker.charts.canvas import Box, Canvas, Side
from tracker.charts.curves import axes, bounds, drawn, placed, scaled, stretch
from tracker.charts.fonts import drawable
from tracker.charts.palette import LIGHT, Theme
from tracker.charts.shapes import ALT_LIMIT, Bar, Curve, Floats, Picture, ReplyChart
from tracker.charts.wording import many, say, told
from tracker.ids import clip
from tracker.rules.words import number

WIDTH, HEIGHT = 960, 540
_MARGIN = 28
_PLOT = Box(100, 160, 500, 484)
_BARS = Box(548, 150, WIDTH - _MARGIN, HEIGHT)
_AT_MOST = 5


def reply_chart(chart: ReplyChart, theme: Theme = LIGHT) -> Picture:
    """The chart, 8 by 4.5 inches at 120 dots, readable at the width of a phone. Equal charts give equal bytes."""
    canvas = Canvas(WIDTH, HEIGHT, theme)
    _head(canvas, chart)
    _curves(canvas, chart)
    _best(canvas, chart)
    return Picture(canvas.png(), reply_alt(chart, theme), WIDTH, HEIGHT)


def _head(canvas: Canvas, chart: ReplyChart) -> None:
    theme = canvas.theme
    value = say(theme, "no value") if chart.value is None else number(chart.value)
    canvas.text(_MARGIN, 64, value, size=46, bold=True, color=theme.soft if chart.value is None else theme.cited)
    left = _MARGIN + canvas.measure(value, 46, True) + 24
    room = WIDTH - _MARGIN - left
    canvas.text(left, 42, f"{chart.member} · {chart.curve.run_id}", size=25, bold=True, room=room)
    what = f"{say(theme, chart.aggregate)} {chart.metric} · {_place(chart, theme)} · {chart.project}"
    canvas.text(left, 72, what, size=21, color=theme.soft, room=room)
    canvas.line([_MARGIN, WIDTH - _MARGIN], [94, 94], theme.line, 2)


def _curves(canvas: Canvas, chart: ReplyChart) -> None:
    theme, box = canvas.theme, _PLOT
    columns = int(box.width)
    own = drawn(chart.curve, columns)
    rival = best_other(chart)
    best = drawn(rival, columns) if rival else None
    others = [drawn(curve, columns) for curve in chart.others if len(curve.steps) and curve is not rival]
    _key(canvas, best is not None, len(others))
    everything = [own, *others, *([best] if best else [])]
    if not any(np.isfinite(values).any() for _, values in everything):
        middle = (box.left + box.right) / 2
        canvas.text(middle, 320, say(theme, "no points recorded"), size=22, color=theme.soft, align="center")
        return
    across = stretch([steps for steps, _ in everything])
    later = own[1][len(own[1]) // 2 :]
    must = later[np.isfinite(later)]
    up = bounds(np.concatenate([values for _, values in everything]), must)
    axes(canvas, box, across, up)
    stretches = [placed(xs, ys, across, up, box) for xs, ys in others]
    for xs, ys in stretches:
        if np.isfinite(ys).sum() == 1:
            canvas.dots(xs, ys, theme.crowd, 8, inside=box)
    canvas.lines(stretches, theme.crowd, 2, box)
    if best is not None:
        canvas.line(*placed(*best, across, up, box), theme.mark, 2.5, inside=box)
    xs, ys = placed(*own, across, up, box)
    canvas.line(xs, ys, theme.paper, 8, inside=box)
    canvas.line(xs, ys, theme.cited, 4.5, inside=box)
    _mark(canvas, chart, own, across, up)


def _mark(
    canvas: Canvas, chart: ReplyChart, own: tuple[Floats, Floats], across: tuple[float, float], up: tuple[float, float]
) -> None:
    """The point of the curve that the board takes, and where the run stopped being finite."""
    theme, box = canvas.theme, _PLOT
    xs, ys = own
    finite = np.flatnonzero(np.isfinite(ys))
    if not len(finite):
        return
    pick = np.nanargmax if chart.direction == "max" else np.nanargmin
    at = int(pick(ys)) if chart.aggregate == "best" else int(finite[-1])
    x, y = scaled(float(xs[at]), across, (box.left, box.right)), scaled(float(ys[at]), up, (box.bottom, box.top))
    y = min(max(y, box.top), box.bottom)
    if finite[-1] < len(ys) - 1:
        end = scaled(float(xs[finite[-1]]), across, (box.left, box.right))
        low = min(max(scaled(float(ys[finite[-1]]), up, (box.bottom, box.top)), box.top), box.bottom)
        canvas.dots([end], [low], theme.paper, 26)
        canvas.dots([end], [low], theme.bad, 16, shape="x")
        side: Side = "right" if end > (box.left + box.right) / 2 else "left"
        shift = -16 if side == "right" else 16
        canvas.text(end + shift, low - 12, say(theme, "not finite from here"), size=18, color=theme.bad, align=side)
    else:
        canvas.dots([x], [y], theme.cited, 15, edge=theme.paper)


def _key(canvas: Canvas, best: bool, others: int) -> None:
    theme, y, x = canvas.theme, 130.0, float(_MARGIN)
    entries = [(say(theme, "this run"), theme.cited, 5.0, True)]
    if best:
        entries.append((say(theme, "team's best"), theme.mark, 3.0, False))
    if others:
        entries.append((many(theme, others, "other"), theme.crowd, 3.0, False))
    for label, color, width, bold in entries:
        canvas.line([x, x + 30], [y - 7, y - 7], color, width)
        canvas.text(x + 40, y, label, size=21, bold=bold, color=color if bold else theme.soft)
        x += 40 + canvas.measure(label, 21, bold) + 26


def _best(canvas: Canvas, chart: ReplyChart) -> None:
    theme, box = canvas.theme, _BARS
    title = "Team's best" if chart.direction == "max" else "Team's best (low is good)"
    canvas.text(box.left, 130, say(theme, title), size=21, bold=True)
    rows, gap = chosen(chart)
    if not rows:
        canvas.text(box.left, 190, say(theme, "nothing ranks yet"), size=22, color=theme.soft)
        return
    rival = best_other(chart)
    bars.draw(canvas, box, rows, 61, 22, gap=gap, marked=rival.run_id if rival else None)
    for at, line in enumerate(reversed(bars.legend(rows, theme))):
        canvas.text(box.left, HEIGHT - 18 - 25 * at, line, size=18, color=theme.soft, room=box.width)


def chosen(chart: ReplyChart) -> tuple[tuple[Bar, ...], int | None]:
    """The bars there is room for, the first ones and always the cited one; and before which some are left out."""
    first = chart.bars[:_AT_MOST]
    later = [bar for bar in chart.bars[_AT_MOST:] if bar.cited]
    if not later:
        return first, None
    return (*first[:-1], later[0]), _AT_MOST - 1


def best_other(chart: ReplyChart) -> Curve | None:
    """The curve of the board's first row, if it is not the cited run's own."""
    if not chart.bars or chart.bars[0].cited or chart.bars[0].rank is None:
        return None
    return next((each for each in chart.others if each.run_id == chart.bars[0].run_id and len(each.steps)), None)


def _place(chart: ReplyChart, theme: Theme) -> str:
    own = next((bar for bar in chart.bars if bar.cited), None)
    if own is None or own.rank is None:
        return say(theme, "not ranked")
    return say(theme, "shares place {} of {}" if own.tied else "place {} of {}", own.rank, chart.rows)


def reply_alt(chart: ReplyChart, theme: Theme = LIGHT) -> str:
    """Everything the chart shows, in words."""
    value = say(theme, "no finite value") if chart.value is None else number(chart.value)
    way = say(theme, "higher is better" if chart.direction == "max" else "lower is better")
    points, others = many(theme, len(chart.curve.steps), "point"), many(theme, len(chart.others), "other run")
    sentences = [
        say(
            *(theme, "{} ({}, {}) of {}'s run {} in {}: {}, {}."),
            *(chart.metric, say(theme, chart.aggregate), way, chart.member, chart.curve.run_id, chart.project),
            *(value, _place(chart, theme)),
        ),
        told(theme, chart.why),
        say(theme, "Left: its curve of {} over those of {}.", points, others),
    ]
    rows, _ = chosen(chart)
    if rows:
        sentences.append(say(theme, "Right, the team's best: {}.", "; ".join(bars.said(bar, theme) for bar in rows)))
    else:
        sentences.append(say(theme, "Right: nothing ranks yet."))
    return clip(drawable(" ".join(part for part in sentences if part)), ALT_LIMIT)

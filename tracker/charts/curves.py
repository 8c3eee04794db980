"""Series made ready for drawing: thinned to what pixels can show, bounds that wild values can't blow up, ticks."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tracker.charts.canvas import Box, Canvas
from tracker.charts.shapes import Curve, Floats
from tracker.rules.words import number

LARGEST = 1e150
"""Values beyond this are drawn as this, so that their differences stay finite."""


def envelope(steps: Floats, values: Floats, columns: int) -> tuple[Floats, Floats]:
    """At most 2 · `columns` points that look the same: each pixel column keeps its least and its greatest value.

    Points come back in the order of their steps. A column without a finite value becomes one NaN, so that the
    gap stays. Series short enough are given back as they are.
    """
    order = np.argsort(steps, kind="stable") if np.any(np.diff(steps) < 0) else None
    if order is not None:
        steps, values = steps[order], values[order]
    if len(steps) <= 2 * columns:
        return steps, values
    low, high = float(steps[0]), float(steps[-1])
    place = (
        np.zeros(len(steps), np.int64)
        if high == low
        else ((steps - low) / (high - low) * (columns - 1)).astype(np.int64)
    )
    starts = np.flatnonzero(np.concatenate(([True], np.diff(place) > 0)))
    least, greatest = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
    rising = values[starts] <= values[np.concatenate((starts[1:], [len(values)])) - 1]
    both = np.column_stack([np.where(rising, least, greatest), np.where(rising, greatest, least)])
    return np.repeat(steps[starts], 2), both.ravel()


def drawn(curve: Curve, columns: int) -> tuple[Floats, Floats]:
    """The curve thinned, what is not finite as NaN."""
    steps = np.asarray(curve.steps, np.float64)
    values = np.asarray(curve.values, np.float64)
    values = np.where(np.isfinite(values), np.clip(values, -LARGEST, LARGEST), np.nan)
    return envelope(steps, values, columns)


def bounds(values: Floats, must: Floats) -> tuple[float, float]:
    """The axis for these values: all of them, but for what lies far out of the middle half, and all of `must`.

    Far out is more than twice the width of the middle half away from it: the first loss of a run, or a
    run that diverged.
    """
    finite = values[np.isfinite(values)]
    marks = np.clip(must[np.isfinite(must)], -LARGEST, LARGEST)
    if not len(finite) and not len(marks):
        return 0.0, 1.0
    low, high = float(marks.min(initial=math.inf)), float(marks.max(initial=-math.inf))
    if len(finite):
        first, third = (float(each) for each in np.percentile(finite, (25, 75)))
        far = 2 * (third - first)
        low = min(low, max(float(finite.min()), first - far))
        high = max(high, min(float(finite.max()), third + far))
    room = (high - low) * 0.06 or abs(high) * 0.05 or 0.5
    return low - room, high + room


def ticks(low: float, high: float, about: int, *, whole: bool = False) -> tuple[tuple[float, str], ...]:
    """About so many round places between the bounds, each with its label; only whole numbers where `whole`."""
    width = (high - low) / max(1, about)
    if not math.isfinite(width) or width <= 0:
        return ()
    power = 10.0 ** math.floor(math.log10(width))
    step = next((factor * power for factor in (1, 2, 2.5, 5) if factor * power >= width), 10 * power)
    if whole:
        step = max(1.0, float(math.floor(step)))
    first, last = math.ceil(low / step), math.floor(high / step)
    if last - first > 50:
        return ()
    return tuple((place * step, _label(place * step, step)) for place in range(first, last + 1))


def axes(canvas: Canvas, box: Box, across: tuple[float, float], up: tuple[float, float], size: float = 19) -> None:
    """Rules and labels of a plot: values at the left, steps below."""
    soft, line = canvas.theme.soft, canvas.theme.line
    for value, label in ticks(*up, 5):
        y = scaled(value, up, (box.bottom, box.top))
        canvas.line([box.left, box.right], [y, y], line, 1.5)
        fit = min(1.0, (box.left - 14) / max(1.0, canvas.measure(label, size)))
        canvas.text(box.left - 10, y + size * 0.36, label, size=size * fit, color=soft, align="right")
    below = box.bottom + size + 9
    canvas.text(box.left - 10, below, "step", size=size, color=soft, align="right")
    for value, label in ticks(*across, 4, whole=True):
        half = canvas.measure(label, size) / 2
        x = scaled(value, across, (box.left, box.right))
        if x - half > box.left - 4:
            canvas.text(min(x, box.right + size - half), below, label, size=size, color=soft, align="center")


def scaled(value: float, old: tuple[float, float], new: tuple[float, float]) -> float:
    """The place of `value` when `old` is stretched onto `new`."""
    return new[0] + (value - old[0]) / (old[1] - old[0]) * (new[1] - new[0])


def placed(
    xs: Floats, ys: Floats, across: tuple[float, float], up: tuple[float, float], box: Box
) -> tuple[Floats, Floats]:
    """Points as pixels of the box. What lies far outside is brought near, where it is clipped all the same."""
    px = box.left + (xs - across[0]) / (across[1] - across[0]) * box.width
    py = box.bottom - (ys - up[0]) / (up[1] - up[0]) * box.height
    return px, np.clip(py, box.top - 4 * box.height, box.bottom + 4 * box.height)


def stretch(all_steps: Sequence[Floats]) -> tuple[float, float]:
    """From the first to the last step of any of them; some room around a single one."""
    known = np.concatenate(all_steps)
    low, high = float(max(known.min(), -LARGEST)), float(min(known.max(), LARGEST))
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _label(value: float, step: float) -> str:
    size = max(abs(value), step)
    if size >= 1e6 or step < 1e-4:
        return number(value) if size < 1e6 else _large(value)
    if size >= 10_000:
        return _large(value)
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    if round(step * 10**places) != round(step * 10**places, 6):
        places += 1
    return f"{value:.{places}f}".replace("-", "−")


def _large(value: float) -> str:
    for power, unit in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if power <= abs(value) < power * 1000:
            return f"{value / power:.4g}{unit}".replace("-", "−")
    return number(value)

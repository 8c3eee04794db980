"""The sheet a chart is drawn on: matplotlib's figure and its Agg canvas, in pixels from the top left.

Everything is placed by hand and nothing is laid out, which keeps a chart near 100 ms. Text is never markup
("$" is a dollar), every colour and width is given, so a chart does not depend on a `matplotlibrc`, and equal
drawings give equal bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox, IdentityTransform
from numpy.typing import NDArray
from PIL import Image

from tracker.charts.fonts import drawable, is_plain, properties
from tracker.charts.palette import Theme

Floats = NDArray[np.float64]
Side = Literal["left", "center", "right"]
DPI = 120
_PIECES = re.compile(r"\s*(?:[^\s\u2e80-\u9fff\uff00-\uffef]+[，。；：、）]*|.)")
"""Words, and full-width characters one by one: where a line may be broken."""


class Box:
    """A rectangle of the sheet, in pixels from the top left."""

    def __init__(self, left: float, top: float, right: float, bottom: float) -> None:
        self.left, self.top, self.right, self.bottom = left, top, right, bottom

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


class Canvas:
    """A sheet of `width` by `height` pixels. Coordinates and sizes are pixels, y grows downwards."""

    def __init__(self, width: int, height: int, theme: Theme) -> None:
        self.width, self.height, self.theme = width, height, theme
        self._figure = Figure(
            figsize=(width / DPI, height / DPI), dpi=DPI, facecolor=theme.paper, edgecolor=theme.paper
        )
        self._agg = FigureCanvasAgg(self._figure)
        self._still = IdentityTransform()
        self._order = 0.0
        self._measured: dict[tuple[str, float, bool], float] = {}

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 22,
        color: str | None = None,
        bold: bool = False,
        align: Side = "left",
        room: float | None = None,
    ) -> None:
        """Writes one line, `y` being its baseline, cut to `room` pixels."""
        shown = drawable(text)
        if room is not None:
            shown = self.fitted(shown, size, room, bold)
        if not shown:
            return
        font = properties(size * 72 / DPI, bold, is_plain(shown))
        self._add(
            Text(
                x,
                self.height - y,
                shown,
                color=color or self.theme.ink,
                fontproperties=font,
                horizontalalignment=align,
                verticalalignment="baseline",
                parse_math=False,
                usetex=False,
                transform=self._still,
            )
        )

    def measure(self, text: str, size: float, bold: bool = False) -> float:
        """How many pixels wide a drawable line is."""
        key = (text, size, bold)
        if key not in self._measured:
            font = properties(size * 72 / DPI, bold, is_plain(text))
            self._measured[key] = float(self._agg.get_renderer().get_text_width_height_descent(text, font, False)[0])
        return self._measured[key]

    def fitted(self, text: str, size: float, room: float, bold: bool = False) -> str:
        """A drawable line cut to `room` pixels, with an ellipsis when something is lost."""
        if self.measure(text, size, bold) <= room:
            return text
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.measure(text[:middle].rstrip() + "…", size, bold) <= room:
                low = middle
            else:
                high = middle - 1
        return text[:low].rstrip() + "…"

    def wrapped(self, text: str, size: float, room: float, lines: int, *, bold: bool = True) -> list[str]:
        """The text in at most so many lines of `room` pixels; the last one is cut when there is more."""
        found: list[str] = [""]
        for word in _PIECES.findall(drawable(text)):
            longer = f"{found[-1]}{word}"
            if found[-1] and len(found) < lines and self.measure(longer.strip(), size, bold) > room:
                found.append(word.lstrip())
            else:
                found[-1] = longer.lstrip()
        return [self.fitted(line.strip(), size, room, bold) for line in found]

    def bar(self, box: Box, color: str, *, edge: str | None = None, dashed: bool = False) -> None:
        """A filled rectangle; with `edge`, one that is only outlined."""
        patch = Rectangle(
            (box.left, self.height - box.bottom),
            box.width,
            box.height,
            facecolor="none" if edge else color,
            edgecolor=edge or "none",
            linewidth=_points(2.0) if edge else 0,
            linestyle=(0, (3, 2)) if dashed else "-",
            antialiased=True,
            transform=self._still,
        )
        self._add(patch)

    def line(
        self,
        xs: Sequence[float] | Floats,
        ys: Sequence[float] | Floats,
        color: str,
        width: float,
        *,
        dashes: tuple[float, ...] = (),
        inside: Box | None = None,
    ) -> None:
        """A line through the points, broken where one is not finite, clipped to `inside`."""
        artist = Line2D(
            np.asarray(xs, np.float64),
            self.height - np.asarray(ys, np.float64),
            color=color,
            linewidth=_points(width),
            linestyle=(0, tuple(_points(dash) / _points(width) for dash in dashes)) if dashes else "-",
            marker="None",
            solid_capstyle="butt" if dashes or inside is None else "round",
            solid_joinstyle="round",
            dash_capstyle="butt",
            antialiased=True,
            transform=self._still,
        )
        self._add(artist, inside)

    def lines(self, stretches: Sequence[tuple[Floats, Floats]], color: str, width: float, inside: Box) -> None:
        """Many lines of one colour at once, half transparent where they are many."""
        paths = [np.column_stack([xs, self.height - ys]) for xs, ys in stretches]
        artist = LineCollection(
            paths,
            colors=[color],
            linewidths=[_points(width)],
            linestyles="solid",
            alpha=max(0.35, 0.9 - len(paths) / 60),
            antialiaseds=[True],
            transform=self._still,
        )
        self._add(artist, inside)

    def dots(
        self,
        xs: Sequence[float] | Floats,
        ys: Sequence[float] | Floats,
        color: str,
        size: float,
        *,
        edge: str | None = None,
        shape: str = "o",
        inside: Box | None = None,
    ) -> None:
        """Marks of `size` pixels across, with a rim of `edge`."""
        artist = Line2D(
            np.asarray(xs, np.float64),
            self.height - np.asarray(ys, np.float64),
            linestyle="None",
            marker=shape,
            markersize=_points(size),
            markerfacecolor=color,
            markeredgecolor=edge or color,
            markeredgewidth=_points(2.2) if shape in "x+" else _points(2.0) if edge else 0,
            fillstyle="full",
            antialiased=True,
            transform=self._still,
        )
        self._add(artist, inside)

    def png(self) -> bytes:
        """The sheet as a PNG without any metadata."""
        self._agg.draw()
        image = Image.frombuffer("RGBA", self._agg.get_width_height(), self._agg.buffer_rgba(), "raw", "RGBA", 0, 1)
        stream = io.BytesIO()
        image.convert("RGB").save(stream, format="PNG", compress_level=2)
        return stream.getvalue()

    def _add(self, artist: Line2D | Rectangle | Text | LineCollection, inside: Box | None = None) -> None:
        self._order += 1
        artist.set_zorder(self._order)
        self._figure.add_artist(artist, clip=False)
        if inside is not None:
            bottom, top = self.height - inside.bottom, self.height - inside.top
            artist.set_clip_box(Bbox([[inside.left, bottom], [inside.right, top]]))
            artist.set_clip_on(True)


def _points(pixels: float) -> float:
    return pixels * 72 / DPI

"""Charts: every series and every name is drawn, quickly, the same each time, and told in words too."""

from __future__ import annotations

import ast
import io
import re
import threading
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tracker.charts import (
    DARK,
    LIGHT,
    Bar,
    Curve,
    Picture,
    ReplyChart,
    Theme,
    board_chart,
    board_of,
    comparison_chart,
    comparison_of,
    reply_chart,
    reply_of,
)
from tracker.charts.bars import extent
from tracker.charts.curves import bounds, envelope, ticks
from tracker.charts.fonts import UNKNOWN, cut, drawable, width
from tracker.charts.reply import chosen
from tracker.charts.shapes import ALT_LIMIT
from tracker.rules.board import rank
from tracker.store.series import Points

from .rules.makers import SPEC, group, record, run_id

ROOT = Path(__file__).parents[2]
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def curve(name: str, values: list[float]) -> Curve:
    return Curve(name, name, np.arange(1, len(values) + 1, dtype=np.float64), np.array(values, np.float64))


def chart(values: list[float], **changes: Any) -> ReplyChart:
    base = ReplyChart(
        project="digits",
        metric="val/accuracy",
        direction="max",
        aggregate="best",
        member="ada",
        value=0.882,
        curve=curve("r-1", values),
        others=(curve("r-2", [0.1, 0.5, 0.9]),),
        bars=(
            Bar("ben", "r-2", 0.91, 1, 3, 0.90, 0.92, (0.905, 0.91, 0.915), tied=True),
            Bar("ada", "r-1", 0.882, 2, values=(0.882,), cited=True),
        ),
        rows=7,
    )
    return replace(base, **changes)


def image(picture: Picture) -> Image.Image:
    assert picture.png.startswith(SIGNATURE)
    opened = Image.open(io.BytesIO(picture.png))
    assert opened.size == (picture.width, picture.height) and opened.info == {}
    return opened.convert("RGB")


def ink(picture: Picture, color: str) -> int:
    """How many pixels have exactly that colour."""
    wanted = tuple(int(color[at : at + 2], 16) for at in (1, 3, 5))
    return int((np.asarray(image(picture)) == wanted).all(axis=-1).sum())


@pytest.fixture(autouse=True)
def no_warning() -> None:
    """A missing glyph, an overflow or a font that is not there would warn: nothing may."""
    warnings.simplefilter("error")


@pytest.mark.parametrize(
    "values",
    [
        [],
        [0.5],
        [0.5] * 40,
        [float("nan")] * 5,
        [0.1, float("nan"), float("inf"), 0.4, float("-inf"), 0.8],
        [0.1, 0.5, float("nan")],
        [1e308, -1e308, 5e-324],
        list(np.linspace(-5, 5, 700)),
    ],
    ids=["none", "one", "flat", "all NaN", "gaps", "diverged", "extreme", "many"],
)
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_every_series_is_drawn(values: list[float], theme: Theme) -> None:
    picture = reply_chart(chart(values, value=0.882 if any(np.isfinite(values)) else None), theme)
    assert (picture.width, picture.height) == (960, 540)
    assert ink(picture, theme.paper) > 100_000


def test_the_cited_run_stands_out_over_the_others() -> None:
    picture = reply_chart(chart([0.2, 0.6, 0.882]))
    assert ink(picture, LIGHT.cited) > 2000
    without = reply_chart(chart([], value=None, bars=()))
    assert ink(without, LIGHT.cited) < ink(picture, LIGHT.cited) / 2


@pytest.mark.parametrize("values", [[1e308, -1e308, 1e308], [5e-324, 0.0, 5e-324], [1e9, 1e9 + 1e-6, 1e9]])
def test_values_at_the_edge_of_floats_still_make_a_line(values: list[float]) -> None:
    without = reply_chart(chart([], value=None, bars=(), others=()))
    assert (
        ink(reply_chart(chart(values, value=None, bars=(), others=())), LIGHT.cited) > ink(without, LIGHT.cited) + 500
    )


def test_equal_charts_are_equal_to_the_byte_on_every_thread() -> None:
    drawn = [reply_chart(chart([0.2, 0.6, 0.882]))]
    threads = [threading.Thread(target=lambda: drawn.append(reply_chart(chart([0.2, 0.6, 0.882])))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(drawn) == 4 and len({picture.png for picture in drawn}) == 1


def test_the_words_say_what_the_picture_shows() -> None:
    alt = reply_chart(chart([0.2, 0.882])).alt
    for fact in (
        "val/accuracy",
        "higher is better",
        "ada's run r-1",
        "digits",
        "0.8820",
        "place 2 of 7",
        "2 points",
        "1 other run",
        "=1. ben (r-2) 0.9100, 95 % interval 0.9000 to 0.9200, 3 seeds",
        "2. ada (r-1) 0.8820, 1 seed",
    ):
        assert fact in alt
    unranked = chart([], value=None, bars=(), why="r-1 is still running.")
    assert "no finite value, not ranked. r-1 is still running." in reply_chart(unranked).alt
    long = reply_chart(chart([0.5], metric="m" * 3000, member="n" * 3000)).alt
    assert len(long) <= ALT_LIMIT


NASTY = [
    "$x^2$ \\alpha _{1} $",
    "<!channel> *bold* <b>html</b>",
    "陈思远 プロジェクト 한국어",
    "مرحبا שלום",
    "👩‍🚀 😀",
    "\ue000\U0001f6f8\u0378",
    "a\nb\tc\x00d\u202eevil\u200b",
    "x" * 5000,
    " ",
    "",
    "Z̷̢̗a̶l̸g̵o",
]


@pytest.mark.parametrize("text", NASTY)
def test_text_from_people_is_drawn_as_it_stands_without_a_warning(text: str) -> None:
    bars = (Bar(text, text, 0.9, 1, cited=True),)
    picture = reply_chart(chart([0.5, 0.9], member=text, metric=text, project=text, bars=bars))
    assert len(picture.alt) <= ALT_LIMIT and "\n" not in picture.alt


def test_a_dollar_is_a_dollar() -> None:
    """As markup the two would look the same but for the letter's slant, and the dollars would be gone."""
    plain = ink(reply_chart(chart([0.5], member="x")), LIGHT.ink)
    dollars = ink(reply_chart(chart([0.5], member="$x$")), LIGHT.ink)
    assert dollars > plain + 50


@given(st.text(max_size=60))
@settings(max_examples=200)
def test_drawable_text_is_one_line_of_glyphs_that_some_font_has(text: str) -> None:
    shown = drawable(text)
    assert shown == shown.strip() and not re.search(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e]", shown)
    assert drawable(shown) == shown
    assert drawable("\ue000") == UNKNOWN


@given(st.text(max_size=40), st.integers(1, 20))
def test_cut_text_fits_and_says_that_it_was_cut(text: str, cells: int) -> None:
    shown = cut(text, cells)
    assert width(shown) <= max(cells, 1) and (shown == text or shown.endswith("…"))


FLOATS = st.floats(allow_nan=True, allow_infinity=True, width=32)


@given(st.lists(st.tuples(st.integers(-1000, 1000), FLOATS), min_size=5, max_size=100), st.integers(2, 6))
def test_thinning_keeps_every_column_s_least_and_greatest_value(drawn: list[tuple[int, float]], columns: int) -> None:
    steps, values = np.array([pair[0] for pair in drawn], float), np.array([pair[1] for pair in drawn], float)
    values = np.where(np.isfinite(values), values, np.nan)
    xs, ys = envelope(steps, values, columns)
    assert len(xs) == len(ys) <= max(2 * columns, 1) and np.all(np.diff(xs) >= 0)
    finite, kept = values[np.isfinite(values)], ys[np.isfinite(ys)]
    assert len(finite) == 0 or (kept.min() == finite.min() and kept.max() == finite.max())
    assert set(kept.tolist()) <= set(finite.tolist())


def test_a_single_spike_among_a_million_points_is_seen() -> None:
    values = np.zeros(1_000_000)
    values[765_432] = 1.0
    xs, ys = envelope(np.arange(1e6), values, 400)
    assert len(xs) <= 800 and ys.max() == 1.0
    assert abs(float(xs[int(ys.argmax())]) - 765_432) <= 2 * 1e6 / 400


@given(st.lists(st.floats(-1e150, 1e150), max_size=50), st.lists(st.floats(-1e150, 1e150), max_size=5))
def test_bounds_hold_what_they_must_and_ticks_lie_within(values: list[float], must: list[float]) -> None:
    low, high = bounds(np.array(values), np.array(must))
    assert low < high and all(low <= each <= high for each in must)
    places = ticks(low, high, 5)
    assert len(places) <= 12 and all(low - 1e-9 * abs(low) <= value <= high + 1e-9 * abs(high) for value, _ in places)


@given(st.lists(st.tuples(st.floats(-1e9, 1e9), st.floats(0, 1e9)), min_size=1, max_size=8))
def test_every_bar_ends_on_the_axis(drawn: list[tuple[float, float]]) -> None:
    bars = [Bar("a", "r", value, 1, 2, value - half, value + half, (value,)) for value, half in drawn]
    low, high = extent(bars)
    assert low < high and all(low <= bar.value <= high for bar in bars)


def test_bars_that_start_at_zero_do_so_and_others_say_where_they_start() -> None:
    assert extent([Bar("a", "r", 0.1, 1), Bar("b", "s", 0.9, 2)])[0] == 0
    assert 0.5 < extent([Bar("a", "r", 0.90, 1), Bar("b", "s", 0.91, 2)])[0] < 0.90


def test_the_cited_bar_is_always_among_the_bars() -> None:
    many = tuple(Bar("m", f"r-{i}", 1 - i / 100, i + 1, cited=i == 17) for i in range(30))
    rows, gap = chosen(chart([0.5], bars=many))
    assert [bar.rank for bar in rows] == [1, 2, 3, 4, 18] and gap == 4


def histories(*ids: str) -> dict[str, Points]:
    steps = np.arange(5, dtype=np.int64)
    return {each: Points(steps, np.linspace(0.1, 0.9, 5), steps) for each in ids}


def test_a_reply_is_made_from_a_ranking_and_histories() -> None:
    runs = [*group(1, [0.90, 0.92, 0.91], member="chen"), record(11, 0.95, config={"lr": 0.3}, member="ada")]
    waiting = record(12, 0.5, config={"lr": 0.4}, state="running", member="ben")
    ranking = rank(SPEC, [*runs, waiting])
    made = reply_of(ranking, runs[0], histories(*(run.id for run in runs)))
    assert (made.member, made.value, made.rows, len(made.others)) == ("chen", 0.90, 2, 3)
    own = next(bar for bar in made.bars if bar.cited)
    assert own.run_id == runs[0].id and own.n == 3 and len(own.values) == 3
    unranked = reply_of(ranking, waiting, {})
    assert unranked.bars[-1].rank is None and unranked.bars[-1].cited and "still running" in unranked.why
    assert image(reply_chart(unranked)).size == (960, 540)


def test_a_board_is_drawn_with_its_ties_and_what_is_left_out() -> None:
    runs = [record(i, 0.5 + i / 100, config={"lr": i}) for i in range(1, 21)]
    picture = board_chart(board_of(rank(SPEC, [*runs, record(30, 0.9, state="failed", config={"lr": 30})])))
    assert picture.height > 700 and "8 more rows." in picture.alt and "1 run not ranked." in picture.alt
    tied = board_chart(board_of(rank(SPEC, [record(1, 0.9), record(2, 0.9, config={"lr": 5})])), DARK)
    assert "=1." in tied.alt and image(tied).size == (960, tied.height)
    assert "nothing ranks yet" in board_chart(board_of(rank(SPEC, []))).alt


def test_a_comparison_shows_intervals_and_ties_and_says_the_verdict() -> None:
    first, second = group(1, [0.90, 0.92, 0.91]), group(11, [0.905, 0.915, 0.90], config={"lr": 0.2}, member="ben")
    ranking = rank(SPEC, [*first, *second])
    made = comparison_of(
        ranking,
        [first[0], second[0]],
        histories(run_id(1), run_id(11)),
        verdict="No telling.",
        notes=("lr: 0.1 → 0.2",),
    )
    picture = comparison_chart(made)
    assert picture.alt.startswith("No telling.") and "=1. ada" in picture.alt and "3 seeds" in picture.alt
    assert "95 % interval" in picture.alt and "lr: 0.1 → 0.2" in picture.alt
    assert ink(picture, LIGHT.series[0]) > 300 and ink(picture, LIGHT.series[1]) > 300


def test_two_runs_of_one_row_are_compared_by_their_own_values() -> None:
    runs = group(1, [0.90, 0.92])
    made = comparison_of(rank(SPEC, runs), runs, {})
    assert [bar.value for bar in made.bars] == [0.90, 0.92] and [bar.n for bar in made.bars] == [1, 1]


def luminance(color: str) -> float:
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_colours_can_be_read_on_their_ground(theme: Theme) -> None:
    for text in (theme.ink, theme.soft, theme.good, theme.bad, theme.warn):
        assert contrast(text, theme.paper) >= 4.5
    for drawn in (*theme.series, theme.cited, theme.mark):
        assert contrast(drawn, theme.paper) >= 3


def test_pages_and_charts_share_one_palette() -> None:
    sheet = (ROOT / "tracker/server/static/runcite.css").read_text()
    for theme in (LIGHT, DARK):
        named = {"paper": theme.paper, "ink": theme.ink, "soft": theme.soft, "line": theme.line}
        named |= {f"k{at}": color for at, color in enumerate(theme.series)}
        for name, color in named.items():
            assert f"--{name}: {color};" in sheet


def test_pyplot_is_never_imported() -> None:
    for path in [*(ROOT / "tracker").rglob("*.py"), *(ROOT / "bot").rglob("*.py")]:
        source = path.read_text()
        for node in ast.walk(ast.parse(source)) if "pyplot" in source else ():
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            assert not any("pyplot" in name for name in names), path

"""The blocks that carry data: table, data_table, data_visualization, and rich text, which their cells may hold."""

from __future__ import annotations

import math
from typing import Any

from bot.sandbox import limits
from bot.sandbox.complaints import Complaints
from bot.sandbox.shapes import Json

_RICH = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
_PIECES = {
    "text": ("text",),
    "link": ("url",),
    "user": ("user_id",),
    "usergroup": ("usergroup_id",),
    "channel": ("channel_id",),
    "broadcast": ("range",),
    "emoji": ("name",),
    "date": ("timestamp", "format"),
    "color": ("value",),
    "team": ("team_id",),
}


def check_rich_text(told: Complaints, block: Json, where: str) -> int:
    """A rich text block or cell. Returns how many characters it shows."""
    total = 0
    for at, value in enumerate(told.items(block, "elements", where, 10_000, least=0)):
        total += _check_rich_part(told, value, f"{where}/elements/{at}")
    return total


def _check_rich_part(told: Complaints, value: Any, where: str) -> int:
    part = told.object(value, where)
    if part is None:
        return 0
    if part.get("type") not in _RICH:
        told.say(f"unsupported type: {part.get('type')}", f"{where}/type")
        return 0
    if part["type"] == "rich_text_list":
        told.choice(part, "style", where, {"bullet", "ordered"}, needed=True)
        told.number(part, "indent", where, 0, 8)
        inner = told.items(part, "elements", where, 10_000, least=0)
        return sum(_check_rich_part(told, one, f"{where}/elements/{at}") for at, one in enumerate(inner))
    total = 0
    for at, value in enumerate(told.items(part, "elements", where, 10_000, least=0)):
        piece = told.object(value, f"{where}/elements/{at}")
        if piece is None:
            continue
        needed = _PIECES.get(str(piece.get("type")))
        if needed is None:
            told.say(f"unsupported type: {piece.get('type')}", f"{where}/elements/{at}/type")
            continue
        for key in needed:
            if piece.get(key) in (None, ""):
                told.say(f"missing required field: {key}", f"{where}/elements/{at}")
        total += len(str(piece.get("text") or piece.get("url") or ""))
    return total


def check_table(told: Complaints, block: Json, where: str) -> int:
    """A `table`: rows of raw_text or rich_text cells. Returns its characters."""
    total = 0
    for at, row in enumerate(told.items(block, "rows", where, limits.TABLE_ROWS_MAX_ITEMS)):
        total += _check_row(told, row, f"{where}/rows/{at}", limits.TABLE_COLUMNS_MAX_ITEMS, {"raw_text", "rich_text"})
    told.items(block, "column_settings", where, limits.TABLE_COLUMNS_MAX_ITEMS, least=0, needed=False)
    if total > limits.TABLE_CHARACTERS:
        told.say(f"no more than {limits.TABLE_CHARACTERS} characters allowed in a table", where)
    return total


def check_data_table(told: Complaints, block: Json, where: str) -> int:
    """A `data_table`: a caption, a header row, rows as long as the header. Returns its characters."""
    told.string(block, "caption", where, limits.TEXT_MAX_LENGTH)
    told.number(block, "page_size", where, limits.DATA_TABLE_PAGE_SIZE_MIN, limits.DATA_TABLE_PAGE_SIZE_MAX)
    rows = told.items(block, "rows", where, limits.DATA_TABLE_ROWS_MAX_ITEMS, least=limits.DATA_TABLE_ROWS_MIN_ITEMS)
    total = 0
    for at, row in enumerate(rows):
        allowed = {"raw_text", "raw_number"} if at == 0 else {"raw_text", "raw_number", "rich_text"}
        total += _check_row(told, row, f"{where}/rows/{at}", limits.DATA_TABLE_COLUMNS_MAX_ITEMS, allowed)
    lengths = {len(row) for row in rows if isinstance(row, list)}
    if len(lengths) > 1:
        told.say("all rows must have the same number of cells", f"{where}/rows")
    if "row_header_column_index" in block:
        told.number(block, "row_header_column_index", where, 0, max(lengths, default=1) - 1)
    if total > limits.DATA_TABLE_CONTENT_MAX_LENGTH:
        told.say(f"no more than {limits.DATA_TABLE_CONTENT_MAX_LENGTH} characters allowed", where)
    return total


def _check_row(told: Complaints, row: Any, where: str, most: int, allowed: set[str]) -> int:
    if not isinstance(row, list):
        told.say("must be an array", where)
        return 0
    if not 1 <= len(row) <= most:
        told.say(f"no more than {most} items allowed" if row else "no fewer than 1 items allowed", where)
    total = 0
    for at, value in enumerate(row):
        cell = told.object(value, f"{where}/{at}")
        if cell is None:
            continue
        kind = cell.get("type")
        if kind not in allowed:
            told.say(f"unsupported type: {kind}", f"{where}/{at}/type")
        elif kind == "rich_text":
            total += check_rich_text(told, cell, f"{where}/{at}")
        else:
            total += len(told.string(cell, "text", f"{where}/{at}", limits.TEXT_MAX_LENGTH, needed=kind == "raw_text"))
            if kind == "raw_number" and not _finite(cell.get("value")):
                told.say("must be a number", f"{where}/{at}/value")
    return total


def check_visualization(told: Complaints, block: Json, where: str) -> None:
    """A `data_visualization`: a titled pie, bar, line or area chart."""
    told.string(block, "title", where, limits.DATA_VISUALIZATION_TITLE_MAX_LENGTH)
    chart = told.object(block.get("chart"), f"{where}/chart")
    if chart is None:
        return
    where = f"{where}/chart"
    told.choice(chart, "type", where, {"pie", "bar", "line", "area"}, needed=True)
    if chart.get("type") == "pie":
        segments = told.items(chart, "segments", where, limits.DATA_VISUALIZATION_SEGMENTS_MAX_ITEMS)
        for at, segment in enumerate(segments):
            if told.object(segment, f"{where}/segments/{at}") is None:
                continue
            told.string(segment, "label", f"{where}/segments/{at}", limits.DATA_VISUALIZATION_SEGMENT_LABEL_MAX_LENGTH)
            if not _finite(segment.get("value")) or segment["value"] <= 0:
                told.say("must be more than 0", f"{where}/segments/{at}/value")
        return
    for at, series in enumerate(told.items(chart, "series", where, limits.DATA_VISUALIZATION_SERIES_MAX_ITEMS)):
        if told.object(series, f"{where}/series/{at}") is None:
            continue
        here = f"{where}/series/{at}"
        told.string(series, "name", here, limits.DATA_VISUALIZATION_SERIES_NAME_MAX_LENGTH)
        for nth, point in enumerate(told.items(series, "data", here, limits.DATA_VISUALIZATION_DATA_MAX_ITEMS)):
            if told.object(point, f"{here}/data/{nth}") is None:
                continue
            told.string(point, "label", f"{here}/data/{nth}", limits.DATA_VISUALIZATION_POINT_LABEL_MAX_LENGTH)
            if not _finite(point.get("value")):
                told.say("must be a finite number", f"{here}/data/{nth}/value")
    if isinstance(axes := chart.get("axis_config"), dict):
        for key in ("x_label", "y_label"):
            most = limits.DATA_VISUALIZATION_AXIS_LABEL_MAX_LENGTH
            told.string(axes, key, f"{where}/axis_config", most, needed=False)


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)

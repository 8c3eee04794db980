"""Text from people as a chart can draw it: one line, no markup, and no glyph that no font has."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from matplotlib.font_manager import FontProperties, fontManager, get_font

MAIN = "DejaVu Sans"
"""Comes with matplotlib, so that a chart looks the same on every machine."""

FURTHER = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "Malgun Gothic",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "Noto Sans Symbols2",
    "Arial Unicode MS",
)
"""Looked for in this order when the main font lacks a character; those that are not installed are passed by."""

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""Stands for a character that no installed font has."""

_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def drawable(text: str) -> str:
    """`text` as one line without control characters; what no installed font has becomes `UNKNOWN`."""
    composed = unicodedata.normalize("NFC", text[:4096])
    kept = "".join(_one(character) for character in composed)
    return " ".join(kept.split())


def cut(text: str, cells: int) -> str:
    """`text` cut to so many cells (a full-width character fills two), with an ellipsis when something is lost."""
    if width(text) <= cells:
        return text
    kept, room = "", max(1, cells) - 1
    for character in text:
        room -= width(character)
        if room < 0:
            break
        kept += character
    return kept.rstrip() + "…"


def width(text: str) -> int:
    """How many cells the text fills: two for a full-width character, none for a combining one."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


@lru_cache(maxsize=256)
def properties(size: float, bold: bool, plain: bool) -> FontProperties:
    """The font for text of `size` points; the further fonts are only opened for text that needs them."""
    families = [MAIN] if plain else [MAIN, *_installed()]
    return FontProperties(family=families, style="normal", weight="bold" if bold else "normal", size=size)


def is_plain(text: str) -> bool:
    """Whether the main font alone has every character."""
    return text.isascii() or all(_has(MAIN, character) for character in text)


def _one(character: str) -> str:
    if character.isascii() and character.isprintable():
        return character
    if character.isspace():
        return " "
    category = unicodedata.category(character)
    if category in _DROPPED or 0xFE00 <= ord(character) <= 0xFE0F:
        return UNKNOWN if category in {"Co", "Cn"} else ""
    return character if _drawn(character) else UNKNOWN


@lru_cache(maxsize=16_384)
def _drawn(character: str) -> bool:
    return any(_has(family, character) for family in (MAIN, *_installed()))


@lru_cache(maxsize=16_384)
def _has(family: str, character: str) -> bool:
    return get_font([fontManager.findfont(FontProperties(family=family))]).get_char_index(ord(character)) != 0


@lru_cache(maxsize=1)
def _installed() -> tuple[str, ...]:
    known = {entry.name for entry in fontManager.ttflist}
    return tuple(name for name in FURTHER if name in known)

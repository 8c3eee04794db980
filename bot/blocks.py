"""Block Kit, within its limits, and with nothing of what people wrote coming alive. Pure.

Text of people's (names, config values, metrics, reasons) goes through `code`, `prose` or a plain-text cell:
mentions, links, formatting and invisible characters become plain characters. Text of our own may use Slack's
mark-up. Cutting is done in whole pieces, so that no entity, span or link is ever cut in two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tracker.ids import clip

Block = Mapping[str, Any]

BLOCKS = 50
SECTION = 3000
CONTEXT_ELEMENTS = 10
ALT = 2000
FALLBACK = 3900
MESSAGE = 12_000
TABLE_ROWS = 100
TABLE_COLUMNS = 20
TABLE_CHARACTERS = 10_000
_TABLE_CELL = 120

_QUIET = str.maketrans({"*": "∗", "~": "∼"})
_ALIVE = str.maketrans({"*": "∗", "~": "∼", "`": "ʼ"})


@dataclass(frozen=True)
class Drawing:
    """A picture that goes with a message, and the same facts in words."""

    png: bytes
    alt: str


@dataclass(frozen=True)
class Message:
    """What Slack is to show: `text` alone says everything that matters, `blocks` say it well. A `drawing` has to be
    uploaded before it is shown."""

    text: str
    blocks: tuple[Block, ...]
    drawing: Drawing | None = None


def message(text: str, blocks: Iterable[Block], *, links: bool = False) -> Message:
    """A message that Slack takes: what is beyond its limits is left out, from the end, and that is said.

    `text` is taken as plain; with `links`, addresses in it are our own and may come alive.
    """
    kept: list[Block] = []
    room = MESSAGE
    for block in blocks:
        size = _size(block)
        if len(kept) >= BLOCKS - 2 or size > room:
            kept.append(context(["There is more than Slack can show here; the pages have all of it."]))
            break
        kept.append(block)
        room -= size
    quiet = clip(text, FALLBACK - 900).translate(_QUIET)
    return Message(_within(escape(quiet if links else quiet.replace("://", "∶//"))), tuple(kept))


def _within(escaped: str) -> str:
    """An escaped text cut to what Slack takes, between words."""
    return escaped if len(escaped) <= FALLBACK else escaped[: escaped.rfind(" ", 0, FALLBACK)] + " …"


def plain(text: str, limit: int = 200) -> str:
    """What people wrote, on one line, without control, invisible and direction-changing characters."""
    kept = "".join(" " if c.isspace() else c for c in text[: 4 * limit] if c.isspace() or _visible(c))
    return clip(re.sub(r" +", " ", kept).strip(), limit)


def _visible(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


def escape(text: str) -> str:
    """Slack's three entities, once."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(text: object, limit: int = 60) -> str:
    """What people wrote, as a code span."""
    return f"`{escape(plain(str(text), limit).replace('`', 'ʼ')) or '–'}`"


def prose(text: str, limit: int = 500) -> str:
    """A sentence that may hold what people wrote, as plain characters."""
    return _tame(plain(text, limit))


def advice(text: str, limit: int = 500) -> str:
    """A remedy: as `prose`, but commands stay in their code spans."""
    pieces = plain(text, limit).split("`")
    if len(pieces) % 2 == 0 or "" in pieces[1::2]:
        return prose(text, limit)
    return "".join(f"`{escape(piece)}`" if at % 2 else _tame(piece) for at, piece in enumerate(pieces))


def _tame(text: str) -> str:
    return escape(text.translate(_ALIVE).replace("://", "∶//"))


def link(address: str, label: str) -> str:
    """A link of our own to `address`; `label` is marked up already. Without an address just the label."""
    safe = quote(address, safe=":/?#[]@!$&'()+,;=%-._~")
    return f"<{escape(safe)}|{label.replace('|', '∣')}>" if address else label


def section(text: str) -> Block:
    """A section of marked-up text."""
    return {"type": "section", "text": _mrkdwn(text)}


def context(texts: Iterable[str]) -> Block:
    """Small print: up to ten pieces."""
    found = [text for text in texts if text]
    return {"type": "context", "elements": [_mrkdwn(text) for text in found[:CONTEXT_ELEMENTS]]}


def image(file: str, alt: str) -> Block:
    """A picture that was uploaded, with its words."""
    return {"type": "image", "slack_file": {"id": file}, "alt_text": plain(alt, ALT) or "chart"}


def button(label: str, action: str, value: str = "", *, url: str = "") -> Block:
    """A button that the bot hears of, or one that opens a page."""
    made: dict[str, Any] = {"type": "button", "action_id": action, "text": {"type": "plain_text", "text": label[:75]}}
    return made | ({"value": value[:2000]} if value else {}) | ({"url": url[:3000]} if url else {})


def table(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> Block:
    """A table of plain text, its first row the head; `right` are columns set to the right."""
    kept: list[list[Block]] = []
    room = TABLE_CHARACTERS
    for row in rows[:TABLE_ROWS]:
        cells = [{"type": "raw_text", "text": plain(cell, _TABLE_CELL) or "–"} for cell in row[:TABLE_COLUMNS]]
        room -= sum(len(cell["text"]) for cell in cells)
        if room < 0:
            break
        kept.append(list(cells))
    wide = len(kept[0]) if kept else 0
    settings = [{"align": "right" if at in right else "left", "is_wrapped": False} for at in range(wide)]
    return {"type": "table", "rows": kept, "column_settings": settings}


def joined(pieces: Sequence[str], between: str = " · ", *, limit: int = SECTION, more: str = "and {} more") -> str:
    """As many whole pieces as there is room for, and how many were left out."""
    room = limit - len(more) - 12
    taken: list[str] = []
    for piece in pieces:
        room -= len(piece) + len(between)
        if room < 0:
            taken.append(more.format(len(pieces) - len(taken)))
            break
        taken.append(piece)
    return between.join(taken)


def _mrkdwn(text: str) -> Block:
    """`verbatim` keeps Slack from making links and mentions of what only looks like them."""
    return {"type": "mrkdwn", "text": text if len(text) <= SECTION else _cut(text), "verbatim": True}


def _cut(text: str) -> str:
    """A text that is too long in spite of everything: whole lines of it, without any mark-up."""
    bare = re.sub(r"<[^>]*\|([^>]*)>", r"\1", text)
    kept = bare[: SECTION - 10]
    return kept[: kept.rfind("\n") if "\n" in kept else kept.rfind(" ")] + " …"


def _size(block: Block) -> int:
    """The characters of a block's texts."""
    if block["type"] == "table":
        return sum(len(cell["text"]) for row in block["rows"] for cell in row)
    if block["type"] == "context":
        return sum(len(element["text"]) for element in block["elements"])
    found = block.get("text")
    return len(found["text"]) if found else len(block.get("alt_text", ""))

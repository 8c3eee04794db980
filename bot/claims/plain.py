"""A post's text made plain: Slack's mark-up, look-alike and invisible characters resolved, with the way back.

Every later step reads the plain text; `Plain.written` gives the original text of a stretch of it. Things that
are no text become one mark of Unicode's private use area: a mention, a bare link, an emoji, the start of a
quoted line, a code fence. Accents of Latin letters are dropped, since people drop them too.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache

QUOTED_LINE = "\ue000"
QUOTED_REST = "\ue001"
MENTION = "\ue002"
BROADCAST = "\ue003"
LINK = "\ue004"
EMOJI = "\ue005"
FENCE = "\ue006"

_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_CJK = "\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
_SPECIAL = re.compile(
    r"&(?:amp|lt|gt);|<[^<>\n]{1,3000}>|(?<![0-9a-zA-Z]):[a-z][a-z0-9_+'-]{0,40}:|https?://[^\s<>|]+|```|\n>+ ?"
    rf"|[^\x00-\x7f{_CJK}，。！？、：；（）“”]+"
)
_EMOJI_DIGITS = {
    name: str(digit)
    for digit, name in enumerate(("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"))
}
_SINGLE = {
    "ı": "i",
    "İ": "I",
    "đ": "d",
    "Đ": "D",
    "ø": "o",
    "Ø": "O",
    "ł": "l",
    "Ł": "L",
    "ß": "ss",
    "ё": "е",
    "Ё": "Е",
    "−": "-",
    "‐": "-",
    "‑": "-",
    "‒": "-",
    "–": "–",
    "—": "–",
    "―": "–",
    "﹣": "-",
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "„": "“",
    "‟": "“",
    "»": "”",
    "«": "“",
    "≈": "~",
    "≃": "~",
    "≅": "~",
    "～": "~",
    "〜": "~",
    "≥": "≥",
    "≤": "≤",
    "⩾": "≥",
    "⩽": "≤",
    "％": "%",
    "٪": "%",
    "﹪": "%",
    "∼": "~",
    "·": "·",
    "∙": "·",
    "•": "•",
    "‧": "·",
    "・": "·",
    "，": "，",
    "…": "…",
    "‰": "‰",
    "٫": ".",
    "٬": ",",
    "σ": "std",
    "Δ": "Δ",
    "\u202f": " ",
    "\u2009": " ",
    "½": " 1/2",
    "\u00a0": " ",
    "\u2028": "\n",
    "\u0085": "\n",
}


@lru_cache(maxsize=4096)
def _plain_char(char: str) -> str:
    """One character's plain form: compatibility forms resolved, invisible ones and accents dropped."""
    known = _SINGLE.get(char)
    if known is not None:
        return known
    category = unicodedata.category(char)
    if category in {"Cf", "Mn", "Me"}:
        return ""
    if category in {"Co", "Cs", "Cc"}:
        return " "
    wide = unicodedata.normalize("NFKC", char)
    base = unicodedata.normalize("NFKD", wide)
    if base[0] < "\u0250" and len(base) > len(wide):
        wide = "".join(c for c in base if unicodedata.category(c) != "Mn")
    if category == "So" and wide == char:
        return EMOJI
    if category == "Nd" and not wide.isascii():
        return str(unicodedata.digit(char, 0))
    return wide


class Plain:
    """The plain `text` of a post, and where each part of it stood in `source`."""

    __slots__ = ("_from", "_to", "source", "text")

    def __init__(self, source: str) -> None:
        self.source = source
        self._from: list[int] = []
        self._to: list[int] = []
        self.text = self._resolve(source) if _SPECIAL.search(source) or source[:1] == ">" else source

    def written(self, start: int, end: int) -> str:
        """The original text behind `text[start:end]`, stripped of blanks."""
        return self.source[self.origin(start) : self.origin(end - 1, last=True)].strip() if end > start else ""

    def origin(self, position: int, *, last: bool = False) -> int:
        """Where `text[position]` starts in the source (with `last`: where it ends)."""
        if not self._from:
            return position + last
        place = bisect_right(self._from, position) - 1
        inside = position - self._from[place]
        return min(self._to[place] + inside + last, len(self.source))

    def _emit(self, out: list[str], length: int, piece: str, at: int) -> int:
        if not piece:
            return length
        self._from.append(length)
        self._to.append(at)
        out.append(piece)
        return length + len(piece)

    def _resolve(self, source: str) -> str:
        out: list[str] = []
        length = 0
        done = 0
        if source[:1] == ">":
            done = len(source) - len(source.lstrip(">"))
            length = self._emit(out, 0, QUOTED_REST if done >= 3 else QUOTED_LINE, 0)
        for match in _SPECIAL.finditer(source):
            start, end = match.span()
            if start < done:
                continue
            length = self._emit(out, length, source[done:start], done)
            found = match.group()
            fresh = not out or out[-1].endswith(("\n", QUOTED_LINE, QUOTED_REST))
            if found == "&gt;" and fresh:
                if out and out[-1] == QUOTED_LINE and source[start - 8 : start] == "&gt;&gt;":
                    out[-1] = QUOTED_REST
                elif not out or out[-1] not in {QUOTED_LINE, QUOTED_REST}:
                    length = self._emit(out, length, QUOTED_LINE, start)
            elif found[0] == "\n":
                depth = found.count(">")
                length = self._emit(out, length, "\n" + (QUOTED_REST if depth >= 3 else QUOTED_LINE), start)
            elif found[0] == "<":
                length = self._angle(out, length, found, start)
            else:
                length = self._mark(out, length, found, start)
            done = end
        self._emit(out, length, source[done:], done)
        return "".join(out)

    def _mark(self, out: list[str], length: int, found: str, start: int) -> int:
        if found[0] == "&":
            return self._emit(out, length, _ENTITIES[found], start)
        if found == "```":
            return self._emit(out, length, FENCE, start)
        if found[0] == "h":
            return self._emit(out, length, LINK, start)
        if found[0] == ":":
            return self._emit(out, length, _EMOJI_DIGITS.get(found[1:-1], EMOJI), start)
        for offset, char in enumerate(found):
            length = self._emit(out, length, _plain_char(char), start + offset)
        return length

    def _angle(self, out: list[str], length: int, found: str, start: int) -> int:
        """`<@U…>`, `<!here>`, `<#C…|name>`, `<url>` and `<url|label>`; of the last the label is text."""
        inside = found[1:-1]
        if inside[0] in "@#!":
            mark = MENTION if inside[0] == "@" else BROADCAST
            return self._emit(out, length, mark, start)
        target, bar, label = inside.partition("|")
        if "://" not in target and not target.startswith(("mailto:", "tel:")):
            return self._plain_piece(out, length, found, start)
        length = self._emit(out, length, LINK, start)
        if not bar or "://" in label:
            return length
        return self._plain_piece(out, length, label, start + 1 + len(target) + 1)

    def _plain_piece(self, out: list[str], length: int, piece: str, start: int) -> int:
        for offset, char in enumerate(piece):
            length = self._emit(out, length, char if char.isascii() else _plain_char(char), start + offset)
        return length

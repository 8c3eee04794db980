"""Run IDs in a post, and what was probably meant as one.

The shape is `r-` and eight Crockford symbols, in any case, not touching another ASCII letter or digit; invisible
characters are dropped, full-width ones folded, and dash variants read as `-` first. Where they stand does not matter.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from bot.claims.reading import NearMiss

_SHAPE = re.compile(r"(?<![0-9A-Za-z])[rR]-([0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{8})(?![0-9A-Za-z])")
_BODY = r"[0-9A-Za-z\u0370-\u03ff\u0400-\u04ff]"
_NEAR = re.compile(
    rf"[rRгГ](?:(?<![0-9A-Za-z\u0370-\u04ff].)(?P<un>(?<=[rR])un|(?<=R)UN|)(?P<dash> ?[-_.–~=:#/+一ー] ?|)"
    rf"(?P<body>{_BODY}{{7,9}})(?!{_BODY})"
    rf"|(?<![0-9A-Za-z][rR])(?<=[rR])-(?:(?P<short>{_BODY}{{1,12}})(?P<cut>…|\.\.\.)"
    rf"|(?P<gap>{_BODY}{{2,6}}[ \-]{_BODY}{{2,6}})(?!{_BODY})|(?P<other>{_BODY}{{3,14}})(?!{_BODY}))"
    rf"|(?<=[A-Za-z][rR])-(?P<tail>{_BODY}{{8}})(?!{_BODY}))"
)
_LETTERS = re.compile(r"[A-Za-z]+\Z")
_FOLD = str.maketrans({"O": "0", "I": "1", "L": "1", "О": "0", "Ο": "0", "І": "1"})
_SYMBOLS = frozenset("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\ufe58\ufe63\uff0d\u00ad", "-"))


@lru_cache(maxsize=4096)
def _shaped(char: str) -> str:
    if char == "\u00ad" or unicodedata.category(char) == "Cf":
        return ""
    return unicodedata.normalize("NFKC", char.translate(_DASHES)).translate(_DASHES)


_WIDE = str.maketrans("，：（）！？；", ",:()!?;")
_ODD = re.compile("[^\x00-\x7f\u4e00-\u9fff、。“”]")


def shape(text: str) -> tuple[str, list[int] | None]:
    """The text that IDs are read from, and for each of its characters the place in `text` (None: the same)."""
    if text.isascii():
        return text, None
    narrow = text.translate(_WIDE)
    if not _ODD.search(narrow):
        return narrow, None
    out: list[str] = []
    origin: list[int] = []
    for place, char in enumerate(text):
        if char.isascii():
            out.append(char)
            origin.append(place)
            continue
        folded = _shaped(char)
        out.append(folded)
        origin.extend([place] * len(folded))
    return "".join(out), origin


def find(text: str) -> tuple[tuple[str, ...], tuple[NearMiss, ...]]:
    """The canonical run IDs of a text, in order, without repeats, and its near misses."""
    shaped, origin = shape(text)
    found: dict[str, None] = {}
    spans: list[tuple[int, int]] = []
    for match in _SHAPE.finditer(shaped):
        found["r-" + match[1].upper()] = None
        spans.append(match.span())
    return tuple(found), _near_misses(text, shaped, origin, spans)


def _near_misses(
    text: str, shaped: str, origin: list[int] | None, spans: list[tuple[int, int]]
) -> tuple[NearMiss, ...]:
    near: list[NearMiss] = []
    for match in _NEAR.finditer(shaped):
        start, end = match.span()
        if any(low < end and start < high for low, high in spans[:200]):
            continue
        folded, why = _judge(match)
        if not why:
            continue
        if match["tail"]:
            head = _LETTERS.search(shaped, max(0, start - 20), start)
            start = head.start() if head else start
        low = start if origin is None else origin[start]
        high = end if origin is None else origin[end - 1] + 1
        near.append(NearMiss(text[low:high], folded, why))
        if len(near) == 20:
            break
    return tuple(near)


def _judge(match: re.Match[str]) -> tuple[str | None, str]:
    """What a near miss folds to, and what is wrong with it ('' when it is nothing like an ID)."""
    if match["cut"]:
        return (None, "cut off") if any(c.isdigit() for c in match["short"]) else (None, "")
    if match["gap"]:
        joined = re.sub(r"[ \-]", "", match["gap"])
        return (_canonical(joined), "a blank or a hyphen inside") if len(joined) == 8 and _mixed(joined) else (None, "")
    if match["tail"]:
        return (_canonical(match["tail"]), "letters in front of it") if _mixed(match["tail"]) else (None, "")
    if match["other"]:
        other = match["other"]
        return (None, f"{len(other)} symbols instead of 8") if len(other) != 8 and _mixed(other) else (None, "")
    body, dash = match["body"], match["dash"]
    if not _mixed(body) or (not dash and len(body) != 8):
        return None, ""
    if len(body) != 8:
        return (None, f"{len(body)} symbols instead of 8") if dash.strip() == "-" else (None, "")
    if match[0][0] in "rR" and not match["un"] and dash == "-":
        return _canonical(body), "a letter that run IDs do not have"
    return _canonical(body), "not written `r-`"


def _mixed(body: str) -> bool:
    return any(c.isdigit() for c in body) and (any(c.isupper() for c in body) or sum(c.isdigit() for c in body) > 1)


def _canonical(body: str) -> str | None:
    folded = body.upper().translate(_FOLD)
    return "r-" + folded if len(folded) == 8 and set(folded) <= _SYMBOLS else None

"""How a number is held against the truth: equal, about, above, below, or an end of a range."""

from __future__ import annotations

from bot.claims.form_words import WORD_COMPARATORS
from bot.claims.token import IDENT, LINE, MARK, NUMBER, RUN, Token

_SIGNS = {"<": "<", ">": ">", "≥": ">=", "≤": "<=", ">=": ">=", "<=": "<=", "~": "~"}


def _range_end(tokens: list[Token], place: int) -> str:
    """Whether the number is an end of a range: "83-84", "between 71 and 74", "ranges from 0.61 up to 0.68"."""
    token = tokens[place]

    def dashed(low: int, high: int) -> bool:
        if low < 0 or high >= len(tokens) or tokens[low].kind != NUMBER or tokens[high].kind != NUMBER:
            return False
        tight = tokens[low].end == tokens[low + 1].start and tokens[low + 1].end == tokens[high].start
        return tight and tokens[low + 1].raw in {"-", "–", "~"}

    if dashed(place, place + 2):
        return ">="
    if dashed(place - 2, place):
        return "<="
    back = tokens[max(0, place - 9) : place]
    words = [t.text for t in back if t.clause == token.clause]
    if not {"between", "range", "ranges", "ranging", "zwischen", "entre"} & set(words):
        return ""
    if words[-1] in {"between", "from", "zwischen", "entre"}:
        return ">="
    return "<=" if words[-1] in {"and", "to", "und", "et", "y", "e"} else ""


def is_range_end(tokens: list[Token], place: int) -> bool:
    """Whether the number is an end of a range."""
    return _range_end(tokens, place) != ""


def comparator(tokens: list[Token], place: int) -> str:
    """The comparator that is written for the number at `place`."""
    end = _range_end(tokens, place)
    if end:
        return end
    for back in (1, 2, 3):
        if place - back < 0:
            break
        token = tokens[place - back]
        sign = _SIGNS.get(token.raw) or WORD_COMPARATORS.get(token.text)
        if sign:
            return sign
        if (
            token.kind in {NUMBER, LINE, RUN, IDENT}
            or token.metric
            or (token.kind == MARK and token.raw not in "=-*_`")
        ):
            break
    follow = tokens[place + 1 : place + 3]
    if any(
        token.text in {"ish", "左右", "上下", "前後", "程度", "정도", "쯤", "roughly", "or so", "give"}
        for token in follow
    ):
        return "~"
    return "="

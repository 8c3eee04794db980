"""How a number is held against the truth: equal, about, above, below, or an end of a range."""

from __future__ import annotations

from bot.claims.form_words import WORD_COMPARATORS
from bot.claims.token import IDENT, LINE, MARK, NUMBER, RUN, Token

_SIGNS = {"<": "<", ">": ">", "≥": ">=", "≤": "<=", ">=": ">=", "<=": "<=", "~": "~"}
_DASHES = frozenset("-–~")
_RANGING = frozenset("between range ranges ranging zwischen entre".split())
_ABOUT = frozenset("ish 左右 上下 前後 程度 정도 쯤 roughly give".split())


def _dashed(tokens: list[Token], place: int) -> bool:
    """Whether a dash at `place` joins two numbers without blanks."""
    if not 0 < place < len(tokens) - 1 or tokens[place].raw not in _DASHES:
        return False
    low, dash, high = tokens[place - 1 : place + 2]
    return low.kind == NUMBER and high.kind == NUMBER and low.end == dash.start and dash.end == high.start


def _range_end(tokens: list[Token], place: int) -> str:
    """Whether the number is an end of a range: "83-84", "between 71 and 74", "ranges from 0.61 up to 0.68"."""
    token = tokens[place]
    if _dashed(tokens, place + 1):
        return ">="
    if _dashed(tokens, place - 1):
        return "<="
    clause = token.clause
    words = [t.text for t in tokens[max(0, place - 9) : place] if t.clause == clause]
    if _RANGING.isdisjoint(words):
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
    for token in tokens[place + 1 : place + 3]:
        if token.text in _ABOUT:
            return "~"
    return "="

"""What follows a number: a percent sign, a unit of time or rate, or something that makes it no metric's value."""

from __future__ import annotations

from bot.claims.form_words import (
    MICRO,
    MILLI,
    OTHER_UNITS,
    PER,
    PERCENT,
    PERCENT_PAIRS,
    PROGRESS,
    RATES,
    SECONDS,
    SMALL_WORDS,
    WORK,
)
from bot.claims.plain import EMOJI
from bot.claims.token import IDENT, MARK, NUMBER, WORD, Token

Unit = tuple[str, int, float]
"""A unit (`%`, `ms`, `s`, `rate`, `k`, or none; `no` rules the number out), the place behind it, and a factor."""

_BARS = frozenset((EMOJI, "#", "=", "█", ">", "-", " ", "|"))
MONEY = frozenset("$€£¥₽₩₹")
_SIZES = frozenset("BMG")
_STEPS = frozenset("it its iter iters step steps batch batches mb gb".split())
_ROUGHLY = frozenset("ish odd or something".split())
_ONLY_GLUED = frozenset("m b v w g c f a d x it its h am st eps".split())
"""Units that are other words too, and count only when no blank parts them from their number."""


def unit_of(tokens: list[Token], place: int) -> Unit:
    """The unit behind the number at `place`."""
    after = place + 1
    if after >= len(tokens):
        return "", after, 1.0
    if tokens[after].kind == MARK:
        return _sign(tokens, place)
    if tokens[after].kind not in {WORD, IDENT}:
        return "", after, 1.0
    return _scored(tokens, place) or _measured(tokens, place)


def _sign(tokens: list[Token], place: int) -> Unit:
    token, after = tokens[place], place + 1
    sign = tokens[after]
    glued = sign.start == token.end
    third = tokens[after + 1] if after + 1 < len(tokens) else None
    if sign.raw == "%":
        done = third is not None and (third.text in PROGRESS or _is_progress(tokens, place))
        return ("no" if done else "%"), after + 1, 1.0
    if sign.raw in {"*", "×"} and not glued and third is not None and third.kind == WORD and third.start > sign.end:
        return "no", after, 1.0
    if sign.raw in {"°", "‰"} or (sign.raw in MONEY and glued):
        return "no", after, 1.0
    if sign.raw in {"/", ":"} and glued and third is not None and third.start == sign.end and _counts(token, third):
        return "no", after, 1.0
    return "", after, 1.0


def _is_progress(tokens: list[Token], place: int) -> bool:
    """Whether a percentage tells how far a log has come: "[5120/84843 (6%)]", "81% (145 of 177)", "100%|####|"."""
    behind = tokens[place + 2 :]
    if len(behind) > 1 and behind[0].raw == "|" and behind[1].raw in _BARS:
        return True
    before = tokens[max(0, place - 4) : place]
    if len(before) == 4 and [before[1].raw, before[3].raw] == ["/", "("] and before[2].kind == NUMBER:
        return not _is_measured(tokens, place - 4)
    if len(behind) > 4 and behind[0].raw == "(" and behind[2].raw in {"/", "of"} and behind[4].raw == ")":
        return not _is_measured(tokens, place)
    return False


def _is_measured(tokens: list[Token], place: int) -> bool:
    return any(token.metric for token in tokens[max(0, place - 3) : place])


def _counts(token: Token, other: Token) -> bool:
    """Whether two numbers are both whole: a date, a time, a share of things."""
    return bool(other.kind == NUMBER and token.value and other.value and token.value.whole and other.value.whole)


def _scored(tokens: list[Token], place: int) -> Unit | None:
    """A word that makes the number a percentage, a latency or a throughput, or a count of counts."""
    token, after = tokens[place], place + 1
    word = tokens[after].text
    third = tokens[after + 1] if after + 1 < len(tokens) else None
    if word in PERCENT:
        return "%", after + 1, 1.0
    if third is not None:
        if (word in _ROUGHLY and third.text in PERCENT) or (word, third.text) in PERCENT_PAIRS:
            return "%", after + 2, 1.0
        if word in _STEPS and third.raw == "/":
            return "no", after, 1.0
        if word == "of" and _counts(token, third):
            return "no", after, 1.0
        if word == "out" and third.text == "of" and token.value is not None and token.value.whole:
            return "no", after, 1.0
    if word in MILLI:
        return "ms", after + 1, 1.0
    if word in MICRO:
        return "ms", after + 1, 1e-3
    if word in RATES:
        return "rate", after + 1, 1.0
    if word in WORK and third is not None and third.text in PER and after + 2 < len(tokens):
        return ("rate", after + 3, 1.0) if tokens[after + 2].text in SECONDS else None
    return None


def _measured(tokens: list[Token], place: int) -> Unit:
    """Thousands, seconds, and units of what is no metric; also letters glued on that are no unit at all."""
    token, after = tokens[place], place + 1
    following = tokens[after]
    word, glued = following.text, following.start == token.end
    third = tokens[after + 1] if after + 1 < len(tokens) else None
    if word == "k" and glued:
        unit, stop, _ = unit_of(tokens, after)
        return (unit if unit in {"rate", "no"} else ""), max(stop, after + 1), 1e3
    if word in SECONDS and following.raw != "S":
        per = third is not None and third.text in PER and third.kind == MARK
        return ("no", after, 1.0) if per else ("s", after + 1, 1e3)
    if following.metric and following.metric not in {"other", "generic"}:
        return "", after, 1.0
    if (word in OTHER_UNITS or following.raw in _SIZES) and (glued or word not in _ONLY_GLUED):
        return "no", after, 1.0
    joined = glued and following.raw.isascii() and len(following.raw) <= 3 and word not in SMALL_WORDS
    if (joined and not following.metric and not following.split) or (glued and following.kind == IDENT):
        return "no", after, 1.0
    return "", after, 1.0

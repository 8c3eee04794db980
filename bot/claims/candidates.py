"""The numbers of a post that could be a metric's value, each with its form and where it stands.

Numbers that are something else by their form alone (versions, counts, sizes, times, parts of names) are left
out here; what the words around a number say is the model's business.
"""

from __future__ import annotations

import re

import msgspec

from bot.claims.comparing import comparator, is_range_end
from bot.claims.form_words import (
    COUNTED,
    HAN_COUNTERS,
    INDEXED,
    NOT_COUNTED,
    NUMBERED,
    POINTS,
)
from bot.claims.lexicon import BIT
from bot.claims.metric_words import RATIO
from bot.claims.plain import FENCE, QUOTED_LINE, QUOTED_REST
from bot.claims.token import IDENT, LINE, MARK, NUMBER, RUN, WORD, Token
from bot.claims.units import MONEY, unit_of

QUOTED, STRUCK, CODE, MARKED = 1, 2, 4, 8

_SETS_APART = re.compile(f'[~"“「『《{FENCE}{QUOTED_LINE}{QUOTED_REST}]')
_IN_UNITS = frozenset("rmse mae mse crps".split())
"""Metrics whose values have a unit of their own: metres, days, money."""
_LONGEST_LIST = 30
_UNITS_REACH = 8


class Candidate(msgspec.Struct, gc=False):
    """A number that could be a value: its token's `place`, its `unit` (%, ms, s, rate), its `sign` (+, -, ±, x)."""

    place: int
    value: float
    decimals: int
    percent: bool
    unit: str
    sign: str
    points: bool
    comparator: str
    after: int
    metric: str = ""
    cost: float = 99.0
    side: str = ""
    bound: int = -1
    split: str = ""
    std: bool = False
    cell: bool = False
    header: bool = False
    fallback: bool = False
    scientific: bool = False
    plural: bool = False
    taken: bool = False
    setting: bool = False
    led: bool = False
    ranged: bool = False


def regions(tokens: list[Token], text: str) -> list[int]:
    """For each token the bits of what it stands in: quoted, struck through, code, quotation marks."""
    marks = [0] * len(tokens)
    if not _SETS_APART.search(text):
        return marks
    state = 0
    for place, token in enumerate(tokens):
        if token.raw == FENCE:
            state ^= CODE
        elif token.raw == QUOTED_LINE and not state & CODE:
            state |= QUOTED
        elif token.raw == QUOTED_REST:
            marks[place:] = [QUOTED] * (len(tokens) - place)
            return marks
        elif token.kind == LINE:
            state &= ~QUOTED
        marks[place] = state
    _between(tokens, marks, text)
    return marks


def _between(tokens: list[Token], marks: list[int], text: str) -> None:
    """Mark what stands between quotation marks, or between tildes that strike it through."""
    opened: int | None = None
    tilde: int | None = None
    closer = ""
    for place, token in enumerate(tokens):
        if token.kind == LINE:
            tilde = None
            if closer == '"':
                opened, closer = None, ""
            continue
        if token.kind != MARK:
            continue
        raw = token.raw
        if opened is not None and (raw == closer or (closer == "”" and raw in '"“')):
            if place - opened > 1:
                marks[opened:place] = [mark | MARKED for mark in marks[opened:place]]
            opened, closer = None, ""
        elif opened is None and raw in '"“「『《':
            opened, closer = place, {'"': '"', "“": "”", "「": "」", "『": "』", "《": "》"}[raw]
        elif raw == "~":
            before = text[token.start - 1 : token.start]
            behind = text[token.end : token.end + 1]
            if tilde is not None and before.strip() and not behind.isalnum():
                marks[tilde:place] = [mark | STRUCK for mark in marks[tilde:place]]
                tilde = None
            elif behind.strip() and not before.isalnum():
                tilde = place


def find(tokens: list[Token], text: str, files: list[tuple[int, int]]) -> list[Candidate]:
    """The candidates in order. `files` are stretches of the text that are names of files."""
    found = []
    passed = 0
    for place, token in enumerate(tokens):
        if token.kind != NUMBER or (token.weak and token.text != "words"):
            continue
        while passed < len(files) and files[passed][1] <= token.start:
            passed += 1
        if passed < len(files) and files[passed][0] <= token.start:
            continue
        candidate = _candidate(tokens, place, text)
        if candidate is not None:
            found.append(candidate)
    return found


def _candidate(tokens: list[Token], place: int, text: str) -> Candidate | None:
    token = tokens[place]
    value = token.value
    assert value is not None
    before = text[token.start - 1 : token.start]
    previous = tokens[place - 1] if place else None
    share = _share(tokens, place)
    if share is not None:
        return share
    unit, after, times = unit_of(tokens, place)
    if unit == "no" and _has_a_unit_of_its_own(tokens, place, after):
        unit, after = "", after + 1
    if unit == "no" or _part_of_a_name(tokens, place, text):
        return None
    if previous is not None and previous.text in NUMBERED:
        return None
    percent = unit == "%" or (
        before == "%" and (previous is None or previous.start == token.start - 1) and _opens(tokens, place)
    )
    if previous is not None and previous.text in {"yuzde", "百分之"}:
        percent = True
    whole = value.whole and token.text != "words" and not percent and unit in {"", "k"}
    if whole and _counted_or_indexed(tokens, place, after):
        return None
    sign = before if before in {"+", "-", "±"} and _signed(tokens, place) else ""
    if previous is not None and previous.raw in {"±", "+/-", "+-"}:
        sign = "±"
    amount = value.value * times
    if token.text == "words" and token.weak:
        percent, amount = True, amount * 100
    decimals = value.decimals - (2 if token.text == "words" and token.weak else 0)
    points = _in_points(tokens, after)
    held = comparator(tokens, place)
    found = Candidate(place, amount, decimals, percent, unit, sign, points, held, after)
    found.ranged = held in {">=", "<="} and is_range_end(tokens, place)
    found.scientific = "e-" in token.raw.lower()
    found.plural = whole and _plural(tokens, after) != ""
    return found


def _has_a_unit_of_its_own(tokens: list[Token], place: int, after: int) -> bool:
    """Whether a metric's value may carry the unit behind it: "RMSE is at 2.1 min", CMMLU 62 分."""
    clause = tokens[place].clause
    points = tokens[after].raw == "分" if after < len(tokens) else False
    if after + 1 < len(tokens) and tokens[after + 1].metric in _IN_UNITS:
        return True
    for earlier in reversed(tokens[max(0, place - _UNITS_REACH) : place]):
        if earlier.clause != clause or earlier.kind == NUMBER:
            return False
        if earlier.metric in _IN_UNITS or (points and earlier.metric):
            return True
    return False


def _in_points(tokens: list[Token], after: int) -> bool:
    """Whether points follow: "2 points", 2 个点, "2 个 point"."""
    if after < len(tokens) and tokens[after].raw == "个":
        after += 1
    if after >= len(tokens):
        return False
    following = tokens[after]
    return following.text in POINTS or bool(following.mask & BIT["points"] and following.kind == WORD)


def _share(tokens: list[Token], place: int) -> Candidate | None:
    """A share written as a count of counts beside a metric's name: "val acc: 884/1000", "accuracy 41 of 50"."""
    joint = place + 1
    if joint + 1 >= len(tokens) or tokens[joint].text not in {"/", "of", "out"}:
        return None
    if place and tokens[place - 1].text in INDEXED:
        return None
    if not any(token.metric in RATIO for token in tokens[max(0, place - 3) : place]):
        return None
    if tokens[joint].text == "out":
        joint += 1
    if tokens[joint].text not in {"/", "of"} or joint + 1 >= len(tokens):
        return None
    part, whole = tokens[place].value, tokens[joint + 1].value
    if part is None or whole is None or not (part.whole and whole.whole) or not 20 <= whole.value <= 1e6:
        return None
    behind = [token.raw for token in tokens[joint + 2 : joint + 5]]
    if part.value > whole.value or behind[:1] == ["/"] or (behind[:1] == ["("] and behind[2:] == ["%"]):
        return None
    tokens[joint + 1].weak = True
    return Candidate(place, 100 * part.value / whole.value, 2, True, "%", "", False, "=", joint + 2)


def _opens(tokens: list[Token], place: int) -> bool:
    """Whether the `%` before belongs to this number ("%87"), not to one before it ("3%87")."""
    return place < 2 or tokens[place - 2].kind != NUMBER


def _signed(tokens: list[Token], place: int) -> bool:
    if place < 2:
        return True
    earlier = tokens[place - 2]
    return earlier.kind not in {NUMBER, IDENT} and (earlier.end < tokens[place - 1].start or earlier.kind == MARK)


def _part_of_a_name(tokens: list[Token], place: int, text: str) -> bool:
    token = tokens[place]
    if not place:
        return False
    previous = tokens[place - 1]
    touching = previous.end == token.start
    if touching and previous.raw in {"+", "*", "^", "@"} and place > 1 and tokens[place - 2].end == previous.start:
        return tokens[place - 2].kind != MARK
    if previous.raw in MONEY or previous.raw == "#" or previous.text in {"v", "№", "第"}:
        return touching or previous.raw in MONEY
    if not touching:
        return False
    if previous.raw == "@" and token.value is not None and token.value.whole:
        return True
    earlier = tokens[place - 2] if place > 1 else None
    joined = earlier is not None and earlier.end == previous.start
    if previous.raw in {"-", "_"} and joined and earlier is not None:
        if earlier.kind == NUMBER:
            return previous.raw == "_"
        named = earlier.metric or earlier.split
        return earlier.kind in {WORD, IDENT, RUN} and not (named and token.value and not token.value.whole)
    if previous.raw == "/" and joined and earlier is not None and earlier.kind == NUMBER:
        both = earlier.value and token.value and earlier.value.whole and token.value.whole
        return bool(both) and (len(tokens) <= place + 1 or tokens[place + 1].raw != "/")
    if previous.raw in {"<", "\\"}:
        return previous.raw == "\\"
    return (
        previous.kind in {WORD, IDENT}
        and previous.raw.isascii()
        and not previous.metric
        and previous.raw[-1:].isalnum()
    )


def _counted_or_indexed(tokens: list[Token], place: int, after: int) -> bool:
    """Whether a whole number counts things ("5 seeds") or names one of them ("epoch 74"), or numbers a list."""
    token = tokens[place]
    following = tokens[after] if after < len(tokens) else None
    previous = tokens[place - 1] if place else None
    if following is not None:
        points = _in_points(tokens, after) or following.raw.startswith(("个点", "个百分", "点"))
        if following.kind == WORD and following.text in COUNTED and not (following.metric or points):
            return True
        if following.kind == WORD and not following.metric and following.raw[0] in HAN_COUNTERS and not points:
            return True
        if following.kind == WORD and _plural(tokens, after) == following.text:
            return True
        if following.raw == "-" and following.start == token.end and after + 1 < len(tokens):
            third = tokens[after + 1]
            if third.start == following.end and third.kind in {WORD, IDENT}:
                return True
        numbers_a_list = token.value is not None and token.value.value <= _LONGEST_LIST and _starts_line(tokens, place)
        if following.raw in {".", ")", "、"} and following.start == token.end and numbers_a_list:
            behind = tokens[after + 1] if after + 1 < len(tokens) else None
            return (
                behind is not None
                and (behind.kind in {WORD, IDENT, RUN, MARK})
                and (behind.start > following.end or following.raw != ".")
            )
    if previous is None:
        return False
    if previous.text in INDEXED and previous.kind != NUMBER and not previous.metric:
        return True
    if (
        previous.raw in {"=", ":", " "}
        and place > 1
        and tokens[place - 2].text in INDEXED
        and not tokens[place - 2].metric
        and not (place > 2 and previous.raw == ":" and tokens[place - 3].kind == NUMBER)
    ):
        return True
    return bool(
        token.value
        and 1990 <= token.value.value <= 2040
        and not previous.metric
        and len(token.raw) == 4
        and (previous.raw not in {"=", ":"})
    )


def _plural(tokens: list[Token], after: int) -> str:
    """The counted things that follow, within two words: "20 passages", "12 labelled scans"."""
    for token in tokens[after : after + 2]:
        word = token.text
        if token.kind != WORD or token.metric or token.split or word in NOT_COUNTED:
            return ""
        if len(word) > 3 and word[-1] == "s" and word[-2] not in "su" and word.isascii():
            return word
    return ""


def _starts_line(tokens: list[Token], place: int) -> bool:
    return place == 0 or tokens[place - 1].kind == LINE or tokens[place - 1].raw in {QUOTED_LINE, "*", "-"}

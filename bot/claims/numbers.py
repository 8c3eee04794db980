"""Numbers as people write them: percent, decimal comma, thousands, look-alike digits, and words for numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

_SUFFIX = {"k": 1e3, "m": 1e6, "b": 1e9}

NUMBER = (
    r"(?<![\w.])(?=[\doOlI.,]{0,6}\d)[oOlI\d]{1,2}[.,][\doOlI]{1,4}(?!\w|[.,]\d)"
    r"|\d{1,3}(?:\.\d{3}){1,4},\d+"
    r"|\d{1,3}(?:,\d{3}){1,4}(?:\.\d+)?(?![\d,])"
    r"|\d+(?:[.·。]\d+)+(?:[eE][+-]?\d{1,3}(?!\w))?"
    r"|\d+,\d+(?![.,]?\d)"
    r"|(?<![\w.])[.]\d+"
    r"|(?<![\w.])\d[oO](?=\s?%)"
    r"|\d+(?:[eE]-?\d{1,3}(?!\w))?"
)
"""The pattern of a written number, sign and unit aside."""

_DIGIT = re.compile(r"\d")
_LETTERS = str.maketrans("oOlI", "0011")


class Value(NamedTuple):
    """A number's value and how many decimals were written. `whole` when it was written without any."""

    value: float
    decimals: int
    version: bool = False

    @property
    def whole(self) -> bool:
        return self.decimals == 0


def parse(text: str) -> Value:
    """The value of what `NUMBER` matched. `version` marks what has too many dots to be one number."""
    whole, _, part = text.partition(".")
    if (whole + part).isdecimal():
        return Value(_float(text), len(part))
    plain = text.translate(_LETTERS) if not text[-1:].isdigit() or not text[:1].isdigit() or "O" in text else text
    if "e" in text.lower() and re.fullmatch(r"[\d.]+[eE][+-]?\d{1,3}", text):
        return Value(_float(text), 6)
    plain = plain.replace("·", ".").replace("。", ".")
    commas, dots = plain.count(","), plain.count(".")
    if commas and dots:
        plain = (
            plain.replace(".", "").replace(",", ".")
            if plain.rindex(",") > plain.rindex(".")
            else plain.replace(",", "")
        )
    elif commas:
        thousands = re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+", plain)
        plain = plain.replace(",", "") if thousands else plain.replace(",", ".", 1)
    if plain.count(".") > 1 or "," in plain:
        return Value(0.0, 0, version=True)
    return Value(_float(plain), len(plain.partition(".")[2]))


def _float(text: str) -> float:
    try:
        return float(text[:40])
    except ValueError:
        return 0.0


_ONES = {
    w: n
    for n, w in enumerate(
        """
            zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
            sixteen seventeen eighteen nineteen
        """.split()
    )
}
_TENS = {w: 10 * n for n, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_ONES_RE = "|".join(sorted(_ONES, key=len, reverse=True))
_TENS_RE = "|".join(_TENS)
_GAP = r"[ \-]{1,2}"
_CARDINAL = rf"(?:(?:{_TENS_RE})(?:{_GAP}(?:{_ONES_RE}))?|{_ONES_RE}|(?:a{_GAP}|one{_GAP})?hundred)"
_WORDS = re.compile(
    rf"\b(?P<frac>(?:one|two|three|four|five|six|seven|eight|nine|a){_GAP}(?:quarter|third|fifth|sixth|eighth|tenth|half)s?)"
    rf"{_GAP}of\b"
    rf"|(?<![.,\d])\b(?P<num>{_CARDINAL}|\d{{1,3}}){_GAP}(?:in|out{_GAP}of|of){_GAP}(?:every{_GAP}|a{_GAP}|each{_GAP})?"
    rf"(?P<den>hundred|ten|twenty|five|four|three|1000|100|10|20)\b"
    rf"|\b(?P<card>(?:{_TENS_RE})(?:{_GAP}(?:{_ONES_RE}))?|(?:{_ONES_RE}))"
    rf"(?:{_GAP}(?:point|dot|comma){_GAP}(?P<point>(?:(?:{_ONES_RE}|oh|\d)(?:{_GAP})?){{1,6}})|(?P<half>{_GAP}and{_GAP}a{_GAP}half)"
    rf"|(?P<quarter>{_GAP}and{_GAP}a{_GAP}quarter))?(?![a-z])"
    rf"|\b(?:point|dot){_GAP}(?P<bare>(?:(?:{_ONES_RE}|oh)(?:{_GAP})?){{1,6}})(?![a-z])"
)
_HINTS = (
    *("ty", "teen", "point", "dot", "quarter", "third", "fifth", "tenth", "half", "hundred", "out of", "in ten"),
    *("eleven", "twelve", "percent", "per cent", "%", "pts"),
)
"""A number in words, or what a small one must stand beside, holds one of these."""
_NAMES = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}
_DENOMINATORS = {"hundred": 100, "ten": 10, "twenty": 20, "five": 5, "four": 4, "three": 3}


@dataclass(frozen=True, slots=True)
class Worded:
    """A number in words: where it stands, its value, and whether the words make it a fraction of one."""

    start: int
    end: int
    value: float
    decimals: int
    fraction: bool


_SPELLED = frozenset((*_ONES, *_TENS, "hundred", "point", "dot", "oh"))


def may_stand_in(lower: str) -> bool:
    """Whether a lower-case text holds a digit, or a word or sign that a number in words is made of."""
    return (
        _DIGIT.search(lower) is not None
        or any(hint in lower for hint in _HINTS)
        or (not lower.isascii() and _HAN_SIGN.search(lower) is not None)
    )


def in_words(lower: str, words: Iterable[str]) -> list[Worded]:
    """The English numbers in words of a lower-case text: "ninety-one point two", "three quarters of".

    `words` are those of the text: where none of them is part of such a number, it is read no further.
    """
    if _SPELLED.isdisjoint(words) and "out of" not in lower:
        return []
    if not any(hint in lower for hint in _HINTS):
        return []
    found = []
    for match in _WORDS.finditer(lower):
        start, end = match.span()
        if match["frac"]:
            count, _, name = match["frac"].replace("-", " ").partition(" ")
            value = (1 if count == "a" else _ONES[count]) / _NAMES[name.strip().rstrip("s").replace("halve", "half")]
            found.append(Worded(start, match.end("frac"), value, 2, True))
        elif match["num"]:
            top = float(match["num"]) if match["num"].isdigit() else _cardinal(match["num"])
            den = float(match["den"]) if match["den"].isdigit() else _DENOMINATORS[match["den"]]
            if top <= den:
                found.append(Worded(start, end, top / den, 2, True))
        elif match["bare"]:
            digits = _digits(match["bare"])
            found.append(Worded(start, end, float("0." + digits), len(digits), False))
        else:
            worded = _card(match, lower)
            if worded:
                found.append(worded)
    return found


def _card(match: re.Match[str], lower: str) -> Worded | None:
    start, end = match.span()
    value = float(_cardinal(match["card"]))
    if match["point"]:
        digits = _digits(match["point"])
        end = start + len(lower[start:end].rstrip(" -"))
        return Worded(start, end, float(f"{int(value)}.{digits}"), len(digits), False)
    if match["half"] or match["quarter"]:
        return Worded(start, end, value + (0.5 if match["half"] else 0.25), 1 if match["half"] else 2, False)
    percent = re.match(r"[ -]?(?:percent|per ?cent|%|pct|points?\b|pts?\b)", lower[end : end + 10])
    if value >= 20 or percent:
        return Worded(start, end, value, 0, False)
    return None


def _cardinal(words: str) -> int:
    total = 0
    for word in words.replace("-", " ").split():
        total += _ONES.get(word, 0) + _TENS.get(word, 0) + (100 if word == "hundred" else 0)
    return total


def _digits(words: str) -> str:
    out = ""
    for word in words.replace("-", " ").split():
        if word.isdigit():
            out += word
        elif word in _TENS:
            out += str(_TENS[word] // 10)
        else:
            out += "0" if word == "oh" else str(_ONES[word])
    return out


_HAN = {c: n for n, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
    "壹": 1,
    "贰": 2,
    "叁": 3,
    "肆": 4,
    "伍": 5,
}
_HAN |= {"陆": 6, "柒": 7, "捌": 8, "玖": 9}
_H = "零〇一二三四五六七八九两壹贰叁肆伍陆柒捌玖"
_HAN_SIGN = re.compile(f"[{_H}十百半]")
_HAN_RE = re.compile(
    rf"(?=[{_H}百十半])(?:百分之(?P<pct>[{_H}十百点\d.]{{1,12}})|(?P<cheng>[{_H}])成(?P<rest>[{_H}半]?)"
    rf"|(?P<point>[{_H}十百]{{1,6}}点[{_H}]{{1,6}})(?![十半钟分])|(?P<few>[一两二三四五六七八九半])(?=个(?:百分)?点)|(?P<tens>[{_H}]十[{_H}]?)(?![{_H}年月日号个点几多]))"
)


def in_han(text: str) -> list[Worded]:
    """The Chinese numbers in words: 百分之八十六点五, 九成三, 零点九一, 九十二."""
    found = []
    for match in _HAN_RE.finditer(text):
        start, end = match.span()
        if match["pct"]:
            value, decimals = _han(match["pct"])
            found.append(Worded(start, end, value / 100, decimals + 2, True))
        elif match["cheng"]:
            rest = match["rest"]
            part = 5 if rest == "半" else _HAN.get(rest, 0)
            found.append(Worded(start, end, _HAN[match["cheng"]] / 10 + part / 100, 2 if rest else 1, True))
        elif match["few"] == "半":
            found.append(Worded(start, end, 0.5, 1, False))
        else:
            value, decimals = _han(match.group())
            found.append(Worded(start, end, value, decimals, False))
    return found


def _han(text: str) -> tuple[float, int]:
    whole, _, part = text.replace("点", ".").partition(".")
    digits = "".join(c if c.isdigit() else str(_HAN.get(c, "")) for c in part)
    total, current = 0, 0
    if "十" not in whole and "百" not in whole:
        total = int("".join(c if c.isdigit() else str(_HAN.get(c, "")) for c in whole) or "0")
    else:
        for char in whole:
            if char in "十百":
                total += (current or (1 if char == "十" and not total else 0)) * (10 if char == "十" else 100)
                current = 0
            else:
                current = int(char) if char.isdigit() else _HAN.get(char, 0)
        total += current
    return float(f"{total}.{digits or 0}"), len(digits)

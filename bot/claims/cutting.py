"""A plain text cut into tokens."""

from __future__ import annotations

import re

from bot.claims import lexicon, numbers
from bot.claims.lexicon import BIT
from bot.claims.token import IDENT, LINE, MARK, NUMBER, RUN, WORD, Token

_CJK = "\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
_TOKEN = re.compile(
    r" *(?:(?P<easy>(?![mM]?[aA][pP] 50-95)[A-Za-z]+(?=[ ,:;!?)\n]|$)|[A-Za-z]{4,}(?=\.))"
    r"|(?P<figure>\d+(?:\.\d+)?(?=[%)\n;|]|,(?!\d)|\.(?![\w.])| (?!\d)|$))"
    r"|(?P<sign>[,;:?)|%]|!(?!=))"
    r"|(?P<run>(?<![0-9A-Za-z])[rR]-[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{8}(?![0-9A-Za-z]))"
    r"|(?P<ident>(?<![0-9A-Za-z])(?:[rR]|run|RUN|Run)[-_–.][0-9A-Za-z\u0370-\u04ff]{4,14}(?![0-9A-Za-z])"
    r"|\b\d{4}-\d{1,2}-\d{1,2}(?:[T ]\d\d:\d\d(?::\d\d)?)?|\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?![\d.])"
    r"|\b\d{1,2}/\d{1,2}/\d{2,4}\b|\b\d{1,2}\.\d{1,2}\.\d{4}\b|\b(?=[a-f]{0,12}\d)(?=\d{0,12}[a-f])[0-9a-f]{7,64}\b"
    r"|\bv\d+(?:\.\d+)*\b|==\d[\w.]*|\b[A-Za-z]{1,3}\d{1,3}-[A-Za-z]+\d\w*)"
    r"|(?P<coco>\(A[PR]\) ?@\[ ?IoU=[^\]\n]{1,80}\])"
    r"|(?P<at>(?<![A-Za-z0-9])[A-Za-z]{1,9}@(?:\[?(?:\d*\.\d+|\d+)(?:[:\-]\d*\.\d+)?\]?|k\b)|\b[mM]?[aA][pP][ _]?50-95"
    r"|\b[rR]\^?[2²](?![\w.]))"
    r"|(?P<elided>(?<![A-Za-z0-9'])[lLdDjJnNsSmMtT]'(?=[A-Za-z]{2,}|[A-Za-z]\d))"
    r"|(?P<letnum>(?<![A-Za-z0-9_])[A-Za-z]+\d[0-9A-Za-z]*(?:\.\d+)?)"
    r"|(?P<wide>\b\d{1,3}(?: \d{3}){1,4}(?= ?(?:tok|img|imgs|images|samples|req|frames|docs|Elo|elo|reward)\b))"
    rf"|(?P<num>{numbers.NUMBER})"
    rf"|(?P<cjk>[{_CJK}]+(?: [\uac00-\ud7a3]+)*)"
    rf"|(?P<word>[^\W\d_{_CJK}\ue000-\ue0ff]+(?:'[^\W\d_{_CJK}]+)?)"
    r"|(?P<line>\n+)"
    r"|(?P<mark>->|--+|=>|→|⇒|\+/-|\+-|±|!=|>=|<=|<-|[^\s]))"
)
"""Blanks, then one token. What is plainly a word, a number or a mark, whatever follows, is tried first."""
_NOTHING = lexicon.Entry(0, "", "")
_SIGNS = frozenset(("sign", "mark"))
_NUMBERS = frozenset(("figure", "num"))
_GROUP = {"run": RUN, "ident": IDENT, "line": LINE}
_SPLIT_GLUED = re.compile(r"([A-Za-z]{2,}?|f1)(\d*\.?\d+)", re.IGNORECASE)


def cut(text: str) -> list[Token]:
    """The tokens of a plain text, without cues yet for words of scripts that have blanks."""
    out: list[Token] = []
    for match in _TOKEN.finditer(text):
        group, index = match.lastgroup or "mark", match.lastindex or 0
        start, end = match.span(index)
        raw = match[index]
        if group == "easy":
            out.append(Token(WORD, start, end, raw, raw.lower()))
        elif group in _SIGNS:
            out.append(Token(MARK, start, end, raw, raw))
        elif group == "word":
            out.append(Token(WORD, start, end, raw, _fold(raw)))
        elif group in _NUMBERS:
            token = Token(NUMBER, start, end, raw, raw)
            token.value = numbers.parse(raw)
            if token.value.version:
                token.kind = IDENT
            out.append(token)
        elif group == "elided":
            out.append(Token(MARK, start, end, raw, "'"))
        elif group == "wide":
            token = Token(NUMBER, start, end, raw, raw)
            token.value = numbers.parse(raw.replace(" ", ""))
            out.append(token)
        elif group == "cjk":
            _segment(raw, start, out)
        elif group == "letnum":
            _letters_and_digits(raw, start, out)
        elif group == "coco":
            out.append(_coco(raw, start))
        elif group == "at":
            _at(raw, start, out)
        else:
            out.append(Token(_GROUP[group], start, end, raw, raw.lower()))
    return out


def _fold(raw: str) -> str:
    if raw.isascii():
        return raw.lower()
    folded = lexicon.fold_look_alikes(raw)
    if folded.isascii() and (folded.lower() in lexicon.METRIC_KEYS or any(c.isascii() for c in raw)):
        return folded.lower()
    return raw.lower()


def _segment(run: str, start: int, out: list[Token]) -> None:
    """Longest match first over a run of characters written without blanks; unknown stretches stay one token."""
    table, longest = lexicon.CJK, lexicon.CJK_STARTS
    place, unknown, size = 0, 0, len(run)
    while place < size:
        for length in range(min(longest.get(run[place], 0), size - place), 0, -1):
            entry = table.get(run[place : place + length])
            if entry is not None:
                break
        else:
            place += 1
            continue
        if length > 1 and not entry.metric:
            length, entry = _yielding(run, place, length, entry)
        if unknown < place:
            out.append(Token(WORD, start + unknown, start + place, run[unknown:place], run[unknown:place]))
        word = run[place : place + length]
        token = Token(WORD, start + place, start + place + length, word, word)
        token.mask, token.metric, token.split = entry
        out.append(token)
        place += length
        unknown = place
    if unknown < size:
        out.append(Token(WORD, start + unknown, start + size, run[unknown:], run[unknown:]))


def _yielding(run: str, place: int, length: int, entry: lexicon.Entry) -> tuple[int, lexicon.Entry]:
    """A phrase ends where a metric's name begins in it and reaches further: 车牌 and 识别率, not 车牌识别 and 率."""
    table, starts = lexicon.CJK, lexicon.CJK_METRIC_STARTS
    end = place + length
    for at in range(place + 1, end):
        for longer in range(starts.get(run[at], 0), end - at, -1):
            found = table.get(run[at : at + longer])
            if found is not None and found.metric and found.metric not in {"generic", "other"}:
                kept = at - place
                return kept, table.get(run[place:at], _NOTHING)
    return length, entry


def _letters_and_digits(raw: str, start: int, out: list[Token]) -> None:
    """`f1`, `map50`, `acc0.91`, `bf16`, `A100`: a metric, a metric with its number glued on, or an identifier."""
    lower = raw.lower()
    if lower in lexicon.LATIN:
        out.append(Token(WORD, start, start + len(raw), raw, lower))
        return
    dot = lower.find(".")
    if dot > 0 and lower[:dot] in lexicon.LATIN and lower[dot:] != "." and not lower[dot - 1].isdigit():
        split = dot
    else:
        match = _SPLIT_GLUED.fullmatch(raw)
        entry = lexicon.LATIN.get(match[1].lower()) if match else None
        if match is None or entry is None or not (entry.metric or entry.split) or entry.metric in {"generic", "other"}:
            out.append(Token(IDENT, start, start + len(raw), raw, lower))
            return
        split = len(match[1])
        if lower.startswith("f1") and "." not in lower:
            out.append(Token(IDENT, start, start + len(raw), raw, lower))
            return
    out.append(Token(WORD, start, start + split, raw[:split], lower[:split]))
    token = Token(NUMBER, start + split, start + len(raw), raw[split:], raw[split:])
    token.value = numbers.parse(token.raw)
    out.append(token)


def _coco(raw: str, start: int) -> Token:
    """`(AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ]`, as COCO's evaluation prints it."""
    token = Token(WORD, start, start + len(raw), raw, "ap")
    whole = ":" in raw.partition("|")[0]
    token.metric = "recall" if raw[2] == "R" else "map" if whole else "map50" if "IoU=0.50" in raw else "other"
    token.mask = BIT["metric"]
    return token


def _at(raw: str, start: int, out: list[Token]) -> None:
    """`Acc@1`, `NDCG@10`, `mAP@[.5:.95]`: a metric at some depth."""
    lower = raw.lower().replace("²", "2").replace("^", "")
    name, _, depth = lower.partition("@")
    token = Token(WORD, start, start + len(raw), raw, lower)
    entry = (
        lexicon.LATIN.get(lower) or lexicon.LATIN.get(lower.replace("0.", ".")) if name != "p" or depth == "1" else None
    )
    metric = entry.metric if entry else ""
    if not metric and depth:
        base = lexicon.LATIN.get(name)
        metric = (
            base.metric if base else {"r": "recall", "h": "hit_rate", "hit": "hit_rate", "p": "precision"}.get(name, "")
        )
        if metric in {"accuracy", "exact_match"} and depth not in {"1", "k"}:
            metric = "top5_accuracy" if depth == "5" else "other"
        if metric == "pass_at_1" or name == "pass":
            metric = "other"
    if "50-95" in lower or ":" in depth or "-" in depth:
        metric = "map"
    if metric or depth:
        token.metric, token.mask = metric or "other", BIT["metric"]
    if lower == "r2":
        token.metric, token.mask = "r2", BIT["metric"]
    out.append(token)

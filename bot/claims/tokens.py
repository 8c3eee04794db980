"""A plain text cut into tokens: words with their cues, numbers, marks; each knows its sentence and clause."""

from __future__ import annotations

import re

from bot.claims import lexicon, numbers
from bot.claims.lexicon import BIT, Entry
from bot.claims.plain import BROADCAST, EMOJI, FENCE, LINK, MENTION, QUOTED_LINE, QUOTED_REST, Plain

WORD, NUMBER, MARK, IDENT, RUN, LINE = "w", "n", "p", "i", "r", "l"

_CJK = "\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
_TOKEN = re.compile(
    r"(?P<run>(?<![0-9A-Za-z])[rR]-[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{8}(?![0-9A-Za-z]))"
    r"|(?P<ident>(?<![0-9A-Za-z])(?:[rR]|run|RUN|Run)[-_–.][0-9A-Za-z\u0370-\u04ff]{4,14}(?![0-9A-Za-z])"
    r"|\b\d{4}-\d{1,2}-\d{1,2}(?:[T ]\d\d:\d\d(?::\d\d)?)?|\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?![\d.])"
    r"|\b\d{1,2}/\d{1,2}/\d{2,4}\b|\b\d{1,2}\.\d{1,2}\.\d{4}\b|\b[0-9a-f]*\d[0-9a-f]*[a-f][0-9a-f]{5,}\b"
    r"|\bv\d+(?:\.\d+)*\b|==\d[\w.]*|\b[A-Za-z]{1,3}\d{1,3}-[A-Za-z]+\d\w*)"
    r"|(?P<at>(?<![A-Za-z0-9])[A-Za-z]{1,9}@(?:\[?(?:\d*\.\d+|\d+)(?:[:\-]\d*\.\d+)?\]?|k\b)|\b[mM]?[aA][pP][ _]?50-95"
    r"|\b[rR]\^?[2²](?![\w.]))"
    r"|(?P<elided>(?<![A-Za-z0-9'])[lLdDjJnNsSmMtT]'(?=[A-Za-z]{2,}|[A-Za-z]\d))"
    r"|(?P<letnum>(?<![A-Za-z0-9_])[A-Za-z]+\d[0-9A-Za-z]*(?:\.\d+)?)"
    r"|(?P<wide>\b\d{1,3}(?: \d{3})+(?= ?(?:tok|img|imgs|images|samples|req|frames|docs|Elo|elo|reward)\b))"
    rf"|(?P<num>{numbers.NUMBER})"
    rf"|(?P<cjk>[{_CJK}]+(?: [\uac00-\ud7a3]+)*)"
    rf"|(?P<word>[^\W\d_{_CJK}\ue000-\ue0ff]+(?:'[^\W\d_{_CJK}]+)?)"
    r"|(?P<line>\n+)"
    r"|(?P<mark>->|=>|→|⇒|\+/-|\+-|±|!=|>=|<=|<-|[^\s])"
)
_GROUP = {"run": RUN, "ident": IDENT, "line": LINE}
_BREAKS_CLAUSE = frozenset(",，、();；（）–|→⇒[]{}") | {"->", "=>"}
_BREAKS_SENTENCE = frozenset("!?;；。！？")
_TURNS = frozenset("but while whereas though although aber mais pero ma maar но however however, yet".split())
_TURNS_CJK = frozenset(("但", "但是", "不过", "可是", "而"))
_SHORT = {"P": "precision", "R": "recall", "F": "f1", "IS": "inception_score", "DER": "der", "SR": "success_rate"}
_NOBODY = frozenset(
    """
    it that let here what there where who how when why today yesterday tomorrow monday tuesday wednesday thursday friday
    saturday sunday week month year night model run everything nothing one
    """.split()
)
_ABBREVIATED = frozenset("al e.g i.e eg ie vs approx fig no dr etc ca resp incl max min avg acc z.b bzw ex".split())
_SPLIT_GLUED = re.compile(r"([A-Za-z]{2,}?|f1)(\d*\.?\d+)", re.IGNORECASE)
_CJK_EXTRA = {"但": 0, "但是": 0, "不过": 0, "可是": 0}


class Token:
    """One token: `kind`, its place in the plain text, its lower-case text, its cue bits, and what it names."""

    __slots__ = (
        "clause",
        "end",
        "kind",
        "mask",
        "metric",
        "raw",
        "sentence",
        "split",
        "start",
        "text",
        "value",
        "weak",
    )

    def __init__(self, kind: str, start: int, end: int, raw: str, text: str) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.raw = raw
        self.text = text
        self.mask = 0
        self.metric = ""
        self.split = ""
        self.value: numbers.Value | None = None
        self.weak = False
        self.sentence = 0
        self.clause = 0

    def __repr__(self) -> str:
        return f"{self.kind}:{self.raw}"


def tokenise(plain: Plain) -> list[Token]:
    """The tokens of a plain text, with cues, clauses and sentences marked."""
    tokens = _cut(plain.text)
    tokens = _rejoin_spaced(tokens)
    _worded(plain.text, tokens)
    _mark_words(tokens)
    _mark_clauses(tokens, plain.text)
    return tokens


def _cut(text: str) -> list[Token]:
    out: list[Token] = []
    for match in _TOKEN.finditer(text):
        group = match.lastgroup or "mark"
        start, end = match.span()
        raw = match.group()
        if group == "mark":
            out.append(Token(MARK, start, end, raw, raw))
        elif group == "word":
            out.append(Token(WORD, start, end, raw, _fold(raw)))
        elif group == "num":
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
    table, longest = lexicon.CJK, lexicon.CJK_LONGEST
    place, unknown, size = 0, 0, len(run)
    while place < size:
        for length in range(min(longest, size - place), 0, -1):
            entry = table.get(run[place : place + length])
            if entry is not None:
                break
        else:
            place += 1
            continue
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
    out.append(Token(WORD, start, start + split, raw[:split], lower[:split]))
    token = Token(NUMBER, start + split, start + len(raw), raw[split:], raw[split:])
    token.value = numbers.parse(token.raw)
    out.append(token)


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


def _rejoin_spaced(tokens: list[Token]) -> list[Token]:
    """Words and numbers written with a blank or a line break after each character, as one token again."""
    out: list[Token] = []
    place, size = 0, len(tokens)
    spaced = False
    while place < size:
        token = tokens[place]
        if token.kind == WORD and _one_letter(token):
            stop = place + 1
            letters = [token]
            while stop < size and len(letters) < 24:
                following = tokens[stop]
                if following.kind == LINE and len(following.raw) == 1 and letters[-1].end == following.start:
                    stop += 1
                    continue
                gap = following.start - letters[-1].end
                if following.kind == WORD and _one_letter(following) and gap <= 1:
                    letters.append(following)
                    stop += 1
                    continue
                break
            while tokens[stop - 1].kind == LINE:
                stop -= 1
            word = lexicon.fold_look_alikes("".join(letter.raw for letter in letters)).lower()
            if len(letters) >= 3 or (len(letters) == 2 and word in {"f1", "ap"}):
                spaced = True
                out.append(Token(WORD, token.start, letters[-1].end, word, word))
                place = stop
                continue
        elif token.kind == NUMBER and len(token.raw) == 1:
            joined, stop = _spaced_number(tokens, place, spaced)
            if joined is not None:
                out.append(joined)
                place = stop
                continue
        out.append(token)
        place += 1
    return out


def _one_letter(token: Token) -> bool:
    return len(token.raw) == 1 and lexicon.fold_look_alikes(token.raw).isascii()


def _spaced_number(tokens: list[Token], place: int, spaced: bool) -> tuple[Token | None, int]:
    """`8 9 . 5`, or digits under each other: joined when a spaced point, spaced letters or a percent sign says so."""
    text, stop, point, lines = "", place, False, False
    last = place
    while stop < len(tokens) and len(text) < 12:
        token = tokens[stop]
        if token.kind == NUMBER and len(token.raw) == 1:
            text += token.raw
            last = stop
        elif token.raw in {".", ","} and not point and text and token.start > tokens[stop - 1].end:
            text, point = text + ".", True
        elif token.kind == LINE and len(token.raw) == 1:
            lines = True
        else:
            break
        stop += 1
    text = text.rstrip(".")
    percent = stop < len(tokens) and tokens[stop].raw == "%"
    if last == place or not (spaced or ("." in text) or (percent and (lines or len(text) == 2))):
        return None, place
    token = Token(NUMBER, tokens[place].start, tokens[last].end, text, text)
    token.value = numbers.parse(text)
    return token, last + 1


def _worded(text: str, tokens: list[Token]) -> None:
    """Numbers in words take the place of the tokens they are made of."""
    lower = text.lower()
    found = numbers.in_words(lower) if len(lower) == len(text) else []
    found += numbers.in_han(text)
    if not found:
        return
    for worded in sorted(found, key=lambda w: w.start, reverse=True):
        inside = [i for i, token in enumerate(tokens) if token.start < worded.end and token.end > worded.start]
        if not inside:
            continue
        token = Token(NUMBER, worded.start, worded.end, text[worded.start : worded.end], "words")
        token.value = numbers.Value(worded.value, worded.decimals)
        token.weak = worded.fraction
        first, last = tokens[inside[0]], tokens[inside[-1]]
        pieces = [token]
        if first.start < worded.start:
            pieces.insert(0, _rest(first, first.start, worded.start, text))
        if last.end > worded.end:
            pieces.append(_rest(last, worded.end, last.end, text))
        tokens[inside[0] : inside[-1] + 1] = pieces


def _rest(token: Token, start: int, end: int, text: str) -> Token:
    return Token(WORD, start, end, text[start:end], text[start:end].lower())


def _mark_words(tokens: list[Token]) -> None:
    """Give every word its entry: the longest phrase that starts at it, hyphens and underscores skipped."""
    words = [token for token in tokens if token.kind == WORD]
    foreign = _is_foreign(words)
    latin, starts = lexicon.LATIN, lexicon.LATIN_STARTS
    size = len(tokens)
    place = 0
    while place < size:
        token = tokens[place]
        if token.raw in _SHORT and place + 1 < size:
            _mark_short(tokens, place)
        if token.raw in {"F", "f"} and place + 1 < size and tokens[place + 1].raw[:1] in {"値", "值"}:
            token.mask, token.metric = BIT["metric"], "f1"
        if token.kind != WORD or token.mask:
            place += 1
            continue
        entry, stop = _longest(tokens, place, latin, starts)
        if foreign:
            other, other_stop = _longest(tokens, place, lexicon.FOREIGN, lexicon.FOREIGN_STARTS)
            if other is not None:
                entry, stop = (
                    _merged(entry, other) if other_stop == stop or entry is None else entry,
                    max(stop, other_stop),
                )
        if entry is None and token.text.endswith("'s"):
            entry = latin.get(token.text[:-2])
            if entry is None and token.raw[0].isupper() and token.text[:-2] not in _NOBODY:
                entry = Entry(BIT["they"], "", "")
        if entry is None:
            entry, stop = lexicon.mistyped(token.text), place + 1
        if entry is not None:
            token.mask, token.metric, token.split = entry
            for inner in tokens[place + 1 : stop]:
                inner.mask = entry.mask
                inner.weak = True
            if stop > place + 1 and (token.metric or token.split):
                token.end = tokens[stop - 1].end
        place = max(stop, place + 1)


def _mark_short(tokens: list[Token], place: int) -> None:
    """Capitals that stand for a metric when a number follows: `P 0.88 R 0.81 F 0.84`, `IS 9.0`, `DER 8.1`."""
    follow = place + 1
    if tokens[follow].raw in {"=", ":"} and follow + 1 < len(tokens):
        follow += 1
    token, value = tokens[place], tokens[follow].value
    if value is None or (len(token.raw) == 1 and not (value.decimals or value.value > 20)):
        return
    token.metric, token.mask = _SHORT[token.raw], BIT["metric"]


def _merged(entry: Entry | None, other: Entry) -> Entry:
    if entry is None:
        return other
    return Entry(entry.mask | other.mask, entry.metric or other.metric, entry.split or other.split)


def _longest(
    tokens: list[Token], place: int, table: dict[str, Entry], starts: dict[str, int]
) -> tuple[Entry | None, int]:
    key = tokens[place].text
    most = starts.get(key, 0)
    if not most:
        return None, place + 1
    best, stop = table.get(key), place + 1
    cursor, count = place + 1, 1
    while count < most and cursor < len(tokens):
        token = tokens[cursor]
        if token.raw in {"-", "_", "'", "."} and token.start == tokens[cursor - 1].end:
            cursor += 1
            continue
        if token.kind not in {WORD, NUMBER, IDENT} and token.raw not in {"@", "/", "+"}:
            break
        key = f"{key} {token.text}"
        count += 1
        cursor += 1
        found = table.get(key)
        if found is not None:
            best, stop = found, cursor
    return best, stop


def _is_foreign(words: list[Token]) -> bool:
    english = sum(1 for token in words if token.text in lexicon.ENGLISH_GLUE)
    other = sum(1 for token in words if token.text in lexicon.FOREIGN_GLUE)
    accents = sum(1 for token in words if token.text in lexicon.FOREIGN and token.text not in lexicon.LATIN)
    return other + accents > english


def _mark_clauses(tokens: list[Token], text: str) -> None:
    sentence = clause = 0
    for place, token in enumerate(tokens):
        raw = token.raw
        ends = False
        if (
            token.kind == LINE
            or raw in {QUOTED_LINE, QUOTED_REST, FENCE}
            or (raw in _BREAKS_SENTENCE and token.kind == MARK)
        ):
            ends = True
        elif raw == "." and token.kind == MARK:
            ends = token.end >= len(text) or text[token.end] in ' \n"”)'
            if ends and place and tokens[place - 1].text in _ABBREVIATED and text[token.end : token.end + 1] == " ":
                ends = False
        elif (
            (token.kind == MARK and raw in _BREAKS_CLAUSE)
            or token.text in _TURNS
            or raw in _TURNS_CJK
            or (
                raw == "-"
                and token.kind == MARK
                and text[token.start - 1 : token.start] == " "
                and text[token.end : token.end + 1] == " "
            )
        ):
            clause += 1
        elif raw in {MENTION, BROADCAST, LINK, EMOJI} and place:
            clause += raw == EMOJI
        token.sentence, token.clause = sentence, clause
        if ends:
            sentence += 1
            clause += 1

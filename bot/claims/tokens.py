"""A plain text as tokens: words with their cues, numbers, marks; each knows its sentence and clause."""

from __future__ import annotations

from bot.claims.cutting import cut
from bot.claims.lexicon import BIT
from bot.claims.phrases import mark, put_words
from bot.claims.plain import BROADCAST, EMOJI, FENCE, LINK, MENTION, QUOTED_LINE, QUOTED_REST, Plain
from bot.claims.spacing import is_spaced, rejoin
from bot.claims.token import LINE, MARK, WORD, Token

_BREAKS_CLAUSE = frozenset(",，、();；（）–|→⇒[]{}") | {"->", "=>"}
_BREAKS_SENTENCE = frozenset("!?;；。！？")
_TURNS = frozenset("but while whereas where though although aber mais pero ma maar но however however, yet".split())
_JOINS = frozenset("and und et y e".split())
_DONE = BIT["reached"] & ~BIT["is"]
_TURNS_CJK = frozenset(("但", "但是", "不过", "可是", "而"))
_ABBREVIATED = frozenset("al e.g i.e eg ie vs approx fig no dr etc ca resp incl max min avg acc z.b bzw ex".split())


def tokenise(plain: Plain) -> list[Token]:
    """The tokens of a plain text, with cues, clauses and sentences marked."""
    tokens = cut(plain.text)
    if is_spaced(plain.text):
        tokens = rejoin(tokens)
    put_words(plain.text, tokens)
    mark(tokens)
    _mark_clauses(tokens, plain.text)
    return tokens


def _mark_clauses(tokens: list[Token], text: str) -> None:
    sentence = clause = opened = last = 0
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
            or (token.text in _JOINS and place + 1 < len(tokens) and tokens[place + 1].mask & _DONE)
            or (
                raw == "-"
                and token.kind == MARK
                and text[token.start - 1 : token.start] == " "
                and text[token.end : token.end + 1] == " "
            )
        ):
            clause += 1
        elif raw in {":", "："} and place - opened > 3 and place + 1 < len(tokens):
            clause += sum(other.kind == WORD for other in tokens[max(opened, place - 12) : place]) > 2
        elif raw in {MENTION, BROADCAST, LINK, EMOJI} and place:
            clause += raw == EMOJI
        token.sentence, token.clause = sentence, clause
        if clause != last:
            opened, last = place, clause
        if ends:
            sentence += 1
            clause += 1

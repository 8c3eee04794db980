"""A plain text as tokens: words with their cues, numbers, marks; each knows its sentence and clause."""

from __future__ import annotations

from bot.claims.cutting import cut
from bot.claims.lexicon import BIT
from bot.claims.phrases import mark, put_words
from bot.claims.plain import EMOJI, FENCE, QUOTED_LINE, QUOTED_REST, Plain
from bot.claims.spacing import is_spaced, rejoin
from bot.claims.token import LINE, MARK, WORD, Token

_BREAKS_CLAUSE = frozenset(",，、();；（）–|→⇒[]{}") | {"->", "=>", "--", "---"}
_COLONS = frozenset(":：")
_BREAKS_SENTENCE = frozenset("!?;；。！？") | {QUOTED_LINE, QUOTED_REST, FENCE}
_TURNS = frozenset(
    "but while whereas where though although aber mais pero ma maar но however yet 但 但是 不过 可是 而".split()
)
_JOINS = frozenset("and und et y e".split())
_DONE = BIT["reached"] & ~BIT["is"]
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
    """Number the sentences and clauses; what turns or parts them stands in the clause that it opens."""
    sentence = clause = opened = last = 0
    for place, token in enumerate(tokens):
        ends = False
        if token.kind == WORD:
            turns = token.text in _TURNS or (
                token.text in _JOINS and place + 1 < len(tokens) and bool(tokens[place + 1].mask & _DONE)
            )
            clause += turns
        elif token.kind == MARK:
            ends = _ends_sentence(tokens, place, text)
            if not ends:
                clause += _opens_clause(tokens, place, opened, text)
        elif token.kind == LINE:
            ends = True
        token.sentence, token.clause = sentence, clause
        if clause != last:
            opened, last = place, clause
        if ends:
            sentence += 1
            clause += 1


def _ends_sentence(tokens: list[Token], place: int, text: str) -> bool:
    token = tokens[place]
    if token.raw != ".":
        return token.raw in _BREAKS_SENTENCE
    behind = text[token.end : token.end + 1]
    if behind == " " and place and tokens[place - 1].text in _ABBREVIATED:
        return False
    return not behind or behind in ' \n"”)'


def _opens_clause(tokens: list[Token], place: int, opened: int, text: str) -> bool:
    """Whether a mark parts clauses: a comma, a dash between blanks, an emoji, a colon after more than two words."""
    token = tokens[place]
    raw = token.raw
    if raw in _BREAKS_CLAUSE:
        return True
    if raw == "-":
        return text[token.start - 1 : token.start] == " " and text[token.end : token.end + 1] == " "
    if raw in _COLONS:
        words = sum(other.kind == WORD for other in tokens[max(opened, place - 12) : place])
        return place - opened > 3 and place + 1 < len(tokens) and words > 2
    return raw == EMOJI and place > 0

"""Words and numbers written with a blank or a line break after each character, put together again."""

from __future__ import annotations

import re

from bot.claims import lexicon, numbers
from bot.claims.token import LINE, NUMBER, WORD, Token

_SPACED = re.compile(r"(?<![^\W_])[^\W_](?:[ \n]+(?:[^\W_]|[.,])|[.-][^\W\d_])(?![^\W_])")


def is_spaced(text: str) -> bool:
    """Whether anything in the text is written character by character."""
    return _SPACED.search(text) is not None


def rejoin(tokens: list[Token]) -> list[Token]:
    """Words and numbers written with a blank or a line break after each character, as one token again."""
    out: list[Token] = []
    place, size = 0, len(tokens)
    spaced = False
    while place < size:
        token = tokens[place]
        if token.kind == WORD and _one_letter(token):
            stop = place + 1
            letters = [token]
            dotted = False
            while stop < size and len(letters) < 24:
                following = tokens[stop]
                if following.kind == LINE and len(following.raw) == 1 and letters[-1].end == following.start:
                    stop += 1
                    continue
                if following.raw in {".", "-"} and following.start == letters[-1].end and stop + 1 < size:
                    beyond = tokens[stop + 1]
                    if beyond.kind == WORD and _one_letter(beyond) and beyond.start == following.end:
                        letters.append(beyond)
                        stop += 2
                        dotted = True
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
            if dotted and word not in lexicon.METRIC_KEYS:
                out.append(token)
                place += 1
                continue
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

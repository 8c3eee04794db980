"""Numbers that share one metric's word, or take theirs in order: lists, pairs by strokes, percentages side by side."""

from __future__ import annotations

from itertools import pairwise

from bot.claims.candidates import Candidate
from bot.claims.metric_words import RATIO
from bot.claims.token import Token

_INITIALS = {"P": "precision", "R": "recall", "F": "f1", "Prec": "precision", "Rec": "recall"}


def carry(tokens: list[Token], candidates: list[Candidate]) -> None:
    """A percentage that names no metric shares the one before it in its sentence: "84% success in sim, 52% outside"."""
    for earlier, candidate in pairwise(candidates):
        alike = earlier.percent and candidate.percent and not candidate.sign
        near = tokens[earlier.place].sentence == tokens[candidate.place].sentence
        if alike and near and earlier.metric in RATIO and not candidate.metric:
            candidate.metric, candidate.fallback = earlier.metric, True


def pair(tokens: list[Token], candidates: list[Candidate]) -> None:
    """Give values joined by strokes their metrics in order: "P/R/F1 = 0.81/0.77/0.79", "68.1/88.9 top-1/top-5"."""
    start = 0
    while start < len(candidates) - 1:
        stop = start + 1
        while stop < len(candidates) and _joined(tokens, candidates[stop - 1].after, candidates[stop].place):
            stop += 1
        row = candidates[start:stop]
        if len(row) > 1:
            names = _stroked(tokens, row[0].place - 1, -1)[::-1]
            if len(names) != len(row):
                names = _stroked(tokens, row[-1].after, 1)
            if len(names) == len(row):
                for candidate, name in zip(row, names, strict=True):
                    candidate.metric, candidate.bound = tokens[name].metric, name
                    candidate.cost, candidate.side, candidate.fallback = 0.5, "before", False
        start = stop


def _joined(tokens: list[Token], after: int, place: int) -> bool:
    return place == after + 1 and tokens[after].raw == "/"


def _stroked(tokens: list[Token], place: int, step: int) -> list[int]:
    """The places of the metric words joined by strokes next to a row of numbers, going one way from `place`."""
    while 0 <= place < len(tokens) and tokens[place].raw in {"=", ":", "：", "(", ")", "of", "are", "is"}:
        place += step
    found: list[int] = []
    while 0 <= place < len(tokens) and len(found) < 6:
        at = place
        while step < 0 and at > 0 and tokens[at].weak:
            at -= 1
        if not tokens[at].metric and found and tokens[at].raw in _INITIALS:
            tokens[at].metric = _INITIALS[tokens[at].raw]
        if not tokens[at].metric:
            break
        found.append(at)
        place = (at if step < 0 else last_of(tokens, at)) + step
        while step > 0 and place < len(tokens) and tokens[place].weak:
            place += 1
        if not (0 <= place < len(tokens) and tokens[place].raw == "/"):
            break
        place += step
    return found


def last_of(tokens: list[Token], place: int) -> int:
    end = tokens[place].end
    while place + 1 < len(tokens) and tokens[place + 1].start < end:
        place += 1
    return place

"""Whether a number is written as a change: "lose 0.3", "1.8 points better"."""

from __future__ import annotations

from bot.claims.candidates import Candidate
from bot.claims.lexicon import BIT
from bot.claims.scene import Scene
from bot.claims.token import NUMBER

_B = BIT
_REACHED = _B["reached"]
_SKIPPED = frozenset(
    """
        by us me about ~ only roughly around just almost an a of some nearly 了 约 大约 大概 相对 绝对 absolute
        relative 近 将近 um
    """.split()
)
_MORE = frozenset("by another extra additional further um 又 再".split())
_COMPARED = frozenset(
    """
        better worse lower higher more less improvement improvements gain gains boost drop increase decrease
        reduction faster slower quicker lift ahead behind uplift jump bump regression off short cheaper lost gained
        besser schlechter mehr weniger mieux mejor peor mas menos meglio beter лучше хуже 多 少 高 低 提升 下降
        的提升 improve
        degradation
    """.split()
)


def amount_before(scene: Scene, candidate: Candidate) -> bool:
    """Whether a word of change comes right before the number: "lose 0.3", "improved by 2", 提升 1.3."""
    place = candidate.place - 1
    if candidate.sign in {"+", "-"}:
        place -= 1
    for at in range(place, max(-1, place - 4), -1):
        token = scene.tokens[at]
        if token.text in _MORE:
            return True
        if token.metric and token.mask & _B["improve"] and not candidate.points:
            return False
        if token.mask & _B["improve"] and token.text not in _SKIPPED:
            return not token.mask & _REACHED or token.text.isascii()
        if token.text not in _SKIPPED:
            return False
    return False


def amount_after(scene: Scene, candidate: Candidate) -> bool:
    """Whether the number is compared right after it: "1.8 points better", "0.05 lower", "12 % worse"."""
    tokens = scene.tokens
    for at in range(candidate.after, min(len(tokens), candidate.after + 4)):
        token = tokens[at]
        if token.text in _COMPARED:
            return True
        if token.text in {"above", "below"}:
            return at + 1 < len(tokens) and tokens[at + 1].kind != NUMBER
        if token.text in {"up", "down"}:
            return at + 1 >= len(tokens) or tokens[at + 1].text not in {"to", "from"}
        if not (
            token.metric
            or token.mask & _B["points"]
            or token.raw in "%()"
            or token.text in {"relative", "absolute", "in"}
        ):
            return False
    return False

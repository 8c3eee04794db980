"""What the rules say, in Chinese: findings by their code, and sentences by their shape. Pure.

Sentences and remedies are made in English, next to the rule that they tell of. Here each shape has a Chinese one
that takes over what is particular: run IDs, values, names. A finding's sentence of a shape that is not known stays
as it is, behind the Chinese meaning of its code.
"""

from __future__ import annotations

import re

from tracker.record import Finding
from tracker.rules import chinese_findings, chinese_judging, chinese_reproducing
from tracker.rules.chinese_findings import MEANINGS
from tracker.rules.codes import EVERY

_ASIDES = (
    (r" It is (\S+) \((\S+)'s\) that recorded it\.", r"这是 \1（\2）的记录。"),
    ("it is the best of them", "这是其中最好的"),
    (" of them did better", " 次更好"),
)
_KNOWN = [
    (re.compile(shape), into, [(re.compile(part), turn) for part, turn in parts])
    for shapes, parts in (
        (chinese_findings.SHAPES, _ASIDES),
        (chinese_judging.SHAPES, chinese_judging.PARTS),
        (chinese_reproducing.SHAPES, ()),
        (chinese_reproducing.LINES, chinese_reproducing.PARTS),
    )
    for shape, into in shapes
]


def in_chinese(finding: Finding) -> Finding:
    """The finding with a Chinese sentence and remedy."""
    sentence = turned(finding.sentence)
    if sentence is None and (meaning := MEANINGS.get(finding.code)):
        who, _, said = finding.sentence.partition(": ")
        bare = said == f"{EVERY[finding.code].meaning}."
        sentence = f"{who}：{meaning}。" if bare else f"{meaning}（{finding.sentence}）"
    remedy = turned(finding.remedy) or finding.remedy
    return Finding(finding.code, sentence or finding.sentence, remedy, finding.severity)


def turned(text: str) -> str | None:
    """The sentence in Chinese; None for one of no known shape."""
    for shape, into, parts in _KNOWN:
        if found := shape.fullmatch(text):
            told = found.expand(into)
            for part, turn in parts:
                told = part.sub(turn, told)
            return told
    return None

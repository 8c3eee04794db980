"""One token of a post, and the kinds there are."""

from __future__ import annotations

from bot.claims import numbers

WORD, NUMBER, MARK, IDENT, RUN, LINE = "w", "n", "p", "i", "r", "l"


class Token:
    """One token: `kind`, its place in the plain text, its lower-case text, its cue bits, and what it names."""

    mask = 0
    metric = ""
    split = ""
    value: numbers.Value | None = None
    weak = False
    sentence = 0
    clause = 0

    def __init__(self, kind: str, start: int, end: int, raw: str, text: str) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.raw = raw
        self.text = text

    def __repr__(self) -> str:
        return f"{self.kind}:{self.raw}"

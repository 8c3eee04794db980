"""One token of a post, and the kinds there are."""

from __future__ import annotations

import msgspec

from bot.claims import numbers

WORD, NUMBER, MARK, IDENT, RUN, LINE = "w", "n", "p", "i", "r", "l"


class Token(msgspec.Struct, gc=False):
    """One token: `kind`, its place in the plain text, its lower-case text, its cue bits, and what it names."""

    kind: str
    start: int
    end: int
    raw: str
    text: str
    mask: int = 0
    metric: str = ""
    split: str = ""
    value: numbers.Value | None = None
    weak: bool = False
    sentence: int = 0
    clause: int = 0

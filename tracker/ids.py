"""Run IDs: `r-` and eight Crockford base32 symbols, the eighth a check symbol.

The check symbol is the value c for which the weighted sum over GF(32)

    17^1·d1 + 17^2·d2 + ... + 17^7·d7 + c = 0

vanishes, 17 being a generator of the field, so that the eight weights are distinct and not zero (c has
17^0 = 1). A single wrong symbol changes the sum by w·e ≠ 0, and a swap of two different symbols by
(wi − wj)·(di − dj) ≠ 0, so both are always caught (the weighted codes of Verhoeff, "Error Detecting
Decimal Codes", 1969, over GF(2^5) with the primitive polynomial x^5 + x^2 + 1).
"""

from __future__ import annotations

import re
import unicodedata
from random import Random

from tracker.errors import InvalidRunID

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {symbol: value for value, symbol in enumerate(ALPHABET)}
_FOLD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_SHAPE = re.compile(r"r-[0-9A-HJKMNP-TV-Z]{8}", re.IGNORECASE)


def _times(a: int, b: int) -> int:
    """The product of two elements of GF(32)."""
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a & 0b100000:
            a ^= 0b100101
        b >>= 1
    return product


_WEIGHTS = (17, 12, 18, 26, 6, 9, 13)  # 17^1 ... 17^7 in GF(32)
_WEIGHTED = tuple(tuple(_times(weight, value) for value in range(32)) for weight in _WEIGHTS)


def _check_symbol(seven: str) -> str:
    total = 0
    for table, symbol in zip(_WEIGHTED, seven, strict=True):
        total ^= table[_VALUE[symbol]]
    return ALPHABET[total]


def mint(rng: Random) -> str:
    """A new run ID: 35 random bits of `rng`, and their check symbol."""
    seven = "".join(rng.choice(ALPHABET) for _ in range(7))
    return f"r-{seven}{_check_symbol(seven)}"


def is_run_id(text: str) -> bool:
    """Whether `text` is a run ID in canonical form, check symbol included."""
    return _valid(text) and text == "r-" + text[2:].upper()


def _valid(text: str) -> bool:
    return _SHAPE.fullmatch(text) is not None and _check_symbol(text[2:9].upper()) == text[9].upper()


def parse(text: str) -> str:
    """The canonical form of a run ID written in any case.

    Raises:
        InvalidRunID: it has not the shape, or the check symbol says that it was mistyped.
    """
    stripped = text.strip()
    if not _SHAPE.fullmatch(stripped):
        raise InvalidRunID(
            f"{clip(text)!r} is no run ID.", remedy="A run ID looks like r-7K3M9QX2; `runcite runs` lists yours."
        )
    if not _valid(stripped):
        raise InvalidRunID(
            f"{clip(text)!r} is mistyped: its last symbol does not fit the others.",
            remedy="Copy the run ID from the end of the training output, or see `runcite runs`.",
        )
    return "r-" + stripped[2:].upper()


def fold(text: str) -> str | None:
    """What a near miss probably means: width and case folded, O read as 0, I and L as 1, dashes as one.

    Returns the canonical run ID when the folded text is a valid one, else None.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    plain = re.sub(r"[\u2010-\u2015\u2212\uFE58\uFE63\uFF0D]", "-", plain).strip().upper()
    body = plain.removeprefix("R-").translate(_FOLD)
    candidate = f"r-{body}"
    return candidate if _valid(candidate) else None


def neighbours(text: str) -> frozenset[str]:
    """The valid run IDs that one wrong symbol or one swap of neighbours in `text` could have meant.

    `text` must have the shape of a run ID (folded first); anything else has no neighbours.
    """
    shaped = text.strip().upper().removeprefix("R-").translate(_FOLD)
    if len(shaped) != 8 or any(symbol not in _VALUE for symbol in shaped):
        return frozenset()
    near = {shaped[:i] + symbol + shaped[i + 1 :] for i in range(8) for symbol in ALPHABET}
    near |= {shaped[:i] + shaped[i + 1] + shaped[i] + shaped[i + 2 :] for i in range(7)}
    return frozenset(f"r-{body}" for body in near if _valid(f"r-{body}"))


def clip(text: str, limit: int = 40) -> str:
    """`text` cut to `limit` characters, for messages."""
    return text if len(text) <= limit else text[: limit - 1] + "…"

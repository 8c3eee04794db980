"""What makes runs comparable, and what a config value is to a query. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from tracker.snapshot import Scalar, canonical, digest_of

MAX_TEXT = 200
_SEEDS = ("seed", "random_state", "random_seed")


def config_digest(config: Mapping[str, Scalar]) -> str:
    """Of all hyperparameters but seeds: a key whose last part is `seed`, `random_state`, or ends in `_seed`."""
    return digest_of({key: value for key, value in config.items() if not is_seed(key)})


def is_seed(key: str) -> bool:
    """Whether a config key names a seed rather than a hyperparameter."""
    last = key.rpartition(".")[2].lower()
    return last in _SEEDS or last.endswith("_seed")


def data_digest(datasets: Iterable[tuple[str | None, str]]) -> str | None:
    """Of the data sets by what they were used as and their content's digest; None without any."""
    used = sorted({(used_as or "", digest) for used_as, digest in datasets})
    return digest_of(used) if used else None


def as_text(value: Scalar) -> str | None:
    """A config value as queries compare it with text: its first characters; numbers as JSON writes them."""
    if value is None:
        return None
    text = value if isinstance(value, str) else canonical(value).decode()
    return text[:MAX_TEXT]


def as_number(value: Scalar) -> float | None:
    """A config value as queries compare it with numbers: text that reads as a finite number is one too."""
    if value is None or (isinstance(value, str) and len(value) > MAX_TEXT):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None

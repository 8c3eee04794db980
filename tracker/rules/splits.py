"""The split that a recorded metric's name says: `val/accuracy`, `eval_loss`, `acc_test`. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

Split = Literal["val", "test", "train"]

SPLITS: dict[str, Split] = {
    **dict.fromkeys(("val", "valid", "validation", "dev", "eval", "cv", "oof", "vl", "va"), "val"),
    **dict.fromkeys(("test", "tst", "te", "holdout", "heldout", "private", "public", "lb"), "test"),
    **dict.fromkeys(("train", "training", "trn", "tr"), "train"),
}
_WORDS = re.compile(r"[A-Z]?[a-z]+\d*|[A-Z]+(?![a-z])\d*|\d+|@")
_LONGEST = 120


def words_of(name: str) -> list[str]:
    """The words that a metric's name is made of, in lower case; what stands in parentheses is left out."""
    bare = re.sub(r"\([^)]*\)", "", name[:_LONGEST]).strip()
    return [word.lower() for word in _WORDS.findall(bare)]


@lru_cache(maxsize=4096)
def split_of(name: str) -> Split | None:
    """The split; None for a name that says none."""
    return next((SPLITS[word] for word in words_of(name) if word in SPLITS), None)

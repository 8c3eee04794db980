"""What a recorded metric's name means: `val/accuracy`, `val_acc`, `eval_accuracy`, `test/top1`, `metrics/mAP50(B)`."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.claims.lexicon import LATIN
from tracker.rules.splits import SPLITS, Split, split_of, words_of

_DECORATION = frozenset("metrics metric best final last epoch avg mean max min micro weighted the score".split())


@lru_cache(maxsize=4096)
def meaning(name: str) -> tuple[str, Split | None]:
    """The canonical metric ('' when unknown) and the split that a recorded name says."""
    lower = re.sub(r"\([^)]*\)", "", name[:120]).strip().lower()
    split = split_of(name)
    rest = [word for word in words_of(name) if word not in SPLITS]
    tails = [rest[start:] for start in range(len(rest))] + [[word for word in rest if word not in _DECORATION]]
    last = re.split(r"[/_.\s-]+", lower)[-1]
    for key in (lower, *(key for tail in tails for key in (" ".join(tail), "".join(tail))), last):
        entry = LATIN.get(key)
        if entry is not None and entry.metric and entry.metric not in {"generic", "other"}:
            return entry.metric, split
    return "", split


def fits(metric: str, split: str | None, recorded: str) -> float:
    """How well a recorded metric's name fits a claim's metric and split: 0.0 not at all, 1.0 exactly.

    A claim without a split fits any, one on training data least. A claim whose metric is `unknown` fits any
    name a little. A recorded name that says no split may be about any.
    """
    named, where = meaning(recorded)
    if metric != "unknown" and named != metric:
        return 0.0
    if split is not None and where is not None and where != split:
        return 0.0
    fit = 1.0 if metric != "unknown" else 0.5
    if split != where:
        fit *= 0.9 if where is None else 0.4 if where == "train" else 0.8
    return fit

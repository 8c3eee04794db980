"""The model: two logistic regressions over the features, with weights that ship as JSON beside this file.

`value` says how likely a number is a metric value that the author's team reports as its own, `change` the same
of an improvement or a loss. Scoring is a sum of the weights of the features that hold, so that each decision
can be told in cues. `bot.claims.train` makes the weights.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp

from bot.claims.lexicon import CUES
from bot.claims.scene import SCOPES


@dataclass(frozen=True)
class Head:
    """One regression: a weight for each cue in each scope, and for each form feature."""

    scoped: tuple[dict[int, float], ...]
    forms: Mapping[str, float]
    masks: tuple[int, ...]

    def score(self, scopes: tuple[int, ...], forms: list[str]) -> float:
        """The log-odds."""
        weights = self.forms
        total = 0.0
        for name in forms:
            total += weights.get(name, 0.0)
        for mask, known, table in zip(scopes, self.masks, self.scoped, strict=True):
            left = mask & known
            while left:
                low = left & -left
                total += table[low]
                left ^= low
        return total

    def parts(self, scopes: tuple[int, ...], forms: list[str]) -> list[tuple[float, str]]:
        """The features that hold with their weights, the heaviest first."""
        found = [(self.forms[name], name) for name in forms if self.forms.get(name) and name != "bias"]
        for scope, mask, known, table in zip(SCOPES, scopes, self.masks, self.scoped, strict=True):
            left = mask & known
            while left:
                low = left & -left
                found.append((table[low], f"{scope}:{CUES[low.bit_length() - 1]}"))
                left ^= low
        return sorted(found, key=lambda part: -abs(part[0]))


@dataclass(frozen=True)
class Model:
    """The two heads."""

    value: Head
    change: Head


def head(weights: Mapping[str, float]) -> Head:
    """A head from weights by feature name; unknown names are an error of the file and are left out."""
    scoped: list[dict[int, float]] = [{} for _ in SCOPES]
    forms: dict[str, float] = {}
    for name, weight in weights.items():
        scope, colon, cue = name.partition(":")
        if colon and scope in SCOPES and cue in CUES:
            scoped[SCOPES.index(scope)][1 << CUES.index(cue)] = weight
        elif not colon:
            forms[name] = weight
    masks = tuple(sum(table) for table in scoped)
    return Head(tuple(scoped), forms, masks)


@cache
def shipped() -> Model:
    """The model of the package."""
    read = json.loads(files("bot.claims").joinpath("weights.json").read_text("utf-8"))
    return Model(head(read["value"]), head(read["change"]))


def probability(score: float) -> float:
    """The probability of a log-odds."""
    return 1.0 / (1.0 + exp(-max(-40.0, min(40.0, score))))

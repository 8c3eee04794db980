"""The model: one logistic regression over the features, with weights that ship as JSON beside this file.

It says how likely a number is a metric value, or a change of one, that the author's team reports as its own. Scoring is
a sum of the weights of the features that hold, so that each decision can be told in cues. `bot.claims.train` makes the
weights.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp
from operator import itemgetter
from typing import NamedTuple

from bot.claims.lexicon import CUES
from bot.claims.scene import SCOPES, Scopes

_added = itemgetter(1)
Part = tuple[float, float, str]
"""One feature of a score: how much it weighs, what it adds, and its name."""

WORD, PREVIOUS, FOLLOWING = "word", "previous", "following"
"""The kinds of word features: in the sentence of the number, right before it, right after it."""


class Features(NamedTuple):
    """What holds for one number: cue masks by scope, form features, the words on both sides, and its sentence."""

    scopes: Scopes
    forms: list[str]
    previous: str
    following: str
    sentence: int


@dataclass(frozen=True)
class Model:
    """A weight for each form feature, for each cue in each scope, and for single words."""

    bias: float
    forms: Mapping[str, Part]
    scoped: tuple[Mapping[int, Part], ...]
    masks: tuple[int, ...]
    words: Mapping[str, Mapping[str, Part]]

    def parts(self, features: Features) -> list[Part]:
        """What the features of one number add, those of its sentence's words aside."""
        known, words = self.forms, self.words
        found = [known[name] for name in features.forms if name in known]
        for mask, told, table in zip(features.scopes, self.masks, self.scoped, strict=False):
            left = mask & told
            while left:
                low = left & -left
                found.append(table[low])
                left ^= low
        if features.previous in words[PREVIOUS]:
            found.append(words[PREVIOUS][features.previous])
        if features.following in words[FOLLOWING]:
            found.append(words[FOLLOWING][features.following])
        return found

    def heard(self, words: Iterable[str]) -> list[Part]:
        """What the words of a sentence add for each number in it."""
        known = self.words[WORD]
        return [known[word] for word in words if word in known]


def total(parts: Iterable[Part]) -> float:
    """What some features add together."""
    return float(sum(map(_added, parts)))


def as_model(weights: Mapping[str, float]) -> Model:
    """A model from weights by feature name; unknown names are an error of the file and are left out."""
    scoped: list[dict[int, Part]] = [{} for _ in SCOPES]
    words: dict[str, dict[str, Part]] = {WORD: {}, PREVIOUS: {}, FOLLOWING: {}}
    forms: dict[str, Part] = {}
    place_of = {cue: place for place, cue in enumerate(CUES)}
    for name, weight in weights.items():
        scope, colon, cue = name.partition(":")
        if not colon:
            forms[name] = abs(weight), weight, name
        elif scope in words:
            words[scope][cue] = abs(weight), weight, name
        elif scope in SCOPES and cue in place_of:
            scoped[SCOPES.index(scope)][1 << place_of[cue]] = abs(weight), weight, name
    _, bias, _ = forms.pop("bias", (0.0, 0.0, ""))
    return Model(bias, forms, tuple(scoped), tuple(sum(table) for table in scoped), words)


@cache
def shipped() -> Model:
    """The model of the package."""
    return as_model(json.loads(files("bot.claims").joinpath("weights.json").read_text("utf-8")))


def probability(score: float) -> float:
    """The probability of a log-odds."""
    return 1.0 / (1.0 + exp(-max(-40.0, min(40.0, score))))

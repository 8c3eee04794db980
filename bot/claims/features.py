"""The form features of a candidate: what the model looks at beside the cues by scope."""

from __future__ import annotations

from bot.claims.candidates import CODE, MARKED, QUOTED, STRUCK, Candidate
from bot.claims.lexicon import BIT
from bot.claims.metric_words import RATIO, SIGNED
from bot.claims.scene import Scene, Scopes
from bot.claims.senses import senses

_B = BIT
_OWN = _B["own"]
_REACHED = _B["reached"]
_NOW = _B["now"]
_GOAL = _B["goal"]
_FUTURE = _B["future"]
_HYPO = _B["hypothetical"]
_THING = _B["thing"]
_RETRACT = _B["retract"]
_PAPER = _B["paper"]
_WITH = frozenset("with w/ mit avec con com at using 用 用了 bei".split())
_CHANGES = frozenset(("amount_before", "amount_after", "signed_plus", "signed_minus", "negative_ratio", "twice"))
_CAUSES = _B["hyper"] | _B["model_noun"] | _B["tried"] | _B["evalset"] | _B["metric"] | _B["split"]
_MOVES = _B["improve"] | _B["tried"] | _B["metric"] | _B["model_noun"] | _B["base"]
_TELLING = frozenset(
    "signed_plus signed_minus by_before words plus_minus with_before bounded scientific metric_taken".split()
)
_INSTEAD = frozenset((("instead", "of"), ("rather", "than"), ("au", "de"), ("en", "de"), ("lugar", "de")))
_RATHER = frozenset("而不是 而非 statt anstatt".split())
_ARE = frozenset(
    """
    had have has were are was contain contains lack lacks came come got get never don't didn't doesn't aren't weren't
    haven't hadn't 是 有 都 没有 没 不 sont ont sind haben waren hatten son tienen
    """.split()
)
_SPREADS = frozenset(("±", "+/-", "+-", "(±", "(+-"))
_BELOW_NOTHING = SIGNED - {"loss"}
"""Metrics with which a minus sign is more often part of the value than a change."""
_WHOLE = frozenset("elo reward throughput latency".split())
_FACT = _REACHED | _NOW | _OWN


def forms(scene: Scene, candidate: Candidate, scopes: Scopes) -> list[str]:
    """The names of the form features that hold for a candidate."""
    sense = senses(scene, candidate, scopes)
    numbers = _number_forms(candidate, scene)
    pointed = candidate.points and bool(scopes.sentence & _MOVES)
    if pointed or not _CHANGES.isdisjoint(sense) or not _CHANGES.isdisjoint(numbers):
        told = _change_forms(candidate, numbers)
        caused = scopes.sentence | scopes.elsewhere
        told.append("change_caused" if caused & _CAUSES else "change_vague")
    else:
        told = [*numbers, *_metric_forms(candidate)]
    return [*told, *_place_forms(scene, candidate), *sense]


def _change_forms(candidate: Candidate, numbers: list[str]) -> list[str]:
    """What is told of a number that has the form of a change: its size and decimals say nothing."""
    named = candidate.metric not in {"", "unknown", "generic"}
    out = ["change", "change_named" if named else "change_bare"]
    out += [name for name in numbers if name in _TELLING]
    if candidate.percent:
        out.append("change_percent")
    elif candidate.points:
        out.append("change_points")
    return out


def _number_forms(candidate: Candidate, scene: Scene) -> list[str]:
    """How the number is written and bounded, what it counts, and what stands right beside it."""
    out = _size_forms(candidate, scene)
    if candidate.scientific:
        out.append("scientific")
    if candidate.plural:
        out.append("plural_near")
    if candidate.taken:
        out.append("metric_taken")
    if candidate.ranged:
        out.append("range_end")
    elif candidate.comparator in {"<", ">", "<=", ">="} and not scene.near_reached(candidate):
        out.append("bounded")
    if candidate.setting:
        out.append("setting")
    if candidate.sign == "+" or (candidate.sign == "-" and candidate.metric not in _BELOW_NOTHING):
        out.append("signed_plus" if candidate.sign == "+" else "signed_minus")
    if candidate.points:
        out.append("points")
    if candidate.unit in {"ms", "rate", "s"}:
        out.append("unit_" + candidate.unit)
    if candidate.unit == "rate" and scene.trains:
        out.append("training_rate")
    return out + _neighbour_forms(candidate, scene)


def _size_forms(candidate: Candidate, scene: Scene) -> list[str]:
    """Percent, decimals and size, also against the post's other numbers."""
    value, decimals = candidate.value, candidate.decimals
    out = []
    if candidate.percent:
        out.append("percent")
        if candidate.split and not candidate.metric:
            out.append("percent_split")
    if not decimals and not candidate.percent and not candidate.unit and scene.fractional:
        out.append("odd_whole")
    if candidate.metric in scene.below_one and abs(value) > 1 and not candidate.percent:
        out.append("odd_scale")
    if decimals:
        out.append("three_decimals" if decimals >= 3 else "decimal")
        if 10 < value < 100 and decimals < 3 and not candidate.percent:
            out.append("score_like")
    else:
        out.append("percent_whole" if candidate.percent else "whole_fit" if candidate.metric in _WHOLE else "whole")
        if abs(value) <= 10 and not candidate.percent:
            out.append("small_whole")
    if abs(value) < 1 and candidate.metric not in RATIO:
        out.append("below_one" if candidate.metric else "fraction_bare")
    if abs(value) > 100:
        out.append("big")
    return out


def _neighbour_forms(candidate: Candidate, scene: Scene) -> list[str]:
    tokens, place, after = scene.tokens, candidate.place, candidate.after
    out = ["words"] if tokens[place].text == "words" else []
    if after < len(tokens):
        if tokens[after].raw in _SPREADS:
            out.append("plus_minus")
        named = after + 1 < len(tokens) and bool(tokens[after + 1].metric)
        counted = candidate.cost < 1.0 and not candidate.taken
        if candidate.percent and not out and tokens[after].mask & _B["of"] and not named and not counted:
            out.append("percent_of")
        if candidate.percent and candidate.bound < 0 and tokens[after].text in _ARE:
            out.append("percent_are")
    previous = tokens[place - 1] if place else None
    if previous is not None:
        earlier = tokens[place - 2].text if place > 1 else ""
        if (earlier, previous.text) in _INSTEAD or previous.text in _RATHER:
            out.append("instead")
        if previous.text in _WITH and (candidate.bound < 0 or candidate.taken):
            out.append("with_before")
        if previous.raw in {"=", "＝"}:
            out.append("equals")
        if previous.text in {"by", "um", "de", "por", "на"}:
            out.append("by_before")
    return out


def _metric_forms(candidate: Candidate) -> list[str]:
    metric = candidate.metric
    if not metric or metric == "unknown":
        kind = "percent" if candidate.percent else "decimal" if candidate.decimals else "whole"
        return ["no_metric", "unknown_" + kind]
    if metric == "generic":
        return ["metric_generic"]
    out = ["metric_other" if metric == "other" else "metric_named"]
    if candidate.fallback:
        out.append("metric_fallback")
        return out
    if candidate.cost < 1.0:
        out.append("metric_close")
    out.append({"before": "metric_before", "behind": "metric_behind", "cell": "metric_cell"}[candidate.side])
    if metric in RATIO:
        if candidate.value < 0 or candidate.value > 100:
            out.append("out_of_range")
        elif candidate.percent or candidate.value > 1 or candidate.decimals:
            out.append("fraction_ratio")
    return out


def _place_forms(scene: Scene, candidate: Candidate) -> list[str]:
    token = scene.tokens[candidate.place]
    mark = scene.marks[candidate.place]
    out = []
    for bit, name in ((QUOTED, "quoted"), (STRUCK, "struck"), (CODE, "code"), (MARKED, "marked")):
        if mark & bit:
            out.append(name)
    if candidate.split:
        out.append("split_named")
    if scene.shouts:
        out.append("shout_short" if scene.words <= 8 else "shout")
    if scene.run_sentences:
        out.append("run_here" if token.sentence in scene.run_sentences else "run_post")
    if scene.has_link:
        out.append("link_post")
    if token.sentence == 0:
        out.append("first_sentence")
    if scene.numbers == 1:
        out.append("only_number")
    elif scene.numbers > 4:
        out.append("many_numbers")
    if scene.words <= 5:
        out.append("short")
    elif scene.words > 40:
        out.append("long")
    return out

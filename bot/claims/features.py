"""The form features of a candidate: what the model looks at beside the cues by scope."""

from __future__ import annotations

from bot.claims.candidates import CODE, MARKED, QUOTED, STRUCK, Candidate
from bot.claims.lexicon import BIT
from bot.claims.metric_words import RATIO
from bot.claims.scene import Scene
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
_WHOLE = frozenset("elo reward throughput latency".split())
_FACT = _REACHED | _NOW | _OWN


def forms(scene: Scene, candidate: Candidate, scopes: tuple[int, ...]) -> list[str]:
    """The names of the form features that hold for a candidate."""
    out = ["bias"]
    out += _number_forms(candidate, scene)
    out += _metric_forms(candidate)
    out += _place_forms(scene, candidate)
    out += senses(scene, candidate, scopes)
    return out


def _number_forms(candidate: Candidate, scene: Scene) -> list[str]:
    value, decimals = candidate.value, candidate.decimals
    out = []
    if candidate.percent:
        out.append("percent")
    if candidate.scientific:
        out.append("scientific")
    if candidate.plural:
        out.append("plural_near")
    if candidate.taken:
        out.append("metric_taken")
    if candidate.comparator in {"<", ">", "<=", ">="} and not scene.near_reached(candidate):
        out.append("bounded")
    if candidate.percent and candidate.split and not candidate.metric:
        out.append("percent_split")
    if (
        candidate.percent
        and scene.tokens[candidate.place].text != "words"
        and candidate.after < len(scene.tokens)
        and scene.tokens[candidate.after].mask & _B["of"]
    ):
        out.append("percent_of")
    if not decimals and not candidate.percent and not candidate.unit and scene.fractional:
        out.append("odd_whole")
    if candidate.metric in scene.below_one and abs(value) > 1 and not candidate.percent:
        out.append("odd_scale")
    if decimals:
        out.append("three_decimals" if decimals >= 3 else "decimal")
    else:
        out.append("percent_whole" if candidate.percent else "whole_fit" if candidate.metric in _WHOLE else "whole")
        if abs(value) <= 10 and not candidate.percent:
            out.append("small_whole")
    if abs(value) < 1:
        out.append("below_one")
    if abs(value) > 100:
        out.append("big")
    if candidate.sign in {"+", "-"}:
        out.append("signed_plus" if candidate.sign == "+" else "signed_minus")
    if scene.tokens[candidate.place].text == "words":
        out.append("words")
    if candidate.points:
        out.append("points")
    if candidate.unit in {"ms", "rate", "s"}:
        out.append("unit_" + candidate.unit)
    previous = scene.tokens[candidate.place - 1] if candidate.place else None
    if candidate.after < len(scene.tokens) and scene.tokens[candidate.after].raw in {"±", "+/-", "+-", "(±", "(+-"}:
        out.append("plus_minus")
    if previous is not None:
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
    if scene.has_run:
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

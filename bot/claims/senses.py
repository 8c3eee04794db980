"""Form features of sense: whose number it is, whether it was reached or wished for, asked, denied or taken back."""

from __future__ import annotations

from bot.claims.candidates import Candidate
from bot.claims.changes import amount_after, amount_before
from bot.claims.lexicon import BIT as _B
from bot.claims.metric_words import SIGNED
from bot.claims.scene import Scene, Scopes

_OWN = _B["own"]
_THING = _B["thing"]
_REACHED = _B["reached"]
_NOW = _B["now"]
_PAPER = _B["paper"]
_WISH = _B["goal"] | _B["future"] | _B["hypothetical"]
_FACT = _REACHED | _NOW | _OWN
_FOREIGN = _PAPER | _B["they"] | _B["famous"] | _B["said"] | _B["human"]
_HOPELESS = (
    _WISH
    | _PAPER
    | _B["system"]
    | _B["hyper"]
    | _B["data"]
    | _B["human"]
    | _B["life"]
    | _B["advice"]
    | _B["they"]
    | _B["you"]
)
_OPENERS = tuple(
    (_B[cue], name)
    for cue, name in (
        ("goal", "goal_open"),
        ("future", "future_open"),
        ("hypothetical", "hypo_open"),
        ("paper", "paper_open"),
        ("they", "they_open"),
        ("said", "said_open"),
        ("example", "example_open"),
    )
)


def senses(scene: Scene, candidate: Candidate, scopes: Scopes) -> list[str]:
    """The names of the features of sense that hold for a candidate."""
    out = _questions(scene, candidate, scopes)
    out += _facts(scene, candidate, scopes)
    out += _whose(scene, candidate, scopes)
    out += _denials(scene, candidate, scopes)
    out += _kinds(scene, candidate, scopes)
    if "hypo_open" in out and scene.tokens[candidate.place].sentence in scene.run_sentences:
        out.append("hypo_run")
    return out


def is_named(candidate: Candidate) -> bool:
    """Whether a metric is named for the candidate."""
    return candidate.metric not in {"", "generic", "unknown"}


def _questions(scene: Scene, candidate: Candidate, scopes: Scopes) -> list[str]:
    out = []
    sentence = scopes.sentence
    number = scene.tokens[candidate.place].sentence
    asked = number in scene.questions
    stated = (
        asked
        and number not in scene.asking
        and not (scopes.before | scopes.ahead) & (_B["wh"] | _B["who"] | _B["you"])
        and scene.tokens[candidate.place].clause < scene.asked_at[number]
    )
    if asked and (scopes.before | scopes.ahead) & _B["who"]:
        out.append("question_who")
    if asked and scene.sentences.get(number + 1, 0) & _OWN:
        out.append("question_then_own")
    if stated or (asked and number in scene.surprised and number not in scene.asking):
        out.append("question_later" if stated else "question_surprised")
    elif asked:
        out.append("question")
        if sentence & _B["puzzle"] and not sentence & (_B["you"] | _B["they"] | _PAPER):
            out.append("question_puzzle")
        elif sentence & _OWN and not sentence & _B["you"]:
            out.append("question_own")
        elif sentence & (_B["you"] | _B["they"] | _PAPER):
            out.append("question_other")
        else:
            out.append("question_bare")
    elif scene.questions and number + 1 in scene.questions:
        out.append("tail_question")
    return out


def _facts(scene: Scene, candidate: Candidate, scopes: Scopes) -> list[str]:
    near, nxt, before, after = scopes[:4]
    ahead = scopes.ahead
    out = []
    if scopes.sentence & (_OWN | _THING) and (before | near) & _REACHED:
        out.append("own_reached")
    for bit, name in ((_OWN, "own_anywhere"), (_REACHED, "reached_anywhere"), (_NOW, "now_anywhere")):
        if scene.post & bit:
            out.append(name)
    fact = (before | after | near | nxt) & _FACT
    for bit, name in _OPENERS:
        if before & bit or (ahead & bit and not fact) or (scene.verb_last and after & bit and not fact):
            out.append(name)
    if (before | ahead) & _WISH and ((near | nxt | after) & _NOW or (fact and not before & _WISH)):
        out.append("goal_then_now")
    if scene.supposes(candidate):
        out.append("would_follow")
    mood = scene.mood[candidate.place]
    if mood:
        out.append("mood_fact" if mood > 0 else "mood_wish")
    return out


def _whose(scene: Scene, candidate: Candidate, scopes: Scopes) -> list[str]:
    near, nxt, before, after = scopes[:4]
    ahead = scopes.ahead
    sentence = scopes.sentence
    clause = before | after | near | nxt
    out = []
    subject = scene.subject[candidate.place]
    if subject:
        out.append("subject_own" if subject > 0 else "subject_other")
    if (before | ahead) & _FOREIGN and not sentence & _OWN:
        out.append("foreign_only")
    if scopes.behind & _PAPER and not sentence & _OWN:
        out.append("credited")
    if before & _B["famous"] and not before & _OWN:
        out.append("famous_open")
    if sentence & _B["congrats"] and not scene.post & _OWN:
        out.append("congrats_open")
    if sentence & _B["disown"]:
        out.append("disowned")
    if clause & _B["human"] or (sentence & _B["human"] and not clause & _OWN):
        out.append("human_here")
    if scene.post & _B["agreement"] and not sentence & _B["model_noun"]:
        out.append("agree_here")
    if before & _OWN and before & _REACHED and ahead & (_PAPER | _B["they"] | _B["negative"] | _B["said"]):
        out.append("contrast_own")
    return out


def _denials(scene: Scene, candidate: Candidate, scopes: Scopes) -> list[str]:
    sentence = scopes.sentence
    errors = candidate.metric == "error_rate" and candidate.side == "behind"
    out = []
    if scopes.before & _B["negative"]:
        out.append("negated")
    elif scopes.ahead & _B["negative"]:
        out.append("negated_far")
    if scene.post & _B["retract"]:
        out.append("retracted")
    if not errors and (scopes.next | scopes.after) & _B["fault"] and not scopes.before & (_B["fault"] | _B["redo"]):
        out.append("fault_after")
    if scene.numbers == 1 and not sentence & _B["redo"]:
        if sentence & _B["retract"]:
            out.append("retract_only")
        if not errors and sentence & _B["fault"] and not sentence & _B["notbut"]:
            out.append("fault_only")
    return out


def _kinds(scene: Scene, candidate: Candidate, scopes: Scopes) -> list[str]:
    near, nxt = scopes[:2]
    sentence = scopes.sentence
    named = is_named(candidate)
    out = []
    if candidate.sign == "-" and candidate.metric not in SIGNED:
        out.append("negative_ratio")
    if amount_before(scene, candidate):
        out.append("amount_before")
    if amount_after(scene, candidate):
        out.append("amount_after")
    if candidate.sign == "x":
        out += ["twice"] if named else ["twice", "twice_bare"]
    if sentence & (_B["improve"] | _B["points"]) and (
        candidate.sign or candidate.points or (near | nxt) & _B["improve"]
    ):
        out.append("delta_form")
    if near & _B["hyper"]:
        out.append("hyper_near")
        if candidate.cost < 1.0 and candidate.side == "behind":
            out.append("hyper_but_metric")
        if 10 < candidate.value < 100 and candidate.decimals:
            out.append("hyper_but_score")
    if sentence & _B["data"]:
        out.append("data_here")
    hopeful = (
        bool(candidate.split) or scene.shouts or bool(scene.run_sentences) or bool(scene.post & (_FACT | _B["casual"]))
    )
    if hopeful and not named and not candidate.sign and not sentence & _HOPELESS:
        out.append("unknown_result")
    if not sentence & ~(_B["metric"] | _B["split"]):
        out += ["no_cues", "metric_plain"] if named else ["no_cues"]
    if named and sentence & _B["model_noun"]:
        out.append("model_metric")
    return out

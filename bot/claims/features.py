"""What the model looks at: for each candidate the cues around it, by scope, and its form.

A feature is `scope:cue` or a name of the list `FORMS`. Scopes: `near` the two tokens before, `next` the two
after, `before` and `after` in the same clause, `ahead` and `behind` in the rest of the sentence, `else` in other
sentences. Quoted text lends no cues to what is not quoted.
"""

from __future__ import annotations

from bot.claims.candidates import CODE, MARKED, QUOTED, STRUCK, Candidate
from bot.claims.lexicon import BIT
from bot.claims.metric_words import RATIO
from bot.claims.plain import LINK
from bot.claims.tokens import LINE, RUN, Token

SCOPES = ("near", "next", "before", "after", "ahead", "behind", "else")

FORMS = """
    bias percent decimal three_decimals below_one whole big small_whole signed_plus signed_minus words points
    quoted struck code marked metric_named metric_close metric_before metric_behind metric_cell metric_generic
    metric_other metric_fallback no_metric split_named out_of_range question question_own question_other
    question_bare run_here run_post near_miss first_sentence only_number many_numbers short long own_reached
    goal_open future_open hypo_open negated retracted paper_open they_open human_here system_unit hyper_near
    twice link_post plus_minus third_clause goal_then_now by_before delta_form from_to own_anywhere
    reached_anywhere now_anywhere clause_bare said_open you_question log_like unit_ms unit_rate unit_s
    tail_question fraction_ratio metric_plain no_cues data_here example_open agree_here model_metric negated_far
    hypo_closed imperative colon_goal equals unknown_percent unknown_whole unknown_decimal
""".split()

_B = BIT
_OWN = _B["own"]
_REACHED = _B["reached"]
_NOW = _B["now"]
_GOAL = _B["goal"]
_FUTURE = _B["future"]
_HYPO = _B["hypothetical"]
_ASK = _B["ask"] | _B["wh"]
_RETRACT = _B["retract"]
_PAPER = _B["paper"]
_FACT = _REACHED | _NOW | _OWN


class Scene:
    """The cue masks of a post's tokens, gathered by clause and sentence; linear in the number of tokens."""

    def __init__(self, tokens: list[Token], marks: list[int], text: str, candidates: list[Candidate]) -> None:
        self.tokens = tokens
        self.marks = marks
        size = len(tokens)
        masks = [0 if mark & (QUOTED | STRUCK) else token.mask for token, mark in zip(tokens, marks, strict=True)]
        self.masks = masks
        self.before = [0] * size
        self.after = [0] * size
        self.ahead = [0] * size
        self.behind = [0] * size
        self.sentences: dict[int, int] = {}
        self.questions: set[int] = set()
        clause = sentence = 0
        clause_mask = sentence_mask = 0
        for place, token in enumerate(tokens):
            if token.clause != clause:
                clause, clause_mask = token.clause, 0
            if token.sentence != sentence:
                self.sentences[sentence] = sentence_mask
                sentence, sentence_mask = token.sentence, 0
            self.before[place] = clause_mask
            self.ahead[place] = sentence_mask
            clause_mask |= masks[place]
            sentence_mask |= masks[place]
            if token.raw in "?？" and not marks[place] & QUOTED:
                self.questions.add(sentence)
        self.sentences[sentence] = sentence_mask
        clause = sentence = -1
        for place in range(size - 1, -1, -1):
            token = tokens[place]
            if token.clause != clause:
                clause, clause_mask = token.clause, 0
            if token.sentence != sentence:
                sentence, sentence_mask = token.sentence, 0
            self.after[place] = clause_mask
            self.behind[place] = sentence_mask
            clause_mask |= masks[place]
            sentence_mask |= masks[place]
        self._elsewhere()
        self.has_run = any(token.kind == RUN for token in tokens)
        self.run_sentences = {token.sentence for token in tokens if token.kind == RUN}
        self.has_link = any(token.raw == LINK for token in tokens)
        self.numbers = len(candidates)
        self.words = sum(1 for token in tokens if token.kind == "w")
        self.post = 0
        for mask in self.sentences.values():
            self.post |= mask

    def _elsewhere(self) -> None:
        """For each sentence, the cues of all the others."""
        order = sorted(self.sentences)
        forward, backward = 0, 0
        self.elsewhere: dict[int, int] = {}
        for number in order:
            self.elsewhere[number] = forward
            forward |= self.sentences[number]
        for number in reversed(order):
            self.elsewhere[number] |= backward
            backward |= self.sentences[number]

    def scopes(self, candidate: Candidate) -> tuple[int, ...]:
        """The cue masks around a candidate, in the order of `SCOPES`."""
        place = candidate.place
        masks, tokens = self.masks, self.tokens
        clause = tokens[place].clause
        near = nxt = 0
        for at in range(max(0, place - 2), place):
            if tokens[at].sentence == tokens[place].sentence:
                near |= masks[at]
        for at in range(candidate.after, min(len(tokens), candidate.after + 2)):
            if tokens[at].sentence == tokens[place].sentence:
                nxt |= masks[at]
        before, after = self.before[place], self.after[place]
        ahead, behind = self.ahead[place] & ~before, self.behind[place] & ~after
        del clause
        return near, nxt, before, after, ahead, behind, self.elsewhere[tokens[place].sentence]


def forms(scene: Scene, candidate: Candidate, scopes: tuple[int, ...]) -> list[str]:
    """The names of the form features that hold for a candidate."""
    out = ["bias"]
    out += _number_forms(candidate, scene)
    out += _metric_forms(candidate)
    out += _place_forms(scene, candidate)
    out += _sense_forms(scene, candidate, scopes)
    return out


def _number_forms(candidate: Candidate, scene: Scene) -> list[str]:
    value, decimals = candidate.value, candidate.decimals
    out = []
    if candidate.percent:
        out.append("percent")
    if decimals:
        out.append("three_decimals" if decimals >= 3 else "decimal")
    else:
        out.append("whole")
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


def _sense_forms(scene: Scene, candidate: Candidate, scopes: tuple[int, ...]) -> list[str]:
    near, nxt, before, after, ahead, behind, _other = scopes
    sentence = before | after | ahead | behind
    token = scene.tokens[candidate.place]
    out = []
    named = candidate.metric not in {"", "generic", "unknown"}
    question = token.sentence in scene.questions
    if question or (sentence & _B["ask"] and sentence & _B["wh"]):
        out.append("question")
        if sentence & _OWN and not sentence & _B["you"]:
            out.append("question_own")
        elif sentence & (_B["you"] | _B["they"] | _B["paper"]):
            out.append("question_other")
        else:
            out.append("question_bare")
    elif scene.questions and token.sentence + 1 in scene.questions:
        out.append("tail_question")
    if sentence & _OWN and (before | near) & _REACHED:
        out.append("own_reached")
    if scene.post & _OWN:
        out.append("own_anywhere")
    if scene.post & _REACHED:
        out.append("reached_anywhere")
    if scene.post & _NOW:
        out.append("now_anywhere")
    opened = before | ahead
    fact = (before | near) & (_REACHED | _NOW)
    for bit, name in (
        (_GOAL, "goal_open"),
        (_FUTURE, "future_open"),
        (_HYPO, "hypo_open"),
        (_PAPER, "paper_open"),
        (_B["they"], "they_open"),
        (_B["said"], "said_open"),
        (_B["example"], "example_open"),
    ):
        if opened & bit and not (before & bit == 0 and fact):
            out.append(name)
    if opened & (_GOAL | _FUTURE | _HYPO) and not before & (_GOAL | _FUTURE | _HYPO) and fact:
        out.append("goal_then_now")
    if before & _B["negative"]:
        out.append("negated")
    elif ahead & _B["negative"]:
        out.append("negated_far")
    if scene.post & _RETRACT:
        out.append("retracted")
    if sentence & _B["human"]:
        out.append("human_here")
    if sentence & _B["data"]:
        out.append("data_here")
    if scene.post & _B["agreement"]:
        out.append("agree_here")
    if near & _B["hyper"]:
        out.append("hyper_near")
    if candidate.sign == "x":
        out.append("twice")
    if not (sentence & ~(_B["metric"] | _B["split"])):
        out.append("no_cues")
        if named:
            out.append("metric_plain")
    delta = sentence & (_B["improve"] | _B["points"])
    if delta and (
        candidate.sign or candidate.points or "by_before" in out or near & _B["improve"] or nxt & _B["improve"]
    ):
        out.append("delta_form")
    if named and sentence & _B["model_noun"]:
        out.append("model_metric")
    return out


def starts_line(scene: Scene, place: int) -> bool:
    """Whether a token is the first of its line."""
    return place == 0 or scene.tokens[place - 1].kind == LINE

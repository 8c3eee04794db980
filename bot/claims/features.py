"""What the model looks at: for each candidate the cues around it, by scope, and its form.

A feature is `scope:cue` or a name of the list `FORMS`. Scopes: `near` the two tokens before, `next` the two
after, `before` and `after` in the same clause, `ahead` and `behind` in the rest of the sentence, `else` in other
sentences. Quoted text lends no cues to what is not quoted.
"""

from __future__ import annotations

from bot.claims.candidates import CODE, MARKED, QUOTED, STRUCK, Candidate
from bot.claims.lexicon import BIT
from bot.claims.metric_words import RATIO, SIGNED
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
    hypo_closed imperative colon_goal equals congrats_open question_then_own negative_ratio question_puzzle disowned amount_before amount_after twice_bare foreign_only famous_open retract_only unknown_result hyper_but_metric odd_whole odd_scale scientific bounded percent_of plural_near metric_taken hypo_run contrast_own unknown_percent unknown_whole unknown_decimal
""".split()

_B = BIT
_OWN = _B["own"]
_REACHED = _B["reached"]
_NOW = _B["now"]
_GOAL = _B["goal"]
_FUTURE = _B["future"]
_HYPO = _B["hypothetical"]
_THING = _B["thing"]
_ASK = _B["ask"] | _B["wh"]
_RETRACT = _B["retract"]
_PAPER = _B["paper"]
_MODAL = frozenset("to can could may might must should shall will would did do does not".split())
_FACT = _REACHED | _NOW | _OWN


class Scene:
    """The cue masks of a post's tokens, gathered by clause and sentence; linear in the number of tokens."""

    def __init__(self, tokens: list[Token], marks: list[int], text: str, candidates: list[Candidate]) -> None:
        self.tokens = tokens
        self.marks = marks
        size = len(tokens)
        _raise_verbs(tokens)
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
        self.fractional = any(c.decimals and not c.scientific for c in candidates)
        self.below_one = {c.metric for c in candidates if c.metric in RATIO and 0 < c.value < 1 and not c.percent}
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


def _raise_verbs(tokens: list[Token]) -> None:
    """A plain verb right after its subject reports ("we get 0.91"); after "to" or "can" it stays a wish."""
    for place, token in enumerate(tokens):
        if not token.mask & (_B["base_verb"] | _REACHED):
            continue
        earlier = [t for t in tokens[max(0, place - 3) : place] if t.kind == "w" and t.clause == token.clause]
        if any(t.mask & _B["negative"] for t in earlier[-2:]):
            token.mask = token.mask & ~_REACHED | _B["negverb"]
            continue
        if token.mask & _REACHED:
            continue
        if any(t.text in _MODAL or t.mask & (_GOAL | _FUTURE | _HYPO | _B["ask"]) for t in earlier):
            continue
        if any(t.mask & (_OWN | _THING) for t in earlier):
            token.mask |= _REACHED


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
    if candidate.scientific:
        out.append("scientific")
    if candidate.plural:
        out.append("plural_near")
    if candidate.taken:
        out.append("metric_taken")
    if candidate.comparator in {"<", ">", "<=", ">="}:
        out.append("bounded")
    if candidate.percent and candidate.after < len(scene.tokens) and scene.tokens[candidate.after].mask & _B["of"]:
        out.append("percent_of")
    if not decimals and not candidate.percent and not candidate.unit and scene.fractional:
        out.append("odd_whole")
    if candidate.metric in scene.below_one and abs(value) > 1 and not candidate.percent:
        out.append("odd_scale")
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


def _sense_forms(scene: Scene, candidate: Candidate, scopes: tuple[int, ...]) -> list[str]:
    near, nxt, before, after, ahead, behind, _other = scopes
    sentence = before | after | ahead | behind
    token = scene.tokens[candidate.place]
    out = []
    named = candidate.metric not in {"", "generic", "unknown"}
    question = token.sentence in scene.questions
    if question or (sentence & _B["ask"] and sentence & _B["wh"]):
        out.append("question")
        if sentence & _B["puzzle"] and not sentence & (_B["you"] | _B["they"] | _PAPER):
            out.append("question_puzzle")
        elif sentence & _OWN and not sentence & _B["you"]:
            out.append("question_own")
        elif sentence & (_B["you"] | _B["they"] | _B["paper"]):
            out.append("question_other")
        else:
            out.append("question_bare")
    elif scene.questions and token.sentence + 1 in scene.questions:
        out.append("tail_question")
    if sentence & (_OWN | _THING) and (before | near) & _REACHED:
        out.append("own_reached")
    if scene.post & _OWN:
        out.append("own_anywhere")
    if scene.post & _REACHED:
        out.append("reached_anywhere")
    if scene.post & _NOW:
        out.append("now_anywhere")
    opened = before | ahead
    clause = before | after | near | nxt
    fact = clause & _FACT
    forms_so_far = ("hyper_near",) if near & _B["hyper"] else ()
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
    said_now = (near | nxt | after) & (_NOW | _REACHED)
    if opened & (_GOAL | _FUTURE | _HYPO) and (said_now or (fact and not before & (_GOAL | _FUTURE | _HYPO))):
        out.append("goal_then_now")
    if sentence & _B["congrats"] and not scene.post & _OWN:
        out.append("congrats_open")
    if question and scene.sentences.get(token.sentence + 1, 0) & _OWN:
        out.append("question_then_own")
    if candidate.sign == "-" and candidate.metric not in SIGNED:
        out.append("negative_ratio")
    if before & _B["negative"]:
        out.append("negated")
    elif ahead & _B["negative"]:
        out.append("negated_far")
    if scene.post & _RETRACT:
        out.append("retracted")
    if sentence & _B["disown"]:
        out.append("disowned")
    if _amount_before(scene, candidate):
        out.append("amount_before")
    if _amount_after(scene, candidate):
        out.append("amount_after")
    if candidate.sign == "x" and not named:
        out.append("twice_bare")
    if clause & _B["human"] or (sentence & _B["human"] and not clause & _OWN):
        out.append("human_here")
    foreign = _PAPER | _B["they"] | _B["famous"] | _B["said"] | _B["human"]
    if opened & foreign and not sentence & _OWN:
        out.append("foreign_only")
    if before & _B["famous"] and not before & _OWN:
        out.append("famous_open")
    if sentence & _RETRACT and scene.numbers == 1 and not sentence & _B["redo"]:
        out.append("retract_only")
    if not named and not candidate.metric == "other":
        hopeful = scene.post & (_OWN | _REACHED | _NOW | _B["casual"]) or candidate.split
        blockers = (
            _B["system"]
            | _B["hyper"]
            | _B["data"]
            | _B["human"]
            | _GOAL
            | _FUTURE
            | _HYPO
            | _PAPER
            | _B["they"]
            | _B["you"]
        )
        if hopeful and not sentence & blockers and not candidate.sign:
            out.append("unknown_result")
    if "hyper_near" in forms_so_far and candidate.cost < 1.0 and candidate.side == "behind":
        out.append("hyper_but_metric")
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
    if "hypo_open" in out and token.sentence in scene.run_sentences:
        out.append("hypo_run")
    if before & _OWN and before & _REACHED and ahead & (_PAPER | _B["they"] | _B["negative"] | _B["said"]):
        out.append("contrast_own")
    delta = sentence & (_B["improve"] | _B["points"])
    if delta and (
        candidate.sign or candidate.points or "by_before" in out or near & _B["improve"] or nxt & _B["improve"]
    ):
        out.append("delta_form")
    if named and sentence & _B["model_noun"]:
        out.append("model_metric")
    return out


_SKIPPED = frozenset(
    """
    by us me about ~ only roughly around just almost an a of some nearly 了 约 大约 大概 相对 绝对 absolute relative 近 将近 um
    """.split()
)
_MORE = frozenset("by another extra additional further um 又 再".split())
_COMPARED = frozenset(
    """
    better worse lower higher more less improvement improvements gain gains boost drop increase decrease reduction lift
    ahead behind uplift jump bump regression off short up down cheaper besser schlechter mehr weniger mieux mejor peor mas
    menos meglio beter лучше хуже 多 少 高 低 提升 下降 的提升 improve degradation delta difference
    """.split()
)


def _amount_before(scene: Scene, candidate: Candidate) -> bool:
    """Whether a word of change comes right before the number: "lose 0.3", "improved by 2", 提升 1.3."""
    place = candidate.place - 1
    if candidate.sign in {"+", "-"}:
        place -= 1
    for at in range(place, max(-1, place - 4), -1):
        token = scene.tokens[at]
        if token.text in _MORE:
            return True
        if token.mask & _B["improve"] and token.text not in _SKIPPED:
            return not token.mask & _REACHED or token.text.isascii()
        if token.text not in _SKIPPED:
            return False
    return False


def _amount_after(scene: Scene, candidate: Candidate) -> bool:
    """Whether the number is compared right after it: "1.8 points better", "0.05 lower", "12 % worse"."""
    tokens = scene.tokens
    for at in range(candidate.after, min(len(tokens), candidate.after + 4)):
        token = tokens[at]
        if token.text in _COMPARED:
            return True
        if not (
            token.metric
            or token.mask & _B["points"]
            or token.raw in "%()"
            or token.text in {"relative", "absolute", "in"}
        ):
            return False
    return False


def starts_line(scene: Scene, place: int) -> bool:
    """Whether a token is the first of its line."""
    return place == 0 or scene.tokens[place - 1].kind == LINE

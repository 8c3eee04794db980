"""A post's cues by scope: around each number, in its clause, in its sentence, elsewhere.

Scopes: `near` the two tokens before, `next` the two after, `before` and `after` in the same clause, `ahead` and
`behind` in the rest of the sentence, `else` in other sentences; `lead` and `trail` are the closest telling word before
and after. Quoted text lends no cues to what is not quoted.
"""

from __future__ import annotations

from bot.claims.candidates import QUOTED, STRUCK, Candidate
from bot.claims.lexicon import BIT
from bot.claims.metric_words import RATIO
from bot.claims.plain import EMOJI, LINK
from bot.claims.token import RUN, WORD, Token

SCOPES = ("near", "next", "before", "after", "ahead", "behind", "else", "lead", "trail")

_B = BIT
_OWN = _B["own"]
_REACHED = _B["reached"]
_NOW = _B["now"]
_GOAL = _B["goal"]
_FUTURE = _B["future"]
_HYPO = _B["hypothetical"]
_THING = _B["thing"]
_PAPER = _B["paper"]
_FOREIGN = _PAPER | _B["they"] | _B["famous"] | _B["human"] | _B["said"]
_TELLING = sum(
    _B[cue]
    for cue in """
        reached now own thing they you paper famous said human life advice agreement hyper system data goal future
        hypothetical negative negverb
        chance example retract fault base tried model_noun evalset rule metric quiet
    """.split()
)
_REACH = 9
_OTHERS = _FOREIGN & ~_B["human"]
_ASKS = _B["ask"] | _B["wh"] | _B["asks"] | _B["who"]
_TRAINING = frozenset("loader dataloader pretraining trainer training mfu hfu".split())
_SHOUTS = frozenset(("!", "！", EMOJI))
_OPENING = frozenset("([（")
_MODAL = frozenset("to can could may might must should shall will would did do does not".split())


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
        self.asked_at: dict[int, int] = {}
        self.asking: set[int] = set()
        opened = 0
        clause = sentence = 0
        clause_mask = sentence_mask = 0
        for place, token in enumerate(tokens):
            if token.clause != clause:
                clause, clause_mask = token.clause, 0
            if token.sentence != sentence:
                self.sentences[sentence] = sentence_mask
                sentence, sentence_mask, opened = token.sentence, 0, 0
            if token.kind == WORD and opened < 2:
                opened += 1
                if masks[place] & _ASKS:
                    self.asking.add(sentence)
            self.before[place] = clause_mask
            self.ahead[place] = sentence_mask
            clause_mask |= masks[place]
            sentence_mask |= masks[place]
            if (token.raw in "?？" or masks[place] & _B["asks"]) and not marks[place] & QUOTED:
                self.questions.add(sentence)
                self.asked_at.setdefault(sentence, clause)
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
        self._moods()
        self.has_run = any(token.kind == RUN for token in tokens)
        self.run_sentences = {token.sentence for token in tokens if token.kind == RUN}
        self.trains = any(token.split == "train" or token.text in _TRAINING for token in tokens)
        self.verb_last = any("\u3041" <= c <= "\u30ff" or "가" <= c <= "힣" for c in text)
        self.shouts = any(token.raw in _SHOUTS for token in tokens)
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

    def near_reached(self, candidate: Candidate) -> bool:
        """Whether one of the two words before says that something was reached ("cracked 30")."""
        return any(mask & _REACHED for mask in self.masks[max(0, candidate.place - 2) : candidate.place])

    def _moods(self) -> None:
        """For each token, whose doing the sentence was last about, and whether fact or wish."""
        size = len(self.tokens)
        self.subject = [0] * size
        self.mood = [0] * size
        sentence, subject, mood, clause, wished, hoped = -1, 0, 0, -1, False, False
        for place, token in enumerate(self.tokens):
            if token.sentence != sentence:
                sentence, subject, mood, hoped = token.sentence, 0, 0, False
            mask = self.masks[place]
            if token.clause != clause and subject < -1:
                subject = 0
            if mask & _FOREIGN:
                subject = -1 if mask & _OTHERS else -2
            elif mask & (_OWN | _THING):
                subject = 1
            if token.clause != clause:
                clause, wished = token.clause, False
                if token.raw in {":", "："} and not hoped:
                    mood = 0
            if mask & (_GOAL | _FUTURE | _HYPO):
                mood, wished = -1, True
                hoped = hoped or bool(mask & _GOAL)
            elif mask & _NOW or (mask & _REACHED and not wished):
                mood = 1
            self.subject[place], self.mood[place] = subject, mood

    def scopes(self, candidate: Candidate) -> tuple[int, ...]:
        """The cue masks around a candidate, in the order of `SCOPES`."""
        place = candidate.place
        masks, tokens = self.masks, self.tokens
        clause = tokens[place].clause
        near = nxt = 0
        for at in range(max(0, place - 2), place):
            if tokens[at].clause == clause:
                near |= masks[at]
        bracketed = candidate.after < len(tokens) and tokens[candidate.after].raw in _OPENING
        for at in range(candidate.after, min(len(tokens), candidate.after + 2)):
            if tokens[at].clause == clause or (tokens[at].sentence == tokens[place].sentence and bracketed):
                nxt |= masks[at]
        before, after = self.before[place], self.after[place]
        ahead, behind = self.ahead[place] & ~before, self.behind[place] & ~after
        lead, trail = self._closest(place, -1), self._closest(candidate.after - 1, 1)
        return near, nxt, before, after, ahead, behind, self.elsewhere[tokens[place].sentence], lead, trail

    def _closest(self, place: int, step: int) -> int:
        """The cues of the closest telling word of the sentence on one side of a number."""
        tokens, masks = self.tokens, self.masks
        sentence, clause = tokens[place].sentence, tokens[place].clause
        at = place + step
        if step > 0 and at < len(tokens) and tokens[at].raw in _OPENING:
            clause = tokens[at].clause
        for _ in range(_REACH):
            if not 0 <= at < len(tokens) or tokens[at].sentence != sentence:
                return 0
            if step > 0 and tokens[at].clause != clause:
                return 0
            found = masks[at] & _TELLING
            if found:
                return found
            at += step
        return 0


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

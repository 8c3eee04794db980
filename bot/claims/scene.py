"""A post's cues by scope: around each number, in its clause, in its sentence, elsewhere.

Scopes: `near` the two tokens before, `next` the two after, `before` and `after` in the same clause, `ahead` and
`behind` in the rest of the sentence, `elsewhere` in other sentences; `lead` and `trail` are the closest telling word
before and after. Quoted text lends no cues to what is not quoted.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from bot.claims.candidates import QUOTED, STRUCK, Candidate
from bot.claims.lexicon import BIT
from bot.claims.metric_words import RATIO
from bot.claims.plain import EMOJI, LINK
from bot.claims.token import RUN, WORD, Token


class Scopes(NamedTuple):
    """The cue masks around a number. The model weighs the first six; all are there for the features of sense."""

    near: int
    next: int
    before: int
    after: int
    lead: int
    trail: int
    ahead: int
    behind: int
    elsewhere: int

    @property
    def sentence(self) -> int:
        """The cues of the number's sentence."""
        return self.before | self.after | self.ahead | self.behind


SCOPES = Scopes._fields[:6]
"""The scopes that the model weighs."""

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
_QUERIES = frozenset("?？")
_SURPRISE = frozenset("?？!！")
_COLONS = frozenset(":：")
_VERB_LAST = re.compile("[\u3041-\u30ff가-힣]")
_OPENING = frozenset("([（")
_PLAIN = frozenset("hit beat cut put set get reach break exceed pass".split())
_NO_WISH = frozenset("to did do does not".split())
"""Words before a plain verb that leave open whether it was done: "managed to hit", "did beat"."""
_WOULD = frozenset("would could might wouldn't couldn't we'd i'd they'd".split())
_MODAL = frozenset("to can could may might must should shall will would did do does not".split())


class Scene:
    """The cue masks of a post's tokens, gathered by clause and sentence; linear in the number of tokens."""

    def __init__(self, tokens: list[Token], marks: list[int], text: str, candidates: list[Candidate]) -> None:
        self.tokens = tokens
        self.marks = marks
        _raise_verbs(tokens)
        self.masks = [token.mask for token in tokens]
        if any(marks):
            hidden = QUOTED | STRUCK
            self.masks = [0 if mark & hidden else mask for mask, mark in zip(self.masks, marks, strict=True)]
        places = {candidate.place for candidate in candidates}
        raws = {token.raw for token in tokens}
        self.before: dict[int, int] = {}
        self.ahead: dict[int, int] = {}
        self.after: dict[int, int] = {}
        self.behind: dict[int, int] = {}
        self.subject: dict[int, int] = {}
        self.mood: dict[int, int] = {}
        self.sentences: dict[int, int] = {}
        self._look_back(places)
        self._look_ahead(places)
        self.post = 0
        for mask in self.sentences.values():
            self.post |= mask
        self.questions: set[int] = set()
        self.asked_at: dict[int, int] = {}
        self.asking: set[int] = set()
        self.surprised: set[int] = set()
        if self.post & _B["asks"] or not _QUERIES.isdisjoint(raws):
            self._questions()
        self._elsewhere()
        kinds = [token.kind for token in tokens]
        self.run_sentences = {token.sentence for token in tokens if token.kind == RUN} if RUN in kinds else set()
        self.trains = any(token.split == "train" or token.text in _TRAINING for token in tokens)
        self.verb_last = _VERB_LAST.search(text) is not None
        self.shouts = not _SHOUTS.isdisjoint(raws)
        self.has_link = LINK in raws
        self.numbers = len(candidates)
        self.fractional = any(c.decimals and not c.scientific for c in candidates)
        self.below_one = {c.metric for c in candidates if c.metric in RATIO and 0 < c.value < 1 and not c.percent}
        self.words = kinds.count(WORD)

    def _look_back(self, places: set[int]) -> None:
        """For the tokens at `places`: the cues before them, whose doing it was last, and whether fact or wish."""
        clause = sentence = clause_mask = sentence_mask = subject = mood = 0
        wished = hoped = False
        for place, (token, mask) in enumerate(zip(self.tokens, self.masks, strict=True)):
            if token.clause != clause:
                clause, clause_mask, wished = token.clause, 0, False
                subject = 0 if subject == -2 else subject
                if token.sentence != sentence:
                    self.sentences[sentence] = sentence_mask
                    sentence, sentence_mask, subject, mood, hoped = token.sentence, 0, 0, 0, False
                if token.raw in _COLONS and not hoped:
                    mood = 0
            if place in places:
                self.before[place], self.ahead[place] = clause_mask, sentence_mask
                self.subject[place], self.mood[place] = subject, mood
            if mask:
                clause_mask |= mask
                sentence_mask |= mask
                if mask & _FOREIGN:
                    subject = -1 if mask & _OTHERS else -2
                elif mask & (_OWN | _THING):
                    subject = 1
                if mask & (_GOAL | _FUTURE | _HYPO):
                    mood, wished = -1, True
                    hoped = hoped or bool(mask & _GOAL)
                elif mask & _NOW or (mask & _REACHED and not wished):
                    mood = 1
        self.sentences[sentence] = sentence_mask

    def _look_ahead(self, places: set[int]) -> None:
        """For the tokens at `places` the cues behind them: in their clause, in their sentence."""
        tokens, masks = self.tokens, self.masks
        clause = sentence = -1
        clause_mask = sentence_mask = 0
        for place in range(len(tokens) - 1, -1, -1):
            token = tokens[place]
            if token.clause != clause:
                clause, clause_mask = token.clause, 0
                if token.sentence != sentence:
                    sentence, sentence_mask = token.sentence, 0
            if place in places:
                self.after[place], self.behind[place] = clause_mask, sentence_mask
            clause_mask |= masks[place]
            sentence_mask |= masks[place]

    def _questions(self) -> None:
        """The sentences that ask, where each begins to, and those that open with a word of asking."""
        asks, doubled = _B["asks"], False
        sentence, opened = -1, 0
        for token, mask, mark in zip(self.tokens, self.masks, self.marks, strict=True):
            if token.sentence != sentence:
                sentence, opened = token.sentence, 0
            if opened < 2 and token.kind == WORD:
                opened += 1
                if mask & _ASKS:
                    self.asking.add(sentence)
            if (mask & asks or token.raw in _QUERIES) and not mark & QUOTED:
                self.questions.add(sentence)
                self.asked_at.setdefault(sentence, token.clause)
            if token.raw in _SURPRISE:
                if doubled:
                    self.surprised.add(sentence - 1)
                doubled = True
            else:
                doubled = False

    def _elsewhere(self) -> None:
        """For each sentence, the cues of all the others."""
        order = sorted(self.sentences)
        forward, backward = 0, 0
        self.elsewhere: dict[int, int] = dict.fromkeys(order, 0)
        if len(order) == 1:
            return
        for number in order:
            self.elsewhere[number] = forward
            forward |= self.sentences[number]
        for number in reversed(order):
            self.elsewhere[number] |= backward
            backward |= self.sentences[number]

    def near_reached(self, candidate: Candidate) -> bool:
        """Whether one of the two words before says that something was reached ("cracked 30")."""
        return any(mask & _REACHED for mask in self.masks[max(0, candidate.place - 2) : candidate.place])

    def supposes(self, candidate: Candidate) -> bool:
        """Whether the clause goes on with "would" or "could" behind the number, and has not said so before it."""
        tokens, place = self.tokens, candidate.place
        clause = tokens[place].clause
        after = candidate.after
        while after < len(tokens) and after < candidate.after + _REACH and tokens[after].clause == clause:
            if tokens[after].text in _WOULD:
                return True
            after += 1
        return False

    def scopes(self, candidate: Candidate) -> Scopes:
        """The cue masks around a candidate."""
        place, after = candidate.place, candidate.after
        masks, tokens = self.masks, self.tokens
        here = tokens[place]
        near = nxt = 0
        for at in range(max(0, place - 2), place):
            if tokens[at].clause == here.clause:
                near |= masks[at]
        bracketed = after < len(tokens) and tokens[after].raw in _OPENING
        for at in range(after, min(len(tokens), after + 2)):
            if tokens[at].clause == here.clause or (bracketed and tokens[at].sentence == here.sentence):
                nxt |= masks[at]
        before, behind = self.before[place], self.after[place]
        return Scopes(
            near,
            nxt,
            before,
            behind,
            self._closest(place, -1),
            self._closest(after - 1, 1),
            self.ahead[place] & ~before,
            self.behind[place] & ~behind,
            self.elsewhere[here.sentence],
        )

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
            if token.text in _PLAIN and any(t.text in _MODAL and t.text not in _NO_WISH for t in earlier):
                token.mask = token.mask & ~_REACHED | _B["base_verb"]
            continue
        if any(t.text in _MODAL or t.mask & (_GOAL | _FUTURE | _HYPO | _B["ask"]) for t in earlier):
            continue
        if any(t.mask & (_OWN | _THING) for t in earlier):
            token.mask |= _REACHED

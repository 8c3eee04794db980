"""Reading a post: text in, `Reading` out. Pure, linear in the text's length, and it raises nothing."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Literal

from bot.claims import asides, binding, candidates, numbers, run_ids, tables
from bot.claims.candidates import Candidate
from bot.claims.explain import cues
from bot.claims.features import forms
from bot.claims.lexicon import BIT, words_of
from bot.claims.metric_words import METRICS, RATIO, SIGNED
from bot.claims.model import Features, Model, probability, shipped, total
from bot.claims.plain import Plain
from bot.claims.reading import Delta, Reading, Reason
from bot.claims.scene import Scene, Scopes
from bot.claims.token import IDENT, NUMBER, RUN, Token
from bot.claims.tokens import tokenise
from tracker.record import Claim

_SPLITS: dict[str, Literal["val", "test", "train"]] = {"val": "val", "test": "test", "train": "train"}
_COMPARATORS: dict[str, Literal["=", ">", ">=", "<", "<=", "~"]] = {
    ">": ">",
    ">=": ">=",
    "<": "<",
    "<=": "<=",
    "~": "~",
}
_CAUSES = BIT["hyper"] | BIT["data"] | BIT["improve"] | BIT["points"]
"""Cues that a change is made of, or that tell what brought it about ("dropout costs 0.4 points")."""
LONGEST = 20_000
"""Characters that are read for claims; a Slack message has at most 40,000, and no result stands behind so much text."""
_MULTIPLES = words_of("twice")
_MOST_POINTS = 20
MOST = 400
"""Candidates that are looked at."""

_FILE = re.compile(
    r"\.(?:png|jpe?g|gif|pdf|csv|tsv|json|jsonl|pth?|ckpt|wav|mp[34]|txt|log|ya?ml|py|ipynb|zip|gz|tar|onnx|npz|npy|h5|bin|svg|md|xlsx?|"
    r"pptx?|docx?|sh|safetensors|parquet|html)(?![\w])",
    re.IGNORECASE,
)
_NAME = re.compile(r"[\w./\-+%=]*\Z")


class Seen:
    """What the steps before the model made of a text: tokens, candidates, and each candidate's features."""

    __slots__ = ("candidates", "features", "plain", "scene", "tokens")

    def __init__(self, text: str) -> None:
        self.plain = Plain(text[:LONGEST])
        self.tokens: list[Token] = []
        self.candidates: list[Candidate] = []
        self.features: list[Features] = []
        plain = self.plain.text
        lower = plain.lower()
        if not numbers.may_stand_in(lower) and not any(word in lower for word in _MULTIPLES):
            return
        self.tokens = tokenise(self.plain)
        found = candidates.find(self.tokens, plain, _files(plain))[:MOST]
        found = tables.read(self.tokens, found, plain)
        found += _twice(self.tokens)
        _spreads(self.tokens, found, plain)
        found = [candidate for candidate in found if not candidate.std]
        binding.bind(self.tokens, found)
        found = [
            candidate
            for candidate in found
            if not candidate.led and (candidate.unit != "s" or candidate.metric == "latency")
        ]
        self.candidates = found
        if found:
            self.scene = Scene(self.tokens, candidates.regions(self.tokens, plain), plain, found)
            for candidate in found:
                scopes = self.scene.scopes(candidate)
                names = forms(self.scene, candidate, scopes)
                if "change" in names:
                    scopes = Scopes(*(mask & ~_CAUSES for mask in scopes))
                self.features.append(Features(scopes, names, *beside(self.tokens, candidate)))

    def written(self, candidate: Candidate) -> str:
        """The original text of a candidate, with its percent sign or unit."""
        token = self.tokens[candidate.place]
        end = self.tokens[candidate.after - 1].end if candidate.unit else token.end
        return self.plain.written(token.start - (candidate.sign in {"+", "-"}), end)


def read_post(text: str, model: Model | None = None) -> Reading:
    """What the bot sees in a post's text, as Slack delivers it.

    The claims are the metric values that the author's team reports as its own; where the model is unsure the
    confidence says so. Run IDs are read from the whole text, claims from its first 20,000 characters.
    """
    model = model or shipped()
    ids, near = run_ids.find(text)
    seen = Seen(text)
    claims: list[Claim] = []
    deltas: list[Delta] = []
    reasons: list[Reason] = []
    surest = 0.0
    for candidate, each, change, value, why in _judged(seen, model):
        surest = max(surest, value)
        written = seen.written(candidate)
        kind = "left" if value < 0.5 else "delta" if change else "claim"
        reasons.append(Reason(written, kind, round(value, 3), why))
        if kind == "delta":
            deltas.append(as_delta(seen, candidate, written))
        elif kind == "claim":
            claim = as_claim(seen, candidate, each.scopes, written)
            if claim is not None:
                claims.append(claim)
    is_result = surest >= 0.5
    sure = surest if is_result else 1.0 - surest
    over = asides.seeds(seen.plain.text) if is_result else None
    return Reading(is_result, _distinct(claims), tuple(deltas), ids, near, round(sure, 3), tuple(reasons), over)


_Judged = tuple[Candidate, Features, bool, float, tuple[str, ...]]


def _judged(seen: Seen, model: Model) -> list[_Judged]:
    """Each candidate with its features, whether it is a change, how likely it is ours, and the cues that say so."""
    found, features = seen.candidates, seen.features
    words = sentence_words(seen.tokens, {each.sentence for each in features}) if found else {}
    heard = {sentence: sorted(model.heard(some), reverse=True) for sentence, some in words.items()}
    basis = {sentence: model.bias + total(parts) for sentence, parts in heard.items()}
    out: list[_Judged] = []
    for row in _rows(found, seen.tokens):
        own = [model.parts(features[place]) for place in row]
        score = sum([basis[features[place].sentence] + total(parts) for place, parts in zip(row, own, strict=True)])
        value = probability(score / len(row))
        for place, parts in zip(row, own, strict=True):
            each = features[place]
            change = is_change(found[place], each.forms)
            out.append((found[place], each, change, value, cues(parts, heard[each.sentence])))
    return out


def beside(tokens: list[Token], candidate: Candidate) -> tuple[str, str, int]:
    """The words right before and right behind a number within its sentence, and the sentence."""
    place, after, sentence = candidate.place, candidate.after, tokens[candidate.place].sentence
    previous = following = ""
    if place and tokens[place - 1].sentence == sentence:
        previous = word_of(tokens[place - 1])
    if after < len(tokens) and tokens[after].sentence == sentence:
        following = word_of(tokens[after])
    return previous, following, sentence


_LONGEST_WORD = 20


def word_of(token: Token) -> str:
    """A token as a word feature: `#` for a number, `@` for a name with digits or a run."""
    if token.kind == NUMBER:
        return "#"
    return "@" if token.kind in {IDENT, RUN} else token.text[:_LONGEST_WORD]


def sentence_words(tokens: list[Token], sentences: set[int]) -> dict[int, list[str]]:
    """The distinct words of some sentences."""
    words: dict[int, dict[str, None]] = {sentence: {} for sentence in sentences}
    for token in tokens:
        if token.sentence in words and token.kind not in {NUMBER, IDENT, RUN}:
            words[token.sentence][token.text[:_LONGEST_WORD]] = None
    return {sentence: list(found) for sentence, found in words.items()}


def is_change(candidate: Candidate, names: list[str]) -> bool:
    """Whether a number tells a change, by its form."""
    return "change" in names or (candidate.points and candidate.value <= _MOST_POINTS)


_JOINTS = frozenset(
    "/ , and & 、 和 vs vs. und et y to → -> - – on in at val test train dev , ， 到 ( ) % bis à".split()
)


def _rows(found: list[Candidate], tokens: list[Token]) -> list[range]:
    """The candidates in rows: numbers of one list ("24.7 / 24.9 / 24.4", "from 0.61 to 0.66") share their score."""
    rows = []
    start = 0
    for place in range(1, len(found) + 1):
        if place == len(found) or not _listed(found[place - 1], found[place], tokens):
            rows.append(range(start, place))
            start = place
    return rows


def _listed(earlier: Candidate, later: Candidate, tokens: list[Token]) -> bool:
    """Whether two numbers stand in one list, with nothing but joints between them."""
    if not 0 < later.place - earlier.after <= 3 or earlier.percent != later.percent or earlier.cell or later.cell:
        return False
    if (
        earlier.scientific != later.scientific
        or bool(earlier.decimals) != bool(later.decimals)
        or earlier.metric != later.metric
        or earlier.sign != later.sign
    ):
        return False
    return all(token.text in _JOINTS for token in tokens[earlier.after : later.place])


def scaled(candidate: Candidate) -> tuple[str, float, int]:
    """A candidate's canonical metric, value and decimals: ratio metrics as fractions, seconds as milliseconds."""
    metric = candidate.metric if candidate.metric in METRICS and candidate.metric not in {"generic"} else "unknown"
    value, decimals = candidate.value, candidate.decimals
    if candidate.sign == "-" and metric in SIGNED:
        value = -value
    hundredth = candidate.percent if metric == "unknown" else (candidate.percent or abs(value) > 1)
    if (metric in RATIO or metric == "unknown") and hundredth:
        return metric, round(value / 100, decimals + 4), max(decimals + 2, 0)
    if metric == "latency" and candidate.unit == "s":
        return metric, value * 1000, max(decimals - 3, 0)
    return metric, value, max(decimals, 0)


def as_delta(seen: Seen, candidate: Candidate, written: str) -> Delta:
    """The change that a candidate tells of."""
    metric, amount, digits = scaled(candidate)
    tokens = seen.tokens
    if amount == candidate.value and (candidate.points or (metric in RATIO and _in_points(seen, candidate))):
        amount, digits = round(amount / 100, digits + 4), digits + 2
    return Delta(
        metric,
        abs(amount),
        written,
        digits,
        _SPLITS.get(candidate.split),
        asides.way(tokens, candidate),
        asides.relative(tokens, candidate),
        asides.against(tokens, candidate),
    )


def _in_points(seen: Seen, candidate: Candidate) -> bool:
    """Whether a ratio metric's change below one is one of points: the values beside it are, or "0.3 F1" is written."""
    if candidate.sign == "x" or not candidate.decimals:
        return False
    beside = [other for other in seen.candidates if other.metric == candidate.metric and other is not candidate]
    if any(other.value > 1 or other.percent for other in beside):
        return True
    return candidate.decimals == 1 and not beside


def as_claim(seen: Seen, candidate: Candidate, scopes: Scopes, written: str) -> Claim | None:
    """The claim that a candidate makes; None for metrics that no claim is made of."""
    metric, value, digits = scaled(candidate)
    if metric == "other":
        return None
    around = scopes.near | scopes.before
    best, last = bool(around & BIT["best"]), bool(around & BIT["last"])
    return Claim(
        metric=metric,
        value=value,
        as_written=written,
        digits=digits,
        split=_SPLITS.get(candidate.split),
        comparator=_COMPARATORS.get(candidate.comparator, "="),
        aggregate="best" if best and not last else "last" if last and not best else None,
        optional=bool((scopes.near | scopes.next) & BIT["base"]) and len(seen.candidates) > 1,
    )


def _distinct(claims: list[Claim]) -> tuple[Claim, ...]:
    """Claims without repeats of the same metric, value and split."""
    kept: dict[tuple[str, float, str | None], Claim] = {}
    for claim in claims:
        kept.setdefault((claim.metric, claim.value, claim.split), claim)
    return tuple(kept.values())


def _files(text: str) -> list[tuple[int, int]]:
    """The stretches of the text that are names of files, at most 100 characters long."""
    found = []
    for match in _FILE.finditer(text):
        low = max(0, match.start() - 100)
        name = _NAME.search(text, low, match.start())
        found.append((name.start() if name else match.start(), match.end()))
    return found


def _twice(tokens: list[Token]) -> list[Candidate]:
    """A change told in a word ("twice the reward", 翻倍) stands as a candidate of its own."""
    found = []
    twice = BIT["twice"]
    for place, token in enumerate(tokens):
        if token.mask & twice and not token.weak and token.kind != NUMBER:
            half = any(part in token.text for part in ("hal", "half", "半", "полов", "moit"))
            if any(following.text == "point" for following in tokens[place + 1 : place + 4]):
                amount = Candidate(place, 0.5 if half else 1.0, 1, False, "", "", True, "=", place + 1)
                amount.plural = False
                found.append(amount)
                continue
            found.append(Candidate(place, 0.5 if half else 2.0, 1, False, "", "x", False, "=", place + 1))
    return found[:5]


_SPREAD_GAP = 3
_SPREAD = BIT["spread"]


def _spreads(tokens: list[Token], found: list[Candidate], text: str) -> None:
    """Mark the numbers that are a spread or an interval's end beside a mean: they are no values of their own."""
    earlier: Candidate | None = None
    for candidate in found:
        place = candidate.place
        previous = tokens[place - 1] if place else None
        if candidate.sign == "±":
            candidate.std = True
        elif previous is not None:
            spread = False
            for token in tokens[max(0, place - _SPREAD_GAP) : place]:
                spread = spread or (token.mask & _SPREAD != 0 and token.kind != NUMBER)
            if spread and not candidate.cell:
                candidate.std = not previous.metric
            elif (
                earlier is not None
                and previous.raw in "(（"
                and place - earlier.after == 1
                and tokens[earlier.place].text != "words"
            ):
                small = abs(candidate.value) < 0.2 * abs(earlier.value) and candidate.after < len(tokens)
                candidate.std = small and tokens[candidate.after].raw in {")", "）"}
            if _interval(tokens, candidate):
                candidate.std = True
        earlier = candidate
    _signatures(tokens, found)
    for mean, low, high in zip(found, found[1:], found[2:], strict=False):
        if _bracketed(tokens, mean, low, high):
            low.std = high.std = True


def _signatures(tokens: list[Token], found: list[Candidate]) -> None:
    """Leave out the n-gram precisions that BLEU's signature writes behind its value: `27.4 60.1/33.5/21.2/13.9`."""
    for value, *rest in zip(found, found[1:], found[2:], found[3:], found[4:], strict=False):
        joints = [tokens[a.after].raw for a, b in pairwise(rest) if b.place - a.after == 1]
        if value.metric == "bleu" or (rest[0].place == value.after and joints == ["/"] * 3):
            for each in rest if joints == ["/"] * 3 else ():
                each.std = True


def _bracketed(tokens: list[Token], mean: Candidate, low: Candidate, high: Candidate) -> bool:
    """Whether two numbers in brackets right behind a value are its interval: "89.1 [88.4, 89.7]"."""
    if low.place - mean.after not in {1, 2} or high.place - low.after != 1 or high.after >= len(tokens):
        return False
    opened = tokens[low.place - 1].raw in {"[", "(", "（"} and tokens[high.after].raw in {"]", ")", "）"}
    scale = 100.0 if mean.percent and not low.percent and mean.value > 1 >= high.value else 1.0
    return opened and low.value * scale <= mean.value <= high.value * scale


def _interval(tokens: list[Token], candidate: Candidate) -> bool:
    """Whether a number belongs to "95% CI [0.88, 0.91]"."""
    following = tokens[candidate.after] if candidate.after < len(tokens) else None
    if following is not None and following.text in {"ci", "confidence", "置信区间"}:
        return True
    back = tokens[max(0, candidate.place - 6) : candidate.place]
    names = [place for place, token in enumerate(back) if token.text in {"ci", "interval", "iqr", "置信区间"}]
    return bool(names) and not any(token.metric for token in back[names[-1] + 1 :])

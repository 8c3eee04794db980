"""Which metric and which split each candidate number belongs to."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from bot.claims import sharing
from bot.claims.candidates import Candidate
from bot.claims.form_words import MILLI
from bot.claims.lexicon import BIT
from bot.claims.token import IDENT, LINE, MARK, NUMBER, RUN, WORD, Token

_VERBAL = frozenset(
    """
    right correct correctly wrong error won return returns success succeeds succeeded solved solves resolved lost lossy
    misclassified incorrect mistaken recognised richtig debit hata fout catch catches caught catching wins
    """.split()
)
_WEAK = frozenset(
    """
        right correct correctly won return returns success solved solves resolved preferred prefer prefers error
        wrong lost misclassified rouge roc per lift map is rms accurate recognised arc far hr sr oa em ap
    """.split()
)
_FREE = frozenset(
    """
    % = : is are was of the a an at to in on ( ) score value for with about ~ * ` _ " - now just around from rate
    为 是 到 达到 了 的 在 ： ＝ → | < > ≥ ≤ , ist de du à auf
    """.split()
)
_THROUGH = frozenset("with using via mit avec con com mettre w/ without after under when where whose which if".split())
_LOOSE = frozenset(
    "training trainings 训练 訓練 학습 훈련 学習 entrainement entrenamiento treino обучение benchmark testing".split()
)
_LIMIT = 9.0
_UNKNOWN = -1.0
_MOST_PERCENT = 100
_TITLE = 2.0
"""A metric's word is the title of all numbers when none stands closer to it than this."""
_TIMED = frozenset("latency infer inference token ttft p50 p90 p95 p99 e2e decode predict forward response".split())


def bind(tokens: list[Token], candidates: list[Candidate]) -> None:
    """Give each candidate its metric and split, where the words around it name one."""
    if not candidates:
        return
    metrics = [
        place for place, token in enumerate(tokens) if token.metric and not token.weak and _usable(tokens, place)
    ]
    splits = [place for place, token in enumerate(tokens) if token.split and not token.weak]
    numbers = {candidate.place: index for index, candidate in enumerate(candidates)}
    leads = _leads(tokens, metrics, numbers)
    marks, order = frozenset(metrics), sorted(numbers)
    steps: list[float] = [_UNKNOWN] * len(tokens)
    named = {tokens[place].metric for place in metrics if not _is_verbal(tokens[place])} - {"generic", "other"}
    for candidate in candidates:
        if candidate.cell or _of_unknown_key(tokens, candidate):
            continue
        _bind_metric(tokens, candidate, marks, numbers, steps, leads)
    _fall_back(tokens, candidates, [place for place in metrics if tokens[place].metric in named])
    sharing.carry(tokens, candidates)
    sharing.pair(tokens, candidates)
    _mark_taken(tokens, candidates)
    for candidate in candidates:
        if _leads_to_another(tokens, candidate, numbers):
            candidate.metric, candidate.bound, candidate.fallback, candidate.led = "", -1, False, True
        elif candidate.taken and _is_a_loss(tokens, candidate):
            candidate.metric, candidate.bound, candidate.taken = "loss", -1, False
    for candidate in candidates:
        if (candidate.taken or candidate.fallback) and _is_a_setting(tokens, candidate):
            candidate.metric, candidate.bound, candidate.fallback, candidate.setting = "", -1, False, True
    for candidate in candidates:
        if not candidate.split:
            _bind_split(tokens, candidate, splits, order)


_ARROWS = frozenset(("->", "=>", "→", "⇒", "➜"))


def _leads_to_another(tokens: list[Token], candidate: Candidate, numbers: dict[int, int]) -> bool:
    """Whether an arrow leads from a number to a metric with a value of its own: "0.2 → F1 0.74"."""
    named = candidate.after + 1
    if named >= len(tokens) or tokens[candidate.after].raw not in _ARROWS or not tokens[named].metric:
        return False
    own = candidate.side == "before" and candidate.cost < 1.0 and not candidate.taken
    return not own and _serves_next(tokens, named, numbers)


def _is_a_loss(tokens: list[Token], candidate: Candidate) -> bool:
    """Whether a log names a loss by its split alone: "train 0.243 | val 0.270 | f1 0.884"."""
    before = tokens[candidate.place - 1] if candidate.place else None
    behind = tokens[candidate.after].raw if candidate.after < len(tokens) else ""
    return (
        before is not None and before.split in {"train", "val"} and behind in {"|", "/", ";"} and not candidate.percent
    )


def _is_a_setting(tokens: list[Token], candidate: Candidate) -> bool:
    """Whether a number beside another's metric sets a hyperparameter: "dropout 0.5 was too much, with 0.2 we get …"."""
    here = tokens[candidate.place]
    for place in range(candidate.place - 1, max(-1, candidate.place - 12), -1):
        token = tokens[place]
        if token.sentence != here.sentence or token.metric:
            return False
        if token.mask & BIT["hyper"]:
            return True
    return False


def _fall_back(tokens: list[Token], candidates: list[Candidate], named: list[int]) -> None:
    """Give the post's only metric to numbers that name none: in its sentence, and in others where it is a title.

    So are numbers in other sentences that are written like one it stands beside ("F1 0.70 … after that it is 0.76").
    """
    if len({tokens[place].metric for place in named}) != 1:
        return
    own = [candidate for candidate in candidates if candidate.bound >= 0 and candidate.cost < _TITLE]
    taken, shapes = {candidate.bound for candidate in own}, {_shape(candidate) for candidate in own}
    sentences = {tokens[place].sentence for place in named}
    titled = any(place not in taken for place in named)
    for candidate in candidates:
        near = titled or tokens[candidate.place].sentence in sentences
        if not candidate.metric and (near or _shape(candidate) in shapes):
            candidate.metric, candidate.fallback = tokens[named[0]].metric, True


def _shape(candidate: Candidate) -> tuple[bool, bool, bool]:
    return candidate.percent, candidate.decimals > 0, candidate.value <= 1


def _of_unknown_key(tokens: list[Token], candidate: Candidate) -> bool:
    """Whether the number is the value of a key that names no metric: `collisions=0.04`, `num_updates 41216`."""
    place = candidate.place - 1
    if place >= 0 and tokens[place].raw in {"-", "+"} and tokens[place].end == tokens[candidate.place].start:
        place -= 1
    joined = False
    if place >= 1 and tokens[place].raw in {"=", "＝", ":"}:
        quoted = tokens[place - 1].raw in {'"', "'"}
        joined = tokens[place].raw != ":" or quoted
        place -= 2 if quoted else 1
    if place < 0 or tokens[place].kind not in {WORD, IDENT}:
        return False
    names = [tokens[place]]
    while place >= 2 and tokens[place - 1].raw in {"_", "/"} and tokens[place - 1].end == tokens[place].start:
        place -= 2
        names.append(tokens[place])
        joined = True
    spaced = joined and tokens[place].end < tokens[place + 1].start
    if (
        not joined
        or (spaced and _measured_before(tokens, place))
        or any(token.mask & BIT["metric"] or token.split in {"val", "test"} or len(token.raw) < 2 for token in names)
    ):
        return False
    if not names[0].raw.isascii() or any(token.mask & BIT["model_noun"] for token in names):
        return False
    timed = names[0].text in MILLI and not _TIMED.isdisjoint([token.text for token in names])
    candidate.metric, candidate.cost, candidate.side = "latency" if timed else "other", 0.0, "before"
    return True


def _measured_before(tokens: list[Token], place: int) -> bool:
    """Whether a metric's word stands before `place` in its clause, no number between: "MAPE per item = 8.4 %"."""
    for at in range(place - 1, max(-1, place - 8), -1):
        token = tokens[at]
        if token.clause != tokens[place].clause or token.kind in {NUMBER, MARK, LINE}:
            return False
        if token.metric:
            return True
    return False


def _mark_taken(tokens: list[Token], candidates: list[Candidate]) -> None:
    """Mark numbers whose metric word already stands beside another number, unless they are a list with it."""
    closest: dict[int, Candidate] = {}
    for candidate in candidates:
        if candidate.bound >= 0 and (candidate.bound not in closest or candidate.cost < closest[candidate.bound].cost):
            closest[candidate.bound] = candidate
    earlier: Candidate | None = None
    for candidate in candidates:
        owner = closest.get(candidate.bound)
        if owner is not None and owner is not candidate:
            listed = earlier is not None and earlier.bound == candidate.bound
            between = tokens[earlier.after : candidate.place] if earlier is not None and listed else []
            candidate.taken = not (listed and len(between) <= 3)
            apart = tokens[candidate.bound].sentence != tokens[candidate.place].sentence
            if candidate.taken and apart and _shape(candidate) != _shape(owner):
                candidate.metric, candidate.bound, candidate.taken = "", -1, False
        earlier = candidate


def _usable(tokens: list[Token], place: int) -> bool:
    """Whether a metric word means the metric here: `top 5%` does not, nor do words like "is" or "map" in lower case."""
    token = tokens[place]
    if token.mask & BIT["quiet"]:
        return False
    if token.text == "top":
        following = [t.raw for t in tokens[place + 1 : place + 5] if t.raw not in {"-", "_"}]
        if (len(following) > 1 and following[1] == "%") or (
            following and following[0] not in {"1", "5", "one", "five", "@"}
        ):
            return False
    return True


def _leads(tokens: list[Token], metrics: list[int], numbers: dict[int, int]) -> bool:
    """Whether this post tends to write the metric before its value."""
    before = behind = 0
    for place in metrics:
        last = sharing.last_of(tokens, place)
        follow = last + 1
        while follow < len(tokens) and tokens[follow].raw in {"=", ":", "：", "＝", "of", "is", "_", "*", "|"}:
            follow += 1
        if follow in numbers:
            before += 1
        if place - 1 in numbers or (place > 1 and place - 2 in numbers and tokens[place - 1].raw == "%"):
            behind += 1
    return before >= behind


def _step(token: Token, numbers: dict[int, int], place: int) -> float:
    """What it costs to pass this token between a number and the word it belongs to."""
    if token.weak and token.kind != NUMBER:
        return 0.0
    if place in numbers:
        return 1.6
    if token.kind == LINE:
        return 3.0
    if token.kind == NUMBER or token.kind in {IDENT, RUN}:
        return 0.4
    if token.text in _THROUGH:
        return 2.0
    if token.kind == MARK:
        if token.raw in ",，、()（）/":
            return 0.8
        if token.raw in ".。;；!！?？":
            return 2.6
        return 0.1
    return 0.1 if token.text in _FREE else 0.45


def _bind_metric(
    tokens: list[Token],
    candidate: Candidate,
    marks: frozenset[int],
    numbers: dict[int, int],
    steps: list[float],
    leads: bool,
) -> None:
    if candidate.unit == "rate":
        candidate.metric, candidate.cost, candidate.side = "throughput", 0.0, "behind"
        return
    if candidate.unit == "ms":
        candidate.metric, candidate.cost, candidate.side = "latency", 0.0, "behind"
    if not marks:
        return
    choices: list[tuple[float, int, str]] = []
    cost = 0.0
    place = candidate.place - 1
    while place >= 0 and cost < _LIMIT:
        if place in marks and _measures(tokens[place], candidate):
            extra = 5.0 if _is_verbal(tokens[place]) else 0.0 if leads else 0.5
            choices.append((cost + _odd(tokens[place], cost) + extra, place, "before"))
            if tokens[place].metric != "generic":
                break
        if steps[place] < 0:
            steps[place] = _step(tokens[place], numbers, place)
        cost += steps[place]
        place -= 1
    cost = 0.0
    place = candidate.after
    while place < len(tokens) and cost < _LIMIT:
        if place in marks and _measures(tokens[place], candidate):
            extra = (0.7 if leads else 0.0) + (0.9 if _serves_next(tokens, place, numbers) and leads else 0.0)
            choices.append((cost * 1.25 + _odd(tokens[place], cost) + extra, place, "behind"))
            if tokens[place].metric != "generic":
                break
        if steps[place] < 0:
            steps[place] = _step(tokens[place], numbers, place)
        cost += steps[place]
        place += 1
    choices = [c for c in choices if c[0] < _LIMIT]
    if not choices:
        return
    best = min(choices)
    if tokens[best[1]].metric == "generic":
        named = [c for c in choices if tokens[c[1]].metric not in {"generic", "other"}]
        best = min(named) if named and min(named)[0] < best[0] + 2.5 else best
    if candidate.unit == "ms" and tokens[best[1]].metric != "latency":
        return
    candidate.cost, candidate.bound, candidate.side = best
    candidate.metric = tokens[best[1]].metric


def _measures(token: Token, candidate: Candidate) -> bool:
    """Whether a metric's word can mean this number: "per image" means a latency only behind a time."""
    if _is_verbal(token):
        return candidate.percent or candidate.decimals > 0 or candidate.value <= _MOST_PERCENT
    return token.text != "per" or token.metric != "latency" or candidate.unit in {"ms", "s"}


def _is_verbal(token: Token) -> bool:
    """Whether a metric is told by an everyday word alone ("right", "success"), not by a phrase that begins with it."""
    return token.text in _VERBAL and token.end - token.start == len(token.text)


def _odd(token: Token, cost: float) -> float:
    """Words that are rarely meant as a metric must stand close."""
    if token.metric == "generic":
        return 1.5 + 0.5 * cost
    if _is_verbal(token):
        return 0.5 if cost < 0.5 else 5.0
    if token.text in _WEAK and token.raw.islower():
        return 0.4 + 0.8 * cost
    return 0.0


def _serves_next(tokens: list[Token], place: int, numbers: dict[int, int]) -> bool:
    """Whether the metric at `place` is followed at once by a number of its own."""
    follow = sharing.last_of(tokens, place) + 1
    while (
        follow < len(tokens)
        and tokens[follow].kind in {MARK, WORD}
        and tokens[follow].raw in {"=", ":", "：", "of", "is", "("}
    ):
        follow += 1
    return follow in numbers


def _bind_split(tokens: list[Token], candidate: Candidate, splits: list[int], order: list[int]) -> None:
    """The nearest split word, one before the number preferred within its clause; else the post's only one."""
    if not splits:
        return
    beside = _beside(tokens, candidate.bound) if candidate.side == "before" and candidate.cost < 1.0 else ""
    if beside:
        candidate.split = beside
        return
    here = tokens[candidate.place]
    best, chosen = 1e9, -1
    for place in splits[:64]:
        token = tokens[place]
        low, high = sorted((place, candidate.place))
        passed = max(0, bisect_left(order, high) - bisect_right(order, low))
        cost = abs(place - candidate.place) * 0.2 + 2.0 * passed
        if token.text in _LOOSE and not (place + 1 < len(tokens) and tokens[place + 1].mask & BIT["metric"]):
            cost += 7.0
        cost += (
            1.5 * abs(token.clause - here.clause)
            + 1.0 * (token.sentence != here.sentence)
            + (0.3 if place > candidate.place else 0.0)
        )
        if cost < best:
            best, chosen = cost, place
    kinds = {tokens[place].split for place in splits}
    if best < 7.0 or (len(kinds) == 1 and tokens[chosen].text not in _LOOSE):
        candidate.split = tokens[chosen].split


def _beside(tokens: list[Token], bound: int) -> str:
    """The split that stands right before a metric's word: `val_loss`, `test acc`, `eval/bleu`."""
    place = bound - 1
    while place >= 0 and bound - place < 3 and tokens[place].raw in {"_", "/", "-", "."}:
        place -= 1
    return tokens[place].split if place >= 0 else ""

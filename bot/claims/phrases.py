"""What words mean: the longest phrase that starts at each, and numbers that are written in words."""

from __future__ import annotations

from bot.claims import lexicon, numbers
from bot.claims.lexicon import BIT, Entry
from bot.claims.token import IDENT, NUMBER, WORD, Token

_SHORT = {
    "P": "precision",
    "R": "recall",
    "F": "f1",
    "IS": "inception_score",
    "DER": "der",
    "SR": "success_rate",
    "spec": "specificity",
    "rec": "recall",
    "Rec": "recall",
    "FAR": "error_rate",
    "CE": "loss",
    "ce": "loss",
}
_SENSITIVITY = frozenset("sens sensitivity recall tpr".split())
_NOBODY = frozenset(
    """
    it that let here what there where who how when why today yesterday tomorrow monday tuesday wednesday thursday friday
    saturday sunday week month year night model run everything nothing one
    """.split()
)
_HELP = frozenset(
    """
    script patch fix idea trick suggestion branch code config recipe data labels cleanup annotations loader pr commit
    tip hint help advice sampler augmentation augmentations feature features bug bugfix refactor yaml notebook tokenizer
    """.split()
)
"""What somebody lends to a run of ours."""
_SUBJECT_OF = frozenset(
    """
    model models classifier detector parser tagger forecaster forecast forecasts prediction predictor predictions
    detection recognition segmentation estimation classification regression retrieval ranking ranker generation
    generator dataset corpus agent encoder network recordings reviews images photos videos scans clips matching matcher
    extraction extractor recommender recommendation recommendations tracking tracker scoring scorer routing router
    simulator sim env environment attribution embeddings embedding localisation localization verification diarisation
    """.split()
)
_TASKS = tuple("抽取 识别 检测 分类 预测 分割 生成 检索 推荐 翻译 评分 匹配 排序 问答 摘要 估计 跟踪 重建 合成".split())
_LONGEST_TOPIC = 4
_NO_NOUN = sum(BIT[cue] for cue in ("own", "is", "they", "you", "reached", "now", "said", "metric", "split"))
_TASK_STARTS = frozenset(task[0] for task in _TASKS)
_INSIDE = sum(BIT[cue] for cue in ("life", "system", "human", "said", "example", "goal", "paper", "negative", "they"))
_ELSEWHERE = sum(BIT[cue] for cue in ("life", "system", "human", "said", "example", "advice"))
_DURATIONS = frozenset(
    """
    epochs epoch steps step iterations iters epochen epoche epoques epocas эпох эпохи 轮 步 에폭 エポック
    """.split()
)
"""Words that are a hyperparameter's name alone, and tell how long it has trained behind a number ("80 epochs")."""
_LONE_F = frozenset("Ff")
_VALUES = frozenset("値值")
_LETTERS = _LONE_F | frozenset(_SHORT)
_GLUE = frozenset("-_'.")
_JOINING = frozenset("@/+")
_PHRASED = frozenset((WORD, NUMBER, IDENT))
_SAYS_SO = BIT["reached"] | BIT["now"] | BIT["is"] | BIT["puzzle"] | BIT["casual"]


def put_words(text: str, tokens: list[Token]) -> None:
    """Numbers in words take the place of the tokens they are made of."""
    lower = text.lower()
    found = numbers.in_words(lower, [token.text for token in tokens]) if len(lower) == len(text) else []
    if not text.isascii():
        found += numbers.in_han(text)
    if not found:
        return
    at = len(tokens)
    for worded in sorted(found, key=lambda w: w.start, reverse=True):
        while at and tokens[at - 1].start >= worded.end:
            at -= 1
        last_place = at
        while at and tokens[at - 1].end > worded.start:
            at -= 1
        inside = range(at, last_place)
        if not inside:
            continue
        token = Token(NUMBER, worded.start, worded.end, text[worded.start : worded.end], "words")
        token.value = numbers.Value(worded.value, worded.decimals)
        token.weak = worded.fraction
        first, last = tokens[inside[0]], tokens[inside[-1]]
        pieces = [token]
        if first.start < worded.start:
            pieces.insert(0, _rest(first, first.start, worded.start, text))
        if last.end > worded.end:
            pieces.append(_rest(last, worded.end, last.end, text))
        tokens[inside[0] : inside[-1] + 1] = pieces


def _rest(token: Token, start: int, end: int, text: str) -> Token:
    return Token(WORD, start, end, text[start:end], text[start:end].lower())


def mark(tokens: list[Token]) -> None:
    """Give every word its entry: the longest phrase that starts at it, hyphens and underscores skipped."""
    foreign = _is_foreign(tokens)
    latin, starts = lexicon.LATIN, lexicon.LATIN_STARTS
    stop = 0
    for place, token in enumerate(tokens):
        if token.kind != WORD or place < stop:
            continue
        if token.raw in _LETTERS and place + 1 < len(tokens):
            _mark_short(tokens, place)
        if token.mask:
            continue
        text = token.text
        if foreign and text == "no" and _contracted(tokens, place):
            continue
        most = starts.get(text, 0)
        if most > 1:
            entry, stop = _longest(tokens, place, latin, most)
        else:
            entry, stop = latin[text] if most else None, place + 1
        if foreign:
            other, other_stop = _longest(tokens, place, lexicon.FOREIGN, lexicon.FOREIGN_STARTS.get(text, 0))
            if other is not None:
                entry = _merged(entry, other) if other_stop == stop or entry is None else entry
                stop = max(stop, other_stop)
        if entry is None and len(text) > 2:
            entry = (_possessive(tokens, place) if "'" in text else None) or lexicon.mistyped(text)
        if entry is not None:
            if stop > place + 1 and entry.mask & BIT["quiet"] and not token.raw[1:].islower():
                entry, stop = latin.get(text, entry), place + 1
            _enter(tokens, place, stop, entry)
        if text in _DURATIONS and _follows_a_count(tokens, place):
            token.mask &= ~BIT["hyper"]
    _name_topics(tokens)


def _enter(tokens: list[Token], place: int, stop: int, entry: Entry) -> None:
    """Give the words of a phrase what the phrase means; those behind its first are weak."""
    token = tokens[place]
    token.mask, token.metric, token.split = entry
    if stop == place + 1:
        return
    if entry.mask & _SAYS_SO:
        alone = lexicon.LATIN.get(token.text)
        token.mask |= alone.mask & BIT["own"] if alone else 0
    for inner in tokens[place + 1 : stop]:
        inner.mask = entry.mask
        inner.weak = True
    if token.metric or token.split:
        token.end = tokens[stop - 1].end


def _possessive(tokens: list[Token], place: int) -> Entry | None:
    """What `model's` or `Pavel's` means: the word before it, or somebody, unless it is their help ("Ana's script")."""
    token = tokens[place]
    if not token.text.endswith("'s") or not _HELP.isdisjoint([word.text for word in tokens[place + 1 : place + 4]]):
        return None
    bare = token.text[:-2]
    if bare in lexicon.LATIN:
        return lexicon.LATIN[bare]
    return Entry(BIT["they"], "", "") if token.raw[0].isupper() and bare not in _NOBODY else None


def _follows_a_count(tokens: list[Token], place: int) -> bool:
    return place > 0 and tokens[place - 1].end + 2 > tokens[place].start and _counts(tokens[place - 1])


def _name_topics(tokens: list[Token]) -> None:
    """What stands right before "model", "classifier", "dataset" … names their subject, whatever it means elsewhere."""
    for at in range(1, len(tokens)):
        following = tokens[at]
        text = following.text
        if text in _SUBJECT_OF:
            _name_topic(tokens, at)
        elif text[0] in _TASK_STARTS and text.startswith(_TASKS) and tokens[at - 1].end == following.start:
            tokens[at - 1].mask &= ~_INSIDE


def _name_topic(tokens: list[Token], at: int) -> None:
    """The nouns right before the one at `at` name its subject: "hotel review sentiment model"."""
    for place in range(at - 1, max(-1, at - 1 - _LONGEST_TOPIC), -1):
        token = tokens[place]
        if token.kind != WORD or tokens[place + 1].start - token.end > 1 or token.text in lexicon.ENGLISH_GLUE:
            return
        if token.mask & _NO_NOUN:
            return
        token.mask &= ~_ELSEWHERE


def _counts(token: Token) -> bool:
    return token.kind == NUMBER or token.text == "k"


def _contracted(tokens: list[Token], place: int) -> bool:
    """Whether "no" is the Portuguese "in the" ("no teste"), no negation."""
    following = tokens[place + 1].text if place + 1 < len(tokens) else ""
    entry = lexicon.LATIN.get(following)
    return following in {"conjunto", "dataset", "final", "modelo"} or (entry is not None and bool(entry.split))


def _mark_short(tokens: list[Token], place: int) -> None:
    """Capitals that stand for a metric when a number follows: `P 0.88 R 0.81 F 0.84`, `IS 9.0`, `DER 8.1`."""
    follow = place + 1
    if tokens[follow].raw[:1] in _VALUES and tokens[place].raw in _LONE_F:
        tokens[place].mask, tokens[place].metric = BIT["metric"], "f1"
    if tokens[place].raw not in _SHORT:
        return
    if tokens[place].raw == "ce" and not (place and tokens[place - 1].split):
        return
    if tokens[place].text == "spec" and _SENSITIVITY.isdisjoint(
        [t.text for t in tokens[max(0, place - 6) : place + 8]]
    ):
        return
    if tokens[follow].raw in {"=", ":"} and follow + 1 < len(tokens):
        follow += 1
    token, value = tokens[place], tokens[follow].value
    if value is None or (len(token.raw) == 1 and not (value.decimals or value.value > 20)):
        return
    token.metric, token.mask = _SHORT[token.raw], BIT["metric"]


def _merged(entry: Entry | None, other: Entry) -> Entry:
    if entry is None:
        return other
    return Entry(entry.mask | other.mask, entry.metric or other.metric, entry.split or other.split)


def _longest(tokens: list[Token], place: int, table: dict[str, Entry], most: int) -> tuple[Entry | None, int]:
    """The longest phrase of up to `most` words that starts at `place`, and the place behind it."""
    key = tokens[place].text
    best, stop = table.get(key), place + 1
    cursor, count = place + 1, 1
    while count < most and cursor < len(tokens):
        token = tokens[cursor]
        if token.raw in _GLUE and token.start == tokens[cursor - 1].end:
            cursor += 1
            continue
        if token.kind not in _PHRASED and token.raw not in _JOINING:
            break
        key = f"{key} {token.text.partition('@')[0] or token.text}"
        count += 1
        cursor += 1
        found = table.get(key)
        if found is not None:
            best, stop = found, cursor
    return best, stop


def _is_foreign(tokens: list[Token]) -> bool:
    """Whether more of the words belong to another language in Latin letters than to English."""
    known = lexicon.LANGUAGE
    return sum([known[token.text] for token in tokens if token.text in known]) > 0

"""The lexicon: every known phrase with its cue bits, and the metric and split it names, built once at import."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from bot.claims.cue_words_en import ENGLISH
from bot.claims.cue_words_other import OTHER
from bot.claims.cue_words_things import THINGS
from bot.claims.cue_words_topics import TOPICS
from bot.claims.cue_words_zh import CHINESE
from bot.claims.metric_words import METRICS, SPLITS

CUES = (
    *ENGLISH,
    *THINGS,
    *TOPICS,
    "metric",
    "split",
)
"""The classes of cue, in the order of their bits."""

BIT = {name: 1 << place for place, name in enumerate(CUES)}


class Entry(NamedTuple):
    """What a phrase means: its cue bits, and the canonical metric or the split it names, or ''."""

    mask: int
    metric: str
    split: str


def _phrases(block: str) -> list[str]:
    return [phrase for part in block.split("|") if (phrase := " ".join(part.split()))]


def is_cjk(char: str) -> bool:
    """Whether a character belongs to a script written without blanks, or (Hangul) with endings glued on."""
    return (
        "\u3041" <= char <= "\u30ff"
        or "\u3400" <= char <= "\u4dbf"
        or "\u4e00" <= char <= "\u9fff"
        or "가" <= char <= "힣"
    )


class _Builder:
    def __init__(self) -> None:
        self.latin: dict[str, Entry] = {}
        self.foreign: dict[str, Entry] = {}
        self.cjk: dict[str, Entry] = {}

    def add(self, phrase: str, mask: int, *, metric: str = "", split: str = "", foreign: bool = False) -> None:
        if any(is_cjk(char) for char in phrase):
            table, key = self.cjk, phrase
        else:
            table = self.foreign if foreign and phrase.isascii() else self.latin
            key = join(phrase)
        old = table.get(key, Entry(0, "", ""))
        table[key] = Entry(old.mask | mask, old.metric or metric, old.split or split)


def join(phrase: str) -> str:
    """The key of a phrase: its words with single blanks, hyphens and underscores as blanks."""
    return " ".join(phrase.lower().replace("-", " ").replace("_", " ").replace("/", " / ").split())


def _build() -> _Builder:
    build = _Builder()
    for canonical, block in METRICS.items():
        for phrase in _phrases(block):
            build.add(phrase, BIT["metric"], metric=canonical)
    for split, block in SPLITS.items():
        for phrase in _phrases(block):
            build.add(phrase, BIT["split"], split=split)
    for words, foreign in ((ENGLISH, False), (THINGS, False), (CHINESE, False), (TOPICS, False), (OTHER, True)):
        for cue, block in words.items():
            for phrase in _phrases(block):
                build.add(phrase, BIT[cue], foreign=foreign)
    for table in (build.latin, build.cjk):
        for key, entry in table.items():
            if entry.metric in {"throughput", "latency"}:
                table[key] = entry._replace(mask=entry.mask & ~BIT["system"])
    return build


_BUILT = _build()
LATIN = _BUILT.latin
FOREIGN = _BUILT.foreign
"""Phrases of other languages in plain Latin letters: read only in a post that is not English."""
CJK = _BUILT.cjk
CJK_STARTS: dict[str, int] = {}
"""The first characters of those phrases, each with the length of its longest."""
CJK_METRIC_STARTS: dict[str, int] = {}
"""The same of the phrases that name a metric."""
for _key, _entry in CJK.items():
    CJK_STARTS[_key[0]] = max(CJK_STARTS.get(_key[0], 0), len(_key))
    if _entry.metric:
        CJK_METRIC_STARTS[_key[0]] = max(CJK_METRIC_STARTS.get(_key[0], 0), len(_key))


def words_of(cue: str) -> tuple[str, ...]:
    """The longest word of each phrase of a cue."""
    found = {
        max(key.split(), key=len)
        for table in (LATIN, FOREIGN, CJK)
        for key, entry in table.items()
        if entry.mask & BIT[cue]
    }
    return tuple(sorted(found))


METRIC_KEYS = frozenset(key for key, entry in LATIN.items() if entry.metric)


def _lengths(table: dict[str, Entry]) -> dict[str, int]:
    longest: dict[str, int] = {}
    for key in table:
        words = key.split(" ")
        longest[words[0]] = max(longest.get(words[0], 0), len(words))
    return longest


LATIN_STARTS = _lengths(LATIN)
FOREIGN_STARTS = _lengths(FOREIGN)

ENGLISH_GLUE = frozenset(
    """
        the a an is are was were of to in on for and with at it this that we our i my you from by be not have
        has had what if but or as so do does did can will would should now just got get more than after over all
        no yes how who please
    """.split()
)
FOREIGN_GLUE = frozenset(
    """
        der die das und ist auf mit wir ein eine einen dem den des im zu nicht fur auch von bei hat haben wer es
        sind nach le la les des est sur pour avec une un du et dans nous que qui pas en au aux ce cette el los
        las con para por una del se es lo y al como mas o os as com uma no na em e da do nao mais il gli che per
        con una della del sul nel di e non piu het een van op met voor niet zijn dat wij naar om te bir ve ile
        icin bu da de mi cok va cua tren cho voi la khong da duoc mot
    """.split()
)

LANGUAGE = {
    word: (word in FOREIGN_GLUE) - (word in ENGLISH_GLUE) + (word in FOREIGN and word not in LATIN)
    for word in (*FOREIGN_GLUE, *ENGLISH_GLUE, *FOREIGN)
}
"""How much a word speaks for another language in Latin letters, or (below nothing) for English."""

_TYPO_TARGETS = {
    "accuracy": "accuracy",
    "precision": "precision",
    "perplexity": "perplexity",
    "sensitivity": "recall",
    "specificity": "specificity",
    "spearman": "spearman",
    "pearson": "pearson",
    "throughput": "throughput",
    "latency": "latency",
    "reward": "reward",
    "validation": "",
    "training": "",
    "holdout": "",
}
_COMPOUND_ENDS = {
    "genauigkeit": "genauigkeit",
    "fehlerrate": "fehlerrate",
    "verlust": "verlust",
    "nauwkeurigheid": "acc",
}
_NO_TYPOS = frozenset("rewind reword rewards precise precisions toward person persona accurately training".split())


def _deletes(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


_NEAR = {near: word for word in _TYPO_TARGETS for near in (word, *_deletes(word))}


@lru_cache(maxsize=8192)
def mistyped(word: str) -> Entry | None:
    """The entry of the metric or split word that `word` is one slip of the fingers away from."""
    if len(word) > 9:
        for ending, same in _COMPOUND_ENDS.items():
            if word.endswith(ending):
                return LATIN.get(same)
    swapped = _SWAPPED.get(word)
    if swapped is not None:
        return LATIN.get(swapped)
    if not 6 <= len(word) <= 14 or word in _NO_TYPOS:
        return None
    meant = _NEAR.get(word)
    if meant is None:
        for shorter in _deletes(word):
            meant = _NEAR.get(shorter)
            if meant is not None:
                break
        else:
            return None
    if word[0] != meant[0]:
        return None
    return LATIN.get(meant)


_LOOK_ALIKES = str.maketrans(
    "авеѕіїјкмнорстухьԁԛԝһгАВЕЅІЈКМНОРСТУХԌԚԜαβεικνορστυχωΑΒΕΖΗΙΚΜΝΟΡΤΥΧսօ",
    "abesiijkmhopctyxbdqwhrABESIJKMHOPCTYXGQWabeikvopotuxwABEZHIKMNOPTYXuo",
)


_SHORT_NAMES = "auc acc valid miou bleu rmse psnr ssim ndcg dice auroc auprc kappa recall rouge mape elos chrf".split()
_SWAPPED = {
    word[:at] + word[at + 1] + word[at] + word[at + 2 :]: word for word in _SHORT_NAMES for at in range(len(word) - 1)
}


def fold_look_alikes(word: str) -> str:
    """`word` with Cyrillic and Greek letters that look like Latin ones made Latin."""
    return word.translate(_LOOK_ALIKES)

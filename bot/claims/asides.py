"""What a post says beside its values: the run that a change is measured against, its way, and over how many seeds.

A mean's "over 5 seeds" and a change's "over r-7K3M9QX2" are no claims, but they say what the claims are about.
"""

from __future__ import annotations

import re

from bot.claims.candidates import Candidate
from bot.claims.reading import Way
from bot.claims.token import NUMBER, RUN, Token

_AGAINST = frozenset(
    """
    over vs vs. versus than against compared relative from beats beat beating outperforms outperformed tops topped
    above below behind ahead trails gegenuber gegen als que sur contre par frente sobre contra respecto 超过 优于 领先
    落后 超越 高于 低于 強 より 보다 대비
    """.split()
)
_AGAINST_ENDS = ("比", "较", "相比", "对比", "相对", "比起", "相较于", "超过", "优于", "高于", "低于")
_AGAINST_STARTS = ("より", "比で", "に比べ", "보다", "대비")
_PASSED = 3
_WAYS: dict[Way, frozenset[str]] = {
    "better": frozenset(
        """
        improved improves improve improvement improvements improving better gain gains gained boost boosts boosted
        buys
        beats beat beating outperforms outperformed wins win ahead besser verbessert verbessern mieux ameliore mejor
        mejora
        mejoro 优于 领先 变好 改善 涨点 提点 增益 收益 好 好了 改進 改进 改良 개선 tops topped
        """.split()
    ),
    "worse": frozenset(
        """
        worse lose loses lost losing regressed regression hurt hurts costs cost degraded degrades degradation worsened
        behind trails schlechter pire peor empeora empeoro 变差 掉点 落后 差 差了 亏 悪化 악화
        """.split()
    ),
    "up": frozenset(
        """
        up higher more increase increases increased rose climbed jumped raised rises lift lifts lifted adds added
        plus hoher
        gestiegen mehr plus hausse aumento subio sube mas 提升 提高 涨 涨了 上涨 上升 增加 高 高了 多 多了 提升了
        提高了 提了
        向上 上がった 상승 향상
        """.split()
    ),
    "down": frozenset(
        """
        down lower less drop drops dropped decrease decreases decreased fell cut cuts shaved shaves reduced reduces
        reduction
        minus gesunken gefallen niedriger weniger baisse moins bajo baja menos 降 降了 下降 降低 下降了 降低了 掉
        掉了 跌 跌了
        减少 少 少了 低 低了 低下 下がった 하락 감소
        """.split()
    ),
}
_WAY_OF = {word: way for way, words in _WAYS.items() for word in words}
_COUNTS = {
    word: count
    for count, words in {
        2: "two zwei deux dos 两 二",
        3: "three drei trois tres 三",
        4: "four vier quatre cuatro 四",
        5: "five funf cinq cinco 五",
        6: "six sechs seis 六",
        7: "seven sieben sept siete 七",
        8: "eight acht huit ocho 八",
        9: "nine neun neuf nueve 九",
        10: "ten zehn dix diez 十",
    }.items()
    for word in words.split()
}
_COUNT = rf"(?<![\w.,-])(?P<n>\d{{1,3}}|{'|'.join(_COUNTS)})"
_SEEDS = re.compile(
    rf"{_COUNT}(?: ?个| ?颗| ?つの?)? ?[- ]?"
    r"(?:random |different |independent |training |随机|zufallige |verschiedene )?"
    r"(?P<what>seeds?\b|种子|graines?\b|semillas?\b|シード|시드|replicates\b|restarts\b"
    r"|runs?\b|trainings?\b|次|repeats\b|repetitions\b|lauf\w*|laeufe\b)"
    r"|(?:seeds?|种子|시드|シード) ?(?:数|=|:|×|x)? ?(?P<m>\d{1,3})(?: ?개| ?个)"
    r"|\b[nN] ?= ?(?P<k>\d{1,3})(?= ?(?:seeds|runs|restarts|种子)|\))",
    re.IGNORECASE,
)
_REPEATED = (
    *"seed run train repea repet replicate restart lauf laeufe graine semilla 种子 次 シード 시드 n=".split(),
    "n =",
)
_MEAN = re.compile(
    r"±|\+/?-|\b(?:mean|avg|averag\w*|median|std|sd|stddev|over|across|mittel\w*|gemittelt|moyenne|media|promedio|uber)\b"
    r"|平均|均值|标准差|평균",
    re.IGNORECASE,
)
_AVERAGED = re.compile(
    r"±|\+/?-|\b(?:mean|avg|averag\w*|std|mittel\w*|gemittelt|moyenne|media|promedio)\b|平均|均值|标准差|평균",
    re.IGNORECASE,
)
_PICKED = re.compile(
    r"(?:best|worst|max|one|top)(?: \w+)? (?:of|out of|among|in|from)(?: \w+)? ?$|最好的?$", re.IGNORECASE
)
_AROUND = 90


def against(tokens: list[Token], candidate: Candidate) -> str | None:
    """The canonical ID of the run that a change is measured against ("+1.2 over r-…", 比 r-… 高 1.2), or None."""
    place = candidate.place
    sentence = tokens[place].sentence
    behind = [at for at in range(candidate.after, min(len(tokens), candidate.after + 12)) if tokens[at].kind == RUN]
    ahead = [at for at in range(place - 1, max(-1, place - 13), -1) if tokens[at].kind == RUN]
    for at in (*behind, *ahead):
        if tokens[at].sentence == sentence and _held_against(tokens, at, place):
            return "r-" + tokens[at].raw[2:].upper()
    return None


def _held_against(tokens: list[Token], run: int, number: int) -> bool:
    """Whether a word of comparing leads to the run at `run`, with no other run or number between."""
    following = tokens[run + 1] if run + 1 < len(tokens) else None
    if following is not None and following.raw.startswith(_AGAINST_STARTS):
        return True
    for at in range(run - 1, max(-1, run - 2 - _PASSED), -1):
        token = tokens[at]
        if at == number or token.kind in {RUN, NUMBER}:
            return False
        if token.text in _AGAINST or token.raw.endswith(_AGAINST_ENDS):
            return True
    return False


def way(tokens: list[Token], candidate: Candidate) -> Way | None:
    """Which way a change is said to go: by its sign, else by the nearest word that tells one."""
    if candidate.sign in {"+", "-"}:
        return "up" if candidate.sign == "+" else "down"
    place = candidate.place
    clause = tokens[place].clause
    for gap in range(1, 8):
        for at in (place - gap, candidate.after - 1 + gap):
            if 0 <= at < len(tokens) and tokens[at].clause == clause and tokens[at].text in _WAY_OF:
                return _WAY_OF[tokens[at].text]
    return None


def relative(tokens: list[Token], candidate: Candidate) -> bool:
    """Whether a change is said to be relative ("8 % relative", 相对下降 8%, "twice")."""
    near = tokens[max(0, candidate.place - 4) : candidate.after + 3]
    return candidate.sign == "x" or any(
        token.text in {"relative", "rel", "relatively", "relativ", "relatif", "relativo"}
        or token.raw.startswith("相对")
        for token in near
        if token.clause == tokens[candidate.place].clause
    )


def seeds(text: str) -> int | None:
    """The n of "mean over n seeds", or None where no mean over seeds or repeated runs is told."""
    lower = text.lower()
    for match in _SEEDS.finditer(text) if any(word in lower for word in _REPEATED) else ():
        written = (match["n"] or match["m"] or match["k"]).lower()
        count = int(written) if written.isdigit() else _COUNTS[written]
        around = text[max(0, match.start() - _AROUND) : match.end() + _AROUND]
        thing = (match["what"] or "").lower()
        told = _AVERAGED if "run" in thing or thing == "次" else _MEAN
        if count > 1 and told.search(around) and not _PICKED.search(text, max(0, match.start() - 30), match.start()):
            return count
    return None

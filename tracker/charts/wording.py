"""A chart's own words in its reader's language, English where no font at hand can draw the other."""

from __future__ import annotations

from functools import cache

from tracker.charts.fonts import UNKNOWN, drawable
from tracker.charts.palette import Theme
from tracker.rules.chinese import turned
from tracker.rules.words import counted

CHINESE = {
    "{} more rows": "另有 {} 行",
    "{} other runs": "其他 {} 次运行",
    "{} points": "{} 个点",
    "{} runs": "{} 次运行",
    "{} seeds": "{} 个种子",
    "{} · share of the spread of {} that the settings explain": "{} · 各超参数所解释的 {} 差异占比",
    "// bars start at {}, not at 0": "// 横条从 {} 起，不从 0 起",
    "= can't be told apart": "= 无法区分高下",
    "Side by side": "并排比较",
    "Team's best": "团队最佳",
    "Team's best (low is good)": "团队最佳（越低越好）",
    "and {} more": "另有 {} 项",
    "bar: alone, with its 95 % interval · dashed: with its interactions": (
        "实条：单独作用及 95 % 区间 · 虚线：含交互作用"
    ),
    "best": "最佳",
    "dots: seeds, line: 95 % interval": "圆点：种子；横线：95 % 区间",
    "grey outline: no more than chance": "灰框：不超过偶然",
    "higher is better": "越高越好",
    "last": "最后",
    "lower is better": "越低越好",
    "no points recorded": "没有记录数据点",
    "no value": "无数值",
    "not finite from here": "此后不是有限值",
    "not ranked": "未排名",
    "nothing ranks yet": "尚无排名",
    "place {} of {}": "第 {} 名（共 {} 名）",
    "second beats first: {} of pairs": "后者胜过前者：{} 的配对",
    "shares place {} of {}": "并列第 {} 名（共 {} 名）",
    "team's best": "团队最佳",
    "this run": "本次运行",
    "{} others": "其他 {} 次",
    "{} more settings": "另有 {} 项设置",
    "{} not ranked": "{}未排名",
    "Board of {}, {}": "{} 的排行榜，{}",
    ", 95 % interval {} to {}": "，95 % 区间 {} 至 {}",
    "Compared: {}.": "比较：{}。",
    "{} {:.0%} alone ({:.0%} to {:.0%}), {:.0%} with others": "{} 单独 {:.0%}（{:.0%} 至 {:.0%}），含交互 {:.0%}",
    ", no more than chance": "，不超过偶然",
    "no finite value": "没有有限的数值",
    "{} ({}, {}) of {}'s run {} in {}: {}, {}.": "{3} 的运行 {4}（项目 {5}），{0}（{1}，{2}）：{6}，{7}。",
    "Left: its curve of {} over those of {}.": "左：{}的曲线，后面是{}。",
    "Right, the team's best: {}.": "右：团队最佳：{}。",
    "Right: nothing ranks yet.": "右：尚无排名。",
}
"""What charts say of their own, by its English."""


def speaks(theme: Theme) -> str:
    """The language that charts of this theme are in."""
    return theme.language if theme.language == "zh" and _drawn() else "en"


def say(theme: Theme, phrase: str, *values: object) -> str:
    """A phrase of a chart's own in its reader's language, with values in their places."""
    said = CHINESE.get(phrase, phrase) if speaks(theme) == "zh" else phrase
    return said.format(*values) if values else said


def many(theme: Theme, count: int, one: str) -> str:
    """`3 seeds`, in the reader's language."""
    return counted(count, one) if speaks(theme) == "en" else say(theme, f"{{}} {one}s", f"{count:,}")


def told(theme: Theme, sentence: str) -> str:
    """A sentence of the rules, in the reader's language where that is known."""
    return (turned(sentence) or sentence) if speaks(theme) == "zh" else sentence


@cache
def _drawn() -> bool:
    """Whether the fonts at hand have every character of these words."""
    return UNKNOWN not in drawable("".join(sorted({char for said in CHINESE.values() for char in said}))[:4000])

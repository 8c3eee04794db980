"""The bot's own words in Chinese, by their English; what the rules say is `tracker.rules.chinese`'s. Pure."""

from __future__ import annotations

PHRASES = {
    "Accepted": "已采纳",
    "Not accepted": "未采纳",
    "Next:": "下一步：",
    "Place {} of {}": "第 {} 名（共 {} 名）",
    "Shares place {} of {}": "并列第 {} 名（共 {} 名）",
    "not ranked": "未排名",
    "by {}": "按 {}",
    "best": "最佳",
    "last": "最后",
    "best {}": "最佳 {}",
    "last {}": "最后 {}",
    ", one seed": "，仅一个种子",
    ", mean {} over {} seeds": "，{1} 个种子的平均值 {0}",
    "{} to {}": "{} 至 {}",
    " by {}": "，{}",
    " in {}": "，项目 {}",
    "{} after {}": "{}，用时 {}",
    "finished": "已完成",
    "failed": "失败",
    "running": "运行中",
    "silent": "失联",
    "retracted": "已撤回",
    "You wrote {}": "你写的是 {}",
    "nothing of the kind is recorded.": "没有这样的记录。",
    "the mean of {} over {} runs is {}": "{1} 次运行 {0} 的平均值为 {2}",
    "{} at step {}": "{}（第 {} 步）",
    "{} is {}": "{} 即 {}",
    "Hyperparameters": "超参数",
    "Other than the team's best": "与团队最佳不同",
    "best: {}": "最佳：{}",
    "The same hyperparameters as the team's best": "超参数与团队最佳相同",
    "Same": "相同",
    "not set": "未设置",
    "{} and {} more": "{}，另有 {} 项",
    "and {} more": "另有 {} 项",
    "code not in git": "代码不在 git 中",
    "seed {}": "种子 {}",
    "no seed said": "未注明种子",
    "on {}": "分支 {}",
    "dirty: {} differ ({})": "有改动：{}不同（{}）",
    "all stored": "均已保存",
    "{} not stored": "{} 个未保存",
    "not pushed": "未推送",
    "{} cores": "{} 核",
    "{} files": "{} 个文件",
    "Edit your post and I look again: this reply changes with it.": "编辑你的消息，我会重新核对，本回复随之更新。",
    "({} further findings.)": "（另有 {} 项。）",
    "There is more than Slack can show here; the pages have all of it.": "内容过长，完整内容见网页。",
    "Open run": "打开运行",
    "Compare with best": "与最佳比较",
    "How to reproduce": "如何复现",
}
"""What the bot says of its own, by its English."""


def in_language(phrase: str, language: str) -> str:
    """A phrase in Chinese for `zh`; as it is otherwise, and where there is no other."""
    return PHRASES.get(phrase, phrase) if language == "zh" else phrase

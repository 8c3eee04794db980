"""The bot's words in Chinese: its phrases by their English, and findings by the shape of their sentences. Pure.

Sentences and remedies are made in English, next to the rule that they tell of. Here each shape has a Chinese one
that takes over what is particular: run IDs, values, names. A sentence of a shape that is not known stays as it
is, behind the Chinese meaning of its code.
"""

from __future__ import annotations

import re

from tracker.record import Finding

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

MEANINGS = {
    "no-run": "消息没有引用运行",
    "mistyped": "运行编号有误",
    "unknown-run": "该编号没有登记",
    "seal-broken": "记录与封存时不一致",
    "claim-differs": "数值与记录不符",
    "other-run": "数值属于另一次运行",
    "change-differs": "所说的提升与记录不符",
    "closed": "排行榜已截止",
    "no-attempts-left": "提交次数已用完",
    "still-private": "该划分在截止前不公开",
    "metric-not-recorded": "没有记录该指标",
    "no-replicates": "这些运行不只是种子不同，不能取平均",
    "other-split": "数值不属于排行榜要求的划分",
    "fewer-seeds": "引用的种子少于所说",
    "within-noise": "提升可能只是偶然",
    "best-not-last": "所写为最佳值",
    "best-of-many": "同类运行的次数",
    "mended-id": "运行编号已按形近字符更正",
    "other-member": "这是他人的运行",
    "registered-later": "运行登记晚于消息",
    "retracted": "运行已被撤回",
    "not-ended": "运行尚未结束",
    "failed": "运行失败",
    "silent": "运行失联，结局不明",
    "not-finite": "指标以 NaN 或无穷结束",
    "implausible": "数值超出合理范围",
    "other-data": "数据集与排行榜要求不符",
    "over-time": "运行超时",
    "over-gpu-hours": "GPU 小时超出限额",
    "gpu-hours-unknown": "无法得知 GPU 小时",
    "over-parameters": "参数量超出限额",
    "parameters-unknown": "没有记录参数量",
    "metric-missing": "没有记录排行榜的指标",
    "other-not-finite": "另有指标以 NaN 或无穷结束",
    "some-not-finite": "曲线中有 NaN 或无穷",
    "code-unknown": "没有捕获代码",
    "no-git": "代码不在 git 仓库中",
    "code-incomplete": "部分改动的文件没有保存",
    "dirty": "有改动的文件，均已保存",
    "unpushed": "提交未推送，他人无法看到",
    "bundled": "提交未推送，但已随运行保存",
    "environment-unknown": "没有捕获已安装的软件包",
    "data-unknown": "没有记录所用数据",
    "no-seed": "没有注明种子",
    "imported": "运行为导入，未经 Runcite 见证",
    "resumed-after-end": "运行结束后又被继续过",
    "code-told": "只知道提交号，由客户端告知，未经核对",
    "machine-unknown": "没有捕获机器信息",
    "drift": "进程中的实际取值与记录的配置不一致",
    "not-all-kept": "记录器未能保存全部内容",
}
"""What each finding's code means."""

_R = r"(r-[0-9A-Z]{8}|\S{1,30})"
_SHAPES = [
    (r"This result cites no run\.", "这个结果没有引用运行。"),
    (r"Posts in this channel cite a run, and this one cites none\.", "本频道的消息都要引用运行，这条没有。"),
    (rf"{_R} is mistyped: did you mean (.+)\?", r"\1 有误：是不是 \2？"),
    (rf"{_R} is not registered: did you mean (.+)\?", r"\1 没有登记：是不是 \2？"),
    (rf"{_R} is mistyped: its symbols do not fit together\.", r"\1 有误：校验位不符。"),
    (rf"Nothing is registered under {_R}\.", r"\1 没有登记任何运行。"),
    (rf"You wrote (.+?), and I read it as {_R}\.", r"你写的是 \1，我读作 \2。"),
    (rf"You wrote (.+); I read it as {_R}\.", r"你写的是 \1，我读作 \2。"),
    (
        rf"You wrote (.+?); {_R} recorded (\S+) best (\S+) at step (\d+), last (\S+?)\.( It is .*)?",
        r"你写的是 \1；\2 记录的 \3 最佳 \4（第 \5 步），最后 \6。\7",
    ),
    (
        rf"You wrote (.+?); {_R} recorded (\S+) best (\S+) at step (\d+)\.( It is .*)?",
        r"你写的是 \1；\2 记录的 \3 最佳 \4（第 \5 步）。\6",
    ),
    (rf"You wrote (.+?); {_R} recorded (\S+) last (\S+)\.( It is .*)?", r"你写的是 \1；\2 记录的 \3 最后 \4。\5"),
    (rf"You wrote (\S+); {_R} has (\S+) (\S+) and {_R} (\S+): (.+)\.", r"你写的是 \1；\2 的 \3 为 \4，\5 为 \6：\7。"),
    (rf"(.+) is what {_R} recorded, the run you compare with\.", r"\1 是你用来比较的 \2 的记录。"),
    (r"You wrote the best; the last is (\S+) \(at step (\d+)\)\.", r"你写的是最佳值；最后为 \1（第 \2 步）。"),
    (
        r"(\d+) runs? of this kind by (\S+) stand behind it "
        r"\(same hyperparameters set, other values\): (.+), the median is (\S+)\.",
        r"\2 的 \1 次同类运行（超参数相同、取值不同）：\3，中位数 \4。",
    ),
    (r"it is the best of them", "这是其中最好的"),
    (r"(\d+) of them did better", r"其中 \1 次更好"),
    (rf"{_R} is still running\.", r"\1 仍在运行。"),
    (rf"{_R} stopped telling before its end, and nobody saw how it ended\.", r"\1 在结束前失联，结局不明。"),
    (rf"{_R} failed(?:: (.*)| with exit code (\d+))?\.", r"\1 失败。\2\3"),
    (rf"{_R} was retracted by (\S+): (.*)\.", r"\1 已被 \2 撤回：\3。"),
    (rf"(\S+) of {_R} ended as (\S+)\.", r"\2 的 \1 以 \3 结束。"),
    (rf"{_R} recorded no metric(?: on \S+)?; it recorded (.+)\.", r"\1 没有记录该指标；它记录了 \2。"),
    (rf"{_R} recorded no (.+?)(?: on (\S+))?; it recorded (.+)\.", r"\1 没有记录 \2 \3；它记录了 \4。"),
    (rf"{_R} is (\S+)'s run\.", r"\1 是 \2 的运行。"),
    (rf"{_R} was registered (\d+) minutes? after the post\.", r"\1 在消息发出 \2 分钟后才登记。"),
    (rf"{_R} did not record which data it used\.", r"\1 没有记录所用数据。"),
    (rf"{_R} did not say its seed.*", r"\1 没有注明种子，无法与运气区分，也无法精确重复。"),
    (rf"{_R} took (.+); the board allows (.+)\.", r"\1 用了 \2；上限为 \3。"),
    (r"The board of (.+) closed at (.+)\.", r"\1 的排行榜已于 \2 截止。"),
    (
        r"The board of (.+) allows (\d+) accepted posts? a member; you have (\d+)\.",
        r"\1 每人最多 \2 条已采纳的消息；你已有 \3 条。",
    ),
    (r"Nobody else can see commit (\S+): it is not pushed\.", r"提交 \1 未推送，他人看不到。"),
    (r"The code was in no git repository\.|The repository has no commit yet\.", "代码不在 git 仓库中，或尚无提交。"),
    (
        r"One seed each: the difference of (\S+) may be luck.*",
        r"各只有一个种子：\1 的差异可能只是运气。每边至少训练 3 个种子。",
    ),
    (r"Edit your post and add the run ID, such as (\S+): .*", r"编辑消息，加上运行编号，例如 \1（训练结束时会打印）。"),
    (
        r"Add the run ID to your post, or take the talk to a thread\.",
        "在消息里加上运行编号，或到消息列（thread）里讨论。",
    ),
    (r"Edit your post and write (.+)\.", r"编辑消息，改写为 \1。"),
    (
        r"Copy it from the end of the training output, or see /results mine\.",
        "从训练输出末尾复制，或查看 /results mine。",
    ),
    (
        r"If it was trained off line, type `runcite sync` on that machine, then edit your post\.",
        "若为离线训练，在那台机器上运行 `runcite sync`，再编辑消息。",
    ),
    (rf"Cite {_R} for it\.", r"请引用 \1。"),
    (rf"Give the value of {_R}\.", r"请写 \1 的数值。"),
    (r"Cite it when it has ended\.", "请在结束后引用。"),
    (r"Cite another run\.", "请引用另一次运行。"),
    (r"Mend what failed, and cite a run that ended well\.", "修复后重新训练，引用正常结束的运行。"),
    (
        r"Run `runcite sync` on the machine where it trained, or train it again\.",
        "在训练的机器上运行 `runcite sync`，或重新训练。",
    ),
    (r"A run that diverged is no result: train it again with other settings\.", "发散的运行不算结果：换设置重新训练。"),
    (
        r"Log it in the training loop with run\.log\(\), or claim what was recorded\.",
        "在训练循环中用 run.log() 记录，或写已记录的数值。",
    ),
    (r"Give the value on (\S+)\.", r"请写 \1 上的数值。"),
    (r"Give each run's own value, or the mean over its seeds\.", "请分别写各次运行的数值，或同一配置各种子的平均值。"),
    (r"Push it: git push\.", "请推送：git push。"),
    (r"Pass it on: start_run\(…, seed=…\)\.", "请传入：start_run(…, seed=…)。"),
    (r"Log it: run\.log_dataset\(name, path_or_array\)\.", "请记录：run.log_dataset(name, path_or_array)。"),
    (r"Train within the time allowed\.", "请在限定时间内训练。"),
    (r"Ask an instructor, if you have more time\.", "若你另有宽限，请联系教师。"),
    (
        r"Delete an earlier post to take it back, or edit it to the better run\.",
        "删除一条较早的消息即可收回，或把它改为更好的运行。",
    ),
    (
        r"Put the code under git: git init, add, commit\.|Commit the code before you train\.",
        "请先用 git 提交代码再训练。",
    ),
]
_KNOWN = [(re.compile(shape), into) for shape, into in _SHAPES]
_IT_IS = re.compile(r" It is (\S+) \((\S+)'s\) that recorded it\.")


def in_language(phrase: str, language: str) -> str:
    """A phrase in Chinese for `zh`; as it is otherwise, and where there is no other."""
    return PHRASES.get(phrase, phrase) if language == "zh" else phrase


def in_chinese(finding: Finding) -> Finding:
    """The finding with a Chinese sentence and remedy."""
    sentence = _turned(finding.sentence)
    if sentence is None:
        meaning = MEANINGS.get(finding.code)
        sentence = f"{meaning}（{finding.sentence}）" if meaning else finding.sentence
    remedy = _turned(finding.remedy) or finding.remedy
    return Finding(finding.code, sentence, remedy, finding.severity)


def _turned(text: str) -> str | None:
    for shape, into in _KNOWN:
        found = shape.fullmatch(text)
        if found is not None:
            told = found.expand(into)
            told = _IT_IS.sub(r"这是 \1（\2）的记录。", told)
            for each, chinese in (("it is the best of them", "这是其中最好的"), (" of them did better", " 次更好")):
                told = told.replace(each, chinese)
            return told
    return None

"""The bot's own words in Chinese, by their English; what the rules say is `tracker.rules.chinese`'s. Pure."""

from __future__ import annotations

import re

from bot import chinese_accounts

PHRASES = {
    **chinese_accounts.PHRASES,
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
    "{} of {} things recorded that a reproduction needs": "复现所需的 {1} 项中已记录 {0} 项",
    "{} cores": "{} 核",
    "{} files": "{} 个文件",
    "Edit your post and I look again: this reply changes with it.": "编辑你的消息，我会重新核对，本回复随之更新。",
    "({} further findings.)": "（另有 {} 项。）",
    "There is more than Slack can show here; the pages have all of it.": "内容过长，完整内容见网页。",
    "Open run": "打开运行",
    "Compare with best": "与最佳比较",
    "How to reproduce": "如何复现",
    "higher is better": "越高越好",
    "lower is better": "越低越好",
    "Nothing ranks yet in {}.": "{} 尚无排名。",
    "Nothing ranks yet.": "尚无排名。",
    "Run": "运行",
    "Member": "成员",
    "Seeds": "种子数",
    "= shares a place: cannot be told apart. One seed may be luck.": (
        "= 表示并列：无法区分高下。只有一个种子可能只是运气。"
    ),
    "{} by {} {}: {}.": "{}（{} {}）：{}。",
    "{} on the page.": "网页上另有 {}。",
    "{} more rows": "{} 行",
    "{} runs": "{} 次运行",
    "{} earlier runs": "另有 {} 次更早的运行",
    "{} without a place, such as {}": "{}未排名，例如：{}",
    "They are replicates: only the seed differs.": "两者是重复实验：只有种子不同。",
    "; they differ in {}": "；不同之处：{}",
    "• and {} more lines": "• 另有 {} 行",
    "Side by side": "并排比较",
    "{} and {}{}{}. {}": "{} 与 {}{}{}。{}",
    "You have no runs yet. Type /results login, then train with tracker.start_run().": (
        "你还没有运行。先输入 /results login，再用 tracker.start_run() 训练。"
    ),
    "Your latest runs": "你最近的运行",
    "place {} of {}": "第 {} 名（共 {} 名）",
    "a run: hyperparameters, code, values, place": "一次运行：超参数、代码、数值、名次",
    "the leaderboard": "排行榜",
    "what differs between two runs, and what doesn't": "两次运行的异同",
    "which hyperparameters moved the metric": "哪些超参数影响了指标",
    "your latest runs": "你最近的运行",
    "a form for a result post": "发布结果的表单",
    "the command that gives the number back": "重现该数值的命令",
    "a token for your laptop, shown only to you": "供你的电脑使用的令牌，只显示给你",
    "what the board asks; instructors change it": "排行榜的要求；由教师修改",
    "who posted what (instructors)": "谁发布了什么（教师）",
    "the runs as a file for a spreadsheet (instructors)": "导出全部运行，供电子表格使用（教师）",
    "this": "本说明",
    "Post a result with its run ID, such as `val accuracy 90.7 % r-7K3M9QX2`. I hold it against what the run "
    "recorded, and answer in its thread. Edit your post, and my answer follows.": (
        "发布结果时附上运行编号，例如 `验证准确率 90.7 % r-7K3M9QX2`。我会与运行的记录核对，"
        "并在消息列（thread）中回复。你编辑消息，我的回复随之更新。"
    ),
    "Post a result with its run ID and I check it.": "发布结果时附上运行编号，我来核对。",
    "You are {} now.": "你现在是 {}。",
    "You are {}.": "你是 {}。",
    "On the machine where you train, type once:": "在训练用的机器上输入一次：",
    "and paste this token, which is shown only here and only now:": "然后粘贴这个令牌，它只在此处显示这一次：",
    "Who has the token can record runs in your name. Typing /results login again makes another one.": (
        "持有令牌的人可以用你的名义登记运行。再次输入 /results login 会生成新的令牌。"
    ),
    "You are {}. Type: runcite login {}, and paste this token: {}": "你是 {}。输入：runcite login {}，再粘贴令牌：{}",
    "No result without a run: post a result with its run ID, and I hold it against the record.": (
        "没有运行，就没有结果：发布结果时附上运行编号，我会与记录核对。"
    ),
    "I don't know yet which runs are yours: type `/results login` in any channel.": (
        "我还不知道哪些运行是你的：在任一频道输入 `/results login`。"
    ),
    "You have no runs yet. Train with `tracker.start_run()`.": "你还没有运行。用 `tracker.start_run()` 训练。",
    "Post a result": "发布结果",
    "Help": "帮助",
    "I see no result and no run in this post, so I would say nothing.": (
        "这条消息里没有结果，也没有运行编号，我不会回复。"
    ),
    "Your words": "你的文字",
    "With the value, such as: val accuracy 90.7 %. I hold it against the record.": (
        "写上数值，例如：验证准确率 90.7 %。我会与记录核对。"
    ),
    "Channel": "频道",
    "Said again, as I could not tell whether it had reached you.": "重复一次：无法确定之前是否已送达。",
    "Post": "发布",
    "Cancel": "取消",
}
"""What the bot says of its own, by its English."""

_R = r"(r-[0-9A-Z]{8}|\S{1,30})"
_ASKED = [
    (r"I don't know /results (.+)\.", r"没有 /results \1 这个命令。"),
    (r"Type /results help for what I know\.", "输入 /results help 查看全部命令。"),
    (r"Type /results login first\.", "请先输入 /results login。"),
    (r"I don't know yet which runs are yours\.", "我还不知道哪些运行是你的。"),
    (r"Nothing is registered yet\.", "还没有登记任何运行。"),
    (r"Train with tracker\.start_run\(\) and it appears here\.", "用 tracker.start_run() 训练，运行就会出现在这里。"),
    (r"Train with tracker\.start_run\(\)\.", "请用 tracker.start_run() 训练。"),
    (r"You have no finished run yet\.", "你还没有已完成的运行。"),
    (r"The audit is for instructors\.", "审计仅限教师使用。"),
    (r"The export is for instructors\.", "导出仅限教师使用。"),
    (r"(?:Changing a board's rules|Setting a channel's ways) is for instructors\.", "修改设置仅限教师使用。"),
    (r"Type /results login first, so that I know you\.", "请先输入 /results login，让我认识你。"),
    (r"An admin can type: (.+)", r"管理员可以输入：\1"),
    (r"Nothing was posted in the last (.+)\.", r"最近 \1 没有消息。"),
    (r"Comparing takes two runs\.", "比较需要两次运行。"),
    (r"Reproducing takes one run\.", "复现需要一次运行。"),
    (r"Type (/results \S.*)", r"请输入 \1"),
    (rf"No run {_R} is registered\.", r"没有登记运行 \1。"),
    (rf"{_R} is mistyped\.", r"运行编号 \1 有误。"),
    (r"There is no project '(.+)'\.", r"没有名为 \1 的项目。"),
    (
        r"Was the run started with tracker\.start_run, and has it arrived\?",
        "运行是否用 tracker.start_run 启动，并且已经送达？",
    ),
]
_KNOWN = [(re.compile(shape), into) for shape, into in _ASKED]


def in_language(phrase: str, language: str) -> str:
    """A phrase in Chinese for `zh`; as it is otherwise, and where there is no other."""
    return PHRASES.get(phrase, phrase) if language == "zh" else phrase


def turned(sentence: str) -> str:
    """What a command answers that cannot be, in Chinese; a sentence of a shape that is not known stays as it is."""
    for shape, into in _KNOWN:
        found = shape.fullmatch(sentence)
        if found is not None:
            return found.expand(into)
    return sentence

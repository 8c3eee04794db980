"""What a reproduction needs, and what lies between two runs, in Chinese: the shapes of words and lines. Pure."""

from __future__ import annotations

SHAPES = [
    (r"it ended well", "正常结束"),
    (r"it is running", "仍在运行"),
    (r"it is failed", "运行失败"),
    (r"it is silent", "运行失联"),
    (r"Reproduce a run that ended well\.", "请复现正常结束的运行。"),
    (r"commit not pushed", "提交未推送"),
    (r"commit on no remote", "提交不在任何远程仓库"),
    (r"commit pushed", "提交已推送"),
    (r"commit stored with the run", "提交已随运行保存"),
    (r"Push (\w+): git push\.", r"推送 \1：git push。"),
    (r"Give the repository a remote, and push\.", "给仓库添加远程地址并推送。"),
    (r"Put the code under git, and commit it before you train\.", "把代码纳入 git，训练前先提交。"),
    (r"code stored whole", "代码已全部保存"),
    (r"code not captured", "没有捕获代码"),
    (r"code in no commit", "代码没有提交"),
    (r"not stored: (.+)", r"未保存：\1"),
    (r"Commit them, or have git ignore them\.", "提交它们，或让 git 忽略它们。"),
    (r"a secret was taken out of the command", "命令中的密钥已被移除"),
    (r"a secret was taken out of (.+)", r"\1 中的密钥已被移除"),
    (r"Keep secrets in the environment, not in files\.", "密钥应放在环境变量里，不要写进文件。"),
    (r"Pass secrets in the environment\.", "密钥请用环境变量传递。"),
    (r"([\d,]+) changed files? stored", r"\1 个改动的文件已保存"),
    (r"nothing uncommitted", "没有未提交的改动"),
    (r"packages not captured", "没有捕获软件包"),
    (r"See `runcite show`: it says why\.", "`runcite show` 会说明原因。"),
    (r"(.+) from a folder", r"\1 来自本地目录"),
    (r"Install it from an index or a commit\.", "请从软件源或某个提交安装。"),
    (r"([\d,]+) packages?, exact", r"\1 个软件包，版本精确"),
    (r"([\d,]+) data sets? by digest", r"\1 个数据集，以摘要记录"),
    (r"data not recorded", "没有记录数据"),
    (r"Log it: run\.log_dataset\(name, path_or_array\)\.", "请记录：run.log_dataset(名称, 路径或数组)。"),
    (r"seed (\S+)", r"种子 \1"),
    (r"no seed", "没有种子"),
    (r"Pass it on: start_run\(…, seed=…\)\.", "请传入：start_run(…, seed=…)。"),
    (r"command not captured", "没有捕获命令"),
    (r"Start the script by Python\.", "请用 Python 启动脚本。"),
    (r"command recorded", "命令已记录"),
]

LINES = [
    (r"equal: (.+)", r"相同：\1"),
    (r"not fully captured: (.+)", r"未完整捕获：\1"),
    (r"(code|packages|data): not the same among them", r"\1：各不相同"),
    (r"p = (\S+), by permutation (\S+)", r"p = \1，置换检验 \2"),
]
"""Lines of a comparison."""

PARTS = [
    (r"\bcode\b", "代码"),
    (r"\bpackages\b", "软件包"),
    (r"\bdata\b", "数据"),
    (r"\bmachine\b", "机器"),
    (r"\bdriver\b", "驱动"),
    (r"\bsystem\b", "系统"),
    (r"\bseed\b", "种子"),
    (r"\bstate\b", "状态"),
    (r"\bruntime\b", "用时"),
    (r"\bmember\b", "成员"),
    (r"(\d+) settings?\b", r"\1 项设置"),
    (r" and (\d+) more", r"等另外 \1 项"),
    (r" and ", "与"),
    (r", ", "、"),
]
"""What such a line lists; values of people's own stand behind an arrow, and in no list."""

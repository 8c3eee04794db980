"""Judgements, boards, importance and refusals in Chinese: the shapes of their sentences. Pure."""

from __future__ import annotations

_R = r"(r-[0-9A-Z]{8}|\S{1,30})"
SHAPES = [
    (
        r"One seed each: the difference of (\S+) may be luck, and nothing here can tell\. "
        r"Train both with (\d+) seeds or more\.",
        r"各只有一个种子：\1 的差异可能只是运气，无从判断。请每边至少训练 \2 个种子。",
    ),
    (r"(\S+) is better than (\S+): (\S+?)(, .+)?\.", r"\1 优于 \2：\3\4。"),
    (r"(\S+) is worse than (\S+): (\S+?)(, .+)?\.", r"\1 不如 \2：\3\4。"),
    (r"(\S+) and (\S+) can't be told apart: (\S+?)(, [^.]*(?:\.\d[^.]*)*)?\.( .+)?", r"\1 与 \2 无法区分：\3\4。\5"),
    (
        r"One side has one seed: its own spread is taken to be that of the other\.",
        "有一边只有一个种子：其离散程度按另一边计。",
    ),
    (r"No spread was seen, so nothing is known of the noise\.", "没有观察到离散，噪声无从得知。"),
    (
        r"Two seeds say little of the spread: the interval is wide for that reason\.",
        "两个种子难以说明离散程度，区间因此很宽。",
    ),
    (r"With so few seeds no permutation test can go below p = (\S+)\.", r"种子太少，置换检验的 p 不可能低于 \1。"),
    (
        r"The permutation test, which assumes no distribution, does not agree \(p = (\S+)\)\.",
        r"不假定分布的置换检验不支持这一结论（p = \1）。",
    ),
    (rf"{_R} and {_R} are replicates: what differs is the seed\.", r"\1 与 \2 是重复运行：只有种子不同。"),
    (
        rf"{_R} is of another project, (.+): its values mean something else\.",
        r"\1 属于另一个项目 \2，数值含义不同。",
    ),
    (rf"{_R} has not ended well: its value is no result\.", r"\1 没有正常结束，其数值不算结果。"),
    (rf"{_R} has not ended well\.", r"\1 没有正常结束。"),
    (r"A run among (.+) has no finite (.+)\.", r"\1 中有运行没有有限的 \2。"),
    (r"None of these has a result by (.+)\.", r"这些运行都没有 \1 的结果。"),
    (
        rf"{_R} is the best of (\d+) rows by (.+): (\S+?); (.+) can't be told apart from it\.",
        r"按 \3，\1 在 \2 行中最好：\4；\5 与之无法区分。",
    ),
    (rf"{_R} is the best of (\d+) rows by (.+): (\S+?)\.", r"按 \3，\1 在 \2 行中最好：\4。"),
    (rf"{_R} alone has a result by (.+)\.", r"只有 \1 有 \2 的结果。"),
    (rf"{_R} reproduces {_R}, which has the place\.", r"\1 复现自 \2，名次归后者。"),
    (rf"{_R} did not record ([^:]+): it recorded no metric at all\.", r"\1 没有记录 \2：它没有记录任何指标。"),
    (rf"{_R} did not record ([^:]+): it recorded (.+)\.", r"\1 没有记录 \2；它记录了 \3。"),
    (rf"{_R} did not record (.+)\.", r"\1 没有记录 \2。"),
    (
        r"(.+) was moved by (.+): ([\d,]+) configs?, of whose spread the settings explain (\S+)\.",
        r"影响 \1 的有：\2。共 \3 个配置，超参数解释了其差异的 \4。",
    ),
    (
        r"No setting moved (.+) more than chance would: ([\d,]+) configs?, "
        r"of whose spread the settings explain (\S+)\.",
        r"没有超参数对 \1 的影响超过偶然：共 \2 个配置，超参数解释了其差异的 \3。",
    ),
    (r"(.+) moved together: their parts cannot be told apart\.", r"\1 总是同时变化，各自的作用无法区分。"),
    (
        r"The settings foretell little of the metric: take the shares as hints\.",
        "超参数对指标的预测力很弱：占比仅供参考。",
    ),
    (
        r"Another fit \(fANOVA\) sees (.+) otherwise: take the share as rough\.",
        r"另一种拟合（fANOVA）对 \1 看法不同：占比只是粗略估计。",
    ),
    (
        r"(.+) acted mostly together with others: alone it explains less\.",
        r"\1 主要与其他项共同起作用，单独解释得较少。",
    ),
    (r"Reckoned from ([\d,]+) of ([\d,]+) configs, drawn at random\.", r"由 \2 个配置中随机抽取的 \1 个算出。"),
    (
        r"No hyperparameter of (\S+) varies among its finished runs(?: \((.+)\))?\.",
        r"\1 已完成的运行之间没有变化的超参数。",
    ),
    (r"Train with different settings\.", "请用不同的设置训练。"),
    (
        r"Importance of (\d+) settings? needs (\d+) different configs that ended well; (.+) has (\d+)\.",
        r"计算 \1 个超参数的影响需要 \2 个正常结束的不同配置；\3 目前有 \4 个。",
    ),
    (r"Train (\d+) more\.", r"请再训练 \1 个。"),
    (r"(.+) is the same in all runs: nothing moved it\.", r"\1 在所有运行中都相同：没有影响因素。"),
    (r"Ask another metric\.", "请换一个指标。"),
    (r"There is no project (.+)\.", r"没有项目 \1。"),
    (r"No run (\S+) is registered\.", r"没有登记运行 \1。"),
    (r"Did you mean (.+)\?", r"是不是 \1？"),
    (r"(\d+) runs do not fit side by side\.", r"\1 次运行无法并排显示。"),
    (
        r"Choose at most (\d+), or see many at once on their project's page Sweep\.",
        r"最多选 \1 次，或在项目的“扫参”页同时查看。",
    ),
    (r"The token is unknown, revoked or expired\.", "令牌不存在、已吊销或已过期。"),
    (
        r"This log-in link was used before, or its time is over\.",
        "此登录链接已被使用或已过期。",
    ),
    (r"Type /results login in Slack again\.", "请在 Slack 中再次输入 /results login。"),
    (
        r"Ask an admin for a token \(runcite members token HANDLE\), then: runcite login URL",
        "请向管理员索取令牌（runcite members token HANDLE），然后运行：runcite login URL",
    ),
    (r"There is nothing to compare with fewer than two runs\.", "少于两次运行，无从比较。"),
    (r"Name at least two run IDs\.", "请写出至少两个运行编号。"),
    (
        rf"{_R} is judged when the board closes: (.+) is hidden until then\.",
        r"\1 在排行榜截止后评定：此前不显示 \2。",
    ),
    (
        r"What moves (.+) is not shown yet: The board of (.+) hides .+ until (.+)\.",
        r"暂不显示影响 \1 的因素：\2 的排行榜在 \3 之前保密。",
    ),
    (
        r"(.+) is not shown yet: The board of (.+) hides .+ until (.+)\.",
        r"暂不显示：\2 的排行榜在 \3 之前保密。",
    ),
    (r"Ask an instructor, who sees everything; or wait until then\.", "教师可以看到全部；或等到那时。"),
    (r"'(.*)' is no bound for (.+)\.", r"“\1”不能作为 \2 的界限。"),
    (r"Write a number, such as 0\.01\.", "请写一个数，例如 0.01。"),
    (r"Not Found\.?", "找不到页面。"),
]

PARTS = [
    (r", 95 % interval (\S+) to ([^\s,。]+)", r"，95 % 区间 \1 至 \2"),
    (r", (\d+) seeds? each, seed by seed", r"，各 \1 个种子，逐个种子比较"),
    (r", (\d+) against (\d+) seeds?, seed by seed where both have one", r"，\1 对 \2 个种子，共有的逐个比较"),
    (r", (\d+) seeds? each", r"，各 \1 个种子"),
    (r", (\d+) against (\d+) seeds?", r"，\1 对 \2 个种子"),
    (
        r" About (\d+) more seeds? each would settle a difference of that size\.",
        r"每边再训练约 \1 个种子可分出这样大的差异。",
    ),
    (r" More seeds of the one would help\.", "只有一个种子的一边应增加种子。"),
    (r" No sensible number of seeds would settle a difference that small\.", "差异太小，再多的种子也难以分出。"),
    (r" and (\d+) more", r"等另外 \1 项"),
    (r"；([^；]+)；$", r"；\1。"),
    (r"；$", "。"),
    (r"\(with others\)", "（与其他项共同）"),
    (r" and (?=\S)", " 与 "),
    (r"解释了其差异的 nothing", "几乎没有解释其差异"),
]
"""What may stand inside such a sentence, turned behind it."""

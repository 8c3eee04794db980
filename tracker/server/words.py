"""The pages' one catalogue: phrases are written in English in the templates, and read in Chinese from here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from tracker.rules.chinese import turned

Language = Literal["en", "zh"]

_ONE = {
    "{n} files differ from the commit": "{n} file differs from the commit",
    "{n} files were left out": "{n} file was left out",
    "{n} packages": "{n} package",
    "{n} cores": "{n} core",
    "{n} settings are equal": "{n} setting is equal",
    "{n} days ago": "{n} day ago",
}

CHINESE = {
    "95 % interval": "95 % 区间",
    "A secret was removed from {where}": "已从 {where} 移除一处密钥",
    "API": "API",
    "Across": "横轴",
    "All projects": "全部项目",
    "Alone": "单独",
    "Artifacts": "产物",
    "Back to what differs": "恢复为有差异的列",
    "Bars are 95 % confidence intervals of the mean over seeds. Rows that cannot be told apart share a place (=).": (
        "横条是多个种子均值的 95 % 置信区间；无法区分高下的行并列同一名次（=）。"
    ),
    "Board": "排行榜",
    "Branch": "分支",
    "Choose": "选择",
    "Choose {id}": "选择 {id}",
    "Cited in Slack": "在 Slack 中被引用",
    "Code": "代码",
    "Columns": "列",
    "Command": "命令",
    "Commit": "提交",
    "Compare": "对比",
    "Compare chosen": "对比所选",
    "Compare runs": "对比运行",
    "Compare {n} runs": "对比 {n} 次运行",
    "Config": "超参数",
    "Copied": "已复制",
    "Copy": "复制",
    "Curves": "曲线",
    "Data": "数据",
    "Did you mean": "您是不是要找",
    "Difference": "差",
    "Download": "下载",
    "Drawing …": "正在绘制……",
    "Each line is a run, the better the darker. Drag along an axis to keep what passes there; a click on it lets go.": (
        "每条线是一次运行，越好颜色越深。沿轴拖动可只保留经过该段的运行；在轴上单击则取消。"
    ),
    "Environment": "环境",
    "Events": "事件",
    "Events before {n} are left out here; runcite trace has them.": (
        "此处略去第 {n} 条之前的事件；runcite trace 可看全部。"
    ),
    "Files": "文件",
    "Files differ from the commit": "有文件与提交不一致",
    "Files that differ": "不同的文件",
    "Filter": "筛选",
    "First, once, on the machine that trains:": "首先，在训练用的机器上执行一次：",
    "Fit to be cited?": "可以引用吗？",
    "Folder": "目录",
    "GPU hours": "GPU 小时",
    "Greatest": "最大",
    "How it failed": "失败原因",
    "How this is reckoned": "统计方法",
    "Hyperparameter": "超参数",
    "Its bytes have not arrived. On the machine that made it, type: runcite sync": (
        "内容尚未送达。请在产生它的机器上输入：runcite sync"
    ),
    "Kind": "类型",
    "Last": "最后",
    "Last seen": "最近活动",
    "Least": "最小",
    "Lineage": "来龙去脉",
    "Log in": "登录",
    "Log out": "退出",
    "Logarithmic": "对数",
    "Logged": "记录于",
    "Machine": "机器",
    "Made again by": "同样产生于",
    "Made by": "产生于",
    "Member": "成员",
    "Metric": "指标",
    "Metrics": "指标",
    "More": "更多",
    "Narrow down by values": "按取值缩小范围",
    "Next": "下一页",
    "No result without a run.": "没有运行，就没有结果。",
    "No run has been registered yet.": "还没有登记任何运行。",
    "No run has recorded this content as its data yet.": "还没有运行把这份内容记录为数据。",
    "No run matches.": "没有符合条件的运行。",
    "No token yet? Type /results login in Slack, or ask an admin.": (
        "还没有令牌？在 Slack 中输入 /results login，或向管理员索取。"
    ),
    "No, as it stands:": "目前不可以：",
    "None yet: no other run has equal config, code, data and environment with another seed.": (
        "暂无：没有其他运行与它的超参数、代码、数据和环境相同而种子不同。"
    ),
    "Not ranked": "未参与排名",
    "Not yet.": "暂无。",
    "Nothing ranks yet.": "暂无排名。",
    "Nothing varies among the finished runs yet.": "已完成的运行之间尚无差异。",
    "Notices": "提示",
    "One against the metric": "单个超参数与指标",
    "Or choose them in a project’s list of runs.": "也可以在项目的运行列表中勾选。",
    "Output": "输出",
    "Over baseline": "相对基线",
    "Packages": "软件包",
    "Packages that differ": "不同的软件包",
    "Pages": "分页",
    "Parallel coordinates of {n} hyperparameters and {metric}": "{n} 个超参数与 {metric} 的平行坐标图",
    "Parameters": "参数",
    "Parameters at most": "参数量不超过",
    "Parent": "上级运行",
    "Permuted": "置换检验",
    "Place": "名次",
    "Points": "点数",
    "Previous": "上一页",
    "Project": "项目",
    "Projects": "项目",
    "Proven at least": "至少证明到",
    "Reads answer JSON, or msgpack where Accept asks for it.": "读取返回 JSON；Accept 要求时返回 msgpack。",
    "Received": "收到于",
    "Record": "记录",
    "Remote": "远程仓库",
    "Replicates": "重复运行",
    "Reproduced by": "复现它的运行",
    "Reproduces": "复现自",
    "Retracted by {by}": "已由 {by} 撤回",
    "Run": "运行",
    "Running": "进行中",
    "Runs": "运行",
    "Runtime": "用时",
    "Script": "脚本",
    "Sealed": "封存",
    "Search": "搜索",
    "Second beats first": "后者胜过前者",
    "Seed": "种子",
    "Seed stated": "声明的种子",
    "Seeds": "种子",
    "Seeds and data": "种子与数据",
    "Seeds at least": "种子数不少于",
    "Send a token as": "发送令牌：",
    "Share of the variance, with 95 % interval": "方差占比及 95 % 区间",
    "Show all runs": "显示全部运行",
    "Show runs where": "筛选条件",
    "Show these": "显示所选",
    "Shown when the board closes.": "排行榜截止后显示。",
    "Side by side": "并列",
    "Size": "大小",
    "Skip to the content": "跳到正文",
    "Smoothing": "平滑",
    "Started": "开始于",
    "State": "状态",
    "Statistics": "统计方法",
    "Sweep": "扫参",
    "System": "系统",
    "Tag": "标签",
    "Takes": "接受",
    "The best that pass": "其中最好的",
    "The chain does not hold:": "链不成立：",
    "The chain holds: every link was computed again just now.": "链成立：每一环刚刚都重新计算过。",
    "The chain is long; it was not read again just now.": "链很长，刚才没有重新读取。",
    "The chain’s link up to here": "到此为止的链值",
    "The end of it; the artifact has all.": "仅显示结尾；完整内容见产物。",
    "The output cannot be read: it is damaged, or no text.": "输出无法读取：已损坏，或不是文本。",
    "Three lines in a training script are enough:": "在训练脚本里写三行就够了：",
    "Time": "用时",
    "To frame this board on another page: {address}": "嵌入其他页面的地址：{address}",
    "Trace": "事件流",
    "Traceback": "错误栈",
    "Two or more run IDs, with commas between them": "两个或更多运行编号，用逗号分隔",
    "Until {when} this board hides results on the split {split}, and who is who.": (
        "{when} 之前，此排行榜不显示 {split} 划分上的结果，也不显示谁是谁。"
    ),
    "Until {when} this board hides results on the split {split}.": "{when} 之前，此排行榜不显示 {split} 划分上的结果。",
    "Until {when} this board hides who is who.": "{when} 之前，此排行榜不显示谁是谁。",
    "Used by": "用于",
    "Verify it": "立即核验",
    "Version": "版本",
    "Versions": "版本",
    "Weights": "参数量",
    "What differs": "差异",
    "What moved it": "影响因素",
    "Where you are": "当前位置",
    "Who led when": "领先变迁",
    "With others": "含交互",
    "Work it out": "开始计算",
    "Working out what moved it; this takes some seconds …": "正在计算影响因素，需要几秒钟……",
    "Yes: nothing speaks against it.": "可以：没有发现问题。",
    "Yes; but do know:": "可以，但请注意：",
    "Your link is good for one log-in. Go on?": "您的链接可登录一次。要继续吗？",
    "Your token": "您的令牌",
    "accepted": "已接受",
    "admin": "管理员",
    "ahead by no more than noise": "领先幅度不超过噪声",
    "all": "全部",
    "as the leader fell back with a further seed": "原领先者增加种子后均值下降",
    "as committed": "与提交相同",
    "baseline": "基线",
    "best value": "最优值",
    "better than the one before": "优于前一名",
    "changed": "有改动",
    "conditional": "有条件",
    "content": "内容",
    "deleted": "已删除",
    "differs": "不一致",
    "driver": "驱动",
    "elsewhere": "另一台机器",
    "equal in all": "全部相同",
    "exact": "完全一致",
    "exit code {n}": "退出码 {n}",
    "failed": "失败",
    "finished": "已完成",
    "folder": "文件夹",
    "higher is better": "越高越好",
    "holds": "成立",
    "ignored": "未处理",
    "instructor": "教师",
    "just now": "刚刚",
    "last value": "最后值",
    "live": "实时",
    "lower is better": "越低越好",
    "member": "成员",
    "members": "成员",
    "modified": "已修改",
    "no git repository": "不在 git 仓库中",
    "no more than chance": "不超过偶然",
    "no more than noise": "不超过噪声",
    "no reason was given": "没有给出原因",
    "none": "无",
    "none (detached)": "无（游离状态）",
    "not before the run ends": "运行结束后才封存",
    "not captured": "未采集",
    "not fully known": "不完全清楚",
    "not pushed": "未推送",
    "not stored": "未存储",
    "nothing logged yet": "尚无指标",
    "one seed": "仅一个种子",
    "out of memory": "内存不足",
    "p by permutation": "置换检验 p",
    "post deleted": "帖子已删除",
    "projects": "项目",
    "rejected": "已拒绝",
    "reproduced by author": "作者已复现",
    "reproduced by member": "他人已复现",
    "reproduced elsewhere": "在别的机器上已复现",
    "retracted": "已撤回",
    "running": "进行中",
    "runs": "运行",
    "seconds": "秒",
    "seen from outside": "由外部观察到",
    "self-reported": "自行报告",
    "silent": "无响应",
    "since": "自",
    "steps": "步数",
    "the first on the board": "榜上第一个",
    "the server is away": "服务器暂时无响应",
    "untracked": "未跟踪",
    "within": "误差之内",
    "writing": "写入",
    "{first}–{last} of {total} runs": "第 {first}–{last} 次，共 {total} 次运行",
    "{metric} of each run over one hyperparameter, with the median of each stretch": (
        "每次运行的 {metric} 随一个超参数变化，附各段中位数"
    ),
    "{metric} over steps for {n} runs": "{n} 次运行的 {metric} 随步数变化",
    "{metric} over steps; least {low}, greatest {high}, last {last}": (
        "{metric} 随步数变化；最小 {low}，最大 {high}，最后 {last}"
    ),
    "{name} at least": "{name} 不小于",
    "{name} at most": "{name} 不大于",
    "{n} cores": "{n} 核",
    "{n} days ago": "{n} 天前",
    "{n} files differ from the commit": "{n} 个文件与提交不一致",
    "{n} files were left out": "{n} 个文件未收录",
    "{n} finished runs": "{n} 次已完成的运行",
    "{n} h ago": "{n} 小时前",
    "{n} min ago": "{n} 分钟前",
    "{n} not finite": "{n} 个非有限值",
    "{n} of {all} runs": "{all} 次运行中的 {n} 次",
    "{n} packages": "{n} 个软件包",
    "{n} ranked runs do not pass the filter.": "另有 {n} 次参与排名的运行不符合筛选条件。",
    "{n} seeds": "{n} 个种子",
    "{n} settings are equal": "{n} 项设置相同",
    "… and {n} more": "……以及另外 {n} 项",
}


def language_of(accepted: str) -> Language:
    """The reader's language by the Accept-Language header: Chinese where it is wanted most, else English."""
    best: tuple[float, Language] = (0.0, "en")
    for part in accepted[:500].split(","):
        name, _, rest = part.strip().partition(";")
        language: Language | None = (
            "zh" if name.lower().startswith("zh") else "en" if name[:2].lower() == "en" else None
        )
        if language is None:
            continue
        weight = _weight(rest)
        if weight > best[0]:
            best = (weight, language)
    return best[1]


def translator(language: Language) -> Callable[..., str]:
    """A function from a phrase, and the values it names, to the text in that language."""

    def translate(phrase: str, **values: object) -> str:
        if language == "zh":
            text = CHINESE.get(phrase, phrase)
        else:
            text = _ONE.get(phrase, phrase) if values.get("n") == 1 else phrase
        # A phrase without values is shown as it is: a role or a state is data, and may hold braces.
        return text.format(**values) if values else text

    return translate


def rules_translator(language: Language) -> Callable[[str], str]:
    """A function from a sentence of the rules, or of an error, to the text in that language; one of no known shape
    stays as it is."""
    return (lambda sentence: turned(sentence) or sentence) if language == "zh" else str


def _weight(parameter: str) -> float:
    key, _, value = parameter.strip().partition("=")
    if key != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0

"""The exchange in the channel: seven posts and three commands as members would type them, each with what must come.

Every step is a plain function of the stage (the stand-in for Slack, and the runs that were trained). It does what a
person does, waits for what the bot answers, and raises `OutOfScript` when that is not what it must be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox import Sandbox
from tracker.errors import RunciteError
from tracker.ids import ALPHABET, is_run_id
from tracker.record import Record

CHANNEL, ELSEWHERE = "results", "general"
METRIC = "val/accuracy"
PATIENCE = 20.0
_CHINESE = {"Accepted": "已采纳", "Not accepted": "未采纳"}
"""The verdicts as those read them who use Slack in Chinese."""


class OutOfScript(RunciteError):
    """The bot did not answer as it must."""


@dataclass(frozen=True)
class Line:
    """One line of the transcript: who said what, and whether only one person saw it."""

    who: str
    text: str
    channel: str
    kind: str = "post"
    private: bool = False


@dataclass
class Stage:
    """What the steps share. `lines` grows as they play; `posts` are the ts of posts that later steps come back to."""

    sandbox: Sandbox
    records: Sequence[Record]
    lines: list[Line] = field(default_factory=list)
    posts: dict[str, str] = field(default_factory=dict)
    chart: bytes = b""

    def best_of(self, member: str) -> Record:
        """The member's run with the best recorded accuracy."""
        own = [record for record in self.records if record.member == member]
        return max(own, key=_best)

    def best(self) -> Record:
        """The team's best run."""
        return max(self.records, key=_best)


Step = Callable[[Stage], None]


def no_run(stage: Stage) -> None:
    """A result without a run ID is sent back, with what to do."""
    percent = _percent(stage.best_of("ben"))
    _post(stage, "ben", "bare", f"val accuracy *{percent}* with plain SGD :rocket: beat that")
    _expect(stage, "bare", "Not accepted", "run ID")


def mistyped(stage: Stage) -> None:
    """A mistyped run ID is told from an unknown one: did you mean? (In the language of who posted.)"""
    record = stage.best_of("chen")
    _post(stage, "chen", "mistyped", f"CNN 的验证准确率 {_percent(record)}，{_slip(record.id)}")
    _expect(stage, "mistyped", "Not accepted", record.id)


def false_claim(stage: Stage) -> None:
    """A claim that differs from the record is sent back, with the recorded value."""
    record = stage.best_of("emil")
    wish = f"{_best(stage.best()) + 0.021:.1%}"
    _post(stage, "emil", "false", f"{wish} val accuracy with only 16 hidden units, {record.id}")
    reply = _expect(stage, "false", "Not accepted", record.id)
    if f"{_best(record):.4f}" not in str(reply["text"]):
        raise OutOfScript(f"The reply to the false claim does not say what {record.id} recorded.")


def true_claim(stage: Stage) -> None:
    """A true claim is accepted: hyperparameters, git hash, and the chart in the same message."""
    record = stage.best()
    poster = record.member or "dana"
    _post(stage, poster, "true", f"val accuracy {_percent(record)}, best epoch. {record.id}")
    reply = _expect(stage, "true", "Accepted", record.id)
    commit = _commit(record)
    shown_blocks = str(reply["blocks"])
    for fact in (commit[:7], "lr", "种子" if "种子" in shown_blocks else "seed"):
        if fact not in shown_blocks:
            raise OutOfScript(f"The accepted reply does not show {fact!r}.")
    shown = stage.sandbox.wait_until(lambda: _image_of(_reply(stage, "true")) is not None, PATIENCE)
    if not shown:
        raise OutOfScript("The accepted reply got no chart.")
    file = _image_of(_reply(stage, "true"))
    stage.chart = next(each.data or b"" for each in stage.sandbox.files() if each.id == file)


def repaired(stage: Stage) -> None:
    """An edit that tells the truth is judged again, and the same reply now accepts it."""
    before = _reply(stage, "false")
    record = stage.best_of("emil")
    text = f"{_percent(record)} val accuracy with only 16 hidden units, {record.id}"
    stage.sandbox.edit("emil", CHANNEL, stage.posts["false"], text)
    stage.lines.append(Line("emil", text, CHANNEL, "edit"))
    after = _expect(stage, "false", "Accepted", record.id)
    replies = stage.sandbox.thread(CHANNEL, stage.posts["false"])
    if after["ts"] != before["ts"] or len(replies) != 1:
        raise OutOfScript("The repaired post got a second reply; it must be the same one, updated.")


def chatter(stage: Stage) -> None:
    """Numbers that are no result are left alone."""
    text = "GPU 3 sits at 91 % since 14:30, can whoever runs the 200-epoch job on torch 2.13 share? lunch at 12:45"
    ts = stage.sandbox.post("ines", ELSEWHERE, text)
    stage.lines.append(Line("ines", text, ELSEWHERE))
    if stage.sandbox.wait_until(lambda: stage.sandbox.thread(ELSEWHERE, ts), 2.0):
        raise OutOfScript("The bot answered chatter.")
    stage.lines.append(Line("runcite", "(says nothing: no result)", ELSEWHERE, "silence"))


def ask_board(stage: Stage) -> None:
    """`/results board`: the team's leaderboard."""
    _command(stage, "ines", "/results board", "milestone-1", stage.best().id)


def ask_compare(stage: Stage) -> None:
    """`/results compare A B`: what differs between two runs."""
    first, second = stage.best_of("ada"), stage.best_of("ben")
    _command(stage, "ines", f"/results compare {first.id} {second.id}", first.id, second.id, "optimizer")


def ask_run(stage: Stage) -> None:
    """`/results RUN_ID`: the run's record."""
    record = stage.best_of("dana")
    _command(stage, "dana", f"/results {record.id}", record.id, _commit(record)[:7])


def ask_badge(stage: Stage, who: str, record: Record, badge: str) -> None:
    """The run's badge, shown to the whole channel."""
    _command(stage, who, f"/results {record.id}", record.id, badge)


STEPS: tuple[Step, ...] = (
    no_run,
    mistyped,
    false_claim,
    true_claim,
    repaired,
    chatter,
    ask_board,
    ask_compare,
    ask_run,
)


def _post(stage: Stage, who: str, name: str, text: str) -> None:
    stage.posts[name] = stage.sandbox.post(who, CHANNEL, text)
    stage.lines.append(Line(who, text, CHANNEL))


def _expect(stage: Stage, name: str, verdict: str, *facts: str) -> dict[str, Any]:
    """The bot's reply to a post once it begins with the verdict and says all the facts."""

    def said() -> bool:
        text = str(_reply(stage, name).get("text", ""))
        return text.startswith((f"{verdict}:", f"{_CHINESE[verdict]}:")) and all(fact in text for fact in facts)

    if not stage.sandbox.wait_until(said, PATIENCE):
        found = _reply(stage, name)
        told = f"it said {str(found['text'])[:300]!r}" if found else "it said nothing"
        raise OutOfScript(f"The bot must answer {verdict!r} with {', '.join(facts)}; {told}.")
    reply = _reply(stage, name)
    stage.lines.append(Line("runcite", str(reply["text"]), CHANNEL, "reply"))
    return reply


def _reply(stage: Stage, name: str) -> dict[str, Any]:
    replies = stage.sandbox.thread(CHANNEL, stage.posts[name])
    return dict(replies[0]) if replies else {}


def _command(stage: Stage, who: str, line: str, *facts: str) -> None:
    before = len(stage.sandbox.ephemerals(who)) + len(stage.sandbox.messages(CHANNEL))

    def new() -> list[dict[str, Any]]:
        seen = [*stage.sandbox.ephemerals(who), *stage.sandbox.messages(CHANNEL)]
        return seen if len(seen) > before else []

    answered = stage.sandbox.command(who, CHANNEL, line)
    stage.lines.append(Line(who, line, CHANNEL, "command"))
    if answered.error:
        raise OutOfScript(f"{line} was not answered: {answered.error}.")
    shown = stage.sandbox.wait_until(lambda: any(_says(each, facts) for each in new()), PATIENCE)
    if not shown:
        raise OutOfScript(f"{line} must show {', '.join(facts)}.")
    answer = next(each for each in reversed(new()) if _says(each, facts))
    private = answer in stage.sandbox.ephemerals(who)
    stage.lines.append(Line("runcite", str(answer.get("text", "")), CHANNEL, "answer", private))


def _says(message: dict[str, Any], facts: Sequence[str]) -> bool:
    whole = f"{message.get('text', '')} {message.get('blocks', '')}"
    return all(fact in whole for fact in facts)


def _image_of(reply: dict[str, Any]) -> str | None:
    for block in reply.get("blocks", ()):
        if block.get("type") == "image":
            return str(block["slack_file"]["id"])
    return None


def _best(record: Record) -> float:
    summary = record.metrics.get(METRIC)
    return -1.0 if summary is None or summary.max is None else summary.max


def _percent(record: Record) -> str:
    return f"{_best(record):.1%}"


def _commit(record: Record) -> str:
    code = record.snapshot.code
    return (code.git.commit or "") if code and code.git else ""


def _slip(run_id: str) -> str:
    """The run ID with one symbol mistyped, as fingers do, so that it is no valid one."""
    for symbol in ALPHABET:
        slipped = run_id[:4] + symbol + run_id[5:]
        if slipped != run_id and not is_run_id(slipped):
            return slipped
    return run_id

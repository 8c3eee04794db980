"""Who reads Slack in Chinese is answered in Chinese, with every value where it belongs."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import msgspec
import pytest

import bot.accounts
import bot.answers
import bot.cards
import bot.digest
import bot.particulars
import bot.replies
from bot.chinese import PHRASES
from bot.claims import read_post
from bot.verdicts import Cited, Setting, judge
from tracker.charts import LIGHT, in_language
from tracker.charts.wording import speaks
from tracker.record import Finding, Rules
from tracker.rules.chinese import MEANINGS, in_chinese
from tracker.rules.codes import EVERY, POST_MEANINGS
from tracker.rules.fitness import findings
from tracker.store import queries

from .records import BOARD, record
from .team import Team, words


@pytest.fixture
def working(team: Team) -> Team:
    team.member("chen")
    team.bot(http=True)
    return team


def test_a_reply_is_in_the_language_of_who_posted(working: Team) -> None:
    run = working.run("chen")
    reply = working.reply(working.post(f"验证准确率 90.23 % {run}", user="chen"))
    assert reply["text"].startswith("已采纳")
    for fact in ("0.9023", "超参数", run, "打开运行"):
        assert fact in words(reply), fact
    english = working.reply(working.post(f"val accuracy 90.23 % {run}", user="ada"))
    assert english["text"].startswith("Accepted")


def test_the_chart_is_in_the_language_of_who_posted_and_names_nobody_that_the_board_hides(
    working: Team, now: int
) -> None:
    run = working.run("ada")
    spec = queries.get_board(working.db, "milestone-1")
    hiding = Rules(pseudonyms=True, closes=1 << 60)
    queries.set_board(working.db, msgspec.structs.replace(spec, rules=hiding), by="ines", now=now)
    alts = {}
    for user, words_of in (("chen", f"验证准确率 90.23 % {run}"), ("ada", f"val accuracy 90.23 % {run}")):
        reply = working.reply(working.post(words_of, user=user), chart=True)
        (image,) = [block for block in reply["blocks"] if block["type"] == "image"]
        alts[user] = image["alt_text"]
    chinese = speaks(in_language(LIGHT, "zh")) == "zh"  # where a font has the characters
    assert ("越高越好" in alts["chen"]) == chinese
    assert "ada" not in alts["chen"] and "of ada's run" in alts["ada"] and "higher is better" in alts["ada"]


def test_a_false_claim_is_told_with_its_values(working: Team) -> None:
    run = working.run("chen")
    reply = working.reply(working.post(f"准确率 95 % {run}", user="chen"))
    told = f"未采纳: 你写的是 95 %；{run} 记录的 val/accuracy 最佳 0.9023（第 2 步），最后 0.8990。"
    assert reply["text"] == f"{told} 编辑消息，改写为 90.23 %。"


def test_slack_that_does_not_say_the_language_costs_no_answer(working: Team) -> None:
    working.sandbox.fault("users.info", "http_500")
    assert working.reply(working.post("准确率 95 %", user="chen"))["text"].startswith("Not accepted")


def answer(team: Team, line: str) -> str:
    """Everything that a command answers to Chen."""
    public, private = len(team.sandbox.messages("results")), len(team.sandbox.ephemerals("chen"))
    team.sandbox.command("chen", "results", f"/results {line}".strip())

    def new() -> list[dict[str, Any]]:
        return [*team.sandbox.messages("results")[public:], *team.sandbox.ephemerals("chen")[private:]]

    assert team.sandbox.wait_until(new, 20)
    team.quiet()
    (said,) = new()
    return f"{said['text']}\n{words(said)}"


def test_commands_and_homes_are_in_the_language_of_who_asks(working: Team) -> None:
    run, other = working.run("chen"), working.run("ben", config={"lr": 0.1})
    for line, facts in (
        (run, ("超参数", "0.9023")),
        ("board", ("越高越好", "成员", "0.9023", other)),
        (f"compare {run} {other}", ("不同之处", "并排比较", "lr")),
        ("mine", ("你最近的运行", "已完成", run)),
        ("help", ("排行榜", "/results compare A B")),
        (f"reproduce {run}", ("复现所需的", "种子 7", f"runcite reproduce {run}")),
        ("importance", ("需要", "不同配置")),
        ("policy", ("的要求", "用于排名的指标")),
        ("audit", ("仅限教师",)),
        ("login", ("粘贴这个令牌", "rc_", "chen")),
        ("bord", ("没有 /results bord 这个命令。", "是不是 /results board？")),
        ("r-00000000", ("没有登记运行 r-00000000。",)),
    ):
        told = answer(working, line)
        for fact in facts:
            assert fact in told, (line, fact, told)
    working.sandbox.open_home("chen")
    assert working.sandbox.wait_until(lambda: working.sandbox.home("chen"))
    home = str(working.sandbox.home("chen"))
    for fact in ("没有运行，就没有结果", "发布结果", "你最近的运行", run):
        assert fact in home
    working.sandbox.click("chen", "post")
    assert working.sandbox.wait_until(lambda: working.sandbox.modals("chen"))
    assert "你的文字" in str(working.sandbox.modals("chen"))


def test_every_code_and_every_phrase_has_its_chinese() -> None:
    assert {meaning.code for meaning in POST_MEANINGS} <= set(MEANINGS) <= set(EVERY)
    for module in (bot.replies, bot.particulars, bot.answers, bot.cards, bot.accounts, bot.digest):
        tree = ast.parse(Path(module.__file__ or "").read_text())
        said = [
            call.args[0].value
            for call in ast.walk(tree)
            if isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr == "say"
            and isinstance(call.args[0], ast.Constant)
        ]
        assert said
        assert [phrase for phrase in said if phrase not in PHRASES] == []
    for english, chinese in PHRASES.items():
        assert english.count("{}") == chinese.count("{"), english


@pytest.mark.parametrize(
    "text",
    [
        "val acc 95.1 % {}",
        "val f1 95.1 % {}",
        "val acc 90.2 % {}",
        "test acc 90.2 % {}",
    ],
)
def test_findings_keep_their_ids_and_values(text: str) -> None:
    run = record(member="ben")
    judged = judge(
        read_post(text.format(run.id)), (Cited(run.id, run, BOARD, findings(run, BOARD)),), Setting(member="ada")
    )
    for finding in judged.findings:
        told = in_chinese(finding)
        assert any("\u4e00" <= char <= "\u9fff" for char in told.sentence)
        for value in ("0.9023", "0.8990", run.id):
            assert (value in finding.sentence) == (value in told.sentence)


def test_a_sentence_of_no_known_shape_stays_behind_its_meaning() -> None:
    told = in_chinese(Finding("failed", "Something new.", "Do this."))
    assert told.sentence == "运行失败（Something new.）"
    assert told.remedy == "Do this."

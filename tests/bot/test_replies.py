"""What the bot says is within Slack's limits, says the verdict in its text alone, and lets nothing come alive."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import answers
from bot.blocks import FALLBACK, Message, link, message, plain, section, table
from bot.claims import Reading
from bot.replies import reply, with_chart
from bot.sight import Sight
from bot.verdicts import Cited, Setting, judge
from tracker.record import BoardSpec, Claim, Record
from tracker.rules.board import rank
from tracker.rules.comparison import explain
from tracker.rules.fitness import findings

from .records import EVIL, any_record, anything, record

OWN = re.compile(r"<https://(?:runcite\.example\.org|github\.com/t(?:eam)?/)[^<>|\s]*\|[^<>|]*>")


def judged(record: Record, claims: tuple[Claim, ...], others: tuple[Record, ...] = ()) -> Message:
    spec = BoardSpec(record.project, "val/accuracy")
    same = tuple(each for each in others if each.project == record.project)
    cited = Cited(record.id, record, spec, findings(record, spec))
    reading = Reading(True, claims, (), (record.id,), (), 1.0, ())
    sight = Sight((rank(spec, (record, *same)),), "https://runcite.example.org")
    return reply(judge(reading, (cited,), Setting(member="ben")), sight)


def check(said: Message) -> None:
    assert 1 <= len(said.text) <= FALLBACK
    assert 1 <= len(said.blocks) <= 50
    total = 0
    for block in said.blocks:
        for found in texts(block):
            assert 1 <= len(found) <= 3000
            total += len(found)
        if block["type"] == "context":
            assert 1 <= len(block["elements"]) <= 10
    assert total <= 13_200
    for found in (said.text, *(each for block in said.blocks for each in marked(block))):
        rest = OWN.sub("", found)
        assert "<" not in rest, found
        assert not re.search(r"&(?!amp;|lt;|gt;)", rest)
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\x00]", rest)


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [value["text"]] if isinstance(value.get("text"), str) else [t for v in value.values() for t in texts(v)]
    return [t for v in value for t in texts(v)] if isinstance(value, list) else []


def marked(value: Any) -> list[str]:
    """Texts that Slack reads as mark-up."""
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            assert value["verbatim"] is True
            return [value["text"]]
        return [t for v in value.values() for t in marked(v)]
    return [t for v in value for t in marked(v)] if isinstance(value, list) else []


def any_claim(rng: Random) -> Claim:
    metric = rng.choice(["accuracy", "unknown", "f1", "loss"])
    return Claim(metric, rng.random(), anything(rng), rng.randrange(7), rng.choice(["val", "test", None]))


seeds = given(st.integers(0, 2**32))
many = settings(max_examples=60, deadline=None)


@many
@seeds
def test_every_reply_is_within_the_limits_and_dead(seed: int) -> None:
    rng = Random(seed)
    said = judged(
        any_record(rng),
        tuple(any_claim(rng) for _ in range(rng.randrange(12))),
        tuple(any_record(rng) for _ in range(rng.randrange(3))),
    )
    check(said)
    check(with_chart(said, "F0123456789", "what it shows"))
    assert said.text.startswith(("Accepted", "Not accepted"))


@many
@seeds
def test_every_answer_is_too(seed: int) -> None:
    rng = Random(seed)
    one, other = any_record(rng), any_record(rng)
    spec = BoardSpec(one.project, "val/accuracy")
    ranking = rank(spec, (one, other))
    sight = Sight((ranking,), "https://runcite.example.org")
    check(answers.run(one, sight, findings(one, spec)))
    sight = replace(sight, language=rng.choice(["en", "zh"]))
    check(answers.board(ranking, sight))
    check(answers.comparison(explain(one, other), one, other, sight))
    check(answers.mine([one, other], sight, 5))
    check(answers.help_text(sight))
    home = answers.home([one], [ranking], sight, known=True)
    assert len(home) <= 100
    check(Message("home", tuple(block for block in home if block["type"] == "section")))


def test_the_verdict_and_the_facts_stand_in_the_text_alone() -> None:
    one = record()
    said = judged(one, (Claim("accuracy", 0.902, "90.2 %", 3),))
    assert said.text == (
        f"Accepted: {one.id} by ada: 90.2 % is val/accuracy best 0.9023 at step 7. Place 1 of 1 in digits."
    )
    assert judged(one, (Claim("accuracy", 0.95, "95 %", 2),)).text.startswith("Not accepted: You wrote 95 %;")


def test_what_differs_from_the_team_s_best_is_marked() -> None:
    best = record(2, 0.97, config={"lr": 0.3, "width": 64}, member="ben")
    best = msgspec.structs.replace(best, digests=msgspec.structs.replace(best.digests, config="1" * 64))
    one = record(1, config={"lr": 0.1, "width": 64})
    said = str(judged(one, (Claim("accuracy", 0.902, "90.2 %", 3),), (best,)).blocks)
    assert "`lr` *0.1* (best: 0.3)" in said
    assert "*Same* `width` 64" in said


def test_the_chart_comes_before_the_small_print() -> None:
    said = with_chart(judged(record(), ()), "F0123456789", "alt")
    kinds = [block["type"] for block in said.blocks]
    assert kinds.index("image") == kinds.index("context") - 1


def test_a_message_that_is_too_long_says_so_and_stays_within_the_limits() -> None:
    said = message("x " * 5000, [section("word " * 550)] * 60)
    check(said)
    assert "pages have all of it" in str(said.blocks[-1])


def test_tables_are_cut_to_what_slack_takes() -> None:
    made = table([["a" * 300] * 30] * 200)
    assert len(made["rows"]) <= 100
    assert all(len(row) <= 20 for row in made["rows"])
    assert sum(len(cell["text"]) for row in made["rows"] for cell in row) <= 10_000


@pytest.mark.parametrize("evil", EVIL)
def test_plain_text_is_one_visible_line(evil: str) -> None:
    assert plain(evil).isprintable()
    assert "|" not in link("https://x.example/a|b>c", "label|more").removeprefix("<").split("|")[0]

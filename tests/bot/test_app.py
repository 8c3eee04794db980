"""Whole posts through the whole bot: Slack in, one reply out, over HTTP and by Socket Mode."""

from __future__ import annotations

import math
from random import Random

import pytest

from tracker.ids import mint
from tracker.record import BoardSpec, Rules
from tracker.store import citations
from tracker.store.queries import set_board

from .team import TEAM, Team, kinds, words


@pytest.fixture(params=["http", "socket"])
def both(request: pytest.FixtureRequest, team: Team) -> Team:
    """A bot by each transport in turn."""
    team.bot(http=request.param == "http")
    return team


@pytest.fixture
def working(team: Team) -> Team:
    team.bot(http=True)
    return team


def test_a_true_result_is_accepted_with_what_made_it_and_its_chart(both: Team) -> None:
    both.run("ben", config={"lr": 0.01, "optimizer": "adam", "width": 64}, values={"val/accuracy": (0.5, 0.95)})
    run = both.run("ada", dirty=True)
    reply = both.reply(both.post(f"val accuracy 90.2 % with {run}"), chart=True)
    said = words(reply)
    assert reply["text"].startswith("Accepted")
    for fact in (
        "Accepted",
        run,
        "ada",
        "milestone-1",
        "0.9023",
        "3f2a1bc",
        "seed 7",
        "Python 3.11.7",
        "dirty",
        "0.01",
    ):
        assert fact in said, fact
    assert "Place *2* of 2" in said
    assert "github.com/team/digits/commit/3f2a1bc" in said
    assert next(block for block in reply["blocks"] if block["type"] == "image")["alt_text"].startswith("val/accuracy")
    (kept,) = citations.citations_of_run(both.db, run)
    assert (kept.verdict, kept.poster) == ("accepted", "U0ADA00001")


def test_the_verdict_is_there_before_the_chart(working: Team) -> None:
    working.sandbox.core.habits.processing = 1.0
    ts = working.post(f"val accuracy 90.2 % with {working.run()}")
    assert "image" not in kinds(working.reply(ts))
    assert "image" in kinds(working.reply(ts, chart=True))


def test_a_result_without_a_run_is_sent_back(both: Team) -> None:
    reply = both.reply(both.post("val accuracy 90.2 %!"))
    assert reply["text"].startswith("Not accepted: This result cites no run.")


def test_a_false_result_is_answered_with_what_is_recorded_and_accepted_once_it_is_mended(both: Team) -> None:
    run = both.run()
    ts = both.post(f"val accuracy 91.5 % with {run}")
    first = both.reply(ts)
    assert "You wrote 91.5 %" in first["text"]
    assert "best 0.9023 at step 2, last 0.8990" in first["text"]
    assert "write 90.23 %" in first["text"]
    both.sandbox.edit("ada", "results", ts, f"val accuracy 90.23 % with {run}")
    second = both.reply(ts, has="Accepted", chart=True)
    assert second["ts"] == first["ts"]
    verdicts = [(each.verdict, each.retracted_at is None) for each in _citations(both, ts)]
    assert verdicts == [("rejected", False), ("accepted", True)]


def _citations(team: Team, ts: str) -> tuple[citations.Citation, ...]:
    channel = team.sandbox.core.workspace.channel("results").id
    return citations.citations_of_post(team.db, TEAM, channel, ts)


def test_a_mistyped_run_id_is_asked_about(working: Team) -> None:
    run = working.run()
    wrong = run[:-1] + ("0" if run[-1] != "0" else "1")
    reply = working.reply(working.post(f"val accuracy 90.2 % with {wrong}"))
    assert f"did you mean {run}?" in reply["text"]


def test_a_look_alike_in_a_run_id_is_mended_and_said(working: Team) -> None:
    run = next(each for each in (mint(Random(seed)) for seed in range(99)) if "0" in each[2:])
    working.run(run_id=run)
    reply = working.reply(working.post(f"val accuracy 90.2 % with {run.replace('0', 'O')}"))
    assert reply["text"].startswith("Accepted")
    assert f"I read it as {run}" in words(reply)


@pytest.mark.parametrize(
    "chatter",
    [
        "GPU is at 91 % and the queue at 40",
        "see you at 15:30, milestone 3 is due on the 14th",
        "what does the paper report, 93.1 %?",
    ],
)
def test_chatter_is_left_alone(working: Team, chatter: str) -> None:
    """In another channel, and in a thread of the strict one."""
    elsewhere = working.post(chatter, channel="general")
    root = working.post(f"val accuracy 90.2 % with {working.run()}")
    working.post(chatter, user="ben", thread=root)
    working.reply(root, chart=True)
    working.quiet()
    assert working.replies(elsewhere, "general") == []
    assert len(working.replies(root)) == 1


def test_a_strict_channel_asks_every_top_level_post_for_a_run(working: Team) -> None:
    reply = working.reply(working.post("lunch, anyone?"))
    assert "cites none" in reply["text"]
    assert "thread" in reply["text"]


def test_a_bare_run_id_is_answered_with_the_run_and_no_verdict(working: Team) -> None:
    run = working.run()
    reply = working.reply(working.post(run.lower(), channel="general"), "general", chart=True)
    assert reply["text"].startswith(f"{run} by ada in milestone-1: finished")
    assert "ccepted" not in words(reply)


def test_a_mention_and_its_message_are_one_post(working: Team) -> None:
    run = working.run()
    ts = working.post(f"@runcite val accuracy 90.2 % {run}", raw=None)
    working.reply(ts, chart=True)
    working.quiet()
    assert len(working.replies(ts)) == 1


def test_a_post_about_a_run_that_still_runs_is_accepted_when_it_has_ended(working: Team) -> None:
    run = working.run(end=None)
    ts = working.post(f"val accuracy 90.2 % with {run}")
    assert "still running" in working.reply(ts)["text"]
    assert working.finish(run) == "held"
    reply = working.reply(ts, has="Accepted", chart=True)
    assert reply["ts"] == working.replies(ts)[0]["ts"]


def test_a_failed_run_is_no_result(working: Team) -> None:
    reply = working.reply(working.post(f"val accuracy 90.2 % with {working.run(end='failed')}"))
    assert "failed" in reply["text"]
    assert "<!channel>" not in str(reply)


def test_a_run_that_ended_in_nan_is_no_result(working: Team) -> None:
    run = working.run(values={"val/accuracy": (0.5, 0.9023, math.nan)})
    reply = working.reply(working.post(f"val accuracy 90.2 % with {run}"))
    assert reply["text"].startswith("Not accepted")
    assert "NaN" in reply["text"]


def test_somebody_else_s_run_is_allowed_and_said(working: Team) -> None:
    run = working.run("ben")
    reply = working.reply(working.post(f"val accuracy 90.2 % with {run}"))
    assert reply["text"].startswith("Accepted")
    assert "is ben's run" in words(reply)


def test_a_board_s_policy_decides_what_rejects(working: Team, now: int) -> None:
    run = working.run()
    rules = Rules(policy={"data-unknown": "reject"})
    set_board(working.db, BoardSpec("milestone-1", "val/accuracy", rules=rules), by="ada", now=now)
    reply = working.reply(working.post(f"val accuracy 90.2 % with {run}"))
    assert "did not record which data" in reply["text"]


def test_a_deleted_post_takes_its_citation_and_its_reply_with_it(both: Team) -> None:
    run = both.run()
    ts = both.post(f"val accuracy 90.2 % with {run}")
    both.reply(ts, chart=True)
    both.sandbox.delete("ada", "results", ts)
    assert both.sandbox.wait_until(lambda: not both.replies(ts))
    both.quiet()
    assert citations.citations_of_run(both.db, run) == ()
    assert [each.verdict for each in citations.citations_of_run(both.db, run, standing=False)] == ["accepted"]


def test_an_edit_into_chatter_takes_the_reply_away(working: Team) -> None:
    ts = working.post("val accuracy 90.2 %", channel="general")
    working.reply(ts, "general")
    working.sandbox.edit("ada", "general", ts, "never mind")
    assert working.sandbox.wait_until(lambda: not working.replies(ts, "general"))


def test_a_preview_that_slack_adds_changes_nothing(working: Team) -> None:
    ts = working.post(f"val accuracy 90.2 % {working.run()} https://example.org/plot")
    reply = working.reply(ts, chart=True)
    working.sandbox.wait_until(lambda: bool(working.sandbox.messages("results")[0].get("attachments")))
    working.quiet()
    assert working.reply(ts)["ts"] == reply["ts"]
    assert len(_citations(working, ts)) == 1


@pytest.mark.parametrize("shape", [{"broadcast": True}, {"files": [("curve.png", b"\x89PNG")]}])
def test_other_shapes_of_posts_are_posts(working: Team, shape: dict[str, object]) -> None:
    run = working.run()
    root = working.post(f"val accuracy 90.2 % {run}") if "broadcast" in shape else None
    ts = working.post(f"val accuracy 90.2 % {run}", thread=root, **shape)
    assert working.sandbox.wait_until(
        lambda: any(
            each["metadata"]["event_payload"]["key"].endswith(f"{ts}:1") for each in working.replies(root or ts)
        )
    )


def test_forty_thousand_characters_are_read(working: Team) -> None:
    run = working.run()
    ts = working.post(f"val accuracy 90.2 % {run}\n" + "and so on " * 3_900)
    assert working.reply(ts)["text"].startswith("Accepted")


def test_names_that_would_ring_everybody_stay_names(working: Team) -> None:
    evil = "<!channel> <@U0BEN00001> <https://evil.example|good> `*x*`"
    run = working.run(name=evil, config={"lr": 0.1, "<!here>": "<script>alert(1)</script>", "x": "`<!everyone>`"})
    reply = working.reply(working.post(f"val accuracy 90.2 % {run}"), chart=True)
    whole = str(reply["blocks"]) + reply["text"]
    for alive in ("<!", "<@", "<script", "<https://evil"):
        assert alive not in whole


def test_the_bot_s_own_posts_are_no_posts(working: Team) -> None:
    run = working.run()
    client = working.running[0].bot.desk.slack
    ts = client.post(working.sandbox.core.workspace.channel("general").id, "", f"val accuracy 90.2 % {run}", [], {})
    working.quiet()
    assert working.replies(ts, "general") == []

"""Slack fails in its ways, and each ends in one right reply, or in none where there can be none."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from bot.desk import Desk
from bot.settings import SECOND
from bot.worker import work_once
from tracker.store.database import open_database

from .team import Team, kinds


def only_one(team: Team, ts: str, **wanted: object) -> None:
    team.reply(ts, has="Accepted", chart=bool(wanted.get("chart", True)))
    team.quiet()
    assert len(team.replies(ts)) == 1


def outbox(team: Team) -> dict[str, str]:
    """How each effect ended, by kind."""
    with team.db.read() as connection:
        return {row.kind: row.state for row in connection.execute(text("SELECT kind, state FROM outbox ORDER BY id"))}


def outcomes(team: Team) -> list[str | None]:
    """What became of each letter that is stored."""
    with team.db.read() as connection:
        return list(connection.scalars(text("SELECT outcome FROM inbox ORDER BY id")))


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("drop_after_commit", ""),
        ("delay_after_commit", ""),
        ("error", "internal_error"),
        ("error", "fatal_error"),
        ("drop", ""),
        ("http_500", ""),
        ("ratelimited", ""),
    ],
)
def test_a_post_that_fails_in_any_way_is_made_once(team: Team, fault: str, code: str) -> None:
    team.bot(http=True)
    team.sandbox.fault("chat.postMessage", fault, seconds=5 if fault.startswith("delay") else 0.2, code=code or "x")
    ts = team.post(f"val accuracy 90.2 % {team.run()}")
    only_one(team, ts)


def test_an_answer_lost_again_and_again_still_makes_one_reply(team: Team) -> None:
    team.bot(http=True)
    team.sandbox.fault("chat.postMessage", "drop_after_commit", times=3)
    team.sandbox.fault("conversations.replies", "http_500", times=2)
    only_one(team, team.post(f"val accuracy 90.2 % {team.run()}"))
    assert len(team.sandbox.recorded("call", "chat.postMessage")) == 1


@pytest.mark.parametrize(
    "method", ["files.getUploadURLExternal", "upload", "files.completeUploadExternal", "files.info", "chat.update"]
)
@pytest.mark.parametrize("fault", ["drop_after_commit", "http_500"])
def test_a_chart_whose_upload_fails_at_any_step_comes_all_the_same(team: Team, method: str, fault: str) -> None:
    team.bot(http=True)
    team.sandbox.fault(method, fault)
    ts = team.post(f"val accuracy 90.2 % {team.run()}")
    only_one(team, ts)
    assert kinds(team.replies(ts)[0]).count("image") == 1


def test_a_chart_that_never_comes_leaves_the_verdict(team: Team) -> None:
    team.bot(http=True)
    team.sandbox.fault("files.getUploadURLExternal", "error", times=99, code="invalid_arguments")
    ts = team.post(f"val accuracy 90.2 % {team.run()}")
    only_one(team, ts, chart=False)
    assert outbox(team) == {"reply": "sent", "chart": "dead"}


def test_blocks_that_slack_does_not_take_go_as_words(team: Team) -> None:
    team.bot(http=True)
    team.sandbox.fault("chat.postMessage", "error", code="invalid_blocks")
    ts = team.post("val accuracy 90.2 %")
    reply = team.reply(ts)
    assert kinds(reply) == ["section"]
    assert reply["blocks"][0]["text"]["text"].startswith("Not accepted: This result cites no run.")


def test_a_channel_that_takes_no_posts_ends_the_effect_and_not_the_bot(team: Team) -> None:
    team.bot(http=True)
    ts = team.post("val accuracy 90.2 %", channel="general")
    team.reply(ts, "general")
    team.quiet()
    team.sandbox.fault("chat.postMessage", "error", code="is_archived")
    team.post("val accuracy 90.2 %", channel="general")
    team.quiet()
    only = team.post(f"val accuracy 90.2 % {team.run()}")
    only_one(team, only)


def test_a_channel_that_is_archived_and_one_the_bot_was_removed_from_hold_up_nobody(team: Team) -> None:
    team.bot(http=True)
    team.sandbox.fault("chat.postMessage", "ratelimited", times=2, seconds=0.3)
    archived = team.post("val accuracy 90.2 %", channel="general")
    assert team.sandbox.wait_until(lambda: team.sandbox.recorded("call", "chat.postMessage"))
    team.sandbox.archive("general")
    team.quiet()
    assert team.replies(archived, "general") == []
    assert outbox(team) == {"reply": "dead"}
    team.sandbox.archive("general", archived=False)
    team.sandbox.fault("chat.postMessage", "ratelimited", seconds=0.3)
    left = team.post("val accuracy 90.2 %", channel="general")
    assert team.sandbox.wait_until(lambda: len(outcomes(team)) == 2)
    team.sandbox.remove("general")
    team.quiet()
    assert team.replies(left, "general") == []
    only_one(team, team.post(f"val accuracy 90.2 % {team.run()}"))


def test_a_token_that_is_revoked_and_restored_brings_the_reply_late(team: Team) -> None:
    running = team.bot(http=True)
    team.reply(team.post("val accuracy 90.1 %"))
    team.quiet()
    team.sandbox.revoke()
    ts = team.post("val accuracy 90.2 %")
    effect_waits = "SELECT count(*) FROM outbox WHERE state = 'waiting' AND error LIKE '%token_revoked%'"

    def waits() -> bool:
        with team.db.read() as connection:
            return bool(connection.scalar(text(effect_waits)))

    assert team.sandbox.wait_until(waits)
    team.sandbox.restore()
    running.stop()
    desk = running.bot.desk
    later = Desk(desk.settings, open_database(team.url), desk.slack, lambda: desk.clock() + 120 * SECOND)
    while work_once(later):
        pass
    later.db.close()
    assert team.reply(ts)["text"].startswith("Not accepted")


def test_an_edit_while_the_first_reply_cannot_be_posted_leaves_only_the_new_one(team: Team) -> None:
    team.bot(http=True)
    run = team.run()
    team.sandbox.fault("chat.postMessage", "ratelimited", times=1, seconds=1)
    ts = team.post(f"val accuracy 95 % {run}")
    team.sandbox.wait_until(lambda: team.sandbox.recorded("call", "chat.postMessage"))
    team.sandbox.edit("ada", "results", ts, f"val accuracy 90.2 % {run}")
    only_one(team, ts)


def test_an_edit_while_nobody_knows_whether_the_reply_was_posted_updates_it(team: Team) -> None:
    team.bot(http=True)
    run = team.run()
    team.sandbox.fault("conversations.replies", "http_500", times=2)
    team.sandbox.fault("chat.postMessage", "drop_after_commit")
    ts = team.post(f"val accuracy 95 % {run}")
    assert team.sandbox.wait_until(lambda: team.replies(ts))
    team.sandbox.edit("ada", "results", ts, f"val accuracy 90.2 % {run}")
    only_one(team, ts)


def test_a_post_deleted_before_its_reply_gets_none(team: Team) -> None:
    team.bot(http=True)
    team.sandbox.fault("chat.postMessage", "ratelimited", seconds=1)
    ts = team.post(f"val accuracy 90.2 % {team.run()}")
    assert team.sandbox.wait_until(lambda: team.sandbox.recorded("call", "chat.postMessage"))
    team.sandbox.delete("ada", "results", ts)
    team.quiet()
    assert team.replies(ts) == []
    assert [each for each in team.sandbox.messages("results") if each.get("bot_id")] == []


@pytest.mark.parametrize("fault", ["duplicate", "twice_at_once", "out_of_order"])
def test_events_that_come_twice_or_late_make_one_reply(team: Team, fault: str) -> None:
    team.bot(http=True)
    run = team.run()
    team.sandbox.fault("message", fault)
    ts = team.post(f"val accuracy 95 % {run}")
    team.sandbox.edit("ada", "results", ts, f"val accuracy 90.2 % {run}")
    only_one(team, ts)


def test_two_replicas_make_one_reply(team: Team) -> None:
    team.bot(http=False)
    team.bot(http=False)
    stamps = [team.post(f"val accuracy 90.2 % {team.run()}") for _ in range(6)]
    for ts in stamps:
        only_one(team, ts)


def test_slack_gone_for_a_while_delays_and_loses_nothing(team: Team) -> None:
    team.bot(http=True)
    ts = team.post(f"val accuracy 90.2 % {team.run()}")
    assert team.sandbox.wait_until(lambda: outcomes(team))
    team.sandbox.go_down(1.0)
    only_one(team, ts)

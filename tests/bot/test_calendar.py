"""The week in review and the day's root come once each, where instructors want them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from bot import calendar
from bot.desk import Desk
from bot.digest import message_of, week_of
from bot.settings import SECOND
from bot.sight import Sight
from bot.worker import work_once
from tracker.record import Citation
from tracker.store import channels
from tracker.store.database import open_database

from .records import BOARD, record
from .team import TEAM, Team, words

MONDAY = int(datetime(2030, 1, 7, tzinfo=UTC).timestamp()) * SECOND
HOUR = 3600 * SECOND


@pytest.fixture
def desk(team: Team) -> Desk:
    """The desk of a bot that does not run by itself, in the night to a Monday."""
    running = team.bot(http=True)
    running.stop()
    team.running.clear()
    made = Desk(running.bot.desk.settings, team.db, running.bot.desk.slack, lambda: MONDAY + 9 * HOUR)
    for key, value in (("digest", "weekly"), ("roots", "daily")):
        channel = team.sandbox.channel_id("results")
        channels.set_channel(team.db, TEAM, channel, key, value, by="ines", now=MONDAY - 24 * HOUR)
    return made


def at(desk: Desk, moment: int) -> Desk:
    return Desk(desk.settings, desk.db, desk.slack, lambda: moment)


def test_each_is_posted_once_however_often_and_by_whomever_it_is_noticed(team: Team, desk: Desk) -> None:
    team.run()
    other = at(desk, MONDAY + 9 * HOUR + SECOND)
    assert [calendar.notice(each) for each in (desk, other, desk)] == [2, 0, 0]
    while work_once(desk):
        pass
    assert calendar.notice(at(desk, MONDAY + 30 * HOUR)) == 1
    while work_once(at(desk, MONDAY + 30 * HOUR)):
        pass
    said = [each["text"].split(":")[0] for each in team.sandbox.messages("results")]
    assert said == ["Root 1 of 2030-01-07", "Root 2 of 2030-01-08"]


def test_nothing_is_due_before_its_hour_or_for_a_time_before_it_was_wished(team: Team, desk: Desk) -> None:
    channel = team.sandbox.channel_id("general")
    channels.set_channel(team.db, TEAM, channel, "digest", "weekly", by="ines", now=MONDAY + 9 * HOUR)
    early = at(desk, MONDAY + SECOND)
    assert calendar.notice(early) == 0
    assert calendar.notice(at(desk, MONDAY + 6 * 60 * SECOND)) == 1
    calendar.notice(desk)
    while work_once(desk):
        pass
    assert team.sandbox.messages("general") == []


def test_the_week_tells_the_lead_what_is_noise_and_who_reproduced_whom() -> None:
    ended = record().end
    assert ended is not None
    other = msgspec.structs.replace(record().digests, config="9" * 64)
    first = record(1, 0.90, 0.90, end=msgspec.structs.replace(ended, at=50))
    second = record(2, 0.95, 0.95, member="ben", digests=other, end=msgspec.structs.replace(ended, at=150))
    again = record(
        *(3, 0.95, 0.95),
        member="chen",
        digests=other,
        reproduces=second.id,
        end=msgspec.structs.replace(ended, at=180),
    )
    week = week_of(BOARD, (first, second, again), 100, 200)
    assert (week.ended, len(week.reproduced)) == (2, 1)
    post = Citation(TEAM, "C1", "1.1", 1, "U1", (second.id,), (), "accepted", (), 160)
    said = message_of([week], [post], {"U1": "ben"}, Sight(), 100)
    assert "ben leads with 0.9500" in said.text
    whole = words({"blocks": list(said.blocks)})
    for fact in ("was 0.9000", "`chen` reproduced `ben`'s", "2 runs ended", "`ben` 1"):
        assert fact in whole, fact
    assert not week_of(BOARD, (first,), 100, 200).happened


def test_a_week_with_runs_and_posts_is_told_in_the_channel(team: Team) -> None:
    running = team.bot(http=True)
    team.run("ben", values={"val/accuracy": (0.5, 0.88)}, config={"lr": 0.1})
    best = team.run()
    team.reply(team.post(f"val accuracy 90.23 % {best}"), has="Accepted")
    team.quiet()
    running.stop()
    team.running.clear()
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = int((today + timedelta(days=7 - today.weekday())).timestamp()) * SECOND
    channel = team.sandbox.channel_id("general")
    channels.set_channel(team.db, TEAM, channel, "digest", "weekly", by="ines", now=monday - 24 * HOUR)
    database = open_database(team.url)
    desk = Desk(running.bot.desk.settings, database, running.bot.desk.slack, lambda: monday + 9 * HOUR)
    assert calendar.notice(desk) == 1
    while work_once(desk):
        pass
    database.close()
    (said,) = team.sandbox.messages("general")
    assert "ada leads with 0.9023" in said["text"]
    for fact in ("2 runs ended", best, "Accepted posts: `ada` 1"):
        assert fact in words(said), fact

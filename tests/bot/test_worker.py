"""The shield: one bad letter holds up nobody, is logged, and is set aside in the end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from bot.desk import Desk
from bot.settings import SECOND
from bot.slack import Slack
from bot.worker import TRIES, Bell, work_once
from tracker.store import mailbox
from tracker.store.mailbox import Letter

from .team import Team


class Time:
    """A clock that tests turn."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock(now: int) -> Time:
    return Time(now)


@pytest.fixture
def desk(team: Team, clock: Callable[[], int]) -> Iterator[Desk]:
    settings = team.settings()
    yield Desk(settings, team.db, Slack(settings.token, settings.api_url), clock)


def deliver(desk: Desk, number: int, body: bytes) -> None:
    lane = f"post:T:C:{number}"
    mailbox.deliver(desk.db, Letter(lane, "post", f"Ev{number}", lane, body), now=desk.clock())


def outcomes(desk: Desk) -> list[str | None]:
    with desk.db.read() as connection:
        return list(connection.scalars(text("SELECT outcome FROM inbox ORDER BY id")))


def test_a_letter_that_cannot_be_read_is_tried_a_few_times_and_set_aside(
    desk: Desk, clock: Time, caplog: pytest.LogCaptureFixture
) -> None:
    deliver(desk, 1, b"{broken")
    with caplog.at_level(logging.ERROR):
        for _ in range(TRIES + 1):
            assert work_once(desk)
            assert not work_once(desk), "it is put off"
            clock.now += 600 * SECOND
    assert outcomes(desk) == ["set aside"]
    assert sum("failed" in record.message for record in caplog.records) == TRIES


def test_a_bad_letter_does_not_hold_up_the_others(desk: Desk) -> None:
    deliver(desk, 1, b"{broken")
    body = b'{"team_id":"T","event":{"type":"message","channel":"C","ts":"5.5","user":"U","text":"hi there"}}'
    mailbox.deliver(desk.db, Letter("post:T:C:5.5", "post", "Ev2", "s2", body), now=desk.clock())
    desk.slack._channels["C"] = "general"
    while work_once(desk):
        pass
    assert outcomes(desk) == [None, "ignored"]


def test_a_mailbox_that_cannot_be_read_is_no_end_of_the_worker(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with desk.db.write() as connection:
        connection.execute(text("ALTER TABLE lanes RENAME TO away"))
    assert not work_once(desk)
    assert "mailbox cannot be read" in caplog.text


def test_a_bell_that_rang_before_one_listened_is_heard() -> None:
    bell = Bell()
    bell.ring()
    assert bell.wait(0, 60) == 1

"""Mail is stored once, worked by one holder at a time, and every effect is intended once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from tracker.store import mailbox
from tracker.store.database import Database
from tracker.store.mailbox import Intent, Lease, LeaseLost, Letter
from tracker.store.tables.mail import inbox

SECOND = 1_000_000


def letter(number: int, lane: str = "post:T:C:1", **other: str | None) -> Letter:
    said = {"event_id": f"Ev{number}", "subject": f"{lane}:{number}", "client": None} | other
    return Letter(lane, "post", str(said["event_id"]), str(said["subject"]), b"{}", said["client"])


def leased(db: Database, now: int, length: int = 30 * SECOND) -> Lease:
    held = mailbox.lease(db, now=now, length=length)
    assert held is not None
    return held


def test_a_letter_is_stored_once_however_often_it_comes(database: Database, now: int) -> None:
    assert mailbox.deliver(database, letter(1, client="c1"), now=now)
    assert not mailbox.deliver(database, letter(1, client="c1"), now=now)
    assert not mailbox.deliver(database, letter(2, subject="post:T:C:1:1"), now=now), "the same message, as a mention"
    assert not mailbox.deliver(database, letter(3, client="c1"), now=now), "the same gesture under another ts"
    assert mailbox.deliver(database, letter(4, client="c2"), now=now)


def test_a_letter_that_comes_many_times_at_once_is_stored_once(database: Database, now: int) -> None:
    with ThreadPoolExecutor(8) as pool:
        new = list(pool.map(lambda _: mailbox.deliver(database, letter(1), now=now), range(16)))
    assert new.count(True) == 1
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(inbox)) == 1


def test_a_lane_has_one_holder_and_keeps_its_order(database: Database, now: int) -> None:
    for number in range(3):
        mailbox.deliver(database, letter(number), now=now + number)
    mailbox.deliver(database, letter(9, lane="post:T:C:2"), now=now + 9)
    first, second = leased(database, now + 10), leased(database, now + 10)
    assert (first.key, second.key) == ("post:T:C:1", "post:T:C:2")
    assert mailbox.lease(database, now=now + 10, length=SECOND) is None
    assert len(mailbox.unread(database, first)) == 3


def test_workers_that_ask_at_once_never_share_a_lane(database: Database, now: int) -> None:
    for number in range(12):
        mailbox.deliver(database, letter(number, lane=f"post:T:C:{number}"), now=now)
    with ThreadPoolExecutor(6) as pool:
        held = list(pool.map(lambda _: mailbox.lease(database, now=now, length=SECOND), range(24)))
    keys = [each.key for each in held if each is not None]
    assert sorted(keys) == sorted(set(keys))
    rest = iter(lambda: mailbox.lease(database, now=now, length=SECOND), None)
    assert len(keys) + len(list(rest)) == 12


def test_who_was_too_slow_can_change_nothing_any_more(database: Database, now: int) -> None:
    mailbox.deliver(database, letter(1), now=now)
    slow = leased(database, now, SECOND)
    quick = leased(database, now + SECOND)
    mail = mailbox.unread(database, slow)[0]
    with pytest.raises(LeaseLost), mailbox.holding(database, slow) as connection:
        mailbox.settle(connection, mail, "done", now=now)
    assert mailbox.unread(database, quick) == (mail,)
    with pytest.raises(LeaseLost):
        mailbox.release(database, slow, now=now)
    with mailbox.holding(database, quick) as connection:
        mailbox.settle(connection, mail, "done", now=now)
    assert mailbox.unread(database, quick) == ()


def test_work_that_raises_leaves_the_letter_unread(database: Database, now: int) -> None:
    mailbox.deliver(database, letter(1), now=now)
    held = leased(database, now)
    mail = mailbox.unread(database, held)
    with pytest.raises(ZeroDivisionError), mailbox.holding(database, held) as connection:
        mailbox.settle(connection, mail[0], "done", now=now)
        mailbox.intend(connection, held, [Intent("k", "reply", b"")], now=now)
        _ = 1 / 0
    assert mailbox.unread(database, held) == mail
    with database.read() as connection:
        assert mailbox.waiting(connection, held) == ()


def test_a_letter_that_comes_while_its_lane_is_worked_is_not_forgotten(database: Database, now: int) -> None:
    mailbox.deliver(database, letter(1), now=now)
    held = leased(database, now)
    for mail in mailbox.unread(database, held):
        with mailbox.holding(database, held) as connection:
            mailbox.settle(connection, mail, "done", now=now)
    mailbox.deliver(database, letter(2), now=now + 1)
    mailbox.release(database, held, now=now + 2)
    again = leased(database, now + 2)
    assert [mail.id for mail in mailbox.unread(database, again)] == [2]
    with mailbox.holding(database, again) as connection:
        mailbox.settle(connection, mailbox.unread(database, again)[0], "done", now=now)
    mailbox.release(database, again, now=now + 3)
    assert mailbox.next_due(database) is None


def test_an_effect_is_intended_once_and_shows_that_it_may_have_come_about(database: Database, now: int) -> None:
    mailbox.deliver(database, letter(1), now=now)
    held = leased(database, now)
    with mailbox.holding(database, held) as connection:
        mailbox.settle(connection, mailbox.unread(database, held)[0], "done", now=now)
        mailbox.intend(connection, held, [Intent("a", "reply", b"1"), Intent("b", "chart", b"2")], now=now)
    with mailbox.holding(database, held) as connection:
        mailbox.intend(connection, held, [Intent("a", "reply", b"other")], now=now)
        first, second = mailbox.waiting(connection, held)
        assert (first.body, first.attempted_at) == (b"1", None)
        mailbox.attempt(connection, first, now=now + 5)
    with mailbox.holding(database, held) as connection:
        tried = mailbox.waiting(connection, held)[0]
        assert (tried.attempted_at, tried.attempts) == (now + 5, 1)
        mailbox.postpone(connection, tried, not_before=now + SECOND, error="time-out", unsure=True)
        mailbox.postpone(connection, second, not_before=now + 2 * SECOND, error="429", unsure=False)
        mailbox.advance(connection, second, b"half")
        unsure, sure = mailbox.waiting(connection, held)
        assert (unsure.attempted_at, sure.attempted_at, sure.progress) == (now + 5, None, b"half")
    mailbox.release(database, held, now=now)
    assert mailbox.next_due(database) == now + SECOND
    assert mailbox.lease(database, now=now, length=SECOND) is None
    held = leased(database, now + SECOND)
    with mailbox.holding(database, held) as connection:
        for effect in mailbox.waiting(connection, held):
            mailbox.end(connection, effect, "sent", now=now, result="ts")
        assert mailbox.waiting(connection, held) == ()
    assert mailbox.depth(database) == mailbox.Depth(0, 0, 0, None)


def waiting(db: Database, held: Lease) -> tuple[mailbox.Effect, ...]:
    with db.read() as connection:
        return mailbox.waiting(connection, held)


def intended(db: Database, now: int, *intents: Intent) -> Lease:
    """A lane that is held, with effects that wait and no mail."""
    mailbox.deliver(db, letter(1), now=now)
    held = leased(db, now)
    with mailbox.holding(db, held) as connection:
        mailbox.settle(connection, mailbox.unread(db, held)[0], "done", now=now)
        mailbox.intend(connection, held, intents, now=now)
    return held


def test_turns_are_one_for_each_interval_with_a_small_burst(database: Database, now: int) -> None:
    held = intended(database, now, *(Intent(f"k{number}", "reply", b"") for number in range(6)))

    def turn(number: int, key: str, now: int) -> int:
        with mailbox.holding(database, held) as connection:
            effect = mailbox.waiting(connection, held)[number]
            return mailbox.take_turn(connection, effect, key, now=now, every=SECOND, burst=3)

    assert [turn(number, "post:T:C", now) - now for number in range(5)] == [0, 0, 0, SECOND, 2 * SECOND]
    assert turn(5, "post:T:D", now) == now
    assert turn(4, "post:T:C", now + SECOND) == now + 2 * SECOND, "who waits keeps their turn"
    assert turn(3, "post:T:C", now + SECOND) == now + SECOND
    with mailbox.holding(database, held) as connection:
        mailbox.attempt(connection, waiting(database, held)[3], now=now + SECOND)
    assert waiting(database, held)[3].turn_at is None, "whoever was tried and failed queues anew"


def test_a_lane_is_due_when_its_next_effect_is(database: Database, now: int) -> None:
    later = Intent("a", "reply", b"", not_before=now + 30 * SECOND)
    held = intended(database, now, later, Intent("b", "chart", b"", patient=True))
    mailbox.release(database, held, now=now)
    assert mailbox.next_due(database) == now + 30 * SECOND
    assert mailbox.lease(database, now=now + SECOND, length=SECOND) is None


def test_a_lane_that_nobody_waits_for_lets_all_others_go_first(database: Database, now: int) -> None:
    held = intended(database, now, Intent("a", "chart", b"", patient=True))
    mailbox.release(database, held, now=now)
    mailbox.deliver(database, letter(2, lane="post:T:C:2"), now=now + 5)
    assert leased(database, now + 5).key == "post:T:C:2"
    assert mailbox.lease(database, now=now + 5, length=SECOND, patient=False) is None
    assert mailbox.next_due(database, patient=False) == now + mailbox.PATIENCE
    chart = leased(database, now + 5, SECOND)
    assert (chart.key, chart.patient) == ("post:T:C:1", True)
    mailbox.deliver(database, letter(3), now=now + 5 + SECOND)
    again = mailbox.lease(database, now=now + 5 + SECOND, length=SECOND, patient=False)
    assert again is not None, "mail makes a lane urgent"
    assert (again.key, again.patient) == ("post:T:C:1", False)
    mailbox.release(database, again, now=now + 6 + SECOND, not_before=now + 6 + SECOND)
    overdue = mailbox.lease(database, now=now + 40 * SECOND, length=SECOND, patient=False)
    assert overdue is not None


def test_old_letters_lose_their_body_and_keep_their_key(database: Database, now: int) -> None:
    mailbox.deliver(database, letter(1), now=now)
    held = leased(database, now)
    with mailbox.holding(database, held) as connection:
        mailbox.settle(connection, mailbox.unread(database, held)[0], "done", now=now)
    assert mailbox.sweep(database, before=now) == 0
    assert mailbox.sweep(database, before=now + 1) == 1
    assert not mailbox.deliver(database, letter(1), now=now)

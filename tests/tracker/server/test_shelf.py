"""The shelf: an answer is made once, again when its mark has changed, and not without end while it changes."""

from __future__ import annotations

import threading

import pytest

from tracker.server.shelf import AGE, KEPT, OLDEST, Shelf


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_answer_is_made_once_for_a_mark() -> None:
    made: list[str] = []
    shelf = Shelf(Clock())
    for mark in ("a", "a", "b", "b"):
        assert shelf.get("key", mark, lambda mark=mark: made.append(mark) or mark).value == mark  # type: ignore[misc]
    assert made == ["a", "b"]


def test_what_was_costly_may_be_old_for_a_while_and_says_so() -> None:
    clock = Clock()
    shelf = Shelf(clock)

    def slow() -> float:
        clock.now += 2.0
        return clock.now

    assert shelf.get("key", "a", slow).value == 2.0
    clock.now += 2 * AGE - 0.1
    kept = shelf.get("key", "b", slow)
    assert (kept.value, kept.mark) == (2.0, "a")
    clock.now += 0.2
    assert shelf.get("key", "b", slow).mark == "b"


def test_nothing_is_older_than_the_limit() -> None:
    clock = Clock()
    shelf = Shelf(clock)

    def slower() -> float:
        clock.now += 1000.0
        return clock.now

    shelf.get("key", "a", slower)
    clock.now += OLDEST
    assert shelf.get("key", "b", slower).mark == "b"


def test_a_failure_is_not_kept() -> None:
    shelf = Shelf()
    with pytest.raises(ZeroDivisionError):
        shelf.get("key", "a", lambda: 1 // 0)
    assert shelf.get("key", "a", lambda: 7).value == 7


def test_the_shelf_stays_small() -> None:
    shelf = Shelf(Clock())
    for number in range(KEPT + 1):
        shelf.get(str(number), "a", lambda: 0)
    assert shelf.get("1", "a", lambda: 1).value == 0
    assert shelf.get("0", "a", lambda: 1).value == 1


def test_who_asks_for_the_same_waits_for_it() -> None:
    made: list[int] = []
    shelf = Shelf()
    begun, go = threading.Event(), threading.Event()

    def slow() -> int:
        begun.set()
        assert go.wait(20)
        made.append(1)
        return len(made)

    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(shelf.get("key", "a", slow).value)) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert begun.wait(20)
    go.set()
    for thread in threads:
        thread.join(20)
    assert found == [1, 1, 1]

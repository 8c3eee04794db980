"""`/results`: acknowledged at once, answered once, to all or to the asker as it fits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tracker.store import members

from .team import QUICK, TEAM, USERS, Team, words

Json = dict[str, Any]


@pytest.fixture
def working(team: Team) -> Team:
    team.bot(http=True)
    return team


def ask(team: Team, line: str, user: str = "ada") -> tuple[Json, bool]:
    """The answer to a command, and whether everybody sees it."""
    public, private = len(team.sandbox.messages("results")), len(team.sandbox.ephemerals(user))
    answer = team.sandbox.command(user, "results", f"/results {line}".strip())
    assert (answer.error, answer.text) == ("", "")

    def new() -> list[tuple[Json, bool]]:
        told = [(message, True) for message in team.sandbox.messages("results")[public:]]
        return told + [(message, False) for message in team.sandbox.ephemerals(user)[private:]]

    assert team.sandbox.wait_until(new, 60)
    team.quiet()
    (found,) = new()
    return found


def test_a_run_is_shown_to_all(working: Team) -> None:
    run = working.run()
    said, public = ask(working, run.lower())
    assert public
    for fact in (run, "ada", "0.9023", "lr", "3f2a1bc", "seed 7"):
        assert fact in words(said)


def test_the_board_shows_places_members_and_seeds(working: Team) -> None:
    for seed in (1, 2, 3):
        working.run("ben", seed=seed, config={"lr": 0.01}, values={"val/accuracy": (0.5, 0.94 + seed / 1000)})
    working.run()
    said, public = ask(working, "board")
    assert public
    assert "ben" in words(said)
    assert said["text"].startswith("milestone-1 by best val/accuracy: 1")
    picture = next(block for block in said["blocks"] if block["type"] == "image")
    assert "ben" in picture["alt_text"] and pictured(working, picture).startswith(b"\x89PNG")
    table = next(block for block in said["blocks"] if block["type"] == "table")
    assert [cell["text"] for cell in table["rows"][0]] == ["#", "Run", "Member", "val/accuracy", "Seeds"]


def pictured(team: Team, block: Json) -> bytes:
    """The bytes of the file that an image block shows."""
    return next(file.data or b"" for file in team.sandbox.files() if file.id == block["slack_file"]["id"])


def test_a_comparison_says_whether_it_is_noise_with_a_picture(working: Team) -> None:
    a = working.run(config={"lr": 0.1}, values={"val/accuracy": (0.5, 0.8)})
    b = working.run(config={"lr": 0.2}, values={"val/accuracy": (0.5, 0.9)})
    said, _ = ask(working, f"compare {a} {b}")
    assert "One seed each: the difference of +0.1" in said["text"]
    picture = next(block for block in said["blocks"] if block["type"] == "image")
    assert "One seed each" in picture["alt_text"] and pictured(working, picture).startswith(b"\x89PNG")
    working.sandbox.fault("files.getUploadURLExternal", "error", code="invalid_arguments")
    alone, _ = ask(working, f"compare {a} {b}")
    assert alone["text"] == said["text"] and "image" not in [block["type"] for block in alone["blocks"]]


def test_two_runs_are_compared(working: Team) -> None:
    a, b = working.run(), working.run("ben", config={"lr": 0.01, "optimizer": "adam", "width": 64})
    said, public = ask(working, f"compare {a} {b}")
    assert public
    assert "lr: 0.001 → 0.01" in words(said)
    assert "differ in lr" in said["text"]


def test_my_runs_are_shown_to_me(working: Team) -> None:
    mine, other = working.run(), working.run("ben")
    said, public = ask(working, "mine")
    assert not public
    assert mine in words(said)
    assert other not in words(said)


def test_login_hands_a_bound_member_a_token_that_works_and_tells_nobody_else(working: Team, now: int) -> None:
    said, public = ask(working, "login")
    assert not public
    token = next(line.strip("`") for line in words(said).splitlines() if "rc_" in line)
    member = members.whose(working.db, token, now)
    assert member is not None
    assert member.handle == "ada"
    with working.db.read() as connection:
        everything = connection.exec_driver_sql("SELECT body FROM outbox").fetchall()
    assert token.encode() not in b"".join(bytes(row[0]) for row in everything)


def test_login_makes_a_member_of_who_is_new(working: Team) -> None:
    said, _ = ask(working, "login", user="chen")
    assert "chen" in words(said)
    found = members.by_slack(working.db, TEAM, USERS["chen"])
    assert found is not None
    assert (found.handle, found.role) == ("chen", "member")


def test_login_never_gives_away_somebody_else_s_handle(working: Team) -> None:
    working.member("dana", "admin", bound=False)
    said, _ = ask(working, "login", user="dana")
    assert "rc_" not in words(said)
    assert f"runcite members bind dana {TEAM} {USERS['dana']}" in words(said)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("", "/results RUN_ID"),
        ("help", "/results RUN_ID"),
        ("bord", "Did you mean /results board?"),
        ("<!channel> dance", "I don't know /results"),
        ("compare r-1", "Comparing takes two runs"),
        ("board nowhere", "no project"),
        ("r-00000000", "No run"),
        ("r-0000000Z", "mistyped"),
    ],
)
def test_a_command_that_cannot_be_is_one_clear_line_for_the_asker(working: Team, line: str, answer: str) -> None:
    working.run()
    said, public = ask(working, line)
    assert not public
    assert answer in words(said)
    assert "<!" not in str(said["blocks"]) + said["text"]


def test_a_home_shows_the_board_and_my_runs(working: Team) -> None:
    run = working.run()
    working.sandbox.open_home("ada")
    assert working.sandbox.wait_until(lambda: working.sandbox.home("ada"))
    assert run in words(working.sandbox.home("ada") or {})
    working.sandbox.open_home("chen")
    assert working.sandbox.wait_until(lambda: working.sandbox.home("chen"))
    assert "/results login" in words(working.sandbox.home("chen") or {})


def test_what_mattered_is_told_with_its_share(working: Team) -> None:
    for number in range(24):
        lr, width = 10.0 ** -(1 + number % 4), 32 * (1 + number // 4)
        value = 0.7 + 0.05 * (number % 4) + 0.001 * (number // 4)
        working.run(config={"lr": lr, "width": width}, seed=number, values={"val/accuracy": (0.5, value)})
    said, public = ask(working, "importance")
    assert public
    assert said["text"].startswith("milestone-1: ")
    table = next(block for block in said["blocks"] if block["type"] == "table")
    assert table["rows"][1][0]["text"].startswith("lr")
    assert int(table["rows"][1][1]["text"].rstrip("%")) > 50


@pytest.mark.parametrize("line", ["help", "board", "login"])
def test_an_answer_that_slack_took_but_did_not_acknowledge_in_time_is_not_given_twice(team: Team, line: str) -> None:
    team.run()
    team.bot(http=True, patience=replace(QUICK, call=1))
    team.sandbox.fault("response_url", "delay_after_commit", seconds=3)
    team.sandbox.command("ada", "results", f"/results {line}")
    assert team.sandbox.wait_until(lambda: team.sandbox.recorded("response"), 30)
    team.quiet()
    assert len(team.sandbox.recorded("response")) == 1
    assert len(team.sandbox.ephemerals("ada")) + len(team.sandbox.messages("results")) == 1


@pytest.mark.parametrize(("fault", "shown"), [("drop_after_commit", 2), ("drop", 1), ("http_500", 1)])
def test_an_answer_that_may_not_have_got_there_is_said_again_to_the_asker_and_says_so(
    working: Team, fault: str, shown: int
) -> None:
    working.sandbox.fault("response_url", fault)
    working.sandbox.command("chen", "results", "/results help")
    assert working.sandbox.wait_until(lambda: len(working.sandbox.ephemerals("chen")) == shown, 30)
    working.quiet()
    said = working.sandbox.ephemerals("chen")
    assert len(said) == shown and "重复一次" in str(said[-1]["blocks"])

"""What instructors set and see; what others may not; and a file that no spreadsheet executes."""

from __future__ import annotations

import csv
import io
import math
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ledger import cell, csv_of
from tracker.record import BoardSpec
from tracker.store import citations, queries

from .records import EVIL, any_record
from .team import USERS, Team, words
from .test_commands import ask


@pytest.fixture
def working(team: Team, monkeypatch: pytest.MonkeyPatch) -> Team:
    monkeypatch.setitem(USERS, "ines", "U0INES0001")
    team.member("ines", "instructor")
    team.bot(http=True)
    return team


def test_an_instructor_sets_the_rules_and_posts_are_held_to_them(working: Team) -> None:
    run = working.run()
    said, public = ask(working, "policy data-unknown=reject attempts=1", "ines")
    assert not public
    assert said["text"].startswith("Set: data-unknown, attempts.")
    reply = working.reply(working.post(f"val accuracy 90.2 % {run}"))
    assert "did not record which data" in reply["text"]
    ask(working, "policy data-unknown=default", "ines")
    first = working.post(f"val accuracy 90.2 % {run}")
    working.reply(first, has="Accepted")
    second = working.post(f"val accuracy 90.2 % {run}")
    assert "allows 1 accepted post a member; you have 1" in working.reply(second)["text"]
    setting = queries.board_settings(working.db, "milestone-1")[0]
    assert (setting.set_by, setting.spec.rules.attempts) == ("ines", 1)


def test_members_see_the_rules_and_cannot_change_them(working: Team) -> None:
    working.run()
    said, _ = ask(working, "policy")
    assert "val/accuracy" in words(said)
    refused, _ = ask(working, "policy attempts=9")
    assert "is for instructors" in refused["text"]
    refused, _ = ask(working, "policy manner=ephemeral")
    assert "is for instructors" in refused["text"]
    assert queries.board_settings(working.db, "milestone-1") == ()


def test_a_mistyped_rule_is_asked_about(working: Team) -> None:
    working.run()
    said, _ = ask(working, "policy atempts=3", "ines")
    assert "Did you mean attempts?" in said["text"]
    said, _ = ask(working, "policy manner=removal", "ines")
    assert "SLACK_ADMIN_TOKEN" in said["text"]


def test_the_audit_names_posters_verdicts_and_what_was_taken_back(working: Team) -> None:
    run = working.run()
    ts = working.post(f"val accuracy 95 % {run}")
    working.reply(ts)
    working.sandbox.edit("ada", "results", ts, f"val accuracy 90.2 % {run}")
    working.reply(ts, has="Accepted")
    said, public = ask(working, "audit", "ines")
    assert not public
    for fact in ("ada", "accepted", "rejected (taken back)", run, "claim-differs"):
        assert fact in words(said), fact
    assert "1 accepted and standing" in said["text"]
    narrowed, _ = ask(working, "audit ben", "ines")
    assert "Nothing was posted" in narrowed["text"]
    roster, _ = ask(working, "audit roster", "ines")
    assert "Nothing accepted yet of `ben`" in words(roster)
    refused, _ = ask(working, "audit")
    assert "is for instructors" in refused["text"]


def test_the_export_goes_to_the_instructor_alone(working: Team) -> None:
    run = working.run(name="=cmd|' /C calc'!A0")
    working.reply(working.post(f"val accuracy 90.2 % {run}"), chart=True)
    _, public = ask(working, "export", "ines")
    assert not public
    direct = working.sandbox.direct("ines")
    assert working.sandbox.wait_until(lambda: working.sandbox.messages(direct))
    (message,) = working.sandbox.messages(direct)
    assert message["files"][0]["name"] == "milestone-1.csv"
    (file,) = [each for each in working.sandbox.files() if each.name.endswith(".csv")]
    rows = list(csv.DictReader(io.StringIO((file.data or b"").decode("utf-8-sig"))))
    assert [(row["place"], row["run"], row["member"], row["posts accepted"]) for row in rows] == [
        ("1", run, "ada", "1")
    ]
    assert rows[0]["name"].startswith("'=")
    before = len(working.sandbox.files())
    refused, _ = ask(working, "export")
    assert "is for instructors" in refused["text"]
    assert len(working.sandbox.files()) == before


@given(st.one_of(st.text(), st.sampled_from(EVIL), st.floats(), st.integers(), st.booleans(), st.none()))
@settings(max_examples=300, deadline=None)
def test_no_cell_is_a_formula(value: object) -> None:
    made = cell(value)
    assert "\n" not in made and "\r" not in made
    if isinstance(value, str):
        assert not made.startswith(("=", "+", "-", "@", "\t"))
    elif isinstance(value, float) and math.isfinite(value):
        assert float(made) == value


@given(st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_records_of_any_kind_make_a_table_of_equal_rows(seed: int) -> None:
    rng = Random(seed)
    records = [any_record(rng) for _ in range(4)]
    read = list(csv.reader(io.StringIO(csv_of(BoardSpec("digits", "val/accuracy"), records, {}).decode("utf-8-sig"))))
    assert len(read) == 5
    assert len({len(row) for row in read}) == 1


def test_accepted_posts_are_counted_by_board_and_without_the_one_asked_about(working: Team) -> None:
    run, elsewhere = working.run(), working.run(project="other")
    stamps = [working.post(f"val accuracy 90.2 % {each}") for each in (run, run, elsewhere)]
    for ts in stamps:
        working.reply(ts, has="Accepted")
    here = (working.sandbox.core.workspace.channel("results").id, stamps[0])
    count = citations.count_accepted(working.db, "U0ADA00001", "milestone-1", but=("T0RUNCITE", *here))
    assert count == 1

"""A post is accepted only if its runs bear out every claim, and otherwise told which finding says why."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.claims import Reading, read_post
from bot.matches import equals
from bot.verdicts import CODES, Cited, Judgement, Setting, judge
from tracker.record import BoardSpec, Claim, Rules
from tracker.rules.codes import CODES as RUN_CODES
from tracker.rules.fitness import findings

from .records import BOARD, record, run_id, summary

RUN = record()


def cite(*records: Any, board: BoardSpec = BOARD) -> tuple[Cited, ...]:
    return tuple(Cited(each.id, each, board, findings(each, board)) for each in records)


def claim(value: float, digits: int, metric: str = "accuracy", **more: Any) -> Claim:
    return Claim(metric, value, str(value), digits, **more)


def reading(*claims: Claim, result: bool = True) -> Reading:
    return Reading(result, claims, (), (RUN.id,), (), 1.0, ())


def verdict(*claims: Claim, cited: tuple[Cited, ...] = (), setting: Setting = Setting()) -> Judgement:
    return judge(reading(*claims), cited or cite(RUN), setting)


def codes(judgement: Judgement) -> list[str]:
    return [each.code for each in judgement.findings if each.severity == "reject"]


@pytest.mark.parametrize(
    "held",
    [
        claim(0.9023, 4),
        claim(0.902, 3),
        claim(0.90, 2),
        claim(0.899, 3),
        claim(0.899, 3, aggregate="last"),
        claim(0.9023, 4, aggregate="best", split="val"),
        claim(0.9, 2, comparator=">"),
        claim(0.91, 2, comparator="<"),
        claim(0.903, 3, comparator="~"),
        claim(90.2, 1, metric="unknown"),
        claim(0.902, 3, metric="unknown"),
        claim(0.5, 2, optional=True),
    ],
)
def test_a_claim_that_equals_the_record_to_its_digits_holds(held: Claim) -> None:
    assert verdict(held).verdict == "accepted"


@pytest.mark.parametrize(
    ("false", "code"),
    [
        (claim(0.903, 3), "claim-differs"),
        (claim(0.91, 2), "claim-differs"),
        (claim(0.9023, 4, aggregate="last"), "claim-differs"),
        (claim(0.899, 3, aggregate="best"), "claim-differs"),
        (claim(0.95, 2, comparator=">"), "claim-differs"),
        (claim(0.9, 2, metric="f1"), "metric-not-recorded"),
        (claim(0.9023, 4, split="test"), "metric-not-recorded"),
        (claim(91.0, 0, metric="unknown"), "claim-differs"),
    ],
)
def test_a_claim_that_does_not_is_rejected_and_told_apart(false: Claim, code: str) -> None:
    judged = verdict(false)
    assert judged.verdict == "rejected"
    assert codes(judged) == [code]
    assert all(each.sentence and each.remedy for each in judged.findings)


def test_a_false_claim_is_told_both_recorded_values() -> None:
    (told,) = verdict(claim(0.91, 2)).findings
    assert told.sentence == f"You wrote 0.91; {RUN.id} recorded val/accuracy best 0.9023 at step 7, last 0.8990."


@given(st.floats(0, 1), st.integers(1, 6))
def test_a_value_rounded_to_any_digits_equals_itself_and_the_next_one_does_not(value: float, digits: int) -> None:
    written = round(value, digits)
    assert equals(claim(written, digits), value)
    assert not equals(claim(written + 1.6 * 10**-digits, digits), value)


@given(st.floats(0.0101, 1), st.integers(3, 6))
def test_percents_and_fractions_mean_the_same(value: float, digits: int) -> None:
    assert equals(claim(round(value, digits), digits), value * 100) or value * 100 <= 1


def test_the_value_of_another_run_is_named() -> None:
    rival = record(2, 0.9414, 0.94, member="ben")
    judged = verdict(claim(0.9414, 4), setting=Setting(rivals=(RUN, rival)))
    assert codes(judged) == ["other-run"]
    assert f"It is {rival.id} (ben's) that recorded it." in judged.findings[0].sentence


def test_a_mean_holds_over_replicates_and_over_nothing_else() -> None:
    seeds = [record(n, value, value) for n, value in ((1, 0.90), (2, 0.92), (3, 0.97))]
    mean = claim(0.93, 3)
    assert verdict(mean, cited=cite(*seeds)).verdict == "accepted"
    other = msgspec.structs.replace(seeds[2], digests=msgspec.structs.replace(seeds[2].digests, config="9" * 64))
    assert codes(verdict(mean, cited=cite(*seeds[:2], other))) == ["no-replicates"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"state": "running", "end": None}, "not-ended"),
        ({"state": "silent", "end": None}, "silent"),
        ({"state": "failed"}, "failed"),
        ({"metrics": {"val/accuracy": summary(0.9023, math.nan)}}, "not-finite"),
    ],
)
def test_a_run_that_is_not_fit_is_rejected_whatever_it_claims(changes: dict[str, Any], code: str) -> None:
    assert code in codes(verdict(claim(0.902, 3), cited=cite(record(**changes))))


def test_a_policy_decides_over_what_is_not_firm() -> None:
    lenient = BoardSpec("digits", "val/accuracy", rules=Rules(policy={"metric-not-recorded": "warn"}))
    assert verdict(claim(0.9, 2, metric="f1"), cited=cite(RUN, board=lenient)).verdict == "accepted"
    blind = BoardSpec("digits", "val/accuracy", rules=Rules(policy={"claim-differs": "ignore"}))
    assert verdict(claim(0.95, 2), cited=cite(RUN, board=blind)).verdict == "rejected"
    split = BoardSpec("digits", "val/accuracy", rules=Rules(split="test"))
    assert codes(verdict(claim(0.902, 3), cited=cite(RUN, board=split))) == ["other-split"]


def test_what_is_worth_knowing_is_noted_and_does_not_reject() -> None:
    setting = Setting(member="ben", posted_at=10)
    late = record(received_at=10 + 600_000_000)
    judged = verdict(claim(0.902, 3), cited=cite(late), setting=setting)
    assert judged.verdict == "accepted"
    assert {"other-member", "registered-later"} <= {each.code for each in judged.findings}


def test_an_unknown_a_mistyped_and_a_mended_id_are_told_apart() -> None:
    unknown = (Cited(run_id(9), None),)
    assert codes(verdict(claim(0.9, 1), cited=unknown)) == ["unknown-run"]
    mistyped = (Cited("r-00000001", None, suggestions=(RUN.id,), mistyped=True),)
    judged = verdict(claim(0.9, 1), cited=mistyped)
    assert codes(judged) == ["mistyped"]
    assert f"did you mean {RUN.id}?" in judged.findings[0].sentence
    mended = (replace(cite(RUN)[0], as_written="r-OOOO"),)
    assert verdict(claim(0.902, 3), cited=mended).verdict == "accepted"


@pytest.mark.parametrize(
    ("text", "setting", "verdict", "speaks"),
    [
        ("val acc 90.2 %", Setting(), "rejected", True),
        ("val acc 90.2 %", Setting(in_thread=True), "ignored", False),
        ("val acc 90.2 %", Setting(strict=True, in_thread=True), "ignored", False),
        ("lunch?", Setting(), "ignored", False),
        ("lunch?", Setting(strict=True), "rejected", True),
        ("lunch?", Setting(strict=True, in_thread=True), "ignored", False),
    ],
)
def test_where_a_post_without_a_run_is_spoken_to(text: str, setting: Setting, verdict: str, speaks: bool) -> None:
    judged = judge(read_post(text), (), setting)
    assert (judged.verdict, judged.speaks) == (verdict, speaks)


def test_a_run_in_passing_is_left_alone_and_a_bare_one_is_answered() -> None:
    passing = reading(result=False)
    assert not judge(passing, cite(RUN), Setting()).speaks
    for setting in (Setting(bare=True), Setting(called=True)):
        judged = judge(passing, cite(RUN), setting)
        assert (judged.verdict, judged.speaks) == ("ignored", True)


def test_codes_are_one_table_with_the_runs_own() -> None:
    assert not set(CODES) & set(RUN_CODES)

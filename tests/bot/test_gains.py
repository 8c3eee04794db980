"""Improvements are held against both runs; means, tries and the board's own terms are said or stop the post."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from bot.case import Cited, Setting
from bot.claims import Delta, Reading
from bot.tries import tries_of
from bot.verdicts import Judgement, judge
from tracker.record import BoardSpec, Claim, Record, Rules
from tracker.rules.fitness import findings
from tracker.rules.veil import EVERYBODY, veil_of

from .records import BOARD, record, summary

NEW, OLD = record(1, 0.9023, 0.899), record(2, 0.89, 0.885, member="ben", config={"lr": 0.2})


def delta(value: float, digits: int = 3, **more: Any) -> Delta:
    return Delta("accuracy", value, f"+{value * 100:.1f}", digits, against=OLD.id, **more)


def judged(
    *deltas: Delta,
    claims: tuple[Claim, ...] = (Claim("accuracy", 0.902, "90.2 %", 3),),
    records: tuple[Record, ...] = (NEW, OLD),
    board: BoardSpec = BOARD,
    setting: Setting = Setting(),
    seeds: int | None = None,
    **more: Any,
) -> Judgement:
    reading = Reading(True, claims, deltas, tuple(each.id for each in records), (), 1.0, (), seeds)
    cited = tuple(Cited(each.id, each, board, findings(each, board), **more) for each in records)
    return judge(reading, cited, setting)


def codes(judgement: Judgement, severity: str = "reject") -> list[str]:
    return [each.code for each in judgement.findings if each.severity == severity]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (delta(0.012, way="better"), []),
        (delta(0.014, way="up"), []),
        (delta(0.02), ["change-differs"]),
        (delta(0.012, way="down"), ["change-differs"]),
        (delta(0.012, way="worse"), ["change-differs"]),
        (delta(0.014, relative=True), []),
        (delta(0.05, relative=True), ["change-differs"]),
        (replace(delta(0.02), against=None), []),
        (replace(delta(0.02), against="r-00000000"), []),
    ],
)
def test_a_change_over_a_cited_run_must_be_the_one_recorded(said: Delta, code: list[str]) -> None:
    assert codes(judged(said)) == code


def test_a_false_change_is_told_both_values_and_the_true_change() -> None:
    (told,) = [each for each in judged(delta(0.02)).findings if each.severity == "reject"]
    assert told.sentence == (f"You wrote +2.0; {NEW.id} has val/accuracy 0.9023 and {OLD.id} 0.8900: +1.23 points.")


def test_a_change_in_a_loss_is_better_when_it_fell() -> None:
    fall = [
        msgspec.structs.replace(each, metrics={"val/loss": summary(low)}) for each, low in ((NEW, 0.31), (OLD, 0.36))
    ]
    board = BoardSpec("digits", "val/loss", "min")
    said = Delta("loss", 0.05, "0.05", 2, way="better", against=OLD.id)
    claims = (Claim("loss", 0.31, "0.31", 2),)
    assert codes(judged(said, claims=claims, records=tuple(fall), board=board)) == []
    assert codes(judged(replace(said, way="worse"), claims=claims, records=tuple(fall), board=board)) != []


def test_a_change_between_single_seeds_is_said_to_be_no_proof() -> None:
    assert "within-noise" in codes(judged(delta(0.012)), "warn")


def test_the_value_of_the_run_one_compares_with_is_no_result_of_one_s_own() -> None:
    theirs = (Claim("accuracy", 0.89, "0.89", 2),)
    assert codes(judged(delta(0.012), claims=theirs, records=(record(1, 0.95, 0.95), OLD)))[0] == "other-run"


def test_the_best_is_told_from_the_last() -> None:
    told = {each.code: each.sentence for each in judged(records=(NEW,)).findings}
    assert told["best-not-last"] == "You wrote the best; the last is 0.8990 (at step 10)."


def test_a_mean_over_seeds_may_stand_on_the_replicates_of_one_cited_run() -> None:
    mates = tuple(record(n, value, value) for n, value in ((1, 0.90), (2, 0.92), (3, 0.97)))
    mean = (Claim("accuracy", 0.93, "93.0 %", 3),)
    assert judged(claims=mean, records=mates[:1], seeds=3, mates=mates).verdict == "accepted"
    assert codes(judged(claims=mean, records=mates[:1], mates=mates)) == ["claim-differs"]
    fewer = judged(claims=mean, records=mates[:1], seeds=5, mates=mates)
    assert codes(fewer, "warn") == ["fewer-seeds"]


def test_best_of_how_many_is_said() -> None:
    others = [record(n, 0.5 + n / 100, 0.4, config={"lr": n / 10}) for n in range(2, 6)]
    strangers = [record(7, 0.99, member="ben"), record(8, 0.99, config={"depth": 3})]
    tries = tries_of(BOARD, NEW, [NEW, *others, *strangers, record(9, state="failed", metrics={})])
    assert (tries.count, tries.place, tries.median) == (6, 1, 0.54)
    told = {each.code: each for each in judged(records=(NEW,), tries=tries).findings}
    assert told["best-of-many"].severity == "note"
    assert "6 runs of this kind by ada stand behind it" in told["best-of-many"].sentence
    assert "best of them, the median is 0.5400" in told["best-of-many"].sentence


def ruled(**rules: Any) -> BoardSpec:
    return BoardSpec("digits", "val/accuracy", rules=msgspec.convert(rules, Rules))


def test_a_post_after_the_board_closed_is_late_and_so_is_an_edit() -> None:
    board = ruled(closes=1000)
    assert codes(judged(records=(NEW,), board=board, setting=Setting(posted_at=900))) == []
    assert codes(judged(records=(NEW,), board=board, setting=Setting(posted_at=1100))) == ["closed"]
    edited = Setting(posted_at=900, written_at=1100)
    assert codes(judged(records=(NEW,), board=board, setting=edited)) == ["closed"]


def test_attempts_are_counted_and_a_policy_may_only_warn() -> None:
    board = ruled(attempts=2)
    assert codes(judged(records=(NEW,), board=board, setting=Setting(spent={"digits": 1}))) == []
    assert codes(judged(records=(NEW,), board=board, setting=Setting(spent={"digits": 2}))) == ["no-attempts-left"]
    lenient = ruled(attempts=2, policy={"no-attempts-left": "warn"})
    assert judged(records=(NEW,), board=lenient, setting=Setting(spent={"digits": 2})).verdict == "accepted"


def test_a_record_that_is_not_what_was_sealed_is_no_result_on_any_board() -> None:
    board = ruled(policy={"seal-broken": "ignore"})
    assert codes(judged(records=(NEW,), board=board, broken=True)) == ["seal-broken"]


def test_a_claim_about_what_nobody_sees_yet_is_not_judged_by_it() -> None:
    spec = BoardSpec("digits", "val/accuracy", rules=Rules(private_split="test", closes=1000))
    both = record(metrics={"val/accuracy": summary(0.9), "test/accuracy": summary(0.7)})
    veil = veil_of(spec, EVERYBODY, 999, "")
    assert veil is not None
    private = judged(
        claims=(Claim("accuracy", 0.7, "70 %", 2, "test"),), records=(veil.shown(both),), hidden=veil.hidden(both)
    )
    assert codes(private) == ["still-private"]
    assert "0.7" not in private.findings[0].sentence.replace("70 %", "")

"""What the rules say is said in Chinese too: every sentence of judgements, comparisons and boards, with its values."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest

from tracker.record import Finding
from tracker.rules.board import rank
from tracker.rules.chinese import in_chinese, turned
from tracker.rules.chinese_findings import MEANINGS
from tracker.rules.codes import EVERY
from tracker.rules.compared import compare
from tracker.rules.importance import Factor, Importance, _caveats, _sentence
from tracker.rules.noise import judge
from tracker.rules.replicates import Sample

from .makers import METRIC, SPEC, group, record


def factor_of(key: str, confirmed: bool, total: float = 0.4) -> Factor:
    return Factor(key, 0.1 if total > 0.4 else 0.4, 0.0, 0.05, total, 0.2, 0.3, confirmed, 9, False, 0.9)


ALLOWED = {METRIC, "lr", "width", "digits", "other"}


def english_in(text: str) -> list[str]:
    """Words that are neither names nor numbers."""
    for name in (*ALLOWED, *re.findall(r"r-[0-9A-Z]{8}", text), "fANOVA"):
        text = text.replace(name, "")
    return re.findall(r"[A-Za-z]{2,}", text)


def sentences() -> Iterator[str]:
    rng = np.random.default_rng(5)
    for n, m, gap, seeds in [
        (1, 1, 0.1, ()), (1, 4, 0.5, ()), (1, 4, 0.0, ()), (2, 2, 0.0, ()), (3, 3, 0.0, (1, 2, 3)),
        (3, 3, 5.0, (1, 2, 3)),
        (5, 4, 3.0, ()), (5, 4, -3.0, ()), (6, 5, 0.01, (1, 2, 3, 4, 5, 6)), (6, 6, 1e-9, ()),
    ]:  # fmt: skip
        a, b = rng.normal(0, 1, n), rng.normal(gap, 1, m)
        found = judge(Sample(tuple(a), seeds[:n]), Sample(tuple(b), seeds[:m]), names=("r-00000000", "r-11111111"))
        yield from (found.sentence, *found.caveats)
    yield from judge(Sample((1.0, 1.0)), Sample((2.0, 2.0)), names=("A", "B")).caveats
    a, b = group(1, [0.90, 0.91, 0.905]), group(11, [0.95, 0.96, 0.955], config={"lr": 0.2})
    failed = record(31, 0.9, state="failed", config={"lr": 3})
    elsewhere = record(32, 0.9, config={"lr": 4}, project="other")
    without = record(33, 0.9, config={"lr": 5}, metrics={})
    again = record(34, 0.9, config={"lr": 6}, reproduces=a[0].id)
    many = compare(SPEC, [a[0], b[0], a[1], failed, elsewhere, without])
    yield from (many.verdict, *filter(None, many.why_not))
    yield compare(SPEC, [a[0], record(41, 0.901, config={"lr": 9})]).verdict
    yield compare(SPEC, [record(42 + n, 0.9, config={"lr": n}) for n in range(3)]).verdict
    yield compare(SPEC, [failed, without]).verdict
    yield from (each.reason for each in rank(SPEC, [failed, without, again]).unranked)
    for explained, confirmed in ((0.7, True), (0.001, False)):
        factors = (factor_of("lr", confirmed), factor_of("width", confirmed, total=0.5))
        found = Importance(METRIC, 700, 700, explained, factors, (("lr", "width"),), (), "", ())
        yield from (_sentence(found), *_caveats(found, 600))


@pytest.mark.parametrize("sentence", dict.fromkeys(sentences()))
def test_a_sentence_is_told_in_chinese_with_every_value(sentence: str) -> None:
    told = turned(sentence)
    assert told is not None, sentence
    assert english_in(told) == [], told
    assert ("be told apart" in sentence) == ("无法区分" in told), told
    assert told.endswith(("。", "）", "】")), told
    for value in re.findall(r"r-[0-9A-Z]{8}|\d+\.\d+", sentence):
        assert value in told, told


@pytest.mark.parametrize("code", sorted(MEANINGS))
def test_a_finding_that_says_no_more_than_its_code_is_told_in_chinese_alone(code: str) -> None:
    said = in_chinese(Finding(code, f"r-7K3M9QX2: {EVERY[code].meaning}.", "", "note")).sentence
    assert said.startswith("r-7K3M9QX2：") and EVERY[code].meaning not in said, said


def test_what_is_equal_between_two_runs_is_listed_in_chinese() -> None:
    a, b = group(1, [0.90, 0.91], config={"lr": 0.1, "width": 4, "depth": 2})
    (said,) = [line for line in compare(SPEC, [a, b]).comparisons[0].lines if line.startswith("equal")]
    told = turned(said)
    assert "setting" in said and told is not None
    assert set(english_in(told)) <= {"CPU", "GPU"}, told

"""What instructors set for a board is read strictly, said back, and never softens what is firm."""

from __future__ import annotations

import tomllib

import pytest

from tracker.errors import UsageError
from tracker.record import BoardSpec, Rules
from tracker.rules.codes import EVERY
from tracker.rules.policy import changed, effects, said, settings_of

SPEC = BoardSpec("digits", "val/accuracy")


def test_each_setting_is_read_as_people_write_it() -> None:
    wanted = {
        "metric": "test/F1",
        "direction": "min",
        "aggregate": "last",
        "split": "test",
        "data-digest": "a" * 64,
        "low": "10%",
        "high": "1",
        "max_runtime": "90min",
        "max_gpu_hours": "4.5",
        "max-parameters": "1.5M",
        "attempts": "3",
        "closes": "2026-12-01T18:00+01:00",
        "private_split": "test",
        "pseudonyms": "yes",
        "unpushed": "reject",
        "no-seed": "ignore",
    }
    found = changed(SPEC, wanted)
    assert (found.metric, found.direction, found.aggregate) == ("test/F1", "min", "last")
    assert found.rules == Rules(
        policy={"unpushed": "reject", "no-seed": "ignore"},
        data_digest="a" * 64,
        split="test",
        low=0.1,
        high=1.0,
        max_runtime=5400.0,
        max_parameters=1_500_000,
        max_gpu_hours=4.5,
        attempts=3,
        closes=1_796_144_400_000_000,
        private_split="test",
        pseudonyms=True,
    )
    assert {name for name, _, _ in said(found)} >= {"max_runtime", "closes", "pseudonyms"}
    back = changed(found, dict.fromkeys((*wanted, "unpushed"), "default") | {"metric": "val/accuracy"})
    assert back == SPEC


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"atempts": "3"}, "Did you mean attempts?"),
        ({"un-pushed": "reject"}, "Did you mean unpushed?"),
        ({"claim-differs": "warn"}, "is firm"),
        ({"unpushed": "explode"}, "none of reject, warn, ignore or default"),
        ({"max_runtime": "soon"}, "is no time"),
        ({"max_runtime": "-5"}, "is no time"),
        ({"attempts": "0"}, "no whole number"),
        ({"low": "nan"}, "is no number"),
        ({"low": "2", "high": "1"}, "above high"),
        ({"direction": "up"}, "none of max, min"),
        ({"metric": "none"}, "needs a metric"),
        ({"closes": "tomorrow"}, "is no date"),
        ({"pseudonyms": "yes"}, "needs a time"),
        ({"data_digest": "abc"}, "64 hex digits"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_type(wanted: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError) as refused:
        changed(SPEC, wanted)
    assert words in str(refused.value)


def test_a_toml_file_says_the_same() -> None:
    board = 'max_runtime = "2h"\nattempts = 5\npseudonyms = true\ncloses = 2026-12-01T18:00:00Z\n'
    text = f'{board}[policy]\nno-seed = "reject"\n'
    found = changed(SPEC, settings_of(tomllib.loads(text)))
    assert (found.rules.max_runtime, found.rules.attempts, found.rules.pseudonyms) == (7200.0, 5, True)
    assert found.rules.policy == {"no-seed": "reject"}
    with pytest.raises(UsageError):
        settings_of({"low": [1, 2]})


def test_every_finding_that_is_not_firm_has_an_effect() -> None:
    listed = dict(effects(Rules(policy={"dirty": "reject"})))
    assert {meaning.code for meaning in listed} == {code for code, meaning in EVERY.items() if not meaning.firm}
    assert {effect for meaning, effect in listed.items() if meaning.code == "dirty"} == {"reject"}

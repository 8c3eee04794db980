"""Which difference moves the number: found by running again with one thing changed at a time."""

from __future__ import annotations

import pytest

from tests.tracker.reproduce.conftest import Studio
from tracker.reproduce.bisect import Bisection, bisect, changes, options_of
from tracker.reproduce.fetch import LocalOrigin
from tracker.reproduce.stages import Options, Stopped
from tracker.shipper import sync

OPTIONS = """
import argparse
import tracker

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--depth", type=int, default=1)
parser.add_argument("--seed", type=int, default=1)
told = parser.parse_args()
with tracker.start_run("studio", vars(told), seed=told.seed) as run:
    run.log({"val/accuracy": BASE - told.lr + told.seed * 1e-9}, step=1)
"""


def answered(studio: Studio, good: str, bad: str) -> Bisection:
    origin = LocalOrigin(studio.settings)
    try:
        records = origin.record(good), origin.record(bad)
        return bisect(
            origin, *records, Options(), studio.settings, sync, lambda *told, done=False: None, lambda trial: None
        )
    finally:
        origin.close()


def test_the_one_thing_that_moves_the_number_is_named_among_those_that_do_not(studio: Studio) -> None:
    studio.write("train.py", OPTIONS.replace("BASE", "1"))
    studio.commit()
    good = studio.train("train.py", "--lr", "0.1", "--depth", "2")
    bad = studio.train("train.py", "--lr", "0.5", "--depth", "3")
    answer = answered(studio, good.id, bad.id)
    assert answer.sentence == "--lr 0.1 closes all of the gap."
    assert [(trial.words, round(trial.share or 0, 6)) for trial in answer.trials] == [("--lr 0.1", 1), ("--depth 2", 0)]
    assert len(studio.ids()) == 2, "trials are not results"


def test_code_that_moves_the_number_is_named_after_a_seed_that_hardly_does(studio: Studio) -> None:
    studio.write("train.py", OPTIONS.replace("BASE", "1"))
    studio.commit()
    good = studio.train("train.py", "--seed", "1")
    studio.write("train.py", OPTIONS.replace("BASE", "0.7"))
    bad = studio.train("train.py", "--seed", "2")
    answer = answered(studio, good.id, bad.id)
    assert answer.sentence == "the code of the good run closes all of the gap."
    assert [trial.part for trial in answer.trials] == ["seed", "code"]


def test_two_runs_that_differ_in_nothing_are_said_to(studio: Studio) -> None:
    one, other = studio.train(), studio.train()
    assert list(changes(one, other)) == []
    with pytest.raises(Stopped, match="Nothing that is recorded differs"):
        answered(studio, one.id, other.id)


def test_arguments_are_taken_apart_as_people_mean_them() -> None:
    words = ["data.csv", "--lr", "0.1", "--flag", "--sizes", "1", "2", "--name=x", "-3", "last"]
    assert options_of(words) == {
        "argument 1": ("data.csv",),
        "--lr": ("--lr", "0.1"),
        "--flag": ("--flag",),
        "--sizes": ("--sizes", "1", "2"),
        "--name": ("--name=x",),
        "argument 9": ("-3",),
        "argument 10": ("last",),
    }

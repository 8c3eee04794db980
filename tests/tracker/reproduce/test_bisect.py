"""Which difference moves the number: found by running again with one thing changed at a time."""

from __future__ import annotations

import msgspec
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
parser.add_argument("--keep", action="store_true")
told = parser.parse_args()
BASE = 1
with tracker.start_run("studio", vars(told), seed=told.seed) as run:
    if told.keep:
        run.log_artifact("points.csv")
    run.log_dataset("points", "points.csv")
    run.log({"val/accuracy": BASE - float(open("points.csv").read()) - told.lr + told.seed * 1e-9}, step=1)
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


def test_of_seed_config_data_and_code_the_things_that_move_the_number_are_named(studio: Studio) -> None:
    studio.write("train.py", OPTIONS)
    studio.write("points.csv", "0.25")
    studio.commit()
    good = studio.train("train.py", "--lr", "0.1", "--depth", "2", "--seed", "1")
    studio.write("train.py", OPTIONS.replace("BASE = 1", "BASE = 0.75"))
    bad = studio.train("train.py", "--lr", "0.1", "--depth", "3", "--seed", "2")
    told = studio.runcite("bisect", good.id, bad.id)
    assert told.returncode == 1 and told.stderr.count("\n") <= 2 and "3 times" in told.stderr, "it asks first"

    told = studio.runcite("bisect", good.id, bad.id, "--yes")
    assert told.returncode == 0, told.stderr
    rows = [line.split() for line in told.stdout.splitlines() if "%" in line]
    assert [(row[-3], row[-1]) for row in rows[:3]] == [("config", "0%"), ("seed", "-0%"), ("code", "100%")], (
        told.stdout
    )
    assert told.stdout.rstrip().endswith("the code of the good run closes all of the gap.")
    assert len(studio.ids()) == 2, "trials are not results"


def test_data_that_moves_the_number_are_named_for_a_program_too(studio: Studio) -> None:
    studio.write("train.py", OPTIONS)
    studio.write("points.csv", "0.25")
    studio.commit()
    good = studio.train("train.py", "--keep", "--lr", "0.1")
    studio.write("points.csv", "0.5")
    bad = studio.train("train.py", "--keep", "--lr", "0.125")
    told = studio.runcite("bisect", good.id, bad.id, "--yes", "--json")
    answer = msgspec.json.decode(told.stdout, type=Bisection)
    assert [(trial.part, round(trial.share or 0, 6)) for trial in answer.trials] == [
        ("config", 0.090909),
        ("data", 0.909091),
    ], told.stdout + told.stderr
    assert answer.sentence.startswith("points of digest") and answer.sentence.endswith("(9%).")


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

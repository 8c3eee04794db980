"""Processes that a launcher started together, and a run that went on: one run each, and its number given back."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.tracker.reproduce.conftest import Studio

RANKS = """
import os, random
import tracker

rank = int(os.environ["RANK"])
rng = random.Random(3 + rank)
with tracker.start_run("studio", {"lr": 0.1}, seed=3) as run:
    for step in range(3):
        run.log({f"loss/{rank}": rng.random()}, step=step)
"""
GOES_ON = """
import sys
import tracker

kept = sys.argv[1:]
with tracker.start_run("studio", {"lr": 0.1}, seed=3, resume=kept[0] if kept else None) as run:
    for step in range(2 if kept else 0, 4 if kept else 2):
        run.log({"val/accuracy": step / 8}, step=step)
"""


def test_ranks_under_torchrun_log_into_one_run_and_are_reproduced_together(studio: Studio) -> None:
    studio.write("ranks.py", RANKS)
    studio.commit()
    launch = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "ranks.py")
    record = studio.train(*launch, python=Path(sys.executable))
    assert set(record.metrics) == {"loss/0", "loss/1"}, "two ranks, one run"
    result = studio.again(record)
    assert (result.verdict, result.metrics) == ("exact", ("loss/0", "loss/1")), result


def test_a_run_that_was_resumed_is_run_in_one_piece_and_that_is_said(studio: Studio) -> None:
    studio.write("train.py", GOES_ON)
    studio.commit()
    first = studio.train("train.py")
    studio.python_runs("train.py", first.id)
    studio.deliver()
    record = studio.record(first.id)
    assert record.metrics["val/accuracy"].count == 4
    result = studio.again(record)
    (said,) = [finding for finding in result.findings if finding.code == "resumed"]
    assert "resumed 1 time" in said.sentence and "checkpoint" in said.remedy
    assert result.verdict == "differs" and result.parting is not None and result.parting.step == 2

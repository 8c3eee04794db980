"""Evaluate a run's model again.

`python -m training.evaluate RUN_ID` loads a run's checkpoint again, and gets its test metrics to the last bit.
"""

from __future__ import annotations

import io
import sys
from dataclasses import fields

import torch

from tracker.errors import RunciteError
from tracker.reads import get_run
from training import data
from training.config import Config
from training.model import build
from training.score import Score, score


def again(run_id: str) -> tuple[Score, Score]:
    """The test score that the run recorded, and that of its checkpoint now.

    Raises:
        RunciteError: there is no such run, or its checkpoint can't be had.
    """
    run = get_run(run_id)
    config = Config(**{entry.name: run.config[entry.name] for entry in fields(Config)})  # type: ignore[arg-type]
    torch.set_num_threads(config.threads)
    torch.set_deterministic_debug_mode("error")
    model = build(config)
    model.load_state_dict(torch.load(io.BytesIO(run.artifact("model.pt")), weights_only=True))
    recorded = Score(run.metrics["test/accuracy"].last, run.metrics["test/loss"].last)
    return recorded, score(model, *data.load(config.train_size).test)


def main(arguments: list[str]) -> int:
    """Says both scores; exit code 1 unless they are the same to the last bit."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m training.evaluate RUN_ID\n")
        return 2
    try:
        recorded, now = again(arguments[0])
    except (RunciteError, KeyError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for name, score_ in (("recorded", recorded), ("now", now)):
        sys.stdout.write(f"{name:<9} test accuracy {score_.accuracy!r}, loss {score_.loss!r}\n")
    sys.stdout.write("the same to the last bit\n" if recorded == now else "NOT the same\n")
    return 0 if recorded == now else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

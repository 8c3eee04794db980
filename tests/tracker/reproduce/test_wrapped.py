"""A script that knows nothing of us: registered by `runcite exec` with what it prints, and its number given back."""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path

from tests.journeys.scripts import quoted
from tests.tracker.reproduce.conftest import Studio
from tracker.record import Record

STRANGER = """
import argparse, os, random
parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=1)
told = parser.parse_args()
import helper
rng = random.Random(told.seed + helper.SHIFT)
scale = float(open("numbers.csv").read()) * float(os.environ["RATE"])
for epoch in range(3):
    print(f"epoch {epoch}: train loss {rng.random() * scale:.4f}, took {random.random():.2f}s")
print(f"Test accuracy: {rng.random():.2%}")
"""


BY_MLFLOW = """
import json, os, urllib.request
def ask(what, **said):
    address = f"{os.environ['MLFLOW_TRACKING_URI']}/api/2.0/mlflow/{what}"
    told = {"Authorization": f"Bearer {os.environ['MLFLOW_TRACKING_TOKEN']}", "Content-Type": "application/json"}
    asked = urllib.request.Request(address, json.dumps(said).encode(), told)
    return json.load(urllib.request.urlopen(asked))
context = json.loads(os.environ["MLFLOW_RUN_CONTEXT"])
tags = [{"key": key, "value": value} for key, value in context.items()]
run = ask("runs/create", experiment_id="0", start_time=1, tags=tags)["run"]["info"]["run_id"]
ask("runs/log-parameter", run_id=run, key="lr", value="0.1")
for step in range(2):
    ask("runs/log-metric", run_id=run, key="accuracy", value=step / 3, timestamp=1, step=step)
ask("runs/update", run_id=run, status="FINISHED", end_time=2)
"""
"""What MLflow's client says, without the seconds that it takes to load."""


def wrapped(studio: Studio, *script: str, data: str = "") -> Record:
    """A script, recorded by the command as one types it."""
    before = set(studio.ids())
    options = ["--data", data] if data else []
    done = studio.runcite("exec", "--project", "studio", *options, "--", *script)
    assert done.returncode == 0, done.stderr
    studio.deliver()
    (new,) = set(studio.ids()) - before
    return studio.record(new)


def test_a_script_that_knows_nothing_of_us_is_reproduced_by_what_it_prints(studio: Studio) -> None:
    studio.write("stranger.py", STRANGER)
    studio.write("lib/helper.py", "SHIFT = 4\n")
    studio.write("numbers.csv", "0.5")
    studio.commit()
    python = (str(studio.python), "-u", "stranger.py", "--seed", "3")
    record = wrapped(studio, "env", "PYTHONPATH=lib", "RATE=0.5", *python, data="numbers=numbers.csv")
    assert set(record.metrics) == {"train_loss", "test_accuracy"} and record.config == {"RATE": 0.5, "seed": 3}
    assert record.metrics["train_loss"].count == 3 and record.seed == 3
    assert record.snapshot.command is not None and record.snapshot.command.argv == ("stranger.py", "--seed", "3")
    assert [notice.code for notice in record.notices] == ["metrics-printed"]

    result = studio.again(record)
    assert (result.verdict, result.metrics) == ("exact", ("test_accuracy", "train_loss")), result
    assert "data-found" in {finding.code for finding in result.findings}
    again = studio.record(str(result.reproduced_by))
    assert again.reproduces == record.id and again.seed == 3 and again.digests == record.digests
    assert studio.record(record.id).badge == "reproduced by author"


def test_an_example_of_others_is_reproduced_as_it_stands(studio: Studio) -> None:
    studio.write("example.py", quoted("tensorboardX", "SummaryWriter.add_scalar"))
    studio.commit()
    beside = studio.folder / "beside"  # what the example needs, without what tensorboardX would load besides
    beside.mkdir()
    for name in ("tensorboardX", "google", "numpy", "numpy.libs", "packaging"):
        site = Path(str(distribution("tensorboardX").locate_file("")))
        (beside / name).symlink_to(site / name)
    result = studio.again(wrapped(studio, "env", f"PYTHONPATH={beside}", str(studio.python), "example.py"))
    assert (result.verdict, result.metrics) == ("exact", ("y=2x",)), result


def test_a_run_that_mlflow_s_client_registers_from_a_shell_is_reproduced_like_any_other(studio: Studio) -> None:
    studio.write("by_mlflow.py", BY_MLFLOW)
    studio.write("train.sh", '#!/bin/sh\n"$1" by_mlflow.py\n').chmod(0o755)
    studio.commit()
    studio.write("notes.py", "VALUE = 1\n")
    record = wrapped(studio, "./train.sh", str(studio.python))
    assert record.metrics["accuracy"].count == 2 and record.config == {"lr": 0.1}
    result = studio.again(record)
    assert (result.verdict, result.metrics) == ("exact", ("accuracy",)), result
    again = studio.record(str(result.reproduced_by))
    assert (again.reproduces, again.config, again.digests) == (record.id, record.config, record.digests)
    assert again.metrics["accuracy"].last == record.metrics["accuracy"].last and again.note.startswith("Recorded from")

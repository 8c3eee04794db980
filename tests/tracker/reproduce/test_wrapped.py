"""A script that knows nothing of us: registered by `runcite exec` with what it prints, and its number given back."""

from __future__ import annotations

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


def wrapped(studio: Studio, *options: str) -> Record:
    """The stranger's script, recorded by the command as one types it."""
    before = set(studio.ids())
    script = ["env", "PYTHONPATH=lib", "RATE=0.5", str(studio.python), "-u", "stranger.py", "--seed", "3"]
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
    record = wrapped(studio, "--data", "numbers=numbers.csv")
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

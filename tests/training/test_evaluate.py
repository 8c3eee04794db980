"""A run's checkpoint gives the recorded metrics again, to the last bit, and its number comes back by its ID."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUNCITE = Path(sys.executable).with_name("runcite")


def typed(*words: object, home: Path) -> str:
    """What a command prints."""
    env = {"PATH": os.environ["PATH"], "RUNCITE_HOME": str(home), "RUNCITE_SHIPPER": "off", "HOME": str(home)}
    done = subprocess.run([str(word) for word in words], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_training_reproduced_by_its_id_is_exact_and_its_model_scores_the_same(tmp_path: Path) -> None:
    typed(sys.executable, "-m", "training.train", "--epochs", "2", "--seed", "3", home=tmp_path)
    typed(RUNCITE, "sync", home=tmp_path)
    (run,) = json.loads(typed(RUNCITE, "runs", "--json", home=tmp_path))
    told = json.loads(typed(RUNCITE, "reproduce", run["id"], "--yes", "--json", home=tmp_path))
    assert (told["verdict"], told["run_id"]) == ("exact", run["id"])
    again = json.loads(typed(RUNCITE, "show", told["reproduced_by"], "--json", home=tmp_path))
    assert again["reproduces"] == run["id"] and again["evidence"]["verdict"] == "exact"
    model = json.loads(typed(RUNCITE, "show", run["id"], "--model", "--json", home=tmp_path))
    assert (model["badge"], model["digest"]) == ("reproduced by author", again["artifacts"][0]["digest"])
    assert "the same to the last bit" in typed(sys.executable, "-m", "training.evaluate", run["id"], home=tmp_path)

"""A run's checkpoint gives the recorded metrics again, to the last bit, and its number comes back by its ID."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tracker.cli import main

ROOT = Path(__file__).parents[2]


def printed(*words: str) -> str:
    """What a module of the training code prints, in a process of its own."""
    done = subprocess.run([sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_training_reproduced_by_its_id_is_exact_and_its_model_scores_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(*words: str) -> Any:
        assert main([*words, "--json"]) == 0, capsys.readouterr().err
        return json.loads(capsys.readouterr().out)

    for name in [name for name in os.environ if name.startswith("RUNCITE_")]:
        monkeypatch.delenv(name)
    for name, value in {"RUNCITE_HOME": str(tmp_path), "RUNCITE_SHIPPER": "off", "HOME": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(ROOT)
    printed("training.train", "--epochs", "2", "--seed", "3")
    assert main(["sync"]) == 0
    capsys.readouterr()
    (run,) = told("runs")
    again = told("reproduce", run["id"], "--yes")
    assert (again["verdict"], again["run_id"]) == ("exact", run["id"])
    second = told("show", again["reproduced_by"])
    assert second["reproduces"] == run["id"] and second["evidence"]["verdict"] == "exact"
    model = told("show", run["id"], "--model")
    assert (model["badge"], model["digest"]) == ("reproduced by author", second["artifacts"][0]["digest"])
    assert "the same to the last bit" in printed("training.evaluate", run["id"])

"""The stories of conformance with a client of MLflow 2, in a process of its own: one process knows one MLflow.

All of them, on any server (see conftest.py), but for those of logged models, which MLflow 2 doesn't know:

PYTHONPATH=.venv/mlflow2 python -m pytest tests/tracker/server/mlflow -k "conformance and not models.py"
"""

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[3]
TWO = Path(sys.prefix) / "mlflow2"
FILES = ("test_conformance_files.py", "test_conformance_registry.py", "test_conformance_runs.py")
STORIES = (
    "shortest or values_come or none_travel or latest_point or pages or written_once or whole_or_not or run_ends "
    "or exception or resumed or runs_nest or hidden or async or searched or made_found or files_folders or data_sets "
    "or loaded_by_its_run or aliases"
)
"""Those that the suite tells: what a process of its own costs is time."""


def test_a_client_of_mlflow_2_tells_the_same_stories() -> None:
    assert (TWO / "mlflow").is_dir(), "make env lays MLflow 2 beside MLflow 3"
    command = [sys.executable, "-m", "pytest", "-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider"]
    command += [*(str(HERE / name) for name in FILES), "-k", STORIES, "-W", "ignore"]
    env = {**os.environ, "PYTHONPATH": str(TWO), "RUNCITE_STRICT": "1"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=170)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    told = re.search(r"(\d+) passed", done.stdout)
    assert told and int(told[1]) >= 25, done.stdout[-400:]

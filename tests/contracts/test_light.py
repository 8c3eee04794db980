"""A training process pays for what it uses: no database, server, Slack or chart library is loaded by recording."""

import json
import subprocess
import sys
from pathlib import Path

HEAVY = {"sqlalchemy", "fastapi", "starlette", "slack_bolt", "slack_sdk", "matplotlib", "pydantic", "scipy", "sqlglot"}

SCRIPT = """
import json, sys
import tracker
after_import = sorted(sys.modules)
with tracker.start_run("light", {"lr": 0.1}, seed=1) as run:
    run.log({"loss": 0.5}, step=1)
print(json.dumps([after_import, sorted(sys.modules)]))
"""


def test_importing_and_recording_loads_no_heavy_library(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "RUNCITE_HOME": str(tmp_path / "home"), "RUNCITE_SHIPPER": "off"},
        capture_output=True,
        text=True,
        check=True,
    )
    after_import, after_run = (set(names) for names in json.loads(told.stdout.splitlines()[-1]))
    assert not HEAVY & after_run
    assert not {"numpy", "torch", "git", "httpx", "psutil"} & after_import


def test_recording_never_loads_what_it_only_looks_at(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "RUNCITE_HOME": str(tmp_path / "home"), "RUNCITE_SHIPPER": "off"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "torch" not in json.loads(told.stdout.splitlines()[-1])[1]

"""The whole road: five people train, post, are corrected and accepted, on real processes and real HTTP."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RUNCITE = Path(sys.executable).with_name("runcite")


@pytest.mark.timeout(900)
def test_the_demo_ends_well_only_when_every_step_came_out_as_it_must(tmp_path: Path) -> None:
    played = subprocess.run(
        [RUNCITE, "demo", "--once", "--home", tmp_path],
        cwd=tmp_path,
        env={**os.environ, "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert played.returncode == 0, played.stdout[-6000:] + played.stderr[-3000:]
    assert "all 9 steps came out as they must" in played.stdout
    assert "✓ EXACT" in played.stdout and "It is reproduced by member" in played.stdout
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")
    assert "10 of 10 runs ended" in played.stdout

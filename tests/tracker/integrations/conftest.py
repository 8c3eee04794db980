"""A home for a whole file's runs, and what was recorded of a project once all of it has arrived."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import pytest

from tracker.reads import find_runs
from tracker.record import Record
from tracker.settings import Settings
from tracker.shipper import sync

Records = Callable[[str], list[Record]]
Script = Callable[..., int]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("home")
    return Settings(
        home=home,
        url=f"sqlite:///{home / 'runcite.db'}",
        artifacts=str(home / "artifacts"),
        shipper=False,
        output=False,
    )


@pytest.fixture
def records(settings: Settings) -> Records:
    def read(project: str) -> list[Record]:
        sync(settings, seconds=60)
        return sorted(find_runs(project, settings=settings), key=lambda record: record.started_at)

    return read


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def script(work: Path, settings: Settings) -> Script:
    """Runs a script in a process of its own, with arguments; its exit code."""

    def run(text: str, *arguments: str) -> int:
        (work / "script.py").write_text(textwrap.dedent(text))
        env = {**os.environ, "RUNCITE_HOME": str(settings.home), "RUNCITE_SHIPPER": "off"}
        command = [sys.executable, "script.py", *arguments]
        return subprocess.run(command, cwd=work, env=env, capture_output=True, timeout=120).returncode

    return run

"""Journals in a folder, and a way to read them back that shares nothing with the shipper's."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tracker.client.folders import Folder
from tracker.client.frames import EVENT, FIRST_ROW, PAD, SHAPE, START, WIDE_ROW, Owner, read_said, read_shape, walk
from tracker.client.journal import Journal
from tracker.client.rows import Rows
from tracker.settings import Settings

ROOT = Path(__file__).parents[3]


class Read:
    """What stands in a journal: events, and points as (name, step, value)."""

    def __init__(self, path: Path, *, seed: int | None = None) -> None:
        folder = Folder(path.parent)
        self.bodies: list[Any] = []
        self.points: list[tuple[str, int, float]] = []
        self.times: list[int] = []
        self.end = START
        shapes: dict[int, tuple[str, ...]] = {}
        for frame in walk(path.read_bytes(), START, folder.seed(path.stem) if seed is None else seed):
            self.end = frame.end
            if frame.kind == EVENT:
                self.bodies.append(read_said(frame.payload).body)
            elif frame.kind == SHAPE:
                shape = read_shape(frame.payload)
                shapes[shape.id] = shape.names
            elif frame.kind >= FIRST_ROW or frame.kind == WIDE_ROW:
                lead = 8 if frame.kind == WIDE_ROW else 0
                number = struct.unpack_from("<Q", frame.payload)[0] if lead else frame.kind - FIRST_ROW
                names = shapes[number]
                step, at, *values = struct.unpack_from(f"<qq{len(names)}d", frame.payload, lead)
                self.times.append(at)
                self.points += [(name, step, value) for name, value in zip(names, values, strict=True)]
            else:
                assert frame.kind in {1, PAD}


def owner() -> Owner:
    return Owner("r-00000000", "main", "n" * 32, 1, "host", 1)


@pytest.fixture
def read() -> type[Read]:
    return Read


@pytest.fixture
def journal(tmp_path: Path) -> Callable[..., Journal]:
    def make(name: str = "main", seed: int = 7, **more: Any) -> Journal:
        return Journal(tmp_path / f"{name}.journal", owner(), seed, **more)

    return make


@pytest.fixture
def log_to() -> Callable[[Journal], Callable[[dict[str, float], int], None]]:
    """The slow path alone: rows through `append`."""

    def bind(journal: Journal) -> Callable[[dict[str, float], int], None]:
        rows = Rows(journal.seed)

        def log(metrics: dict[str, float], step: int) -> None:
            rows.frames(tuple(metrics), metrics.values(), step, step * 1000, journal.append)

        return log

    return bind


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", url="http://127.0.0.1:9", artifacts="", token=None, shipper=False)


@pytest.fixture
def script() -> Callable[..., subprocess.Popen[str]]:
    """Starts a script in a process of its own: `script(text, folder, **environ)`."""

    def start(text: str, tmp_path: Path, **environ: str) -> subprocess.Popen[str]:
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "RUNCITE_SHIPPER": "off"}
        env |= {"RUNCITE_HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path)} | environ
        return subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(text)],
            cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    return start

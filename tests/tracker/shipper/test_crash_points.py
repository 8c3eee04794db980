"""Killed at every call that touches the world, one after the other, a run arrives whole, once, and with its end.

A child made by fork does the work and kills itself, for good, just before its k-th such call; k counts up until the
child gets through. What it had said was kept by then must be in the store after a shipper that nobody kills.
"""

from __future__ import annotations

import mimetypes
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import FrameType

import pytest

import tracker
from tracker.client import launch, rows
from tracker.events import ArtifactLogged, Configured, Started
from tracker.settings import Settings
from tracker.shipper import delivery, segment
from tracker.shipper.loop import Shipper
from tracker.shipper.sinks import connector

pytestmark = pytest.mark.timeout(600)  # some fifty processes, one after the other

TOUCHING = {
    *("open", "write", "pwrite", "ftruncate", "posix_fallocate", "resize", "flock", "fsync", "fdatasync"),
    *("mkdir", "rmdir", "unlink", "rename", "replace", "send", "sendall", "posix_spawn"),
}

MEASURING = rows._seconds.__code__
"""What a call of `log` costs is measured by two hundred writes to nowhere: they touch nothing."""


def micros() -> int:
    return time.time_ns() // 1000


def killed_before(point: int, work: Callable[[], None]) -> bool:
    """Do `work` in a child that is killed before its call number `point` that touches the world; whether it was."""
    child = os.fork()
    if child == 0:
        seen = 0

        def count(frame: FrameType, event: str, called: object) -> None:
            nonlocal seen
            measuring = frame.f_back is not None and frame.f_back.f_code is MEASURING
            if event == "c_call" and getattr(called, "__name__", "") in TOUCHING and not measuring:
                seen += 1
                if seen == point:
                    os.kill(os.getpid(), signal.SIGKILL)

        code = 1
        try:
            sys.setprofile(count)
            work()
            code = 0
        finally:
            sys.setprofile(None)
            os._exit(code)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in {0, -signal.SIGKILL}, f"the child itself failed at {point}"
    return status != 0


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No observer: its segment is told of elsewhere, and here it would be a process for each point. No repository to
    take a snapshot of, for each point anew."""
    mimetypes.init()  # for all children at once
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(launch, "detached", lambda *arguments, **more: None)
    monkeypatch.setattr(delivery, "OBSERVER_LIMIT", 0.0)
    monkeypatch.setattr(segment, "PATIENCE", 0.0)


@pytest.fixture
def place(lab) -> Settings:
    return Settings(home=lab.home, url=lab.url, artifacts="", token="rc_test", shipper=False)


def train(settings: Settings, model: Path, told: int, *, dies: bool = False) -> None:
    """A small run; a byte down the pipe for every call that has returned. It may die before its end."""
    sys.path[:] = [entry for entry in sys.path if not Path(entry, "numpy").exists()]  # few packages to list each time
    run = tracker.start_run("p", {"lr": 0.1}, settings=settings, rng=Random(3))
    os.write(told, b"s")
    sys.stdout.write("printed\n")
    for step in range(3):
        run.log({"loss": step}, step=step)
        os.write(told, b"l")
    run.config["late"] = 1
    os.write(told, b"c")
    run.log_artifact(model)
    os.write(told, b"a")
    if dies:
        os.kill(os.getpid(), signal.SIGKILL)
    run.finish()
    os.write(told, b"f")


def arrive(lab, store) -> str | None:
    """Ship what there is with a shipper that nobody kills; the run ID, if any run began."""
    for path in (*lab.journals(), *lab.home.glob("journals/*")):
        os.utime(path, (1, 1))  # what is empty for a minute is given up
    shipper = Shipper(lab.home, connector(micros), micros, Random(5), lambda line: None)
    try:
        deadline = time.monotonic() + 20
        while any(lab.home.glob("journals/*")):
            assert time.monotonic() < deadline
            shipper.round()
    finally:
        shipper.close()
    assert len(store.runs()) <= 1
    return store.runs()[0] if store.runs() else None


def holds(store, run_id: str | None, told: bytes) -> None:
    """The store holds all that was told to be kept, in order and once, and the run's end."""
    if run_id is None:
        assert not told
        return
    bodies = store.bodies(run_id)
    steps = [step for step, _ in store.history(run_id, "loss")]
    assert steps == list(range(len(steps))) and len(steps) >= told.count(b"l")
    assert [type(body) for body in bodies].count(Started) == 1
    if b"c" in told:
        assert [body.config for body in bodies if isinstance(body, Configured)] == [{"late": 1}]
    artifacts = [body for body in bodies if isinstance(body, ArtifactLogged)]
    assert len(artifacts) <= 1 and (artifacts or b"a" not in told)
    assert all(store.blobs[body.digest] for body in artifacts) and not store.named_before_sent
    printed = [
        body for s in store.segments(run_id) for body in store.bodies(run_id, s)
        if isinstance(body, ArtifactLogged) and body.type == "output"
    ]  # fmt: skip
    assert len(printed) == 1 if b"l" in told else len(printed) <= 1
    end = store.ended(run_id)
    assert end is not None and (end.state == "finished" or b"f" not in told)


def forget(lab, store) -> None:
    shutil.rmtree(lab.home, ignore_errors=True)
    store.events.clear(), store.nonces.clear(), store.blobs.clear()


def test_a_training_process_killed_at_any_point_of_writing(lab, store, place, tmp_path) -> None:
    model = tmp_path / "model.pt"
    model.write_bytes(b"weights")
    point = 0
    dying = True
    while dying:
        point += 1
        read, write = os.pipe()
        dying = killed_before(point, lambda write=write: train(place, model, write))
        os.close(write)
        told = os.read(read, 100)
        os.close(read)
        holds(store, arrive(lab, store), told)
        forget(lab, store)
    assert 30 < point < 150, "measuring is counted again" if point > 30 else "nothing is counted"
    assert told == b"slllcaf"


@pytest.mark.parametrize("ended", ["by itself", "by a kill"])
def test_a_shipper_killed_at_any_point_of_shipping_and_sealing(lab, store, place, tmp_path, ended) -> None:
    model = tmp_path / "model.pt"
    model.write_bytes(b"weights")
    read, write = os.pipe()
    dies = ended == "by a kill"
    assert killed_before(10**6, lambda: train(place, model, write, dies=dies)) == dies
    told = os.read(read, 100)
    os.close(read), os.close(write)
    kept = shutil.copytree(lab.home, tmp_path / "kept")

    def ship() -> None:
        shipper = Shipper(lab.home, connector(micros), micros, Random(5), lambda line: None)
        while any(lab.home.glob("journals/*")):
            shipper.round()

    point = 0
    while killed_before(point := point + 1, ship):
        holds(store, arrive(lab, store), told)
        forget(lab, store)
        shutil.copytree(kept, lab.home)
    assert point > 30
    holds(store, store.runs()[0], told)

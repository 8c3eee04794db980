"""What the shipper says of a run itself: what was printed, and how hard the machine worked."""

from __future__ import annotations

import gzip
import shutil
import threading
import time
from random import Random

import pytest

from tracker.client import output
from tracker.events import ArtifactLogged, Noticed
from tracker.shipper import attendant, sync
from tracker.shipper.loop import Shipper
from tracker.shipper.sinks import connector
from tracker.shipper.telemetry import Process, Sampler

PRINTING = """
import os, sys, tracker
run = tracker.start_run("p")
print(run.id, flush=True)
print("token ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8", file=sys.stderr)
run.log({"loss": 1.0}, step=1)
{then}
"""


def micros() -> int:
    return time.time_ns() // 1000


def printed(store, run_id: str) -> list[str]:
    """The texts that arrived as output of a run."""
    found = []
    for segment in store.segments(run_id):
        for body in store.bodies(run_id, segment):
            if isinstance(body, ArtifactLogged) and body.name == attendant.OUTPUT:
                found.append(gzip.decompress(store.blobs[body.digest]).decode())
    return found


def until(shipper: Shipper, met) -> None:
    deadline = time.monotonic() + 30
    while not met():
        assert time.monotonic() < deadline
        shipper.round()
        time.sleep(0.01)


@pytest.mark.parametrize("then", ["run.finish()", "os.kill(os.getpid(), 9)"])
def test_what_a_run_printed_arrives_without_secrets_however_it_ended(lab, store, then) -> None:
    run_id = lab.run(PRINTING.replace("{then}", then), RUNCITE_OUTPUT="on")[0].strip()
    assert sync(lab.settings).delivered == (run_id,)
    (text,) = printed(store, run_id)
    assert text == f"{run_id}\ntoken [scrubbed]\n"
    notes = [body for s in store.segments(run_id) for body in store.bodies(run_id, s) if isinstance(body, Noticed)]
    assert [note.code for note in notes] == ["output-scrubbed"]
    assert store.ended(run_id) is not None


def test_the_end_waits_for_the_output_though_nothing_else_is_left_to_wait_for(lab, store) -> None:
    process = lab.start(PRINTING.replace("{then}", "sys.stdin.readline(); run.finish()"), RUNCITE_OUTPUT="on")
    run_id = process.stdout.readline().strip()
    shipper = Shipper(lab.home, connector(micros), micros, Random(1), lambda line: None)
    try:
        until(shipper, lambda: store.ended(run_id, "observer"))
        process.communicate("\n", timeout=30)
        until(shipper, lambda: shipper.delivered)
    finally:
        shipper.close()
    assert len(printed(store, run_id)) == 1


def test_a_run_that_printed_nothing_or_was_told_not_to_keep_it_has_no_output(lab, store) -> None:
    silent = "import tracker, sys\nrun = tracker.start_run('p')\nrun.finish()\nprint(run.id)"
    quiet = lab.run(silent, RUNCITE_OUTPUT="on")[0].strip()
    off = lab.run(PRINTING.replace("{then}", "run.finish()"))[0].strip()
    assert set(sync(lab.settings).delivered) == {quiet, off}
    assert store.segments(quiet) == store.segments(off) == ["main", "observer"]


def test_output_is_told_once_though_the_shipper_was_killed_behind_it(lab, store, monkeypatch) -> None:
    run_id = lab.run(PRINTING.replace("{then}", "run.finish()"), RUNCITE_OUTPUT="on")[0].strip()
    lab.observed()
    first = Shipper(lab.home, connector(micros), micros, Random(1), lambda line: None)
    whole = attendant.Attendant.end

    def cut_short(self: attendant.Attendant, *, wanted: bool) -> None:
        self._pack()
        raise KeyboardInterrupt  # nothing behind this line happens

    monkeypatch.setattr(attendant.Attendant, "end", cut_short)
    with pytest.raises(KeyboardInterrupt):
        for _ in range(100):
            first.round()
    first.close()
    monkeypatch.setattr(attendant.Attendant, "end", whole)
    assert sync(lab.settings).delivered == (run_id,)
    assert printed(store, run_id) == [f"{run_id}\ntoken [scrubbed]\n"]


def test_a_run_sent_again_after_its_end_is_not_held_up_by_its_output(lab, store) -> None:
    run_id = lab.run(PRINTING.replace("{then}", "run.finish()"), RUNCITE_OUTPUT="on")[0].strip()
    folder = next(lab.home.glob("journals/*"))
    lab.observed()
    copy = shutil.copytree(folder, lab.path / "copy")
    sync(lab.settings)
    events = {key: dict(held) for key, held in store.events.items()}
    copy.rename(folder)
    assert sync(lab.settings).delivered == (run_id,)
    assert store.events == events


def test_output_that_can_not_be_kept_holds_up_nothing(lab, store, monkeypatch) -> None:
    run_id = lab.run(PRINTING.replace("{then}", "run.finish()"), RUNCITE_OUTPUT="on")[0].strip()
    monkeypatch.setattr(attendant, "GIVE_UP_SECONDS", 0.0)
    (path,) = output.kept(next(lab.home.glob("journals/*")))
    path.unlink()
    path.mkdir()  # reading it fails, whoever reads
    assert sync(lab.settings).delivered == (run_id,)
    assert not printed(store, run_id) and store.ended(run_id).state == "finished"


def test_a_living_run_is_sampled_from_outside(lab, store) -> None:
    process = lab.start(PRINTING.replace("{then}", "sys.stdin.readline(); run.finish()"), RUNCITE_OUTPUT="on")
    run_id = process.stdout.readline().strip()
    sampler = Sampler(seconds=0.2, ask_gpus=lambda: {"system/gpu.0/utilization.percent": 50.0})
    shipper = Shipper(lab.home, connector(micros), micros, Random(1), lambda line: None, sampler)

    def points(metric: str) -> list[tuple[int, float]]:
        return [point for s in store.segments(run_id) for point in store.history(run_id, metric, s)]

    try:
        until(shipper, lambda: len(points("system/process/cpu.percent")) >= 2)
        assert 0 <= points("system/cpu.percent")[0][1] <= 100
        assert points("system/process/memory.mb")[0][1] > 5
        assert points("system/gpu.0/utilization.percent")[-1][1] == 50.0
        assert not store.history(run_id, "system/cpu.percent")  # a segment of its own
        process.communicate("\n", timeout=30)
        until(shipper, lambda: shipper.delivered)
    finally:
        shipper.close()
    assert store.ended(run_id).state == "finished"


def test_a_driver_that_hangs_costs_its_own_values_and_no_time() -> None:
    hanging = threading.Event()
    asked = []

    def never() -> dict[str, float]:
        asked.append(1)
        hanging.wait(60)
        return {}

    now = 100.0
    sampler = Sampler(seconds=1.0, clock=lambda: now, ask_gpus=never)
    for _ in range(5):
        now += 1.0
        assert set(sampler.machine()) == {"system/cpu.percent", "system/memory.percent"}
    hanging.set()
    assert len(asked) == 1  # the thread that hangs is not followed by others


def test_a_process_that_is_gone_has_no_values(lab) -> None:
    process = lab.start("pass")
    process.communicate()
    assert Process(process.pid).values() == {}

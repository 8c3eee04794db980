"""Several processes, one run: ranks that were launched together, workers of torch, and many runs at once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from random import Random

import pytest

from tracker.events import Joined, Started
from tracker.shipper import sync
from tracker.shipper.loop import Shipper
from tracker.shipper.sinks import connector

RANK = """
import os, sys, tracker
rank = int(os.environ["RANK"])
run = tracker.start_run("p", {"lr": 0.1})
for step in range(50):
    run.log({"loss": rank * 100 + step}, step=step)
run.finish()
print(run.id)
"""
LAUNCHER = """
import os, subprocess, sys
script = sys.argv[1]
told = {"WORLD_SIZE": "3", "LOCAL_WORLD_SIZE": "3", "MASTER_ADDR": "localhost", "MASTER_PORT": "29500"}
ranks = [
    subprocess.Popen([sys.executable, "-c", script], env=os.environ | told | {"RANK": str(n), "LOCAL_RANK": str(n)})
    for n in (2, 1, 0)
]
sys.exit(max(process.wait() for process in ranks))
"""


def launch(lab, script: str = RANK) -> set[str]:
    """Run the script as three ranks of one launch; the run IDs they print."""
    out, err, code = lab.run(LAUNCHER.replace("sys.argv[1]", repr(script)))
    assert code == 0, err
    return set(out.split())


def test_ranks_launched_together_log_into_one_run_without_asking_each_other(lab, store) -> None:
    (run_id,) = launch(lab)
    assert sync(lab.settings).delivered == (run_id,)
    assert store.runs() == [run_id]
    assert isinstance(store.bodies(run_id)[0], Started)
    for rank in (1, 2):
        segment = f"worker-rank{rank}"
        first = store.bodies(run_id, segment)[0]
        assert isinstance(first, Joined) and first.rank == rank
        assert store.history(run_id, "loss", segment) == [(step, rank * 100 + step) for step in range(50)]
    assert store.history(run_id, "loss") == [(step, step) for step in range(50)]
    assert store.ended(run_id).state == "finished"


def test_two_launches_are_two_runs(lab) -> None:
    assert len(launch(lab) | launch(lab)) == 2


def test_a_rank_killed_alone_costs_its_own_segment_and_is_told(lab, store) -> None:
    script = RANK.replace("run.finish()", "os.kill(os.getpid(), 9) if rank == 1 else run.finish()")
    out = lab.run(LAUNCHER.replace("sys.argv[1]", repr(script)))[0]
    run_id = out.split()[0]
    assert sync(lab.settings).delivered == (run_id,)
    assert len(store.history(run_id, "loss", "worker-rank1")) == 50
    assert store.ended(run_id, "worker-rank1").witness == "shipper"
    assert store.ended(run_id).state == "finished"


WORKERS = """
import torch.multiprocessing as mp
import tracker

def work(index, run):
    for step in range(20):
        run.log({f"worker/{index}": step}, step=step)

if __name__ == "__main__":
    with tracker.start_run("p") as run:
        mp.spawn(work, args=(run,), nprocs=2)
    print(run.id)
"""


def test_workers_of_torch_log_into_the_run_they_were_given(lab, store) -> None:
    pytest.importorskip("torch")
    path = lab.path / "workers.py"
    path.write_text(WORKERS)
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    env |= {"RUNCITE_HOME": str(lab.home), "RUNCITE_URL": lab.url, "RUNCITE_TOKEN": "rc_test", "RUNCITE_SHIPPER": "off"}
    done = subprocess.run([sys.executable, path], env=env, capture_output=True, text=True, timeout=150, check=True)
    run_id = done.stdout.strip()
    assert run_id in sync(lab.settings).delivered
    for index in (0, 1):
        histories = [store.history(run_id, f"worker/{index}", segment) for segment in store.segments(run_id)]
        assert [(step, float(step)) for step in range(20)] in histories


def test_two_hundred_runs_at_once_from_one_machine(lab, store) -> None:
    script = """
    import os, tracker
    from tracker.client import launch
    launch.detached = lambda *arguments, **more: None
    runs = [tracker.start_run("p") for _ in range(200)]
    for step in range(20):
        for number, run in enumerate(runs):
            run.log({"loss": number + step}, step=step)
    for run in runs:
        os.unlink(run._folder.origin)
        run.finish()
    print(*(run.id for run in runs))
    """
    out, err, code = lab.run(script)
    assert code == 0, err[-2000:]
    run_ids = out.split()
    assert len(set(run_ids)) == 200
    said: list[str] = []
    micros = lambda: time.time_ns() // 1000  # noqa: E731
    shipper = Shipper(lab.home, connector(micros), micros, Random(1), said.append)
    before = len(store.requests)
    try:
        while len(shipper.delivered) < 200:
            shipper.round()
            assert not said
    finally:
        shipper.close()
    assert len(store.requests) - before < 60  # together, not one by one
    for number, run_id in enumerate(run_ids):
        assert store.history(run_id, "loss") == [(step, number + step) for step in range(20)]

"""Other trackers on the recorder's work, where they are installed: an environment of their own keeps ours clean.

    python -m venv peers && peers/bin/pip install -r tests/bench/peers.txt
    RUNCITE_PEERS=peers/bin/python python -m tests.bench recorder peers

Each logs one scalar a call, 5,000 times, and is killed right behind the last call; what can then be read back from its
own files is what it kept.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.rows import Row

CALLS = 5000
TIMED = """
import os, signal, sys, time
count = int(sys.argv[1])
began = time.perf_counter()
{setup}
started = time.perf_counter()
taken = []
for step in range(count):
    before = time.perf_counter_ns()
    {log}
    taken.append(time.perf_counter_ns() - before)
taken.sort()
print(taken[count // 2] / 1000, taken[count * 99 // 100] / 1000, 1000 * (started - began), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
PEERS = {
    "tensorboardX": (
        "from tensorboardX import SummaryWriter; writer = SummaryWriter('logs')",
        "writer.add_scalar('loss', 0.5, step)",
        """
import glob, struct
from tensorboardX.proto import event_pb2
kept = 0
for path in glob.glob('logs/*'):
    data, at = open(path, 'rb').read(), 0
    while at + 12 <= len(data):
        (size,) = struct.unpack_from('<Q', data, at)
        if at + 16 + size > len(data):
            break
        event = event_pb2.Event.FromString(data[at + 12 : at + 12 + size])
        kept += len(event.summary.value)
        at += 16 + size
print(kept)
""",
    ),
    "trackio": (
        "import trackio; trackio.init(project='bench')",
        "trackio.log({'loss': 0.5}, step=step)",
        """
import glob, sqlite3
kept = 0
for path in glob.glob('home/trackio/*.db'):
    kept += sqlite3.connect(path).execute('select count(*) from metrics').fetchone()[0]
print(kept)
""",
    ),
    "mlflow": (
        "import mlflow; mlflow.set_tracking_uri('sqlite:///bench.db'); mlflow.start_run()",
        "mlflow.log_metric('loss', 0.5, step=step)",
        """
import sqlite3
print(sqlite3.connect('bench.db').execute('select count(*) from metrics').fetchone()[0])
""",
    ),
}
COUNTS = {"mlflow": 300}
"""Calls of those that take milliseconds each."""


def measure() -> Iterator[Row]:
    """A row for each peer that the interpreter in RUNCITE_PEERS, or else this one, can import."""
    python = os.environ.get("RUNCITE_PEERS", sys.executable)
    for name, (setup, log, read) in PEERS.items():
        if subprocess.run([python, "-c", f"import {name}"], capture_output=True, check=False).returncode:
            yield Row(name, "", "not installed", "pip install -r tests/bench/peers.txt")
            continue
        yield _one(python, name, setup, log, read)


def _one(python: str, name: str, setup: str, log: str, read: str) -> Row:
    count = COUNTS.get(name, CALLS)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder, "home")
        env = {"PATH": os.environ["PATH"], "HOME": str(home), "TRACKIO_DIR": str(home / "trackio")}
        env |= {"HF_HUB_OFFLINE": "1", "MLFLOW_DISABLE_TELEMETRY": "true"}
        script = TIMED.replace("{setup}", setup).replace("{log}", log)
        home.mkdir()
        done = subprocess.run(
            [python, "-c", script, str(count)], cwd=folder, env=env, capture_output=True, text=True, check=False
        )
        if done.returncode != -signal.SIGKILL:
            return Row(name, "", "did not run", done.stderr.strip().rpartition("\n")[2][:100])
        median, tail, start = done.stdout.split()[-3:]
        kept = subprocess.run([python, "-c", read], cwd=folder, env=env, capture_output=True, text=True, check=False)
    told = kept.stdout.strip() or "?"
    times = f"{float(median):.1f} µs (p99 {float(tail):.0f}), import and start {float(start):.0f} ms"
    return Row(f"{name}: log of one scalar", "", times, f"kept after SIGKILL: {told} of {count:,}")

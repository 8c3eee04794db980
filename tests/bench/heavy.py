"""What takes gigabytes and minutes: `python -m tests.bench --full`, or `python -m tests.bench heavy`.

A million runs beside a hundred thousand, five gigabytes in parts, a run of ten million points taken away. Figures are
compared within one run of this file. RUNCITE_BENCH_MANY, RUNCITE_BENCH_FILE and RUNCITE_BENCH_POINTS make it smaller.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text

from tests.bench.rows import Row
from tests.bench.store import LONG, ORDER, POINTS, WHERE, curve, fill, in_turns, opened
from tests.bench.writing import Writer
from tracker import reads
from tracker.settings import Settings
from tracker.store.database import Database
from tracker.store.tables import runs as t
from tracker.store.uploads import PART

FEW = 100_000
MANY = int(os.environ.get("RUNCITE_BENCH_MANY", "1000000"))
FILE = int(os.environ.get("RUNCITE_BENCH_FILE", str(5 << 30)))
ROOT = Path(__file__).parents[2]
FLAT = 64
"""Megabytes that something "flat" may take more, whatever the size."""


def measure() -> Iterator[Row]:
    """The heavy rows."""
    for rows in (_many, _upload, _export):
        with tempfile.TemporaryDirectory() as name:
            yield from rows(Path(name))


def _many(folder: Path) -> Iterator[Row]:
    db, settings = opened(folder, "runs.db")
    fill(db, "bench", FEW)
    few = _asked(settings)
    began = time.perf_counter()
    for copy in range(1, MANY // FEW):
        _copy(db, copy * FEW)
    with db.write() as connection:
        connection.execute(text("ANALYZE"))
    made = time.perf_counter() - began
    many = _asked(settings)
    assert many.keys() == few.keys()
    for what, took in many.items():
        beside = f"{FEW:,} runs: {few[what]:.1f} (made in {made:.0f} s)"
        yield Row(f"{MANY:,} runs: {what}, ms", "≤ 2 × those", f"{took:.1f}", beside, took <= 2 * few[what])
    reads.close()
    db.close()


def _asked(settings: Settings) -> dict[str, float]:
    def top() -> object:
        return reads.find_runs("bench", where=WHERE, order_by=ORDER, limit=10, settings=settings)

    def page() -> object:
        return reads.find_runs("bench", limit=50, settings=settings)

    assert len(reads.find_runs("bench", where=WHERE, order_by=ORDER, limit=10, settings=settings)) == 10
    best, newest = in_turns(top, page, rounds=31)
    return {"top 10 by best value under AND and OR": best, "a page of 50 runs": newest}


def _copy(db: Database, by: int) -> None:
    """The first runs once more under other numbers, later, with other values; config and shape stay."""
    other = {
        "runs.id": "id + :by",
        "runs.run_id": "'r-' || printf('%08d', id + :by)",
        "runs.started_at": "started_at + :by * 1000000",
        "summaries.max": "max * (1 - (abs(random()) % 1000000) / 1e9)",
        **{f"{table}.run": "run + :by" for table in ("details", "config_values", "summaries")},
    }
    with db.write() as connection:
        for table in (t.runs, t.details, t.config_values, t.summaries):
            number = "id" if table is t.runs else "run"
            names = [column.name for column in table.c]
            values = [other.get(f"{table.name}.{name}", f'"{name}"') for name in names]
            listed = ", ".join(f'"{name}"' for name in names)
            copied = f"INSERT INTO {table.name} ({listed}) SELECT {', '.join(values)} FROM {table.name}"
            connection.execute(text(f"{copied} WHERE {number} <= :few"), {"by": by, "few": FEW})


PEAK = """
def peak():  # of this program alone: what getrusage says begins with the memory of whoever started it
    with open("/proc/self/status") as status:
        return int(status.read().partition("VmHWM:")[2].split()[0]) // 1024
"""
PUT = f"""{PEAK}
import sys
from pathlib import Path
from tracker.client.transport import HttpTransport
from tracker.errors import Unavailable

class Pulled(HttpTransport):
    sent, most = 0, int(sys.argv[4])
    def _ask(self, method, path, **more):
        if method == "PUT":
            if self.sent == self.most:
                raise Unavailable("the cable was pulled")
            self.sent += 1
        return super()._ask(method, path, **more)

before = peak()
with Pulled(sys.argv[1], None, timeout=600) as transport:
    try:
        transport.put_blob(sys.argv[2], Path(sys.argv[3]))
    except Unavailable as error:
        assert "cable" in str(error), error
    print(transport.sent, peak() - before)
"""
EXPORT = f"""{PEAK}
import sys
from tracker.cli import main
code = main(sys.argv[1:])
print(peak())
sys.exit(code)
"""


def _upload(folder: Path) -> Iterator[Row]:
    path = folder / "weights"
    with path.open("wb") as file:
        file.truncate(FILE)
        for place in range(0, FILE, FILE // 7):
            file.seek(place)
            file.write(os.urandom(1 << 16))
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    parts = -(-path.stat().st_size // PART)
    with _server(folder) as (address, process):
        before = _peak(process.pid)
        began = time.perf_counter()
        first, client = _put(address, digest, path, parts // 2)
        second, more = _put(address, digest, path, parts)
        took = time.perf_counter() - began
        server = _peak(process.pid) - before
    size = f"{FILE / (1 << 30):.1f} GB"
    floor = f"written in such parts: {_written(folder):.0f} s"
    said = f"{took:.0f} s, {first + second - parts} parts twice"
    yield Row(f"{size} put in parts, cut off half-way", "none twice", said, floor, first + second == parts)
    told = f"client {max(client, more)}, server {server}"
    yield Row("memory that this took more, MB", f"≤ {FLAT}", told, size, max(client, more, server) <= FLAT)


def _put(address: str, digest: str, path: Path, most: int) -> tuple[int, int]:
    """How many parts were sent, and the client's memory."""
    command = [sys.executable, "-c", PUT, address, digest, str(path), str(most)]
    sent, more = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return int(sent), int(more)


def _written(folder: Path) -> float:
    began = time.perf_counter()
    block = os.urandom(PART)
    with (folder / "floor").open("wb") as file:
        for _ in range(FILE // PART):
            file.write(block)
            file.flush()
            os.fsync(file.fileno())
    took = time.perf_counter() - began
    (folder / "floor").unlink()
    return took


@contextlib.contextmanager
def _server(folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "RUNCITE_HOME": str(folder / "home")}
    command = [sys.executable, "-m", "tracker.cli", "server", "--port", "0"]
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield process.stdout.readline().split()[-1], process
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def _peak(pid: int) -> int:
    """Megabytes of memory that a process had at most."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def _export(folder: Path) -> Iterator[Row]:
    db, settings = opened(folder, "long.db")
    short, long = Writer(db, "bench", seed=1), Writer(db, "bench", seed=2)
    short.log({"loss": curve(POINTS)}, rows=POINTS)
    for seed in range(LONG // POINTS):
        long.log({"loss": curve(POINTS, seed)}, rows=POINTS)
    db.close()
    least, _ = _exported(settings, short.run_id, folder / "short.zip")
    most, took = _exported(settings, long.run_id, folder / "long.zip")
    what = f"a run of {LONG:,} points exported, MB of memory more than one of {POINTS:,}"
    yield Row(what, f"≤ {FLAT}", f"{most - least}", f"{took:.0f} s", most - least <= FLAT)


def _exported(settings: Settings, run_id: str, into: Path) -> tuple[int, float]:
    """Megabytes of memory at most, and seconds."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "RUNCITE_HOME": str(settings.home)}
    env["RUNCITE_URL"] = settings.url
    command = [sys.executable, "-c", EXPORT, "export", run_id, "--to", str(into)]
    began = time.perf_counter()
    told = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    return int(told.split()[-1]), time.perf_counter() - began

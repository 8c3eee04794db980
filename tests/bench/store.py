"""What keeping costs: bytes of a point, a history, finding runs among very many, a run of ten million points."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import numpy as np
import psutil
from sqlalchemy import insert, text

from tests.bench.rows import Row, quantile
from tests.bench.writing import Writer
from tracker import ids, reads
from tracker.events import genesis
from tracker.settings import Settings
from tracker.snapshot import canonical
from tracker.store import ingest, queries
from tracker.store.database import Database, open_database
from tracker.store.digests import config_digest
from tracker.store.migrate import upgrade
from tracker.store.series import Points
from tracker.store.tables import runs as t
from tracker.store.verify import verify_run

RUNS = int(os.environ.get("RUNCITE_BENCH_RUNS", "100000"))
POINTS = 100_000
LONG = int(os.environ.get("RUNCITE_BENCH_POINTS", "10000000"))
BATCH = 5_000
WHERE = "config.optimizer = 'adam' and (max('val/accuracy') > 0.9 or config.lr < 0.001)"
ORDER = "-max('val/accuracy')"


def measure() -> Iterator[Row]:
    """The store's rows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield from _points(folder)
        yield from _long(folder)
        yield from _runs(folder)


def opened(folder: Path, name: str) -> tuple[Database, Settings]:
    """A new database in a folder, and the settings that name it."""
    url = f"sqlite:///{folder / name}"
    db = open_database(url)
    upgrade(db)
    return db, Settings(home=folder, url=url, artifacts=str(folder / "artifacts"))


def curve(count: int, seed: int = 7) -> Points:
    """A loss curve as training makes them: float32 losses that fall noisily, a step every few milliseconds."""
    rng = np.random.default_rng(seed)
    steps = np.arange(count, dtype=np.int64)
    values = (2.3 * np.exp(-steps / 20_000) + 0.1 + rng.normal(0, 0.05, count)).astype(np.float32).astype(np.float64)
    times = 1_700_000_000_000_000 + np.cumsum(rng.normal(8_000, 300, count)).astype(np.int64)
    return Points(steps, values, times)


def _points(folder: Path) -> Iterator[Row]:
    db, settings = opened(folder, "points.db")
    before = _size(db)
    writer = Writer(db, "bench")
    whole = curve(POINTS)
    writer.log({"loss": whole}, rows=500)
    writer.end()
    told = (_size(db) - before) / POINTS
    row = "16 bytes of step and value"
    yield Row("bytes a point on disk, events and chain included", "≤ 8", f"{told:.1f}", row, told <= 8)
    raw = sqlite3.connect(folder / "raw.db")
    raw.execute("CREATE TABLE blob (id INTEGER PRIMARY KEY, data BLOB)")
    raw.execute("INSERT INTO blob VALUES (1, ?)", (whole.steps.tobytes() + whole.values.tobytes(),))
    raw.commit()

    def floor() -> object:
        data = raw.execute("SELECT data FROM blob").fetchone()[0]
        half = len(data) // 2
        return np.frombuffer(data[:half], np.int64).sum() + np.frombuffer(data[half:], np.float64).sum()

    run = reads.get_run(writer.run_id, settings=settings)
    assert len(run.history("loss")) == POINTS
    took, least = in_turns(lambda: run.history("loss"), floor)
    yield Row(
        f"a history of {POINTS:,} points, warm, ms", "≤ 5", f"{took:.2f}", f"one blob of SQLite: {least:.2f}", took <= 5
    )
    reads.close()
    raw.close()
    db.close()


def _long(folder: Path) -> Iterator[Row]:
    db, _ = opened(folder, "long.db")
    writer = Writer(db, "bench")
    for seed in range(LONG // POINTS):
        writer.log({"loss": curve(POINTS, seed)}, rows=POINTS)
    base = _memory()
    began = time.perf_counter()
    count = sum(len(points) for points in queries.stream_history(db, writer.run_id, "loss"))
    read = time.perf_counter() - began
    assert count == LONG // POINTS * POINTS
    yield Row(
        f"a run of {count:,} points read out, MB of memory more", "constant", f"{_memory() - base:.0f}", f"{read:.1f} s"
    )
    base = _memory()
    began = time.perf_counter()
    assert verify_run(db, writer.run_id) == ()
    took = time.perf_counter() - began
    yield Row("the same verified, MB of memory more", "constant", f"{_memory() - base:.0f}", f"{took:.1f} s")
    base = _memory()
    began = time.perf_counter()
    ingest.retract(db, writer.run_id, by=None, why="a bench", now=1)
    took = (time.perf_counter() - began) * 1000
    yield Row("the same retracted, MB of memory more", "constant", f"{_memory() - base:.0f}", f"{took:.1f} ms")
    db.close()


def _runs(folder: Path) -> Iterator[Row]:
    db, settings = opened(folder, "runs.db")
    fill(db, "bench", RUNS)
    raw = sqlite3.connect(folder / "runs.db")
    key = raw.execute("SELECT id FROM metrics WHERE name = 'val/accuracy'").fetchone()[0]
    simple = "SELECT run, max FROM summaries WHERE metric_id = ? ORDER BY max DESC LIMIT 10"

    def floor() -> object:
        return raw.execute(simple, (key,)).fetchall()

    def top() -> object:
        return reads.find_runs("bench", where=WHERE, order_by=ORDER, limit=10, settings=settings)

    def page() -> object:
        return reads.find_runs("bench", limit=50, settings=settings)

    def counted() -> object:
        return queries.count_records(db, "bench", now=1)

    def filtered() -> object:
        return queries.count_records(db, "bench", where=WHERE, now=1)

    assert len(reads.find_runs("bench", where=WHERE, order_by=ORDER, limit=10, settings=settings)) == 10
    base = 0.0
    goals: list[tuple[str, Callable[[], object], float | None]] = [
        ("top 10 by best value under AND and OR", top, 10),
        ("a page of 50 runs", page, 30),
        ("counting all of them", counted, None),
        ("counting those under AND and OR", filtered, None),
    ]
    for what, call, goal in goals:
        took, least = in_turns(call, floor)
        yield Row(
            f"{RUNS:,} runs: {what}, ms",
            f"≤ {goal:g}" if goal else "",
            f"{took:.1f}",
            f"raw indexed query: {least:.2f}",
            None if goal is None else took <= goal * (2 if RUNS > 100_000 else 1),
        )
        base = base or _memory()
    yield Row("memory that this took more, MB", "flat", f"{_memory() - base:.0f}")
    reads.close()
    raw.close()
    db.close()


def fill(db: Database, project: str, count: int) -> None:
    """Finished runs of ten hyperparameters and three metrics, put into the tables directly."""
    rng = Random(7)
    with db.write() as connection:
        connection.execute(insert(t.projects), {"id": 1, "name": project, "created_at": 1})
        names = ["optimizer", "lr", "batch_size", "depth", "width", "dropout", "decay", "warmup", "act", "clip"]
        keys = [{"id": id, "project_id": 1, "name": name} for id, name in enumerate(names, 1)]
        connection.execute(insert(t.keys), keys)
        metrics = [
            {"id": id, "project_id": 1, "name": name}
            for id, name in enumerate(("val/accuracy", "val/loss", "train/loss"), 1)
        ]
        connection.execute(insert(t.metrics), metrics)
    for start in range(0, count, BATCH):
        _fill(db, rng, names, range(start + 1, min(start + BATCH, count) + 1))
    with db.write() as connection:
        connection.execute(text("ANALYZE"))


def _fill(db: Database, rng: Random, names: list[str], numbers: range) -> None:
    runs, details, values, summaries = [], [], [], []
    for id in numbers:
        run_id = ids.mint(rng)
        config = {
            "optimizer": rng.choice(["adam", "sgd", "adamw", "lion"]),
            "lr": 10 ** rng.uniform(-4, -1),
            "batch_size": rng.choice([32, 64, 128, 256]),
            **{name: round(rng.random(), 3) for name in names[3:]},
        }
        at = 1_700_000_000_000_000 + id * 1_000_000
        runs.append(
            {
                "id": id,
                "run_id": run_id,
                "project_id": 1,
                "nonce": "n",
                "state": "finished",
                "started_at": at,
                "received_at": at,
                "last_seen": at,
                "ended_at": at + 5,
                "runtime": 5.0,
                "seed": str(id % 5),
                "config_digest": config_digest(config),
                "events": 0,
                "head": genesis(run_id),
                "seals": 0,
                "note": "",
            }
        )
        details.append({"run": id, "config": canonical(config), "snapshot": b"{}", "seals": b"[]"})
        for key, (_, value) in enumerate(config.items(), 1):
            number = value if isinstance(value, float | int) else None
            values.append({"run": id, "key_id": key, "text": str(value), "number": number})
        for metric in (1, 2, 3):
            low, high = sorted((rng.random(), rng.random()))
            summaries.append(
                {
                    "run": id,
                    "metric_id": metric,
                    "count": 100,
                    "nonfinite": 0,
                    "last_step": 99,
                    "last_time": at,
                    "last": high,
                    "first_step": 0,
                    "first": low,
                    "min": low,
                    "min_step": 0,
                    "max": high,
                    "max_step": 99,
                }
            )
    with db.write() as connection:
        for table, rows in ((t.runs, runs), (t.details, details), (t.config_values, values), (t.summaries, summaries)):
            connection.execute(insert(table), rows)


def in_turns(call: Callable[[], object], floor: Callable[[], object], rounds: int = 15) -> tuple[float, float]:
    """Medians in milliseconds, taken in turns, so that a noisy machine is noisy for both."""
    taken: tuple[list[int], list[int]] = ([], [])
    for _ in range(rounds + 2):
        for kept, one in zip(taken, (call, floor), strict=True):
            began = time.perf_counter_ns()
            one()
            kept.append(time.perf_counter_ns() - began)
    one, other = (quantile(kept[2:], 0.5) / 1e6 for kept in taken)
    return one, other


def _size(db: Database) -> int:
    with db.write() as connection:
        pages = connection.scalar(text("PRAGMA page_count")) or 0
        free = connection.scalar(text("PRAGMA freelist_count")) or 0
        return int(pages - free) * int(connection.scalar(text("PRAGMA page_size")) or 0)


def _memory() -> float:
    return float(psutil.Process().memory_info().rss) / (1 << 20)

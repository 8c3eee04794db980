"""The team trains: real processes, each with its member's own token, home and shipper, watched while they run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from bot.demo.cast import Job
from tracker.record import Record

AT_ONCE = 2
"""Processes that train side by side: each uses one thread, and two cores are what a small machine has."""
LOOK_EVERY = 0.5
"""Seconds between two looks at the runs: each reads all of them, and takes time from those who train."""

Look = Callable[[], Sequence[Record]]


@dataclass(frozen=True)
class Trained:
    """One finished process: its job, exit code and everything it printed."""

    job: Job
    code: int
    output: str


def train_all(
    jobs: Sequence[Job], environments: Mapping[str, Mapping[str, str]], folder: Path, look: Look, console: Console
) -> tuple[Trained, ...]:
    """Runs every job, two at a time, and shows the runs as the store sees them until all have ended there.

    `environments` maps a handle to that member's settings; `folder` is where the team's code stands.
    Returns what became of each process, in the order of `jobs`.
    """
    waiting = list(enumerate(jobs))
    running: dict[int, subprocess.Popen[str]] = {}
    done: dict[int, Trained] = {}
    deadline = time.monotonic() + 150
    with Live(console=console, refresh_per_second=4, transient=False) as live:
        while True:
            while waiting and len(running) < AT_ONCE:
                place, job = waiting.pop(0)
                running[place] = _start(job, environments[job.player.handle], folder)
            for place, process in tuple(running.items()):
                if process.poll() is not None:
                    output = process.stdout.read() if process.stdout else ""
                    done[place] = Trained(jobs[place], process.returncode, output)
                    del running[place]
            records = look()
            live.update(_picture(records, len(jobs)))
            ended = sum(record.state in {"finished", "failed"} for record in records)
            if not running and not waiting and (ended >= len(jobs) or time.monotonic() > deadline):
                return tuple(done[place] for place in range(len(jobs)))
            time.sleep(LOOK_EVERY)


def _start(job: Job, environment: Mapping[str, str], folder: Path) -> subprocess.Popen[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-m", "training.train", *job.arguments],
        cwd=folder,
        env={**kept, **environment, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _picture(records: Sequence[Record], total: int) -> Group:
    table = Table(box=None, padding=(0, 1, 0, 0), show_edge=False)
    for title, width in (("run", 10), ("member", 6), ("hyperparameters", 29), ("epochs", 8), ("val", 5)):
        table.add_column(title, style="cyan" if title == "run" else "", no_wrap=True, min_width=width)
    table.add_column("captured", no_wrap=True, overflow="ellipsis")
    for record in sorted(records, key=lambda record: record.received_at):
        accuracy = record.metrics.get("val/accuracy")
        value = "–" if accuracy is None or accuracy.max is None else f"{accuracy.max:.1%}"
        table.add_row(record.id, record.member or "", _config(record), _epochs(record), value, _captured(record))
    ended = sum(record.state in {"finished", "failed"} for record in records)
    return Group(table, Text(f"{ended} of {total} runs ended", style="dim"))


def _config(record: Record) -> str:
    config = record.config
    model = f"{config.get('model')} w{config.get('width')}"
    return f"{model} {config.get('optimizer')} lr {config.get('lr')} seed {record.seed}"


def _epochs(record: Record) -> ProgressBar:
    seen, total = record.metrics.get("epoch"), record.config.get("epochs")
    finished = record.state == "finished"
    return ProgressBar(
        total=float(total) if isinstance(total, int) else 1.0,
        completed=seen.last if seen else 0.0,
        width=8,
        complete_style="red" if record.state == "failed" else "green" if finished else "blue",
        finished_style="green",
    )


def _captured(record: Record) -> Text:
    snapshot, parts = record.snapshot, []
    if snapshot.code and snapshot.code.git and snapshot.code.git.commit:
        parts.append(f"{snapshot.code.git.commit[:7]}{'*' if snapshot.code.dirty else ''}")
    if snapshot.python and snapshot.python.packages:
        parts.append(f"{len(snapshot.python.packages)} pkgs")
    if record.datasets:
        parts.append("data")
    if record.artifacts:
        parts.append("model")
    return Text("·".join(parts), style="dim")

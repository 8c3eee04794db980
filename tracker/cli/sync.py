"""`runcite sync`: send what waits in this machine's journals."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from tracker.cli.say import as_json
from tracker.cli.tables import console, line
from tracker.settings import load
from tracker.shipper import SyncReport, sync

app = typer.Typer(add_completion=False)


@app.command("sync")
def send(
    json: Annotated[bool, typer.Option("--json", help="What was done, as one JSON object.")] = False,
    seconds: Annotated[float, typer.Option(min=0, help="Wait at most so long for a store that is busy.")] = 60.0,
) -> None:
    """Send what waits in this machine's journals. Exit code 1 where some of it still waits."""
    report = sync(load(), seconds=seconds) if json or not sys.stdout.isatty() else _watched(seconds)
    if json:
        as_json(report)
    else:
        _say(report)
    if report.waiting:
        raise typer.Exit(1)


def _watched(seconds: float) -> SyncReport:
    columns = (TextColumn("Sending"), BarColumn(), MofNCompleteColumn(), TextColumn("runs"))
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("send", total=None)

        def moved(done: int, left: int) -> None:
            progress.update(task, completed=done, total=done + left)

        return sync(load(), seconds=seconds, progress=moved)


def _say(report: SyncReport) -> None:
    if not (report.delivered or report.running or report.waiting):
        line("Nothing waits.")
    for run_id in report.delivered:
        line(f"{run_id}  delivered")
    for run_id in report.running:
        line(f"{run_id}  up to date; still being recorded")
    for run_id, why in report.waiting.items():
        line(f"{run_id}  waits: {why}", style="yellow")
    if report.waiting:
        line("What waits is safe in its journal. When the cause is mended, type: runcite sync")

"""The command: set the stage, train, play the story, show what was said, and stay up for whoever is there."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.demo.again import reproduce
from bot.demo.cast import PROJECT, jobs
from bot.demo.practice import Trained, train_all
from bot.demo.stage import Setup, set_up
from bot.demo.story import STEPS, Line, OutOfScript, Stage
from tracker.errors import RunciteError
from tracker.record import Record
from tracker.server.app import now_in_microseconds
from tracker.store import queries

app = typer.Typer(add_completion=False)
PORT, CHANNEL_PORT = 8765, 8766


@app.command()
def demo(
    once: Annotated[bool, typer.Option(help="End after the story instead of staying up.")] = False,
    home: Annotated[Path | None, typer.Option(help="Folder for the data; a temporary one by default.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of server and pages.")] = None,
    channel_port: Annotated[int | None, typer.Option(help="Port of the channel.")] = None,
    sockets: Annotated[bool, typer.Option("--socket-mode", help="Connect the bot by Socket Mode.")] = False,
) -> None:
    """Watch it work: five people train, post, are corrected and accepted; then type into the channel yourself."""
    console = Console()
    stay = not once and sys.stdin.isatty() and sys.stdout.isatty()
    began = time.monotonic()
    folder = home or Path(tempfile.mkdtemp(prefix="runcite-demo-"))
    ports = (port or PORT, channel_port or CHANNEL_PORT) if stay else (port or 0, channel_port or 0)
    with set_up(folder, port=ports[0], channel_port=ports[1], sockets=sockets) as setup:
        good = perform(setup, folder, console)
        console.print(f"\n[dim]{time.monotonic() - began:.0f} s in all; data in {folder}[/]")
        if stay and good:
            _invite(setup, console)
    if not good:
        raise typer.Exit(1)


def perform(setup: Setup, folder: Path, console: Console) -> bool:
    """Train, then play. Whether every step came out as it must."""
    console.print(Text("Five people train; every run registers itself.", style="bold"))
    trained = train_all(jobs(), setup.environments, _code(), lambda: _records(setup), console)
    failed = [each for each in trained if each.code != 0]
    for each in failed:
        console.print(f"[red]{each.job.player.handle}'s training ended with code {each.code}:[/]")
        console.print(Text(each.output[-2000:]))
    records = _records(setup)
    if failed or not _all_there(records, trained, console):
        return False
    console.print(Text("\nThen they post.", style="bold"))
    stage = Stage(setup.sandbox, records)
    try:
        for step in STEPS:
            told = len(stage.lines)
            console.print(Padding(Text(f"▸ {(step.__doc__ or '').strip()}", style="bold blue"), (1, 0, 0, 0)))
            step(stage)
            _print(stage.lines[told:], console)
        told = len(stage.lines)
        reproduce(stage, setup.environments, _code(), setup.url, console)
        _print(stage.lines[told:], console)
    except OutOfScript as error:
        _print(stage.lines[told:], console)
        console.print(Text(f"  ✗ {error}", style="red"))
        return False
    chart = folder / "chart.png"
    chart.write_bytes(stage.chart)
    console.print(f"\n[green]✓[/] all {len(STEPS)} steps came out as they must, and the winner came back bit for bit")
    console.print(f"  chart    {chart}", soft_wrap=True)
    console.print(f"  pages    {setup.url}/projects/{PROJECT}/board", soft_wrap=True)
    console.print(f"  channel  {setup.sandbox.url}", soft_wrap=True)
    return True


def _records(setup: Setup) -> tuple[Record, ...]:
    if PROJECT not in {project.name for project in queries.list_projects(setup.db)}:
        return ()
    return queries.find_records(setup.db, PROJECT, now=now_in_microseconds())


def _all_there(records: Sequence[Record], trained: Sequence[Trained], console: Console) -> bool:
    """Whether each process left a sealed run with its whole snapshot; says what is missing."""
    lacking = [
        f"{record.id} has no {part}"
        for record in records
        for part, there in (
            ("end", record.sealed),
            ("git commit", record.snapshot.code and record.snapshot.code.git and record.snapshot.code.git.commit),
            ("packages", record.snapshot.python and record.snapshot.python.packages),
            ("machine", record.snapshot.machine),
            ("data digest", record.datasets),
            ("model", record.artifacts),
        )
        if not there
    ]
    if len(records) != len(trained):
        lacking.insert(0, f"{len(trained)} processes trained, {len(records)} runs are registered")
    for line in lacking:
        console.print(Text(f"✗ {line}", style="red"))
    return not lacking


def _print(lines: Sequence[Line], console: Console) -> None:
    """The transcript: people on the left, the bot indented under them."""
    for line in lines:
        ours = line.who == "runcite"
        who = Text(f"{line.who:>8}  ", style="bold green" if ours else "bold")
        note = {"edit": " (edits)", "silence": ""}.get(line.kind, "")
        where = f"#{line.channel}{note}{' · only for you' if line.private else ''}  "
        console.print(Padding(who + Text(where, style="dim") + Text(line.text), (0, 0, 0, 4 if ours else 2)))


def _invite(setup: Setup, console: Console) -> None:
    console.print(f"\nType into the channel yourself: [bold]{setup.sandbox.url}[/]")
    console.print("[dim]Ctrl-C ends.[/]")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        console.print("\nBye.")


def _code() -> Path:
    """Where the team's code stands: the folder that holds `training`."""
    found = find_spec("training")
    if found is None or found.origin is None:
        raise RunciteError("The team's training code is not installed.", remedy="Type `make demo` in a clone.")
    return Path(found.origin).parents[1]

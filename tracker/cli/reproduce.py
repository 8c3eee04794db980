"""`runcite reproduce`: from a run ID back to its number, with a verdict."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from tracker.cli.origins import run_from
from tracker.cli.say import as_json, printable
from tracker.cli.tables import console, line, pairs
from tracker.cli.text import ago, named_paths, number
from tracker.errors import UsageError
from tracker.record import Record
from tracker.reproduce.attempt import command_of
from tracker.reproduce.stages import STAGES, Options, Stage, Tell
from tracker.reproduce.whole import Plan, Result, plan, reproduce
from tracker.rules.reproduction import Verdict, score
from tracker.settings import load
from tracker.shipper import sync

app = typer.Typer(add_completion=False)
STYLES: dict[Verdict, str] = {"exact": "green", "within": "green", "differs": "yellow", "could-not-run": "red"}
SIGNS: dict[Verdict, str] = {"exact": "✓", "within": "≈", "differs": "≠", "could-not-run": "✗"}
TITLES: dict[Stage, str] = {
    "fetch": "record",
    "code": "code",
    "environment": "environment",
    "data": "data",
    "run": "run",
    "compare": "compare",
}


@app.command()
def command(
    run_id: Annotated[str, typer.Argument(help="A run's ID, for instance r-7K3M9QX2, or an exported file.")],
    planned: Annotated[bool, typer.Option("--plan", help="Only say what would happen, and what is missing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Run their code without asking.")] = False,
    folder: Annotated[Path | None, typer.Option("--in", help="Make everything in this folder, and keep it.")] = None,
    repo: Annotated[list[Path] | None, typer.Option(help="A repository that may have the commit.")] = None,
    data: Annotated[list[str] | None, typer.Option(help="Where a data set is now: NAME=PATH.")] = None,
    drift: Annotated[
        bool, typer.Option("--allow-env-drift", help="Take the nearest packages where the exact ones can't be had.")
    ] = False,
    sandbox: Annotated[bool, typer.Option(help="Behind a fence: no network, nothing of yours writable.")] = False,
    json: Annotated[bool, typer.Option("--json", help="The outcome, as one JSON object.")] = False,
) -> None:
    """Run it again, exactly, and say whether the number holds. Exit code 1 unless it does."""
    settings = load()
    options = Options(folder, tuple(repo or [Path.cwd()]), named_paths(data or ()), drift, sandbox)
    with run_from(run_id, settings) as (origin, record):
        if planned:
            _say_plan(plan(record, options, settings.home), json)
            return
        if not json:
            _introduce(record, origin.name)
        if not yes:
            _ask(record, json)
        with _Watched(quiet=json) as tell:
            result = reproduce(origin, record, options, settings, sync, tell)
    if json:
        as_json(result)
    else:
        say(result)
    if result.verdict not in ("exact", "within"):
        raise typer.Exit(1)


def _introduce(record: Record, origin: str) -> None:
    """Whose code and what is about to run."""
    code = record.snapshot.code
    git = code.git if code else None
    line(f"Reproducing {record.id}", style="bold")
    pairs(
        [
            ("whose", f"{record.member or 'nobody known'}, {ago(record.started_at, time.time_ns() // 1000)}, {origin}"),
            ("runs", command_of(record)),
            ("code", f"{git.commit[:12]} of {git.remote or 'no remote'}" if git and git.commit else "stored files"),
            ("score", score(record).text),
        ]
    )
    line()


def _ask(record: Record, json: bool) -> None:
    """Running someone's code is running someone's code.

    Raises:
        UsageError: nobody is there to be asked.
        typer.Abort: they said no.
    """
    if json or not sys.stdin.isatty() or not sys.stdout.isatty():
        raise UsageError(
            f"Reproducing {record.id} runs code of {record.member or 'somebody'} on this machine.",
            remedy="Look at it with --plan, then add --yes.",
        )
    typer.confirm("Run this code here?", abort=True)


class _Watched:
    """Shows each stage as it goes: a spinner while it works, a line when it is done."""

    def __init__(self, *, quiet: bool) -> None:
        self._live = Live(console=console, transient=True, refresh_per_second=8) if not quiet else None
        self._console: Console = console
        self._done: set[Stage] = set()

    def __enter__(self) -> Tell:
        if self._live is not None and console.is_terminal:
            self._live.start()
        return self._tell

    def __exit__(self, *error: object) -> None:
        if self._live is not None and self._live.is_started:
            self._live.stop()

    def _tell(self, stage: Stage, text: str, *, done: bool = False) -> None:
        if self._live is None or stage in self._done:
            return
        said = Text(f"{TITLES[stage]:<12} {printable(text)}")
        if done:
            self._done.add(stage)
            self._console.print(Text("✓ ", style="green") + said)
        elif self._live.is_started:
            self._live.update(Spinner("dots", said))


def say(result: Result) -> None:
    """The verdict, its numbers, and what was found."""
    line()
    verdict = result.verdict.replace("-", " ").upper()
    line(f"{SIGNS[result.verdict]} {verdict}", style=f"bold {STYLES[result.verdict]}")
    where = f"At the stage {result.stage!r}: " if result.stage else ""
    line(f"{where}{result.sentence}")
    _numbers(result)
    for finding in result.findings:
        style = {"reject": "red", "warn": "yellow", "note": "dim"}[finding.severity]
        line(f"{finding.severity}: {finding.sentence} {finding.remedy}".rstrip(), style=style)
    line()
    values = [("score", result.score)]
    if result.reproduced_by:
        values.insert(0, ("new run", result.reproduced_by))
    if result.skipped:
        values.append(("not compared", f"{', '.join(result.skipped)} (measures the machine)"))
    pairs(values)
    if result.delivery:
        line(f"The new run waits in its journal: {result.delivery}. Type: runcite sync", style="yellow")


def _numbers(result: Result) -> None:
    if result.before is None and result.after is None:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for head in (result.metric, result.run_id, result.reproduced_by or "again"):
        table.add_column(Text(printable(head)))
    table.add_row("value", number(result.before), number(result.after))
    if result.parting is not None:
        before, after = (
            repr(each) if each is not None else "–" for each in (result.parting.before, result.parting.after)
        )
        table.add_row(Text(printable(f"{result.parting.metric} at step {result.parting.step:,}")), before, after)
    line()
    console.print(table)
    line()


def _say_plan(planned: Plan, json: bool) -> None:
    if json:
        as_json(planned)
        return
    line(f"To reproduce {planned.run_id} of {planned.member or 'nobody known'}", style="bold")
    pairs([(TITLES[stage], planned.stages[stage]) for stage in STAGES if stage in planned.stages])
    line()
    line(f"Reproducibility score: {planned.score}", style="bold")
    for check in planned.checks:
        line(f"  {'✓' if check.holds else '✗'} {check.words}", style="green" if check.holds else "red")
    for finding in planned.findings:
        line(f"{finding.severity}: {finding.sentence} {finding.remedy}".rstrip(), style="yellow")

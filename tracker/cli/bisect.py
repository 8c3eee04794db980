"""`runcite bisect`: which of the things that differ between two runs moves the number."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from tracker.cli.say import as_json, printable
from tracker.cli.tables import console, line
from tracker.cli.text import number
from tracker.errors import UsageError
from tracker.record import Record
from tracker.reproduce.bisect import Bisection, Trial, bisect, changes
from tracker.reproduce.fetch import open_origin
from tracker.reproduce.stages import Options, Stage
from tracker.settings import load
from tracker.shipper import sync

app = typer.Typer(add_completion=False)


@app.command()
def command(
    good: Annotated[str, typer.Argument(help="The ID of the run that has the number.")],
    bad: Annotated[str, typer.Argument(help="The ID of the run that has not.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Run their code without asking.")] = False,
    repo: Annotated[list[Path] | None, typer.Option(help="A repository that may have the commits.")] = None,
    drift: Annotated[bool, typer.Option("--allow-env-drift", help="Take the nearest packages.")] = False,
    sandbox: Annotated[bool, typer.Option(help="Behind a fence: no network, nothing of yours writable.")] = False,
    json: Annotated[bool, typer.Option("--json", help="The answer, as one JSON object.")] = False,
) -> None:
    """Run BAD again and again, each time with one thing of GOOD, and say which of them moves the number."""
    settings = load()
    options = Options(None, tuple(repo or [Path.cwd()]), {}, drift, sandbox)
    with open_origin(settings) as origin:
        one, other = origin.record(good), origin.record(bad)
        if not yes:
            _ask(one, other, json)
        answer = bisect(origin, one, other, options, settings, sync, _quiet, _nothing if json else _say)
    if json:
        as_json(answer)
    else:
        _conclude(answer)


def _ask(good: Record, bad: Record, json: bool) -> None:
    """Running someone's code is running someone's code.

    Raises:
        UsageError: nobody is there to be asked.
    """
    found = [change.words for change in changes(good, bad)]
    if json or not sys.stdin.isatty() or not sys.stdout.isatty():
        raise UsageError(
            f"This runs code of {bad.member or 'somebody'} on this machine, {len(found)} times.", remedy="Add --yes."
        )
    for words in found:
        line(f"to be tried: {words}")
    typer.confirm(f"Run code of {bad.member or 'somebody'} here, {len(found)} times?", abort=True)


def _quiet(stage: Stage, text: str, *, done: bool = False) -> None:
    """Trials say their outcome only."""


def _nothing(trial: Trial) -> None:
    """The whole answer is printed at the end."""


def _say(trial: Trial) -> None:
    """On a terminal, what is known so far: a trial may take as long as the run took."""
    if console.is_terminal:
        line(f"tried: {trial.part}, {trial.words}", style="dim")


def _conclude(answer: Bisection) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for head in ("with this of the good run", "part", answer.metric, "of the gap"):
        table.add_column(Text(printable(head)), justify="right" if head == "of the gap" else "left")
    table.add_row(Text(f"{answer.bad}, as it was"), "", number(answer.bad_value), "")
    for trial in answer.trials:
        share = trial.share or 0.0
        style = "bold green" if abs(share - 1) < 0.01 else "" if abs(share) > 0.01 else "dim"
        told = ("could not run", "?") if trial.value is None else (number(trial.value), f"{share:.0%}")
        table.add_row(Text(printable(trial.words)), trial.part, *told, style=style)
    table.add_row(Text(f"{answer.good}, as it was"), "", number(answer.good_value), "")
    console.print(table)
    line()
    for trial in answer.trials:
        if trial.value is None:
            line(f"? {trial.words}: {trial.why}", style="yellow")
    line(answer.sentence, style="bold")

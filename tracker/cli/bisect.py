"""`runcite bisect`: which of the things that differ between two runs moves the number."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from tracker.cli.say import as_json
from tracker.cli.tables import line, pairs
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
    if trial.value is None:
        line(f"? {trial.part:<9} {trial.words}: {trial.why}", style="yellow")
        return
    share = trial.share or 0.0
    style = "bold green" if abs(share - 1) < 0.01 else "" if abs(share) > 0.01 else "dim"
    line(f"  {trial.part:<9} {trial.words}: {number(trial.value)}, {share:.0%} of the gap", style=style)


def _conclude(answer: Bisection) -> None:
    line()
    line(answer.sentence, style="bold")
    pairs(
        [
            (answer.metric, ""),
            (f"  {answer.good}", number(answer.good_value)),
            (f"  {answer.bad}", number(answer.bad_value)),
        ]
    )

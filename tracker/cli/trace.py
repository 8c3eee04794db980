"""`runcite trace`: what a run says, event by event, as it arrives."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from tracker.cli.output import CSV, DARK, PNG, draw_run, one_of
from tracker.cli.say import as_csv, as_json, rows_as_csv
from tracker.cli.source import open_source
from tracker.cli.tables import line
from tracker.cli.text import moment
from tracker.events import PlacedEvent
from tracker.rules.telling import kind, told

app = typer.Typer(add_completion=False)
PAUSE = 0.5
HEADS = ("seq", "at", "kind", "text", "link")


@app.command()
def trace(
    run_id: Annotated[str, typer.Argument(help="The run's ID.")],
    follow: Annotated[bool, typer.Option(help="Go on until the run has ended.")] = True,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    csv: CSV = False,
    png: PNG = None,
    dark: DARK = False,
) -> None:
    """What a run says, event by event, as it arrives; with --png, its curve so far over the team's."""
    one_of(json, csv, png)
    with open_source() as source:
        run_id = source.get_run(run_id).id
        if png:
            draw_run(source, run_id, png, dark)
            return
        if csv:
            as_csv(HEADS, ())
        after = 0
        while True:
            ended = source.get_run(run_id).state in ("finished", "failed")
            while placed := source.events(run_id, after=after):
                for each in placed:
                    _tell(each, json, csv)
                after = placed[-1].seq
            if ended or not follow:
                return
            time.sleep(PAUSE)


def _tell(placed: PlacedEvent, json: bool, csv: bool) -> None:
    event = placed.event
    if json:
        as_json(placed)
    elif csv:
        rows_as_csv([[placed.seq, event.at, kind(event.body), told(event.body), placed.link]])
    else:
        line(f"{placed.seq:>5}  {moment(event.at)[11:19]}  {kind(event.body):<10} {told(event.body)}")

"""`runcite trace`: what a run says, event by event, as it arrives."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from tracker.cli.say import as_json
from tracker.cli.source import open_source
from tracker.cli.tables import line
from tracker.cli.text import moment
from tracker.rules.telling import kind, told

app = typer.Typer(add_completion=False)
PAUSE = 0.5


@app.command()
def trace(
    run_id: Annotated[str, typer.Argument(help="The run's ID.")],
    follow: Annotated[bool, typer.Option(help="Go on until the run has ended.")] = True,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """What a run says, event by event, as it arrives."""
    with open_source() as source:
        run_id = source.get_run(run_id).id
        after = 0
        while True:
            ended = source.get_run(run_id).state in ("finished", "failed")
            while placed := source.events(run_id, after=after):
                for each in placed:
                    if json:
                        as_json(each)
                    else:
                        body = each.event.body
                        line(f"{each.seq:>5}  {moment(each.event.at)[11:19]}  {kind(body):<10} {told(body)}")
                after = placed[-1].seq
            if ended or not follow:
                return
            time.sleep(PAUSE)

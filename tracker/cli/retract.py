"""`runcite retract`: nothing is deleted; a run is taken back, and says by whom, when and why."""

from __future__ import annotations

from typing import Annotated

import typer

from tracker.cli.say import as_json
from tracker.cli.source import open_source
from tracker.cli.tables import line

app = typer.Typer(add_completion=False)


@app.command()
def retract(
    run_id: Annotated[str, typer.Argument(help="The run's ID.")],
    why: Annotated[str, typer.Option("--why", help="The reason, in a sentence. Everybody can read it.")],
    json: Annotated[bool, typer.Option("--json", help="The record, as JSON.")] = False,
) -> None:
    """Take a run back: your own, or, as an instructor, anybody's. The first retraction stands."""
    with open_source() as source:
        record = source.retract(run_id, why)
    if json:
        as_json(record)
    elif record.retracted:
        line(f"{record.id} is retracted by {record.retracted.by}: {record.retracted.why}")

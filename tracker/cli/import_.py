"""`runcite import`: take an exported run into the store."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from tracker.cli.say import as_json
from tracker.cli.tables import line
from tracker.client.folders import Destination
from tracker.errors import NotFound
from tracker.reproduce.archive import Archive
from tracker.reproduce.load import load as take
from tracker.settings import load
from tracker.shipper.sinks import connector

app = typer.Typer(add_completion=False)


@app.command()
def command(
    file: Annotated[Path, typer.Argument(help="What `runcite export` wrote.")],
    json: Annotated[bool, typer.Option("--json", help="What was done, as one JSON object.")] = False,
) -> None:
    """Bring an exported run to the store. It is marked as imported; bringing it again changes nothing."""
    if not file.exists():
        raise NotFound(f"There is no {file}.", remedy="Type: runcite export RUN_ID")
    settings = load()
    archive = Archive(file)
    transport = connector(lambda: time.time_ns() // 1000)(Destination(settings.url, settings.artifacts, settings.token))
    try:
        with tempfile.TemporaryDirectory(prefix="runcite-import-") as scratch:
            done = take(archive, transport, Path(scratch))
    finally:
        transport.close()
        archive.close()
    if json:
        as_json(done)
    elif done.new:
        line(f"{done.run_id} is in {done.project} now, marked as imported. Type: runcite show {done.run_id}")
    else:
        line(f"{done.run_id} was here already.")

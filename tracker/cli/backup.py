"""`runcite backup`: save database and artifacts into a folder, while they are in use."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from tracker.cli.bar import copying
from tracker.cli.say import as_json
from tracker.cli.tables import line
from tracker.cli.text import size
from tracker.errors import UsageError
from tracker.settings import load
from tracker.store import backup

app = typer.Typer(add_completion=False)


@app.command("backup")
def save(
    folder: Annotated[Path, typer.Argument(help="Where to; into an earlier back-up, only what is new is copied.")],
    json: Annotated[bool, typer.Option("--json", help="What was saved, as one JSON object.")] = False,
) -> None:
    """Save database and artifacts into a folder, while they are in use."""
    settings = load()
    if settings.remote:
        raise UsageError(
            "A server's data is saved on the server.", remedy="On its machine, type: runcite backup FOLDER"
        )
    with copying("Saving", shown=not json and sys.stdout.isatty()) as progress:
        made = backup.save(
            settings.url, settings.artifacts, folder.absolute(), now=time.time_ns() // 1000, progress=progress
        )
    if json:
        as_json(made)
        return
    files = f"the artifacts stay in {made.elsewhere}" if made.elsewhere else f"{made.files:,} files, {size(made.size)}"
    line(f"{made.runs:,} runs are saved in {folder}; {files}.")

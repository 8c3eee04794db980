"""`runcite restore`: put a back-up where there is no database yet."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from tracker.cli.bar import copying
from tracker.cli.say import as_json
from tracker.cli.tables import line
from tracker.errors import UsageError
from tracker.settings import load
from tracker.store import backup

app = typer.Typer(add_completion=False)


@app.command("restore")
def put_back(
    folder: Annotated[Path, typer.Argument(help="A folder that `runcite backup` wrote.")],
    json: Annotated[bool, typer.Option("--json", help="What was restored, as one JSON object.")] = False,
) -> None:
    """Put a back-up where there is no database yet. Nothing is overwritten."""
    settings = load()
    if settings.remote:
        raise UsageError("A server is restored on its machine.", remedy="There, type: runcite restore FOLDER")
    with copying("Restoring", shown=not json and sys.stdout.isatty()) as progress:
        made = backup.restore(folder.absolute(), settings.url, settings.artifacts, progress=progress)
    if json:
        as_json(made)
        return
    line(f"{made.runs:,} runs are back. To check every one, type: runcite verify")

"""`runcite export`: a run as one file that outlives the server."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from tracker.cli.say import as_json
from tracker.cli.tables import line
from tracker.cli.text import size
from tracker.errors import UsageError
from tracker.record import Finding
from tracker.reproduce.fetch import open_whole
from tracker.reproduce.pack import export
from tracker.settings import load

app = typer.Typer(add_completion=False)


class Exported(msgspec.Struct, frozen=True):
    """What was written, and what could not be put in."""

    run_id: str
    path: str
    findings: tuple[Finding, ...]


@app.command()
def command(
    run_id: Annotated[str, typer.Argument(help="The run's ID.")],
    to: Annotated[Path | None, typer.Option("--to", help="A file that ends in .zip, or a new folder.")] = None,
    artifacts: Annotated[bool, typer.Option(help="With the content of its artifacts.")] = True,
    repo: Annotated[list[Path] | None, typer.Option(help="A repository that may have the commit.")] = None,
    json: Annotated[bool, typer.Option("--json", help="What was done, as one JSON object.")] = False,
) -> None:
    """Write a run with its code, packages, data pointers, points and artifacts: all that reproducing it needs."""
    settings = load()
    with open_whole(settings) as origin, tempfile.TemporaryDirectory(prefix="runcite-export-") as scratch:
        record = origin.record(run_id)
        into = to or Path(f"{record.id}.zip")
        if into.exists():
            raise UsageError(f"{into} is there already.", remedy="Name another: --to PATH.")
        found = export(origin, record, into, Path(scratch), repositories=repo or [Path.cwd()], artifacts=artifacts)
    if json:
        as_json(Exported(record.id, str(into), found))
        return
    bytes_ = sum(path.stat().st_size for path in ([into] if into.is_file() else into.rglob("*")) if path.is_file())
    line(f"{record.id} is in {into} ({size(bytes_)}).", style="bold")
    for finding in found:
        line(f"{finding.severity}: {finding.sentence} {finding.remedy}", style="yellow")
    line(f"Get its number again, anywhere: runcite reproduce {into}")

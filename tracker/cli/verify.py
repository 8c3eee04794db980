"""`runcite verify`: find any edit made behind the store's back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from tracker.cli.say import as_json
from tracker.cli.tables import line
from tracker.errors import UsageError
from tracker.ids import parse
from tracker.settings import Settings, load
from tracker.store import migrate
from tracker.store.blobs import open_blobs
from tracker.store.database import open_database
from tracker.store.verify import Flaw, verify, verify_run

app = typer.Typer(add_completion=False)


@app.command("verify")
def check(
    runs: Annotated[list[str] | None, typer.Argument(help="Run IDs; every run where none is given.")] = None,
    project: Annotated[str | None, typer.Option(help="Every run of this project.")] = None,
    contents: Annotated[bool, typer.Option(help="Read and hash the artifacts' content, too.")] = True,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a run.")] = False,
) -> None:
    """Check runs against their hash chains, and artifacts against their hashes. Exit code 1 where one was changed."""
    checked = bad = 0
    for run_id, flaws in _flaws(load(), runs or [], project, contents):
        checked += 1
        bad += bool(flaws)
        if json:
            as_json({"run_id": run_id, "flaws": flaws})
            continue
        for flaw in flaws:
            place = "" if flaw.seq is None else f" at event {flaw.seq}"
            line(f"{run_id}  {flaw.code}{place}: {flaw.sentence}", style="red")
    if not json:
        line(
            f"{checked} runs checked; "
            + (f"{bad} are not as they were written." if bad else "all are as they were written.")
        )
    if bad:
        raise typer.Exit(1)


def _flaws(
    settings: Settings, runs: list[str], project: str | None, contents: bool
) -> Iterator[tuple[str, tuple[Flaw, ...]]]:
    if settings.remote:
        raise UsageError(
            "Chains are checked on the database itself.", remedy="On the server's machine, type: runcite verify"
        )
    db = open_database(settings.url)
    blobs = open_blobs(settings.artifacts) if contents else None
    try:
        migrate.upgrade(db)
        if runs:
            for run_id in map(parse, runs):
                yield run_id, verify_run(db, run_id, blobs=blobs)
        else:
            yield from verify(db, project, blobs=blobs)
    finally:
        db.close()

"""`runcite import`: take an exported run into the store, or the runs that another tracker recorded."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from tracker.cli.bar import counting
from tracker.cli.say import as_json
from tracker.cli.source import open_source
from tracker.cli.tables import console, line
from tracker.client.folders import Destination
from tracker.client.transport import Transport
from tracker.errors import NotFound, RunciteError, UsageError
from tracker.reproduce.archive import Archive
from tracker.reproduce.load import load as take
from tracker.settings import Settings, load
from tracker.shipper.sinks import connector
from tracker.ways.found import Found, FoundRun, Said, Trouble
from tracker.ways.register import Brought, Registrar
from tracker.ways.seek import KINDS, Kind, kind_of, opened
from tracker.ways.telling import CALLED

app = typer.Typer(add_completion=False)
SHOWN = 20


class Sum(msgspec.Struct, frozen=True):
    """What became of a source: of each run, and what could not be read."""

    source: str
    runs: tuple[Brought, ...]
    troubles: tuple[str, ...]


@app.command()
def command(
    source: Annotated[str, typer.Argument(help="An export of a run, or where another tracker keeps its runs.")],
    kind: Annotated[str | None, typer.Option("--from", help=f"What it is: {', '.join(KINDS)}.")] = None,
    project: Annotated[str | None, typer.Option(help="Where the runs go; else where the source says.")] = None,
    artifacts: Annotated[bool, typer.Option(help="With the content of the runs' files.")] = True,
    json: Annotated[bool, typer.Option("--json", help="What was done, as one JSON object.")] = False,
) -> None:
    """Bring runs to the store: an export, or what MLflow, W&B, TensorBoard, Trackio, Neptune or a CSV file holds.

    They are marked as imported; bringing them again changes nothing, and goes on where a run has grown since."""
    settings = load()
    transport = connector(lambda: time.time_ns() // 1000)(Destination(settings.url, settings.artifacts, settings.token))
    try:
        if kind is None and _is_export(source):
            _export(Path(source), transport, json)
        else:
            _runs(source, _kind(kind) or kind_of(source), project, artifacts, settings, transport, json)
    finally:
        transport.close()


def _kind(text: str | None) -> Kind | None:
    found = next((kind for kind in KINDS if kind == text), None)
    if text is not None and found is None:
        raise UsageError(f"No source is called {text!r}.", remedy=f"Type: --from {'|'.join(KINDS)}")
    return found


def _is_export(source: str) -> bool:
    path = Path(source)
    if source.startswith(("http://", "https://")):
        return False
    if not path.exists():
        raise NotFound(f"There is no {source}.", remedy="Name a file or a folder, or type: runcite export RUN_ID")
    return path.suffix == ".zip" or (path / "manifest.json").is_file()


def _export(file: Path, transport: Transport, json: bool) -> None:
    archive = Archive(file)
    try:
        with tempfile.TemporaryDirectory(prefix="runcite-import-") as scratch:
            done = take(archive, transport, Path(scratch))
    finally:
        archive.close()
    if json:
        as_json(done)
    elif done.new:
        line(f"{done.run_id} is in {done.project} now, marked as imported. Type: runcite show {done.run_id}")
    else:
        line(f"{done.run_id} was here already.")


def _runs(
    source: str,
    kind: Kind,
    project: str | None,
    artifacts: bool,
    settings: Settings,
    transport: Transport,
    json: bool,
) -> None:
    troubles: list[str] = []
    said: list[str] = []
    brought: list[Brought] = []
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    with (
        tempfile.TemporaryDirectory(prefix="runcite-import-") as scratch,
        open_source(settings) as held,
        opened(source, kind, project, token) as found,
        counting(f"from {CALLED[kind]}", shown=not json and console.is_terminal) as tell,
    ):
        registrar = Registrar(transport, held.get_run, Path(scratch), files=artifacts)
        for done in registrar.bring(_sorted_out(found, troubles, said)):
            brought.append(done)
            tell(len(brought))
            if done.what == "refused":
                troubles.append(f"{done.where}: not taken: {done.message}")
    if json:
        as_json(Sum(kind, tuple(brought), tuple(troubles)))
    else:
        _told(kind, brought, troubles, said)
    if not any(each.what != "refused" for each in brought):
        raise RunciteError(f"Nothing in {source} could be brought.", remedy="See above what could not be read.")


def _sorted_out(found: Iterator[Found], troubles: list[str], said: list[str]) -> Iterator[FoundRun]:
    """The runs; what could not be read, and how the rest was understood, goes into the lists."""
    for each in found:
        match each:
            case Trouble():
                troubles.append(f"{each.where}: {each.message}")
            case Said():
                said.append(each.message)
            case FoundRun():
                yield each


def _told(kind: Kind, brought: list[Brought], troubles: list[str], said: list[str]) -> None:
    for text in said:
        line(text, style="dim")
    for text in troubles:
        line(text, style="yellow")
    changed = [each for each in brought if each.what in ("new", "grown")]
    for each in changed[:SHOWN]:
        line(f"{each.run_id}  {each.what}, in {each.project}: {each.where}")
    if len(changed) > SHOWN:
        line(f"… and {len(changed) - SHOWN:,} more")
    counts = {what: sum(each.what == what for each in brought) for what in ("new", "grown", "here", "refused")}
    parts = [f"{counts['new']:,} new", f"{counts['grown']:,} grown", f"{counts['here']:,} here already"]
    parts += [f"{counts['refused']:,} not taken"] * bool(counts["refused"])
    line(f"From {CALLED[kind]}: {', '.join(parts)}.", style="bold")
    if changed:
        line("They say that Runcite did not record them. A board lets them rank, or be cited, if its rules do:")
        line(f"runcite board {changed[0].project} --set not-recorded=warn")

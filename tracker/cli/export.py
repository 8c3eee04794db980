"""`runcite export`: a run as one file that outlives the server, or tables and points for whoever reckons elsewhere."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, get_args

import msgspec
import typer

from tracker import ids
from tracker.cli.bar import counting
from tracker.cli.say import as_json
from tracker.cli.source import Source, open_source
from tracker.cli.tables import line
from tracker.cli.text import size
from tracker.errors import UsageError
from tracker.record import Finding, Record
from tracker.reproduce.fetch import LocalOrigin, ServerOrigin, open_whole
from tracker.reproduce.pack import export
from tracker.settings import Settings, load
from tracker.store.series import Points, decode
from tracker.ways import mlflow_out
from tracker.ways.out import Format, write_series, write_table
from tracker.ways.tables import TABLES

app = typer.Typer(add_completion=False)
FORMATS: tuple[str, ...] = (*get_args(Format), "mlflow")
NAMES = (*TABLES, "series")
PAGE = 500


class Exported(msgspec.Struct, frozen=True):
    """What was written, and what could not be put in."""

    run_id: str
    path: str
    findings: tuple[Finding, ...]


class Written(msgspec.Struct, frozen=True):
    """A table that was written: where, and how many rows (or runs, in MLflow's format) it has."""

    table: str
    path: str
    rows: int


@app.command()
def command(
    what: Annotated[str, typer.Argument(metavar="RUN|PROJECT", help="A run's ID; with --table or --format a project.")],
    to: Annotated[Path | None, typer.Option("--to", help="The file (or for a run, or MLflow, the folder).")] = None,
    table: Annotated[str | None, typer.Option(help=f"A table: {', '.join(NAMES)}.")] = None,
    form: Annotated[str | None, typer.Option("--format", help=f"Its format: {', '.join(FORMATS)}.")] = None,
    where: Annotated[str | None, typer.Option(help="Only runs that fit, as in `runcite runs --where`.")] = None,
    artifacts: Annotated[bool, typer.Option(help="With the content of artifacts.")] = True,
    repo: Annotated[list[Path] | None, typer.Option(help="A repository that may have the commit.")] = None,
    json: Annotated[bool, typer.Option("--json", help="What was done, as one JSON object.")] = False,
) -> None:
    """Write a run with all that reproducing it needs; or, with --table or --format, a table of a project's runs, their
    points (--table series), or a folder that MLflow reads (--format mlflow)."""
    settings = load()
    if table is None and form is None:
        _whole(settings, what, to, artifacts, repo or [Path.cwd()], json)
        return
    if form not in (None, *FORMATS) or table not in (None, *NAMES):
        raise UsageError(
            f"There is no {'format' if form not in (None, *FORMATS) else 'table'} of that name.",
            remedy=f"Type: --table {'|'.join(NAMES)} --format {'|'.join(FORMATS)}",
        )
    if form == "mlflow" and table is not None:
        raise UsageError("MLflow's format is a folder of runs, no table.", remedy="Leave --table away.")
    called = table or "runs"
    chosen = form or ("parquet" if to is not None and to.suffix == ".parquet" else "csv")
    into = to or Path("mlruns" if chosen == "mlflow" else f"{_file(what)}-{called}.{chosen}")
    if into.exists() and chosen != "mlflow":
        raise UsageError(f"{into} is there already.", remedy="Name another: --to PATH.")
    with open_source(settings) as source, open_whole(settings) as origin, counting("runs", shown=_seen(json)) as tell:
        records = _records(source, what, where, tell)
        if chosen == "mlflow":
            blob = origin.blob if artifacts else None
            rows = sum(1 for _ in mlflow_out.write(records, _Columns(origin), into, blob))
        elif called == "series":
            rows = write_series(records, _Columns(origin), into, "parquet" if chosen == "parquet" else "csv")
        else:
            rows = write_table(TABLES[called], records, into, "parquet" if chosen == "parquet" else "csv")
    if json:
        as_json(Written(called, str(into), rows))
    else:
        line(f"{rows:,} {'runs' if chosen == 'mlflow' else 'rows'} are in {into}.", style="bold")


def _seen(json: bool) -> bool:
    return not json and sys.stdout.isatty()


def _file(what: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in what)


def _records(source: Source, what: str, where: str | None, tell: Callable[[int], None]) -> Iterator[Record]:
    """The run, or the project's runs, the earliest first, so that a run that begins meanwhile shifts none."""
    if ids.is_run_id(what) or ids.fold(what) == what:
        yield source.get_run(what)
        return
    offset = 0
    while page := source.find_runs(what, where=where, order_by="started", limit=PAGE, offset=offset):
        for record in page:
            yield record
            offset += 1
            tell(offset)
        if len(page) < PAGE:
            return


class _Columns:
    """A run's points as they came."""

    def __init__(self, origin: LocalOrigin | ServerOrigin) -> None:
        self._origin = origin

    def __call__(self, run_id: str) -> Iterator[tuple[str, Points]]:
        for column in self._origin.columns(run_id):
            yield column.metric, decode(column.data)


def _whole(
    settings: Settings, run_id: str, to: Path | None, artifacts: bool, repositories: list[Path], json: bool
) -> None:
    with open_whole(settings) as origin, tempfile.TemporaryDirectory(prefix="runcite-export-") as scratch:
        record = origin.record(run_id)
        into = to or Path(f"{record.id}.zip")
        if into.exists():
            raise UsageError(f"{into} is there already.", remedy="Name another: --to PATH.")
        found = export(origin, record, into, Path(scratch), repositories=repositories, artifacts=artifacts)
    if json:
        as_json(Exported(record.id, str(into), found))
        return
    bytes_ = sum(path.stat().st_size for path in ([into] if into.is_file() else into.rglob("*")) if path.is_file())
    line(f"{record.id} is in {into} ({size(bytes_)}).", style="bold")
    for finding in found:
        line(f"{finding.severity}: {finding.sentence} {finding.remedy}", style="yellow")
    line(f"Get its number again, anywhere: runcite reproduce {into}")

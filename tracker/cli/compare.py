"""`runcite compare`: what differs between runs, and what doesn't."""

from __future__ import annotations

from typing import Annotated

import typer

from tracker.cli.say import as_json
from tracker.cli.source import open_source
from tracker.cli.tables import line, table
from tracker.cli.text import duration, number, scalar
from tracker.record import Record
from tracker.rules.comparison import explain

app = typer.Typer(add_completion=False)


@app.command()
def compare(
    runs: Annotated[list[str], typer.Argument(help="Two or more run IDs.")],
    json: Annotated[bool, typer.Option("--json", help="One comparison with the first for each other run.")] = False,
) -> None:
    """What differs between runs, and what doesn't."""
    if len(runs) < 2:
        raise typer.BadParameter("give at least two run IDs.")
    with open_source() as source:
        records = [source.get_run(run_id) for run_id in runs]
    if json:
        as_json([explain(records[0], other) for other in records[1:]])
        return
    _metrics(records)
    _rows("DIFFERS", [row for row in _all(records) if len(set(row[1:])) > 1], records)
    same = [row for row in _all(records) if len(set(row[1:])) == 1]
    line()
    line("Equal: " + (", ".join(f"{name} {value[0]}" for name, *value in same) or "nothing"), style="dim")


def _metrics(records: list[Record]) -> None:
    names = sorted({name for record in records for name in record.metrics})
    rows = []
    for name in names:
        found = [record.metrics.get(name) for record in records]
        rows.append([name, *(number(each.last) if each else "–" for each in found)])
    _rows("METRIC, LAST", rows, records)


def _all(records: list[Record]) -> list[list[str]]:
    keys = dict.fromkeys(key for record in records for key in record.config)
    rows = [[key, *(scalar(record.config[key]) if key in record.config else "–" for record in records)] for key in keys]
    rows.append(["seed", *("–" if record.seed is None else str(record.seed) for record in records)])
    for name in ("code", "environment", "data"):
        rows.append([name, *(_short(getattr(record.digests, name)) for record in records)])
    rows.append(["machine", *(record.snapshot.machine.host if record.snapshot.machine else "–" for record in records)])
    rows.append(["runtime", *(duration(record.end.runtime if record.end else None) for record in records)])
    return rows


def _rows(title: str, rows: list[list[str]], records: list[Record]) -> None:
    if rows:
        line()
        table([title, *(record.id for record in records)], rows, keep=())


def _short(digest: str | None) -> str:
    return digest[:12] if digest else "not fully known"

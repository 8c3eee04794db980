"""`runcite runs`: which runs there are."""

from __future__ import annotations

from typing import Annotated

import typer

from tracker.cli.output import CSV, one_of
from tracker.cli.say import as_csv, as_json
from tracker.cli.source import now, open_source
from tracker.cli.tables import line, table
from tracker.cli.text import ago, number, state
from tracker.record import BoardSpec, Record

app = typer.Typer(add_completion=False)
HEADS = ("run_id", "project", "state", "member", "name", "seed", "started_at", "runtime_seconds", "badge")
EXAMPLE = "config.optimizer = 'adam' and max('val/accuracy') > 0.9"


@app.command()
def runs(
    project: Annotated[str | None, typer.Argument(help="Only this project's runs.")] = None,
    where: Annotated[str | None, typer.Option("--where", "-w", help=f"A condition: {EXAMPLE}")] = None,
    order_by: Annotated[str | None, typer.Option("--order-by", "-o", help="For instance -max('val/accuracy').")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="At most so many.")] = 20,
    offset: Annotated[int, typer.Option(min=0, help="Leave out so many first.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Records, as one JSON array.")] = False,
    csv: CSV = False,
) -> None:
    """List runs, newest first; --csv has their whole config and the last value of every metric."""
    one_of(json, csv, None)
    with open_source() as source:
        found = source.find_runs(project, where=where, order_by=order_by, limit=limit, offset=offset)
        if json:
            as_json(found)
            return
        if csv:
            _sheet(found)
            return
        if not found:
            line("No run matches." if where or project else "No run is registered yet.")
            return
        specs = {name: source.get_board(name) for name in dict.fromkeys(each.project for each in found)}
        _print(found, specs, now(), one=project is not None)


def _print(found: tuple[Record, ...], specs: dict[str, BoardSpec], now: int, *, one: bool) -> None:
    heads = ["RUN", "STATE", "MEMBER", "VALUE", "SEED", "STARTED", "NAME"]
    rows = []
    for each in found:
        spec = specs[each.project]
        summary = each.metrics.get(spec.metric)
        value = summary.value(spec.aggregate, spec.direction) if summary else None
        cells = [
            each.id,
            state(each),
            each.member or "–",
            number(value),
            "–" if each.seed is None else str(each.seed),
            ago(each.started_at, now),
            each.name or "",
        ]
        rows.append(cells if one else [*cells[:1], each.project, *cells[1:]])
    table(heads if one else [heads[0], "PROJECT", *heads[1:]], rows, right=(3, 4) if one else (4, 5))
    if one:
        spec = specs[found[0].project]
        line(f"VALUE is {spec.metric}, {spec.aggregate}.", style="dim")


def _sheet(found: tuple[Record, ...]) -> None:
    """A line a run: what the table says, then a column for each config key and each metric that any of them has."""
    keys = sorted({key for each in found for key in each.config})
    metrics = sorted({name for each in found for name in each.metrics})
    rows = [
        [
            each.id, each.project, state(each), each.member, each.name, each.seed, each.started_at,
            each.end.runtime if each.end else None, each.badge,
            *(each.config.get(key) for key in keys),
            *(each.metrics[name].last if name in each.metrics else None for name in metrics),
        ]
        for each in found
    ]  # fmt: skip
    as_csv([*HEADS, *(f"config.{key}" for key in keys), *(f"metric.{name}" for name in metrics)], rows)

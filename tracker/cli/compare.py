"""`runcite compare`: what differs between runs, and what doesn't."""

from __future__ import annotations

from typing import Annotated

import typer

from tracker.cli.say import as_json
from tracker.cli.source import open_source
from tracker.cli.tables import line, table
from tracker.cli.text import duration, number
from tracker.errors import UsageError
from tracker.record import BoardSpec, Record
from tracker.rules.comparison import explain, explain_all, shown
from tracker.rules.noise import between

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
        board = source.get_board(records[0].project)
    if json:
        as_json([explain(records[0], other) for other in records[1:]])
        return
    _metrics(records)
    _differences(records)
    _judge(records, board)


def _metrics(records: list[Record]) -> None:
    names = sorted({name for record in records for name in record.metrics})
    rows = []
    for name in names:
        found = [record.metrics.get(name) for record in records]
        rows.append([name, *(number(each.last) if each else "–" for each in found)])
    _rows("METRIC, LAST", rows, records)


def _differences(records: list[Record]) -> None:
    spread = explain_all(records)
    varying = [
        [each.key, *(shown(value) if there else "–" for value, there in zip(each.values, each.present, strict=True))]
        for each in spread.varying
    ]
    circumstances = [row for row in _circumstances(records) if len(set(row[1:])) > 1]
    _rows("DIFFERS", varying + circumstances, records)
    line()
    in_table = {row[0] for row in varying + circumstances} | {name for record in records for name in record.metrics}
    for said in explain(*records).lines if len(records) == 2 else spread.lines:
        if said.partition(":")[0] not in in_table:
            line(said)


def _circumstances(records: list[Record]) -> list[list[str]]:
    return [
        ["seed", *("–" if record.seed is None else str(record.seed) for record in records)],
        ["member", *(record.member or "–" for record in records)],
        ["machine", *(record.snapshot.machine.host if record.snapshot.machine else "–" for record in records)],
        ["runtime", *(duration(record.end.runtime if record.end else None) for record in records)],
    ]


def _judge(records: list[Record], board: BoardSpec) -> None:
    """For two runs: whether the second is better, as far as that can be known."""
    if len(records) != 2:
        return
    try:
        judgement = between(board, records[:1], records[1:])
    except UsageError:
        return
    line()
    line(judgement.sentence, style="bold")
    for caveat in judgement.caveats:
        line(caveat, style="dim")


def _rows(title: str, rows: list[list[str]], records: list[Record]) -> None:
    if rows:
        line()
        table([title, *(record.id for record in records)], rows, keep=())

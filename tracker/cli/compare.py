"""`runcite compare`: what differs between runs, what doesn't, and whether the difference is more than noise."""

from __future__ import annotations

from typing import Annotated

import typer

from tracker.cli.output import CSV, DARK, JSON, PNG, draw, histories, one_of
from tracker.cli.say import as_csv, as_json
from tracker.cli.source import Source, open_source
from tracker.cli.tables import line, table
from tracker.cli.text import duration, number
from tracker.record import Record
from tracker.rules.compared import Compared
from tracker.rules.comparison import Trait
from tracker.rules.line_diffs import LineDiff
from tracker.rules.words import counted, shown

app = typer.Typer(add_completion=False)
_SHOWN_LINES = 40


@app.command()
def compare(
    runs: Annotated[list[str], typer.Argument(help="Two or more run IDs; the others are held against the first.")],
    lines: Annotated[bool, typer.Option("--lines", help="Show the lines that differ in uncommitted files.")] = False,
    json: JSON = False,
    csv: CSV = False,
    png: PNG = None,
    dark: DARK = False,
) -> None:
    """What differs between runs, what doesn't, and whether it is more than noise."""
    one_of(json, csv, png)
    if len(runs) < 2:
        raise typer.BadParameter("give at least two run IDs.")
    with open_source() as source:
        found = source.compared(runs)
        if json:
            as_json(found)
            return
        records = [source.get_run(run_id) for run_id in found.run_ids]
        if png:
            _draw(source, found, records, png, dark)
            return
    if csv:
        as_csv(["what", "name", *found.run_ids], _sheet(found, records))
        return
    _metrics(records)
    _differences(found, records)
    _judge(found)
    if lines:
        _lines(found)


def _draw(source: Source, found: Compared, records: list[Record], png: PNG, dark: bool) -> None:
    if png is not None:
        curves = histories(source, found.run_ids, found.ranking.spec.metric)
        draw(png, dark, "comparison", found, records, curves)


def _sheet(found: Compared, records: list[Record]) -> list[list[object]]:
    rows: list[list[object]] = []
    for name in sorted({name for record in records for name in record.metrics}):
        rows.append(
            ["metric", name, *(each.last if (each := record.metrics.get(name)) else None for record in records)]
        )
    for setting in (*found.spread.varying, *found.spread.shared):
        cells = [value if there else None for value, there in zip(setting.values, setting.present, strict=True)]
        rows.append(["config", setting.key, *cells])
    rows += [["circumstance", *row] for row in _circumstances(records)]
    return rows


def _metrics(records: list[Record]) -> None:
    names = sorted({name for record in records for name in record.metrics})
    rows = []
    for name in names:
        found = [record.metrics.get(name) for record in records]
        rows.append([name, *(number(each.last) if each else "–" for each in found)])
    _rows("METRIC, LAST", rows, records)


def _differences(found: Compared, records: list[Record]) -> None:
    varying = [
        [each.key, *(shown(value) if there else "–" for value, there in zip(each.values, each.present, strict=True))]
        for each in found.spread.varying
    ]
    circumstances = [row for row in _circumstances(records) if len(set(row[1:])) > 1]
    _rows("DIFFERS", varying + circumstances, records)
    line()
    in_table = {row[0] for row in varying + circumstances} | {name for record in records for name in record.metrics}
    for said in found.comparisons[0].lines if len(records) == 2 else found.spread.lines:
        if said.partition(":")[0] not in in_table:
            line(said)
    if len(records) > 2:
        for comparison in found.comparisons:
            _other(comparison.b, [*comparison.data, *comparison.machine])


def _other(run_id: str, traits: list[Trait]) -> None:
    for trait in traits:
        if trait.sameness == "different" and trait.name != "machine":
            line(f"{run_id}: {trait.name} {trait.before} → {trait.after}")


def _circumstances(records: list[Record]) -> list[list[str]]:
    return [
        ["seed", *("–" if record.seed is None else str(record.seed) for record in records)],
        ["member", *(record.member or "–" for record in records)],
        ["machine", *(record.snapshot.machine.host if record.snapshot.machine else "–" for record in records)],
        ["runtime", *(duration(record.end.runtime if record.end else None) for record in records)],
    ]


def _judge(found: Compared) -> None:
    """Whether each further run is better than the first, as far as that can be known."""
    line()
    for judgement, why in zip(found.judgements, found.why_not, strict=True):
        if judgement is None:
            line(why, style="dim")
            continue
        line(judgement.sentence, style="bold")
        if judgement.improvement is not None and judgement.p is not None:
            said = f"A run of the second beats one of the first {judgement.improvement:.0%} of the time"
            permutation = judgement.p_permutation
            also = "" if permutation is None else f", by permutation {number(permutation)}"
            line(f"{said}; p = {number(judgement.p)}{also}.", style="dim")
        for caveat in judgement.caveats:
            line(caveat, style="dim")


def _lines(found: Compared) -> None:
    for comparison in found.comparisons:
        for diff in comparison.diffs:
            _diff(comparison.b, diff)


def _diff(run_id: str, diff: LineDiff) -> None:
    line()
    line(f"{diff.path}  {f'+{diff.added} −{diff.removed}' if not diff.why_not else diff.why_not}  ({run_id})", "bold")
    for text in diff.lines[:_SHOWN_LINES]:
        line(text, {"+": "green", "-": "red", "@": "cyan"}.get(text[:1], ""))
    if diff.cut or len(diff.lines) > _SHOWN_LINES:
        line(f"… and more: {counted(diff.added + diff.removed, 'line')} in all; --json has them.", "dim")


def _rows(title: str, rows: list[list[str]], records: list[Record]) -> None:
    if rows:
        line()
        table([title, *(record.id for record in records)], rows, keep=())

"""`runcite importance`: which hyperparameters moved the metric."""

from __future__ import annotations

from typing import Annotated

import typer

from tracker.cli.output import CSV, DARK, JSON, PNG, draw, one_of
from tracker.cli.say import as_csv, as_json
from tracker.cli.source import open_source
from tracker.cli.tables import line, table
from tracker.rules.importance import Importance

app = typer.Typer(add_completion=False)
HEADS = (
    "key", "share", "low", "high", "total", "fanova", "ped_anova", "permutation", "confirmed", "values_tried",
    "conditional",
)  # fmt: skip
_BAR = 12


@app.command()
def importance(
    project: Annotated[str, typer.Argument(help="The project.")],
    metric: Annotated[str | None, typer.Option("--metric", "-m", help="Another metric than the board's.")] = None,
    where: Annotated[str | None, typer.Option("--where", "-w", help="Only runs that fit this condition.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many settings.")] = 30,
    json: JSON = False,
    csv: CSV = False,
    png: PNG = None,
    dark: DARK = False,
) -> None:
    """Which hyperparameters moved the metric, how sure that is, and what cannot be known."""
    one_of(json, csv, png)
    with open_source() as source:
        found = source.importance(project, metric, where)
    if json:
        as_json(found)
    elif csv:
        as_csv(HEADS, [_cells(found, place) for place in range(len(found.factors))])
    elif png:
        draw(png, dark, "importance", found, project)
    else:
        _print(found, limit)


def _print(found: Importance, limit: int) -> None:
    line(found.sentence, style="bold")
    line()
    rows = [
        [
            each.key,
            "█" * round(each.share * _BAR) or "▏",
            f"{each.share:.0%}",
            f"{each.low:.0%} – {each.high:.0%}",
            f"{each.total:.0%}",
            f"{each.fanova:.0%}",
            f"{each.top:.0%}",
            "" if each.confirmed else "chance",
        ]
        for each in found.factors[:limit]
    ]
    heads = ["SETTING", "", "ALONE", "95 %", "WITH OTHERS", "FANOVA", "TOP 10 %", ""]
    table(heads, rows, right=(2, 3, 4, 5, 6), keep=(2, 3, 7))
    line()
    for caveat in found.caveats:
        line(caveat)
    never = [name for name, reason in found.left_out if reason == "never varied"]
    if never:
        line(f"Never varied: {', '.join(never)}.", style="dim")
    for name, reason in found.left_out:
        if name not in never:
            line(f"{name} {reason}.", style="dim")


def _cells(found: Importance, place: int) -> list[object]:
    each = found.factors[place]
    return [
        each.key, each.share, each.low, each.high, each.total, each.fanova, each.top, each.lost, each.confirmed,
        each.tried, each.conditional,
    ]  # fmt: skip

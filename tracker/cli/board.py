"""`runcite board`: a project's leaderboard."""

from __future__ import annotations

from typing import Annotated

import typer

from tracker.cli.say import as_json
from tracker.cli.source import open_source
from tracker.cli.tables import line, table
from tracker.cli.text import number

app = typer.Typer(add_completion=False)


@app.command()
def board(
    project: Annotated[str, typer.Argument(help="The project.")],
    json: Annotated[bool, typer.Option("--json", help="The ranking, as one JSON object.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many rows.")] = 20,
) -> None:
    """A project's leaderboard. Rows that cannot be told apart share a place (=)."""
    with open_source() as source:
        ranking = source.ranking(project)
    if json:
        as_json(ranking)
        return
    spec = ranking.spec
    way = "higher is better" if spec.direction == "max" else "lower is better"
    line(f"{project}: {spec.metric}, {spec.aggregate}, {way}", style="bold")
    if not ranking.rows:
        line("Nothing ranks yet.")
    else:
        rows = []
        for row in ranking.rows[:limit]:
            first = row.records[0]
            interval = "" if row.low is None or row.high is None else f"{number(row.low)} – {number(row.high)}"
            rows.append(
                [
                    f"{'=' if row.tied else ''}{row.rank}",
                    first.id,
                    first.member or "–",
                    number(row.value),
                    interval,
                    str(row.n) if row.n > 1 else "one seed",
                    first.name or "",
                ]
            )
        table(["", "RUN", "MEMBER", "VALUE", "95 % OF MEAN", "SEEDS", "NAME"], rows, right=(0, 3, 5), keep=(0, 1, 3))
    if len(ranking.rows) > limit:
        line(f"… and {len(ranking.rows) - limit} more rows: -n {len(ranking.rows)}", style="dim")
    if ranking.unranked:
        line(f"{len(ranking.unranked)} not ranked; why: runcite board {project} --json", style="dim")

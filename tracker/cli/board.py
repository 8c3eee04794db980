"""`runcite board`: a project's leaderboard."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

import typer

from tracker.cli.say import as_json
from tracker.cli.source import open_source
from tracker.cli.tables import line, table
from tracker.cli.text import number
from tracker.errors import UsageError
from tracker.record import BoardSpec
from tracker.rules.policy import changed, effects, said, settings_of

app = typer.Typer(add_completion=False)


@app.command()
def board(
    project: Annotated[str, typer.Argument(help="The project.")],
    json: Annotated[bool, typer.Option("--json", help="The ranking, as one JSON object.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many rows.")] = 20,
    rules: Annotated[bool, typer.Option("--rules", help="What the board asks, and what each finding does.")] = False,
    change: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a rule, or what a finding does.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option("--policy", exists=True, dir_okay=False, help="The same from a TOML file.")
    ] = None,
) -> None:
    """A project's leaderboard. Rows that cannot be told apart share a place (=)."""
    wanted = _wanted(policy, change or [])
    with open_source() as source:
        if wanted:
            source.set_board(changed(source.get_board(project), wanted))
        if wanted or rules:
            _show_rules(source.get_board(project), json)
            return
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


def _wanted(file: Path | None, pairs: list[str]) -> dict[str, str]:
    """The settings of a file, and over them those of the command line."""
    try:
        found = settings_of(tomllib.loads(file.read_text(encoding="utf-8"))) if file else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} is no TOML: {error}.", remedy='Write lines such as max_runtime = "2h".') from None
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise UsageError(f"{pair!r} sets nothing.", remedy="Write --set max_runtime=2h")
        found[name] = value
    return found


def _show_rules(spec: BoardSpec, json: bool) -> None:
    if json:
        as_json(spec)
        return
    line(f"What the board of {spec.project} asks", style="bold")
    table(["SETTING", "VALUE", "WHAT IT IS"], [list(each) for each in said(spec)], keep=(0, 1))
    rows = [[meaning.code, effect, meaning.meaning] for meaning, effect in effects(spec.rules)]
    table(["FINDING", "DOES", "WHAT IT MEANS"], rows, keep=(0, 1))
    line("Change one: runcite board PROJECT --set max_runtime=2h --set unpushed=reject", style="dim")

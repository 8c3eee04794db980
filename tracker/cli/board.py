"""`runcite board`: a project's leaderboard, whole or filtered, and who led it when."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from tracker.cli.output import CSV, DARK, JSON, PICTURED, PNG, draw, one_of
from tracker.cli.say import as_csv, as_json
from tracker.cli.source import open_source
from tracker.cli.tables import line, table
from tracker.cli.text import duration, moment, number
from tracker.errors import UsageError
from tracker.record import Badge, BoardSpec
from tracker.rules.board import Lead, Ranking, Row
from tracker.rules.filters import BADGES, EVERYTHING, Filter
from tracker.rules.policy import changed, effects, said, settings_of
from tracker.rules.words import counted

app = typer.Typer(add_completion=False)
PROVEN: dict[Badge, str] = dict(zip(BADGES, ("–", "author", "member", "elsewhere"), strict=True))
HEADS = (
    "rank", "tied", "run_id", "member", "name", "metric", "value", "low", "high", "seeds", "runtime_seconds",
    "gpu_hours", "parameters", "badge", "baseline", "over_baseline", "told_from_baseline",
)  # fmt: skip

Names = list[str] | None


@app.command()
def board(
    project: Annotated[str, typer.Argument(help="The project.")],
    where: Annotated[str | None, typer.Option("--where", "-w", help="Only runs that fit this condition.")] = None,
    member: Annotated[Names, typer.Option("--member", help="Only this member's; again for more.")] = None,
    tag: Annotated[Names, typer.Option("--tag", help="Only runs with this tag.")] = None,
    without_tag: Annotated[Names, typer.Option("--without-tag", help="No runs with this tag.")] = None,
    proven: Annotated[str | None, typer.Option(help="At least by: author, member, elsewhere.")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Only rows of so many seeds or more.")] = 1,
    since: Annotated[datetime | None, typer.Option(help="Ended then or later (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option(help="Ended then or earlier (UTC).")] = None,
    max_seconds: Annotated[float | None, typer.Option(min=0, help="At most so long.")] = None,
    max_gpu_hours: Annotated[float | None, typer.Option(min=0, help="At most so many GPU hours.")] = None,
    max_parameters: Annotated[int | None, typer.Option(min=0, help="At most so many parameters.")] = None,
    cost: Annotated[bool, typer.Option("--cost", help="Time, GPU hours, parameters, gain over the baseline.")] = False,
    lead: Annotated[bool, typer.Option("--lead", help="Who led when.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many rows.")] = 20,
    rules: Annotated[bool, typer.Option("--rules", help="What the board asks, and what each finding does.")] = False,
    change: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a rule, or what a finding does.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option("--policy", exists=True, dir_okay=False, help="The same from a TOML file.")
    ] = None,
    json: JSON = False,
    csv: CSV = False,
    png: PNG = None,
    dark: DARK = False,
) -> None:
    """A project's leaderboard. Rows that cannot be told apart share a place (=)."""
    one_of(json, csv, png)
    only = Filter(
        members=tuple(member or ()),
        tags=tuple(tag or ()),
        without_tags=tuple(without_tag or ()),
        badge=_badge(proven),
        since=_micros(since),
        until=_micros(until),
        max_runtime=max_seconds,
        max_gpu_hours=max_gpu_hours,
        max_parameters=max_parameters,
        seeds=seeds,
    )
    wanted = _wanted(policy, change or [])
    with open_source() as source:
        if wanted:
            source.set_board(changed(source.get_board(project), wanted))
        if wanted or rules:
            _show_rules(source.get_board(project), json)
            return
        if lead:
            _leads(project, source.lead(project, only, where), json, csv)
            return
        rows = None if json or csv else max(limit, PICTURED if png else 0)
        ranking = source.ranking(project, only, where, rows)
    if json:
        as_json(ranking)
    elif csv:
        as_csv(HEADS, [_cells(ranking, row) for row in ranking.rows])
    elif png:
        draw(png, dark, "board", ranking)
    else:
        _print(ranking, limit, cost, filtered=only != EVERYTHING or where is not None)


def _print(ranking: Ranking, limit: int, cost: bool, *, filtered: bool) -> None:
    spec = ranking.spec
    way = "higher is better" if spec.direction == "max" else "lower is better"
    line(f"{spec.project}: {spec.metric}, {spec.aggregate}, {way}", style="bold")
    shown = ranking.rows[:limit]
    if not shown:
        line("Nothing ranks among what was asked for." if filtered else "Nothing ranks yet.")
    elif cost:
        heads = ["", "RUN", "MEMBER", "VALUE", "TIME", "GPU H", "PARAMETERS", "OVER BASELINE"]
        table(heads, [_cost(row) for row in shown], right=(0, 3, 4, 5, 6, 7), keep=(0, 1, 3))
    else:
        heads = ["", "RUN", "MEMBER", "VALUE", "95 % OF MEAN", "SEEDS", "PROVEN", "NAME"]
        table(heads, [_main(row) for row in shown], right=(0, 3, 5), keep=(0, 1, 3, 4))
    if ranking.of > len(shown):
        line(f"… and {counted(ranking.of - len(shown), 'more row')}: -n {ranking.of}", style="dim")
    if any(row.baseline for row in shown):
        line("* a baseline", style="dim")
    if ranking.left_out:
        line(f"{counted(ranking.left_out, 'run')} that would rank did not pass the filter.", style="dim")
    if ranking.unranked_of:
        line(f"{ranking.unranked_of} not ranked; why: runcite board {spec.project} --json", style="dim")


def _place(row: Row) -> str:
    return f"{'=' if row.tied else ''}{row.rank}"


def _who(row: Row) -> list[str]:
    first = row.records[0]
    return [_place(row), first.id, f"{first.member or '–'}{'*' if row.baseline else ''}", number(row.value)]


def _main(row: Row) -> list[str]:
    interval = "" if row.low is None or row.high is None else f"{number(row.low)} – {number(row.high)}"
    proven = PROVEN[row.badge]
    if row.n > 1 and row.proven:
        proven += f" {row.proven}/{row.n}"
    return [*_who(row), interval, str(row.n) if row.n > 1 else "one seed", proven, row.records[0].name or ""]


def _cost(row: Row) -> list[str]:
    budget, gain = row.budget, row.gain
    over = "baseline" if row.baseline and gain is None else "–"
    if gain is not None:
        over = f"{'+' if gain.by > 0 else ''}{number(gain.by)}{'' if gain.told_apart else ' (noise)'}"
    parameters = "–" if budget.parameters is None else f"{budget.parameters:,}"
    return [*_who(row), duration(budget.runtime), number(budget.gpu_hours), parameters, over]


def _cells(ranking: Ranking, row: Row) -> list[object]:
    first, gain = row.records[0], row.gain
    return [
        row.rank, row.tied, first.id, first.member, first.name, ranking.spec.metric, row.value, row.low, row.high,
        row.n, row.budget.runtime, row.budget.gpu_hours, row.budget.parameters, row.badge, row.baseline,
        gain.by if gain else None, gain.told_apart if gain else None,
    ]  # fmt: skip


def _leads(project: str, leads: tuple[Lead, ...], json: bool, csv: bool) -> None:
    if json:
        as_json(leads)
        return
    if csv:
        heads = ("at", "until", "run_id", "member", "value", "seeds", "why", "told_apart")
        as_csv(
            heads,
            [
                [each.at, each.until, each.record.id, each.record.member, each.value, each.n, each.why, each.told_apart]
                for each in leads
            ],
        )
        return
    line(f"{project}: who led when", style="bold")
    rows = [
        [
            moment(each.at),
            each.record.id,
            each.record.member or "–",
            number(each.value),
            each.why + ("" if each.told_apart else ", within noise"),
        ]
        for each in leads
    ]
    if rows:
        table(["SINCE", "RUN", "MEMBER", "VALUE", "WHY"], rows, right=(3,), keep=(0, 1, 3))
    else:
        line("Nobody has led yet.")


def _badge(proven: str | None) -> Badge | None:
    if proven is None:
        return None
    for badge, word in PROVEN.items():
        if word == proven.lower():
            return badge
    raise UsageError(f"Nothing is proven by {proven!r}.", remedy="Type --proven author, member or elsewhere.")


def _micros(when: datetime | None) -> int | None:
    return None if when is None else round(when.replace(tzinfo=when.tzinfo or UTC).timestamp() * 1_000_000)


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

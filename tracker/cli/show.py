"""`runcite show`: everything known of a run."""

from __future__ import annotations

import shlex
from typing import Annotated

import msgspec
import typer

from tracker.cli.output import CSV, DARK, PNG, draw_run, one_of
from tracker.cli.say import as_csv, as_json
from tracker.cli.source import Source, now, open_source
from tracker.cli.tables import line, pairs, table
from tracker.cli.text import ago, duration, moment, number, scalar, size, state
from tracker.errors import NotFound
from tracker.record import Record
from tracker.snapshot import Scalar

app = typer.Typer(add_completion=False)
HEADS = ("what", "name", "value", "min", "min_step", "max", "max_step", "points")


@app.command()
def show(
    run_id: Annotated[str, typer.Argument(help="The run's ID, for instance r-7K3M9QX2.")],
    json: Annotated[bool, typer.Option("--json", help="The record, as one JSON object.")] = False,
    model: Annotated[bool, typer.Option("--model", help="The checkpoint by hash, with its config.")] = False,
    packages: Annotated[bool, typer.Option("--packages", help="List every package.")] = False,
    csv: CSV = False,
    png: PNG = None,
    dark: DARK = False,
) -> None:
    """Everything known of a run; --csv has its config and metrics, --png the picture that Slack shows."""
    one_of(json, csv, png)
    with open_source() as source:
        record = source.get_run(run_id)
        if png:
            draw_run(source, record.id, png, dark)
            return
        if csv:
            as_csv(HEADS, _sheet(record))
            return
        if model:
            _model(record, json)
            return
        if json:
            as_json(record)
            return
        _head(record, now())
        _metrics(record)
        _section("config", [(key, scalar(value)) for key, value in record.config.items()])
        _section("code", _code(record))
        _section("environment", _environment(record))
        _section("data", [(each.name, f"{each.digest[:12]}  {size(each.size)}") for each in record.datasets])
        _section(
            "artifacts",
            [(f"{each.name} v{each.version}", f"{each.type}, {size(each.size)}") for each in record.artifacts],
        )
        if packages and record.snapshot.python:
            _section("packages", [(each.name, each.version) for each in record.snapshot.python.packages])
        _findings(source, record)


def _sheet(record: Record) -> list[list[object]]:
    config: list[list[object]] = [["config", key, value, *[None] * 5] for key, value in record.config.items()]
    metrics: list[list[object]] = [
        ["metric", name, each.last, each.min, each.min_step, each.max, each.max_step, each.count]
        for name, each in sorted(record.metrics.items())
    ]
    return config + metrics


class Model(msgspec.Struct, frozen=True):
    """A checkpoint: what to load, by hash, and the config that it was trained with."""

    run_id: str
    name: str
    digest: str
    size: int
    stored: bool
    config: dict[str, Scalar]
    badge: str


def _model(record: Record, json: bool) -> None:
    """The latest artifact that is a model.

    Raises:
        NotFound: the run logged none.
    """
    found = [each for each in record.artifacts if each.type == "model"]
    if not found:
        remedy = 'Log it: run.log_artifact("model.pt", kind="model").'
        raise NotFound(f"The run {record.id} logged no model.", remedy=remedy)
    last = found[-1]
    told = Model(record.id, last.name, last.digest, last.size, last.stored, record.config, record.badge)
    if json:
        as_json(told)
        return
    line(f"{told.name} of {record.id}", style="bold")
    pairs([("SHA-256", told.digest), ("size", size(told.size)), ("badge", told.badge)])
    _section("config", [(key, scalar(value)) for key, value in told.config.items()])
    line()
    line(f'Load it: tracker.reads.get_run("{record.id}").artifact("{told.name}")')


def _head(record: Record, now: int) -> None:
    line(f"{record.id}  {record.name or ''}".rstrip(), style="bold")
    end = record.end
    how = state(record)
    if record.state == "silent":
        how += f" since {ago(record.last_seen, now)}"
    if end and end.reason:
        how += f": {end.reason}"
    values = [
        ("project", record.project),
        ("member", record.member or "–"),
        ("state", how),
        ("started", f"{moment(record.started_at)} ({ago(record.started_at, now)})"),
        ("runtime", duration(end.runtime if end else None)),
        ("seed", "–" if record.seed is None else str(record.seed)),
        ("badge", record.badge),
    ]
    if record.tags:
        values.append(("tags", ", ".join(record.tags)))
    if record.note:
        values.append(("note", record.note))
    for seal in record.seals:
        values.append(("sealed", f"{seal.digest} at event {seal.seq}, {ago(seal.at, now)}"))
    if record.retracted:
        values.append(("retracted", f"by {record.retracted.by}: {record.retracted.why}"))
    pairs(values)


def _metrics(record: Record) -> None:
    if not record.metrics:
        return
    line()
    rows = [
        [name, number(each.last), number(each.min), number(each.max), str(each.count)]
        for name, each in sorted(record.metrics.items())
    ]
    table(["METRIC", "LAST", "LEAST", "GREATEST", "POINTS"], rows, right=(1, 2, 3, 4), keep=(1, 2, 3))


def _code(record: Record) -> list[tuple[str, str]]:
    code = record.snapshot.code
    if code is None:
        return [("", "not captured")]
    values = []
    if code.git:
        dirty = f" + {len(code.changed)} changed" if code.dirty else ""
        values += [
            ("commit", (code.git.commit or "none yet") + dirty),
            ("branch", code.git.branch or "none (detached)"),
            ("remote", (code.git.remote or "none") + (" (commit not pushed)" if code.git.pushed is False else "")),
        ]
    if code.script:
        values.append(("script", code.script))
    values += [(each.change, each.path) for each in code.changed]
    values += [("left out", f"{each.path}: {each.reason}") for each in code.left_out]
    return values


def _environment(record: Record) -> list[tuple[str, str]]:
    snap = record.snapshot
    values = []
    if snap.command:
        values.append(("command", shlex.join(snap.command.argv)))
    if snap.python:
        values.append(
            ("python", f"{snap.python.implementation} {snap.python.version}, {len(snap.python.packages)} packages")
        )
    if snap.machine:
        machine = snap.machine
        values.append(("machine", f"{machine.host}, {machine.os} {machine.arch}"))
        values.append(("cpu", f"{machine.cpu}, {machine.cores} cores, {size(machine.memory)}"))
        values += [("gpu", f"{each.name}, {size(each.memory)}") for each in machine.gpus]
    return values


def _findings(source: Source, record: Record) -> None:
    found = source.findings(record.id)
    line()
    fit = not any(each.severity == "reject" for each in found)
    line("Fit to be cited." if fit else "Not fit to be cited:", style="green" if fit else "red")
    for each in found:
        line(f"{each.severity}: {each.sentence} {each.remedy}", style="red" if each.severity == "reject" else "yellow")
    for notice in record.notices:
        line(f"notice: {notice.message}", style="dim")
    for problem in record.snapshot.problems:
        line(f"notice: {problem}", style="dim")


def _section(title: str, values: list[tuple[str, str]]) -> None:
    if values:
        line()
        line(title.upper(), style="bold")
        pairs(values)

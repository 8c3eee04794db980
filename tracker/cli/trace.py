"""`runcite trace`: what a run says, event by event, as it arrives."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from tracker.cli.say import as_json
from tracker.cli.source import open_source
from tracker.cli.tables import line
from tracker.cli.text import moment, scalar, size
from tracker.events import (
    ArtifactLogged,
    Body,
    Captured,
    Configured,
    DatasetLogged,
    Finished,
    Joined,
    Metrics,
    Noticed,
    Reproduced,
    Started,
    Tagged,
)
from tracker.ids import clip
from tracker.snapshot import Snapshot

app = typer.Typer(add_completion=False)
PAUSE = 0.5


@app.command()
def trace(
    run_id: Annotated[str, typer.Argument(help="The run's ID.")],
    follow: Annotated[bool, typer.Option(help="Go on until the run has ended.")] = True,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """What a run says, event by event, as it arrives."""
    with open_source() as source:
        run_id = source.get_run(run_id).id
        after = 0
        while True:
            ended = source.get_run(run_id).state in ("finished", "failed")
            while placed := source.events(run_id, after=after):
                for each in placed:
                    if json:
                        as_json(each)
                    else:
                        line(f"{each.seq:>5}  {moment(each.event.at)[11:19]}  {said(each.event.body)}")
                after = placed[-1].seq
            if ended or not follow:
                return
            time.sleep(PAUSE)


def said(body: Body) -> str:
    """An event in a line."""
    match body:
        case Started():
            config = ", ".join(f"{key}={scalar(value)}" for key, value in body.config.items())
            return f"started    in {body.project}; config {clip(config, 160) or 'empty'}; seed {body.seed}"
        case Joined():
            return f"joined     as {body.role}" + (f", rank {body.rank}" if body.rank is not None else "")
        case Captured():
            return f"captured   {_captured(body.snapshot)}"
        case Configured():
            return "configured " + ", ".join(f"{key}={scalar(value)}" for key, value in body.config.items())
        case Metrics():
            return "metrics    " + ", ".join(f"{each.name} × {each.count}" for each in body.columns)
        case ArtifactLogged():
            return f"artifact   {body.name}, {size(body.size)}, SHA-256 {body.digest[:12]}…"
        case DatasetLogged():
            return f"dataset    {body.name}, {size(body.size)}, SHA-256 {body.digest[:12]}…"
        case Tagged():
            return f"tagged     +{', '.join(body.add) or '–'} −{', '.join(body.remove) or '–'}"
        case Reproduced():
            return f"reproduced {body.original}: {body.verdict}. {body.sentence}"
        case Noticed():
            return f"noticed    {body.code}: {body.message}"
        case Finished():
            return f"finished   {body.state} after {body.runtime:.1f} s, said by the {body.witness}" + (
                f": {body.reason}" if body.reason else ""
            )


def _captured(snap: Snapshot) -> str:
    parts = []
    if snap.code:
        commit = snap.code.git.commit if snap.code.git else None
        parts.append(f"code at {commit[:8] if commit else 'no commit'}, {len(snap.code.changed)} files changed")
    if snap.python:
        parts.append(f"Python {snap.python.version} with {len(snap.python.packages)} packages")
    if snap.machine:
        parts.append(f"machine {snap.machine.host}")
    if snap.command:
        parts.append(f"command {clip(' '.join(snap.command.argv), 60)}")
    if snap.seeds.stated is not None or snap.seeds.torch is not None:
        parts.append("seeds")
    return "; ".join(parts) or "nothing more"

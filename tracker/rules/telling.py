"""What an event says, in a line: the same for the pages' live trace and the command line. Pure."""

from __future__ import annotations

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
from tracker.rules.words import counted, duration
from tracker.snapshot import Scalar, Snapshot

_LONGEST = 240


def kind(body: Body) -> str:
    """The event's kind, as it is stored: `started`, `metrics`, …"""
    return str(body.__struct_config__.tag)


def told(body: Body) -> str:
    """What the event says beside its kind, in one line of bounded length."""
    return clip(" ".join(_told(body).split()), _LONGEST)


def _told(body: Body) -> str:
    match body:
        case Started():
            return f"in {body.project}; config {_settings(body.config) or 'empty'}; seed {_or_none(body.seed)}"
        case Joined():
            return f"as {body.role}" + (f", rank {body.rank}" if body.rank is not None else "")
        case Captured():
            return _captured(body.snapshot)
        case Configured():
            return _settings(body.config)
        case Metrics():
            return ", ".join(f"{column.name} × {column.count:,}" for column in body.columns)
        case ArtifactLogged() | DatasetLogged():
            return f"{body.name}, {body.size:,} bytes, SHA-256 {body.digest[:12]}…"
        case Tagged():
            tags = [f"+{tag}" for tag in body.add] + [f"−{tag}" for tag in body.remove]
            return ", ".join(tags + (["the note was rewritten"] if body.note is not None else [])) or "nothing new"
        case Reproduced():
            return f"{body.original}: {body.verdict}. {body.sentence}"
        case Noticed():
            return f"{body.code}: {body.message}"
        case Finished():
            reason = f": {body.reason}" if body.reason else ""
            return f"{body.state} after {duration(body.runtime)}, said by the {body.witness}{reason}"


def _settings(config: dict[str, Scalar]) -> str:
    return ", ".join(f"{key}={_scalar(value)}" for key, value in config.items())


def _scalar(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "none" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def _or_none(value: int | None) -> str:
    return "none" if value is None else str(value)


def _captured(snap: Snapshot) -> str:
    parts = []
    if snap.code:
        commit = snap.code.git.commit if snap.code.git else None
        changed = f", {counted(len(snap.code.changed), 'changed file')}" if snap.code.changed else ""
        parts.append(f"code at {commit[:8] if commit else 'no commit'}{changed}")
    if snap.python:
        parts.append(f"Python {snap.python.version} with {counted(len(snap.python.packages), 'package')}")
    if snap.machine:
        parts.append(f"machine {snap.machine.host}")
    if snap.command:
        parts.append(f"command {clip(' '.join(snap.command.argv), 80)}")
    if snap.seeds.stated is not None or snap.seeds.torch is not None:
        parts.append("seeds")
    return "; ".join(parts) or "nothing more"

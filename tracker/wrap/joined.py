"""Notes that a command's own runs leave, so that `exec` does not register another: a file for each run that
`tracker.start_run` opened. And that the hooks were loaded, and what they saw of parameters, of what a `SummaryWriter`
was told and of what was printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

OPENED, SEEN, TOLD, PRINTED, LOADED = "opened", "parameters", "scalars", "printed", "loaded"


def make(folder: Path, *, output: bool) -> None:
    """Make the places for notes; with `output` also one for what the command prints."""
    for name in (OPENED, SEEN, TOLD, *([PRINTED] if output else ())):
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)


def opened(folder: Path) -> tuple[str, ...]:
    """The IDs of the runs that the command opened by itself."""
    return tuple(sorted(path.name for path in (folder / OPENED).iterdir()))


def printed(folder: Path) -> Path:
    """Where the files are that hold what the command printed."""
    return folder / PRINTED


def loaded(folder: Path) -> bool:
    """Whether a Python of the command loaded the hooks."""
    return (folder / LOADED).exists()


def parameters(folder: Path) -> dict[str, Any]:
    """What argparse and click parsed in the command, defaults included: the process that was first goes first."""
    found: dict[str, Any] = {}
    notes = sorted((folder / SEEN).glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    for note in notes:
        try:
            seen = msgspec.json.decode(note.read_bytes(), type=dict[str, Any])
        except (msgspec.DecodeError, OSError):
            continue
        found = seen | found
    return found

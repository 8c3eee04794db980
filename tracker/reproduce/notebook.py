"""A notebook's cells as they ran, from the record; and how they are run again."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from tracker.capture.command import BETWEEN
from tracker.client.notebook import FULL, HEAD, KEPT
from tracker.errors import Corrupt, NotFound
from tracker.record import Record
from tracker.reproduce.code import SOURCE
from tracker.reproduce.fetch import Origin, content
from tracker.reproduce.stages import Stopped

REPLAY = Path(__file__).with_name("replay.py")
_HEAD = re.compile("^" + re.escape(HEAD).replace(r"\{\}", r"\d+") + "\n", re.MULTILINE)


def is_notebook(record: Record) -> bool:
    """Whether the run was opened by cells, in no file."""
    command, code = record.snapshot.command, record.snapshot.code
    loose = code is not None and any(file.path == SOURCE for file in code.changed)
    return loose and command is not None and command.argv[:1] != ("-c",)


def source(record: Record, origin: Origin, scratch: Path) -> str | None:
    """Code that stands in no file: what `python -c` was given, or cells up to the one that opened the run."""
    files = record.snapshot.code.changed if record.snapshot.code else ()
    digest = next((file.digest for file in files if file.path == SOURCE), None)
    return None if digest is None else _text(origin, digest, scratch)


def cells(record: Record, origin: Origin, scratch: Path) -> tuple[str, ...]:
    """The cells, in the order in which they ran: those that were kept until the run ended, or up to its opening.

    Raises:
        Stopped: they can't be had, or were too many to be kept.
    """
    kept = next((each.digest for each in record.artifacts if each.name == KEPT and each.type == "code"), None)
    text = "" if kept is None else _text(origin, kept, scratch)
    if FULL in text:
        said = "More cells ran than were kept, so the notebook can't be run again."
        raise Stopped("run", "notebook", said, "Train from a script.")
    if _HEAD.match(text):
        return tuple(cell.rstrip("\n") for cell in _HEAD.split(text)[1:])
    return tuple((source(record, origin, scratch) or "").split(BETWEEN))


def staged(found: tuple[str, ...], folder: Path) -> tuple[str, str]:
    """What Python is to be given, so that it runs the cells: written to a folder apart from the tree."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cells.json").write_bytes(msgspec.json.encode(found))
    (folder / REPLAY.name).write_bytes(REPLAY.read_bytes())
    return str(folder / REPLAY.name), str(folder / "cells.json")


def _text(origin: Origin, digest: str, scratch: Path) -> str:
    try:
        return content(origin, digest, scratch).decode("utf-8", "replace")
    except (NotFound, Corrupt) as error:
        said = f"The cells can't be had: {error.message}"
        raise Stopped("code", "content-missing", said, "Type: runcite sync") from None

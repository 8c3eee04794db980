"""A run in a notebook: the cells that run are kept beside its journal as they run, and it shows itself as a card.

    cells    each cell before it runs, scrubbed, with its number; the shipper makes the artifact notebook.py of it

IPython is found where it is loaded already, and never imported. Cards that were shown renew themselves whenever a cell
has ended, and when the run ends: nothing runs beside the training.
"""

from __future__ import annotations

import contextlib
import os
import struct
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from tracker.capture import scrub
from tracker.client.card import Card, html
from tracker.client.folders import Folder
from tracker.client.frames import EVENT, FIRST_ROW, SHAPE, START, WIDE_ROW, Frame, read_said, read_shape, walk
from tracker.events import Finished, Started
from tracker.snapshot import Scalar

CELLS, KEPT = "cells", "notebook.py"
HEAD, FULL = "# %% In [{}]", "# %% more cells ran than are kept"
"""What stands above a cell, and what in place of the rest."""
MOST_CELLS = 1 << 20
MOST_READ = 4 << 20
_STEP = struct.Struct("<q")


class Notebook:
    """One run's. `who` gives the run's ID and where it can be seen, `written` how much of its journal is written."""

    def __init__(
        self,
        folder: Folder,
        segment: str,
        config: Mapping[str, Scalar],
        who: Callable[[], tuple[str, str]],
        written: Callable[[], int],
    ):
        self._folder, self._segment, self._config, self._who = folder, segment, config, who
        self._written, self._stood = written, -1  # the cell that opens the run is the run's own
        self._shell: Any = None
        self.error: BaseException | None = None
        """What the last cell that wrote to the run raised."""
        self._room = MOST_CELLS
        self._shown: list[str] = []
        self._drawn = ""
        self._seen = Read()

    def attach(self) -> None:
        """Keep the cells that ran so far, and those that will, if this is a notebook."""
        kind = getattr(sys.modules.get("IPython.core.interactiveshell"), "InteractiveShell", None)
        if kind is None or not kind.initialized():
            return
        self._shell = kind.instance()
        for number, cell in enumerate(self._shell.user_ns.get("In", ())):
            self._keep(number, cell)
        self._shell.events.register("pre_run_cell", self._before)
        self._shell.events.register("post_run_cell", self._after)

    @property
    def attached(self) -> bool:
        """Whether this is a notebook."""
        return self._shell is not None

    def end(self) -> None:
        """The run has ended: cells are no longer its own, and cards are drawn once more."""
        self._read()
        self._room = 0
        self._renew()
        if self._shell is not None:
            with contextlib.suppress(ValueError):
                self._shell.events.unregister("pre_run_cell", self._before)
            with contextlib.suppress(ValueError):
                self._shell.events.unregister("post_run_cell", self._after)

    def html(self) -> str:
        """The card, as things stand."""
        self._read()
        seen, (run_id, address) = self._seen, self._who()
        return html(Card(run_id, address, seen.project, seen.name, seen.state, self._config, seen.curves, seen.note))

    def show(self) -> None:
        """Show the card, and renew it from now on."""
        if self._shell is not None:
            self._shown.append(os.urandom(16).hex())
            self._drawn = self.html()
            self._publish(self._shown[-1], update=False)

    def _before(self, info: Any) -> None:
        self._stood = self._written()
        self._keep(self._shell.execution_count, getattr(info, "raw_cell", ""))

    def _after(self, result: Any) -> None:
        if self._written() > self._stood:
            self.error = getattr(result, "error_in_exec", None)
        self._renew()

    def _renew(self) -> None:
        if self._shown and (drawn := self.html()) != self._drawn:
            self._drawn = drawn
            for shown in self._shown:
                self._publish(shown, update=True)

    def _publish(self, shown: str, *, update: bool) -> None:
        data = {"text/html": self._drawn, "text/plain": " ".join(self._who())}
        self._shell.display_pub.publish(data, transient={"display_id": shown}, update=update)

    def _keep(self, number: int, cell: object) -> None:
        """Append a cell. A disk that is full ends it without a word: the snapshot has what ran before the run began."""
        if not isinstance(cell, str) or not cell.strip() or self._room <= 0:
            return
        text, _ = scrub.text(cell, "cell")
        data = f"{HEAD.format(number)}\n{text.rstrip()}\n\n".encode("utf-8", "backslashreplace")
        self._room -= len(data)
        if self._room < 0:
            data = f"{FULL}\n".encode()
        try:
            fd = os.open(self._folder.path / CELLS, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                os.write(fd, data)
            finally:
                os.close(fd)
        except OSError:
            self._room = 0

    def _read(self) -> None:
        with contextlib.suppress(OSError, msgspec.DecodeError):
            path = self._folder.segment(self._segment)
            with path.open("rb") as file:
                data = file.read(MOST_READ + 1)
            whole = len(data) <= MOST_READ
            self._seen = Read.of(data[:MOST_READ], self._folder.seed(self._segment), whole=whole)


class Read(msgspec.Struct):
    """What a journal says of its run, for a card."""

    project: str = ""
    name: str | None = None
    state: str = "running"
    note: str = ""
    curves: dict[str, tuple[list[int], list[float]]] = {}

    @classmethod
    def of(cls, data: bytes, seed: int, *, whole: bool) -> Read:
        """Read a journal's bytes; of one that is not `whole` no curve is shown. Raises msgspec.DecodeError."""
        found = cls()
        shapes: dict[int, tuple[str, ...]] = {}
        for frame in walk(data, START, seed):
            if frame.kind == EVENT:
                found._take(read_said(frame.payload).body)
            elif frame.kind == SHAPE:
                shape = read_shape(frame.payload)
                shapes[shape.id] = shape.names
            elif whole and (frame.kind >= FIRST_ROW or frame.kind == WIDE_ROW):
                found._row(frame, shapes)
        if not whole:
            found.note = "There are more values than are drawn here; the run's page has them all."
        return found

    def _take(self, body: object) -> None:
        if isinstance(body, Started):
            self.project, self.name = body.project, body.name
        elif isinstance(body, Finished):
            self.state = body.state

    def _row(self, frame: Frame, shapes: Mapping[int, tuple[str, ...]]) -> None:
        lead = 8 if frame.kind == WIDE_ROW else 0
        number = _STEP.unpack_from(frame.payload)[0] if lead else frame.kind - FIRST_ROW
        names = shapes.get(number, ())
        step, _, *values = struct.unpack_from(f"<qq{len(names)}d", frame.payload, lead)
        for name, value in zip(names, values, strict=True):
            steps, kept = self.curves.setdefault(name, ([], []))
            steps.append(step)
            kept.append(value)


def kept(folder: Path) -> bool:
    """Whether cells are kept there."""
    return (folder / CELLS).is_file()

"""Where a run to be reproduced comes from: the store that the settings name, or an exported file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracker.record import Record
from tracker.reproduce.archive import Archive
from tracker.reproduce.fetch import Origin, open_origin
from tracker.settings import Settings


@contextmanager
def run_from(named: str, settings: Settings) -> Iterator[tuple[Origin, Record]]:
    """The run that `named` says, by ID or as an exported file or folder, and where it comes from.

    Raises:
        RunciteError: there is none, or it can't be believed.
    """
    path = Path(named)
    if named.endswith(".zip") or "/" in named or path.is_dir():
        archive = Archive(path)
        try:
            yield archive, archive.contents.record
        finally:
            archive.close()
        return
    with open_origin(settings) as origin:
        yield origin, origin.record(named)

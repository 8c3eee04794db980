"""Find a place for a run's journal: in the home, or else in a folder for temporary files."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from random import Random

from msgspec.structs import replace

from tracker import ids
from tracker.client import process
from tracker.client.folders import Folder
from tracker.client.journal import Journal
from tracker.errors import RunciteError
from tracker.settings import Settings, load


class Opened:
    """A folder, the first segment in it, and what had to be done to get there (code and sentence)."""

    def __init__(self, settings: Settings, folder: Folder, journal: Journal, problems: list[tuple[str, str]]) -> None:
        self.settings = settings
        self.folder = folder
        self.journal = journal
        self.problems = problems


def settings_in_force(problems: list[tuple[str, str]]) -> Settings:
    """The settings, or the defaults where they can't be understood."""
    try:
        return load()
    except RunciteError as error:
        problems.append(("settings", f"{error} The defaults were taken."))
    home = _temporary() / f"runcite-{os.getuid()}"
    return load({"RUNCITE_HOME": str(home)}, cwd=Path("/"))


def resumed(resume: str | None, rng: Random, problems: list[tuple[str, str]]) -> tuple[str, bool]:
    """The run ID to write under, and whether it is an existing run that goes on."""
    if resume is None:
        return ids.mint(rng), False
    try:
        return ids.parse(resume), True
    except RunciteError as error:
        problems.append(("not-resumed", f"{error.message} A new run was started."))
        return ids.mint(rng), False


def open_run(
    settings: Settings, run_id: str, segment: str, nonce: str, at: int, problems: list[tuple[str, str]]
) -> Opened | None:
    """Open the first segment under the home, else under a folder for temporary files; None when neither works."""
    failure: OSError | None = None
    for place in (settings, None):
        try:
            chosen = place or replace(settings, home=temporary_home())
            folder, journal = _open(chosen, run_id, segment, nonce, at)
        except OSError as error:
            failure = failure or error
            continue
        if place is None and failure is not None:
            problems.append(
                (
                    "home",
                    f"{settings.home} can't be written ({failure.strerror}); this run is kept under {chosen.home} "
                    f"until it is delivered (RUNCITE_HOME={chosen.home} runcite sync).",
                )
            )
        return Opened(chosen, folder, journal, problems)
    return None


def _open(settings: Settings, run_id: str, segment: str, nonce: str, at: int) -> tuple[Folder, Journal]:
    folder = Folder.make(settings, run_id, nonce[:8])
    alone = not folder.segments()
    try:
        owner = process.describe(run_id, segment, nonce, at)
        return folder, Journal(folder.segment(segment), owner, folder.seed(segment))
    except OSError:
        if alone:
            folder.remove()
        raise


def tell_exec(settings: Settings, run_id: str) -> None:
    """Let the `runcite exec` that this process runs under know that the run registers by itself."""
    if settings.exec is not None:
        with contextlib.suppress(OSError):
            (settings.exec / "opened" / run_id).touch()


def worker_journal(folder: Folder, run_id: str, nonce: str, at: int) -> Journal:
    """A new segment for another process of the run.

    Raises:
        OSError: there is no room, or the folder is gone.
    """
    segment = f"worker-{os.urandom(4).hex()}"
    owner = process.describe(run_id, segment, nonce, at)
    return Journal(folder.segment(segment), owner, folder.seed(segment))


def open_worker(folder: Folder, home: Path, run_id: str, nonce: str, at: int) -> Opened:
    """What a worker that got the run by pickle writes to.

    Raises:
        OSError: as `worker_journal`.
        RunciteError: the settings can't be understood.
    """
    return Opened(replace(load(), home=home), folder, worker_journal(folder, run_id, nonce, at), [])


def temporary_home() -> Path:
    """A folder of this user's own among the temporary files.

    Raises:
        OSError: there is none to be had.
    """
    path = _temporary() / f"runcite-{os.getuid()}"
    path.mkdir(mode=0o700, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        path = _temporary() / f"runcite-{os.getuid()}-{os.urandom(8).hex()}"
        path.mkdir(mode=0o700)
    return path


def _temporary() -> Path:
    import tempfile  # only when the home can't be used

    return Path(tempfile.gettempdir())

"""A run of `exec`'s own, for a command that opened none: written into a journal, delivered as every other."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

from tracker.client import launch, output
from tracker.client.config import Config
from tracker.client.folders import Folder
from tracker.client.frames import event_frame
from tracker.client.opening import open_run
from tracker.client.rows import Rows
from tracker.client.values import clean, name_of
from tracker.errors import Unavailable
from tracker.events import NOT_JOINED, Body, Captured, DatasetLogged, Finished, Noticed, Started
from tracker.ids import mint
from tracker.settings import Settings
from tracker.snapshot import Scalar, Snapshot
from tracker.store.mlflow.rows import Exit
from tracker.wrap import printed
from tracker.wrap.scalars import Point

_NOT_JOINED = (
    "What the command printed and parsed is not recorded: it is no Python, or one that was started with -I, -E or -S, "
    "or with a PYTHONPATH that was set on the way."
)
_SEEDS = ("seed", "random_state", "random_seed")


class Command:
    """A command that has ended: when it began (microseconds since 1970), how long it took, how it ended, the data that
    it was said to use, what its writers were told, and whether a Python of it was joined."""

    def __init__(
        self,
        project: str,
        name: str | None,
        began: int,
        seconds: float,
        how: Exit,
        data: Sequence[DatasetLogged] = (),
        points: Sequence[Point] = (),
        joined: bool = True,
    ) -> None:
        self.project = project
        self.name = name
        self.began = began
        self.seconds = seconds
        self.how = how
        self.data = data
        self.points = points
        self.joined = joined


def register(
    settings: Settings,
    command: Command,
    parameters: dict[str, object],
    snapshot: Snapshot,
    staged: Folder,
    said: Path,
    rng: Random,
) -> str:
    """Register the command as a run; its ID. The staged files of the snapshot move along, and what it printed.

    Raises:
        Unavailable: there is no place for its journal.
    """
    problems: list[tuple[str, str]] = []
    config = Config()
    config.update(parameters)
    config.attach(lambda added: None, lambda code, message: problems.append((code, message)))
    run_id, nonce = mint(rng), os.urandom(16).hex()
    opened = open_run(settings, run_id, "main", nonce, command.began, problems)
    if opened is None:
        raise Unavailable(
            "The run's journal cannot be written.", remedy="Set RUNCITE_HOME to a folder you can write to."
        )
    _move(staged, opened.folder)
    points = _results(command, _printed(said, opened.folder), problems)
    if not command.joined:
        problems.append((NOT_JOINED, _NOT_JOINED))
    how = command.how
    reason = None if how.state == "finished" else clean(f"the command {how}")
    started = Started(
        name_of(command.project),
        nonce,
        name=command.name and name_of(command.name),
        config=dict(config),
        seed=_seed(config),
        note="Registered by runcite exec: the command opened no run by itself.",
        reproduces=settings.reproduces,
    )
    end = Finished(
        how.state, command.seconds, witness="shipper", reason=reason, exit_code=how.exit_code, signal=how.signal
    )
    notices = (Noticed(code, message) for code, message in problems)
    bodies: list[Body] = [started, Captured(snapshot), *command.data, *notices]
    journal = opened.journal
    for body in bodies:
        journal.append(event_frame(command.began, body, journal.seed))
    rows = Rows(journal.seed)
    for point in points:
        rows.frames((name_of(point.name),), (point.value,), point.step, point.at * 1000, journal.append)
    journal.close(event_frame(time.time_ns() // 1000, end, journal.seed))
    if settings.shipper:
        launch.start_shipper(opened.settings.home)
    return run_id


def _seed(config: Config) -> int | None:
    """The seed among the parameters."""
    found: list[Scalar] = [config[key] for key in config if key.rpartition(".")[2].lower() in _SEEDS]
    seed = found[0] if found else None
    return seed if isinstance(seed, int) and not isinstance(seed, bool) else None


def _results(command: Command, text: str, problems: list[tuple[str, str]]) -> Sequence[Point]:
    """What the command's writers were told; of one that told none, the results among what it printed."""
    if command.points:
        return command.points
    rows = list(printed.results(text))
    if rows:
        named = ", ".join(printed.names(rows))
        problems.append(("metrics-printed", f"Read from what the command printed, to the digits printed: {named}."))
    at = command.began + int(command.seconds * 1e6)
    return [Point(name, value, row.step or 0, at) for row in rows for name, value in row.values.items()]


def _printed(said: Path, folder: Folder) -> str:
    """What was printed, which moves to the run."""
    if not said.is_dir():
        return ""
    text = output.as_seen(output.read(said))
    for path in output.kept(said):
        path.replace(folder.path / path.name)
    return text


def _move(staged: Folder, folder: Folder) -> None:
    for digest, path in staged.staged():
        folder.blobs.mkdir(mode=0o700, exist_ok=True)
        path.replace(Path(folder.blobs, digest))

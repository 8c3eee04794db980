"""A command under `runcite exec`, from before it starts until after it ended."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Protocol, TypeVar

import msgspec

from tracker.capture.take import full, quick
from tracker.client.folders import Folder
from tracker.client.values import digest_data, name_of
from tracker.errors import RunciteError, UsageError
from tracker.events import DatasetLogged
from tracker.settings import Settings
from tracker.snapshot import Seeds, Snapshot, merged
from tracker.store.mlflow.rows import EXEC, Exit
from tracker.wrap import child, joined, parameters, scalars
from tracker.wrap.interpreter import origin_of, within_env
from tracker.wrap.register import Command, register

T = TypeVar("T")
HOOKS = Path(__file__).parent / "hooks"


class Side(Protocol):
    """Where the command's MLflow client is sent, and who keeps its runs."""

    uri: str
    token: str | None

    def begin(self, nonce: str, snapshot: Snapshot, folder: Folder) -> None:
        """Give the snapshot."""

    def end(self, nonce: str, how: Exit) -> tuple[str, ...]:
        """Tell how the command ended; the runs that it opened."""

    def close(self) -> None:
        """Let go."""


def execute(
    command: Sequence[str],
    settings: Settings,
    side: Side,
    *,
    project: str | None,
    name: str | None,
    data: Mapping[str, Path],
    environ: Mapping[str, str],
    rng: Random,
    tell: Callable[[str], None],
) -> Exit:
    """Run the command with everything it needs to be joined, and see to it that it is registered.

    `data` names the files and folders that it reads, for a run that it does not open by itself.
    What goes wrong with recording is told in a line, and the command runs all the same.

    Raises:
        UsageError: the command cannot be run, or its data are not there.
    """
    used = [_used(name, path) for name, path in data.items()]
    command, environ, given = within_env(command, environ)
    nonce = f"{rng.getrandbits(128):032x}"
    folder = Folder(settings.home / "exec" / nonce)
    joined.make(folder.path, output=settings.output)
    try:
        snapshot = _snapshot(command, environ, given, folder, settings.home)
        _shielded(lambda: side.begin(nonce, snapshot, folder), tell)
        began, clock = time.time_ns() // 1000, time.monotonic()
        how = child.run(command, _environment(environ, side, nonce, folder.path, project))
        seconds = time.monotonic() - clock
        runs = joined.opened(folder.path) + (_shielded(lambda: side.end(nonce, how), tell) or ())
        if not runs:
            points, told = scalars.read(folder.path)
            seen = told | parameters.of_command(command, given) | joined.parameters(folder.path)
            joins = joined.loaded(folder.path)
            ended = Command(project or Path.cwd().name or "exec", name, began, seconds, how, used, points, joins)
            said = joined.printed(folder.path)
            made = _shielded(lambda: register(settings, ended, seen, snapshot, folder, said, rng), tell)
            runs = (made,) if made else ()
        for run_id in runs:
            tell(f"{run_id} is this command's run; it {how}.")
        return how
    finally:
        side.close()
        folder.remove()


def _used(name: str, path: Path) -> DatasetLogged:
    """The data by their full content, as they are before the command starts."""
    try:
        digest, size, source = digest_data(path)
    except OSError as error:
        raise UsageError(
            f"The data set {name!r} can't be read at {path}: {error.strerror or error}.",
            remedy="Write --data NAME=PATH.",
        ) from None
    return DatasetLogged(name_of(name), digest, size, source)


def _shielded(step: Callable[[], T], tell: Callable[[str], None]) -> T | None:
    """What the step gives back; None, and a line, where it fails: the command comes first."""
    try:
        return step()
    except (RunciteError, OSError) as error:
        tell(f"{error} (The command runs all the same.)")
        return None


def _snapshot(
    command: Sequence[str], environ: Mapping[str, str], given: Mapping[str, str], folder: Folder, home: Path
) -> Snapshot:
    """The whole snapshot, before the command can change a file. Of generators it says nothing: ours are none of its."""
    origin = origin_of(command, environ, given)
    seen = quick(origin)
    seen = msgspec.structs.replace(seen, seeds=Seeds(flags=seen.seeds.flags))
    return merged(seen, full(origin, folder.keep, without=(home,)))


def _environment(
    environ: Mapping[str, str], side: Side, nonce: str, folder: Path, project: str | None
) -> dict[str, str]:
    """The command's environment: ours, and how its runs are joined."""
    env = dict(environ)
    before = env.get("PYTHONPATH", "")
    env |= {"RUNCITE_EXEC": str(folder), "RUNCITE_EXEC_PYTHONPATH": before}
    env["PYTHONPATH"] = os.pathsep.join([str(HOOKS), before]) if before else str(HOOKS)
    uri = env.get("MLFLOW_TRACKING_URI", "").rstrip("/")
    if not uri or uri == side.uri:
        prefix = f"/t/{project}" if project else ""
        env["MLFLOW_TRACKING_URI"] = f"{side.uri}/x/{nonce}{prefix}"
        if side.token:
            env["MLFLOW_TRACKING_TOKEN"] = side.token
            for other in ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"):  # they would win
                env.pop(other, None)
    env["MLFLOW_RUN_CONTEXT"] = msgspec.json.encode(_context(env) | {EXEC: nonce}).decode()
    return env


def _context(env: Mapping[str, str]) -> dict[str, str]:
    """What somebody else has MLflow's client say already."""
    try:
        return msgspec.json.decode(env.get("MLFLOW_RUN_CONTEXT") or "{}", type=dict[str, str])
    except msgspec.DecodeError:
        return {}

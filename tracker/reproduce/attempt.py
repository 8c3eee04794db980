"""One attempt: the stages from the record to a new run that was read again; what it means is for others to say."""

from __future__ import annotations

import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tracker.errors import UsageError
from tracker.record import Finding, Record
from tracker.reproduce import adopted, code, compare, data, environment, notebook, run
from tracker.reproduce.fetch import Origin, histories
from tracker.reproduce.places import places
from tracker.reproduce.stages import Options, Stopped, Tell, warn
from tracker.rules.words import counted
from tracker.settings import Settings
from tracker.store.series import Points


@dataclass(frozen=True)
class Attempt:
    """The new run and its histories, where its journals are, and what was found on the way.

    `failed` says why the process ended otherwise than it should have.
    """

    again: Record
    series: dict[str, Points]
    home: Path
    findings: tuple[Finding, ...]
    failed: Finding | None


def attempt(
    origin: Origin,
    record: Record,
    options: Options,
    settings: Settings,
    deliver: compare.Deliver,
    tell: Tell,
    folder: Path,
) -> Attempt:
    """Run the record again in `folder`; nothing is sent anywhere.

    Raises:
        Stopped: a stage can't go on.
    """
    scratch, home = folder / "scratch", folder / "home"
    scratch.mkdir()
    where = places(record, folder)
    tell("code", "rebuilding the tree")
    found = list(code.rebuild(record, origin, where, options.repositories, scratch))
    found += run.reads_absolute(record, where)
    found += _resumed(record, origin)
    tell("code", _code_told(record, found), done=True)
    tell("environment", "looking for the same packages")
    ready = environment.ready(record, settings.home, allow_drift=options.allow_env_drift)
    found += ready.findings
    tell("environment", ready.sentence, done=True)
    tell("data", "looking for the data")
    found += data.provide(record, origin, where, options.data)
    tell("data", "; ".join(f"{each.name} {each.digest[:12]}" for each in record.datasets) or "none recorded", done=True)
    start = run.prepare(record, ready, where, home, _loose(record, origin, folder))
    found += start.findings
    ran = _run(record, start, ready, folder, options, tell)
    tell("compare", "holding the histories against each other")
    compare.wait_for_observers(home)
    failed = run.why_failed(ran, record, where) if ran.code != 0 else None
    return _read(record, home, scratch, deliver, tuple(found), failed)


def _loose(record: Record, origin: Origin, folder: Path) -> tuple[str, ...] | None:
    """What Python is to be given for code that stands in no file; None for a script or a module."""
    scratch = folder / "scratch"
    if notebook.is_notebook(record):
        return notebook.staged(notebook.cells(record, origin, scratch), folder / "notebook")
    source = notebook.source(record, origin, scratch)
    return None if source is None else ("-c", source)


def _resumed(record: Record, origin: Origin) -> Iterator[Finding]:
    """That a run went on from a checkpoint, as its reproduction does not."""
    if count := origin.resumes(record.id):
        said = f"It was resumed {counted(count, 'time')}; here it runs in one piece, from its start."
        remedy = "Keep the state of every generator, of the optimizer and of the loader in the checkpoint."
        yield warn("resumed", said, remedy)


def _run(
    record: Record, start: run.Start, ready: environment.Environment, folder: Path, options: Options, tell: Tell
) -> run.Ran:
    expected = record.end.runtime if record.end else 0.0
    command = start.command
    if options.sandbox:
        prefixes = {Path(sys.prefix), ready.python.parents[1], Path(sys.base_prefix), ready.python.resolve().parents[1]}
        readable = [*sorted(prefixes), Path(__file__).parents[1]]
        command = run.fenced(start, writable=[folder], readable=readable)

    def watch(seconds: float) -> None:
        tell("run", f"{command_of(record)} ({seconds:.0f} s of about {expected:.0f} s)")

    watch(0.0)
    ran = run.execute(command, start, folder / "output.txt", watch)
    if ran.code == 0:
        tell("run", f"{command_of(record)} ({ran.seconds:.1f} s)", done=True)
    return ran


def _read(
    record: Record,
    home: Path,
    scratch: Path,
    deliver: compare.Deliver,
    findings: tuple[Finding, ...],
    failed: Finding | None,
) -> Attempt:
    if not compare.folders(home):
        adopted.adopt(home, record)
    if not compare.folders(home):
        lacking = Finding("not-registered", "The script registered no run.", "Does it call start_run?", "reject")
        finding = failed or lacking
        raise Stopped("run", finding.code, finding.sentence, finding.remedy)
    new = compare.read(home, scratch, deliver)
    try:
        again = compare.choose(f"sqlite:///{scratch / 'read' / 'runcite.db'}", record)
        assert again is not None
        return Attempt(again, histories(new, again), home, findings, failed)
    finally:
        new.close()


def command_of(record: Record) -> str:
    """The recorded command, as one would type it."""
    command = record.snapshot.command
    if command is None or not command.argv:
        return "not captured"
    if notebook.is_notebook(record):
        return "a notebook's cells"
    if command.module is not None:
        return shlex.join(["python", "-m", command.module, *command.argv[1:]])
    return shlex.join(["python", *command.argv])


def _code_told(record: Record, found: list[Finding]) -> str:
    stored = record.snapshot.code
    git = stored.git if stored else None
    what = f"commit {git.commit[:7]}" if git and git.commit else "the stored files"
    if stored and stored.changed:
        what += f" + {counted(len(stored.changed), 'changed file')}"
    whole = not any(finding.code in ("code-differs", "code-incomplete") for finding in found)
    return f"{what}, checked byte for byte" if whole else f"{what}, and not all of it is as recorded"


@contextmanager
def workplace(kept: Path | None = None) -> Iterator[Path]:
    """The folder to work in: the one that was named, which must be empty and stays, or one that goes.

    Raises:
        UsageError: the one that was named is not empty.
    """
    if kept is not None:
        folder = kept.absolute()
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder} is not empty.", remedy="Name a folder that is new: --in DIR.")
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        shutil.rmtree(folder / "scratch", ignore_errors=True)
        return
    folder = Path(tempfile.mkdtemp(prefix="runcite-reproduce-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)

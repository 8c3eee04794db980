"""Write a run as one file that outlives its server: everything that `archive` reads, and what people read."""

from __future__ import annotations

import csv
import hashlib
import shutil
import time
import zipfile
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

import msgspec

from tracker.capture import git
from tracker.errors import Corrupt, NotFound
from tracker.events import PlacedEvent
from tracker.record import Finding, Record
from tracker.reproduce import code, environment
from tracker.reproduce.archive import FORMAT, Contents, Manifest
from tracker.reproduce.fetch import Column, Origin
from tracker.reproduce.page import page, readme
from tracker.reproduce.places import places
from tracker.reproduce.stages import Stopped, warn
from tracker.rules.reproduction import score
from tracker.snapshot import canonical
from tracker.store.series import Points, decode, downsample, joined, ordered

_BUCKETS = 100
"""A stretch of a curve that is drawn keeps the least and the greatest value of so many parts."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


class Whole(Origin, Protocol):
    """An origin that also gives a run's events and columns."""

    def events(self, run_id: str) -> Iterator[PlacedEvent]:
        """What the run said, in the order of its chain."""

    def columns(self, run_id: str) -> Iterator[Column]:
        """The points of every metric, as they came."""


def export(
    origin: Whole,
    record: Record,
    into: Path,
    scratch: Path,
    *,
    repositories: Sequence[Path] = (),
    artifacts: bool = True,
) -> tuple[Finding, ...]:
    """Write the run into `into`: a zip where the name ends so, else a folder. What could not be put in comes back.

    Raises:
        RunciteError: the run can't be read.
        OSError: it can't be written.
    """
    staged = scratch / "export"
    (staged / "blobs").mkdir(parents=True)
    (staged / "columns").mkdir()
    findings = [
        *_blobs(origin, record, staged, artifacts=artifacts),
        *_commit(origin, record, staged, scratch, repositories),
    ]
    curves = _series(origin, record, staged)
    events = tuple(origin.events(record.id))
    replicates = tuple(
        msgspec.structs.replace(each, snapshot=type(each.snapshot)()) for each in origin.replicates(record)[:100]
    )
    contents = Contents(record, origin.board(record.project), replicates, events)
    _write(staged, "record.msgpack", msgspec.msgpack.encode(contents))
    _write(staged, "record.json", msgspec.json.format(msgspec.json.encode(record), indent=2))
    _write(staged, "events.jsonl", b"".join(canonical(each) + b"\n" for each in events))
    _write(staged, "environment.txt", _lock(record).encode())
    told = score(record)
    _write(staged, "README.md", readme(record, told, findings, into.name).encode())
    _write(staged, "index.html", page(record, told, curves).encode())
    _write(
        staged, "manifest.json", msgspec.json.format(msgspec.json.encode(_manifest(origin, record, staged)), indent=2)
    )
    if into.suffix == ".zip":
        _zipped(staged, into, record.id)
    else:
        shutil.copytree(staged, into)
    return tuple(findings)


def _blobs(origin: Origin, record: Record, staged: Path, *, artifacts: bool) -> Iterator[Finding]:
    stored = record.snapshot.code
    wanted = {file.digest: file.path for file in stored.changed if file.digest} if stored else {}
    if stored is not None and stored.git is not None and stored.git.bundle is not None:
        wanted[stored.git.bundle] = "the unpushed commits"
    folders = []
    for artifact in record.artifacts if artifacts else ():
        wanted[artifact.digest] = artifact.name
        folders += [artifact.digest] if artifact.folder else []
    for digest, name in wanted.items():
        yield from _blob(origin, digest, name, staged)
    for digest in folders:
        manifest = staged / "blobs" / digest
        if manifest.exists():
            for name, inner in msgspec.json.decode(manifest.read_bytes(), type=dict[str, str]).items():
                yield from _blob(origin, inner, name, staged)


def _blob(origin: Origin, digest: str, name: str, staged: Path) -> Iterator[Finding]:
    path = staged / "blobs" / digest
    try:
        if not path.exists():
            origin.blob(digest, path)
    except (NotFound, Corrupt) as error:
        yield warn("content-missing", f"{name} is not in the export: {error.message}", "Type: runcite sync")


def _commit(
    origin: Origin, record: Record, staged: Path, scratch: Path, repositories: Sequence[Path]
) -> Iterator[Finding]:
    """The commit alone, without its past, as a bundle that needs no other repository."""
    stored = record.snapshot.code
    if stored is None or stored.git is None or stored.git.commit is None:
        return
    tree = places(record, scratch / "commit")
    (scratch / "commit-blobs").mkdir()
    try:
        code.rebuild(record, origin, tree, repositories, scratch / "commit-blobs")
        code.single(tree.root, stored.git.commit, scratch, staged / "commit.bundle")
    except (Stopped, git.GitFailed) as error:
        said = f"The commit is not in the export: {error}"
        yield warn("commit-missing", said, "Whoever reproduces it needs the repository.")


def _series(origin: Whole, record: Record, staged: Path) -> dict[str, Points]:
    """Write every point, as it came and as a line for people, and give back curves to draw. Stretch by stretch: memory
    does not grow with the run's length."""
    kept: dict[str, list[Points]] = {}
    with (staged / "series.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["metric", "step", "value", "time"])
        for column in origin.columns(record.id):
            (staged / "columns" / hashlib.sha256(column.data).hexdigest()).write_bytes(column.data)
            points = decode(column.data)
            shown = f"'{column.metric}" if column.metric[:1] in "=+-@\t\r" else column.metric
            numbers = zip(points.steps.tolist(), points.values.tolist(), points.times.tolist(), strict=True)
            writer.writerows([shown, step, repr(value), at] for step, value, at in numbers)
            curve = kept.setdefault(column.metric, [])
            curve.append(downsample(points, _BUCKETS))
            if len(curve) > _BUCKETS:
                curve[:] = [downsample(ordered(joined(curve)), _BUCKETS)]
    return {name: ordered(joined(kept[name])) for name in record.metrics if name in kept}


def _lock(record: Record) -> str:
    """What to install, for pip or uv, and what can't be."""
    python = record.snapshot.python
    if python is None:
        return "# The installed packages were not captured.\n"
    lines, findings = environment.requirements(python)
    own = [
        f"# the run's own code, or the recorder: {each.name} {each.version}"
        for each in python.packages
        if environment.is_own(each)
    ]
    loose = [f"# {' '.join(finding.sentence.split())}" for finding in findings]
    return "\n".join([f"# {python.implementation} {python.version}", *own, *loose, *lines, ""])


def _manifest(origin: Origin, record: Record, staged: Path) -> Manifest:
    files = {path.relative_to(staged).as_posix(): _digest(path) for path in sorted(staged.rglob("*")) if path.is_file()}
    return Manifest(
        FORMAT, record.id, record.project, record.sealed, time.time_ns() // 1000, origin.name, version("runcite"), files
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(staged: Path, name: str, data: bytes) -> None:
    (staged / name).write_bytes(data)


def _zipped(staged: Path, into: Path, top: str) -> None:
    part = into.with_name(f".{into.name}.part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as made:
        for path in sorted(staged.rglob("*")):
            if path.is_file():
                info = zipfile.ZipInfo(f"{top}/{path.relative_to(staged).as_posix()}", _EPOCH)
                info.external_attr = 0o100644 << 16
                info.compress_type = zipfile.ZIP_DEFLATED
                with path.open("rb") as source, made.open(info, "w", force_zip64=True) as target:
                    shutil.copyfileobj(source, target, 1 << 20)
    part.replace(into)

"""The artifact proxy's paths: which content each holds. The bytes are blobs; a run's files are its artifacts, too."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, or_, select

from tracker.errors import NotFound, UsageError
from tracker.events import ArtifactLogged
from tracker.ids import clip, is_run_id
from tracker.store.mlflow.pen import SEGMENT, Pen
from tracker.store.mlflow.rows import File
from tracker.store.sql import upsert
from tracker.store.tables import mlflow as t
from tracker.store.tables import runs as r

MAX_PATH = 1000
_f, _a = t.files.c, r.artifacts.c


@dataclass(frozen=True)
class Place:
    """A path of the proxy: whose it is (a run ID, a logged model's ID, or "" for nobody's), and the path in there."""

    root: str
    path: str

    @property
    def of_run(self) -> bool:
        """Whether a run has it."""
        return is_run_id(self.root)


@dataclass(frozen=True)
class Entry:
    """What stands in a folder: a file with its size, or a folder without one."""

    name: str
    size: int | None


@dataclass(frozen=True)
class Recorded:
    """An artifact of a record: a file, or, by the digest of its manifest, a folder."""

    name: str
    digest: str
    size: int
    media_type: str
    folder: bool


def locate(path: str) -> Place:
    """Whose a path is. It is the part before `artifacts` that says so.

    Raises:
        UsageError: a path that plays tricks.
    """
    check_path(path)
    parts = path.split("/") if path else []
    for place, part in enumerate(parts[:-1]):
        if (is_run_id(part) or part.startswith("m-")) and parts[place + 1] == "artifacts":
            return Place(part, "/".join(parts[place + 2 :]))
    return Place("", path)


def check_path(path: str) -> None:
    """Go on with a path that leads nowhere else.

    Raises:
        UsageError: it does, or cannot be one.
    """
    if path and not is_path(path):
        raise UsageError(f"Invalid path: {clip(path)!r}.", remedy="Use a plain relative path.")


def is_path(path: str) -> bool:
    """Whether it is a plain relative path that leads nowhere else."""
    odd = any(part in {"", ".", ".."} for part in path.split("/")) or "\\" in path or not path.isprintable()
    return not odd and len(path) <= MAX_PATH


def put(connection: Connection, place: Place, file: File, pen: Pen | None, now: int) -> None:
    """The path holds this content from now on. Where it is a run's, so does the run."""
    held = select(_f.digest).where(_f.root == place.root, _f.path == place.path)
    if connection.scalar(held) == file.digest:
        return
    row = {"root": place.root, "path": place.path, "digest": file.digest, "size": file.size}
    upsert(connection, t.files, ("root", "path"), [row | {"media_type": file.media_type, "at": now}])
    if pen is not None:
        name = place.path if len(place.path) <= 500 else "…" + place.path[-499:]
        pen.say(ArtifactLogged(name, file.digest, file.size, media_type=file.media_type))


def get(connection: Connection, place: Place) -> File:
    """What the path holds.

    Raises:
        NotFound: nothing.
    """
    query = select(_f.path, _f.digest, _f.size, _f.media_type).where(_f.root == place.root, _f.path == place.path)
    row = connection.execute(query).first()
    if row is None:
        raise NotFound(f"No such artifact: {clip(place.path)!r}.", remedy="List what there is.")
    return File(*row)


def listed(files: Iterable[File], place: Place) -> tuple[Entry, ...]:
    """What stands in a folder, of the files below it, by name; nothing in one that is none."""
    found: dict[str, int | None] = {}
    for file in files:
        name, slash, _ = posixpath.relpath(file.path, place.path or ".").partition("/")
        found[name] = None if slash else file.size
    return tuple(Entry(name, found[name]) for name in sorted(found))


def tree(connection: Connection, place: Place) -> tuple[File, ...]:
    """Every file below a folder."""
    query = select(_f.path, _f.digest, _f.size, _f.media_type).where(_f.root == place.root)
    if place.path:
        query = query.where(_below(place.path))
    return tuple(File(*row) for row in connection.execute(query.order_by(_f.path)))


def recorded(connection: Connection, run_id: str) -> tuple[Recorded, ...]:
    """The artifacts in the record of a run that no MLflow client has written to, in their last version."""
    segments = select(r.segments.c.run).where(r.segments.c.segment.like(f"{SEGMENT}%"))
    query = (
        select(_a.name, _a.digest, _a.size, _a.media_type, _a.folder)
        .join(r.runs, r.runs.c.id == _a.run)
        .where(r.runs.c.run_id == run_id, r.runs.c.id.not_in(segments.where(r.segments.c.run == r.runs.c.id)))
        .order_by(_a.name, _a.version)
    )
    found = {row.name: Recorded(*row) for row in connection.execute(query)}
    return tuple(found.values())


def remove(connection: Connection, place: Place) -> None:
    """Forget a path and all below it. A run's record keeps what it was told."""
    within = [_f.path == place.path, _below(place.path)] if place.path else [_f.path.is_not(None)]
    connection.execute(delete(t.files).where(_f.root == place.root, or_(*within)))


def _below(folder: str) -> ColumnElement[bool]:
    """Whether a path lies below the folder: "0" is the character behind "/"."""
    return (_f.path > f"{folder}/") & (_f.path < f"{folder}0")

"""A back-up of an embedded store while it is in use: the database first, then the files that it names.

The database is copied through SQLite's own back-up, which sees one state of it whatever is written meanwhile. Files
have arrived before the events that name them and never change, so that those that are there afterwards are enough;
saving into the same folder again copies only what is new. Whatever is copied is hashed on the way.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from sqlalchemy.engine import make_url

from tracker.errors import Clash, Corrupt, NotFound, Unavailable, UsageError
from tracker.learning import learned
from tracker.store.blobs import PIECE, FolderBlobs, open_blobs
from tracker.store.database import open_database
from tracker.store.migrate import upgrade

DATABASE, ARTIFACTS, NOTE = "runcite.db", "artifacts", "backup.json"
Progress = Callable[[int, int], None]
"""Told how many bytes of how many have been copied."""


class Backup(msgspec.Struct, frozen=True):
    """What a back-up holds. `at` is when it began, microseconds since 1970; `digest` is the database's SHA-256.

    `runs` are the runs in it, `files` and `size` the files and their bytes. `elsewhere` is the bucket that keeps the
    files, where a bucket does: they are not copied.
    """

    at: int
    runs: int
    digest: str
    files: int = 0
    size: int = 0
    elsewhere: str | None = None


def save(url: str, artifacts: str, folder: Path, *, now: int, progress: Progress = lambda done, whole: None) -> Backup:
    """Save the store into a folder, new or with an earlier back-up of it in there.

    Raises:
        UsageError: the database is no SQLite file; the remedy says what saves it.
        NotFound: there is no such file.
        Corrupt: an artifact is not what its name says; `runcite verify` says whose it is.
        Unavailable: the folder can't be written.
    """
    path = _file(url)
    if not path.exists():
        raise NotFound(f"There is no database {path}.", remedy="See RUNCITE_URL, or `runcite doctor`.")
    with _written(folder):
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f".{DATABASE}"
        runs = _copy_database(path, fresh)
        blobs = open_blobs(artifacts)
        backup = Backup(now, runs, _digest(fresh))
        if isinstance(blobs, FolderBlobs):
            files, size = _copy_files(blobs, FolderBlobs(folder / ARTIFACTS), progress)
            backup = msgspec.structs.replace(backup, files=files, size=size)
        else:
            backup = msgspec.structs.replace(backup, elsewhere=artifacts)
        fresh.replace(folder / DATABASE)
        (folder / NOTE).write_bytes(msgspec.json.format(msgspec.json.encode(backup)) + b"\n")
    return backup


def restore(folder: Path, url: str, artifacts: str, *, progress: Progress = lambda done, whole: None) -> Backup:
    """Put a back-up where there is no database yet; files come first, the database last, in one step.

    Raises:
        NotFound: there is no back-up in the folder.
        Corrupt: the back-up is not as it was saved.
        Clash: there is a database already. Nothing is overwritten.
        UsageError: the database is to be no SQLite file; the remedy says what restores it.
        Unavailable: the places can't be written.
    """
    path = _file(url)
    backup = read_note(folder)
    if path.exists():
        raise Clash(f"There is a database {path} already.", remedy="Stop what uses it, move it away, and try again.")
    saved = folder / DATABASE
    if not saved.exists() or _digest(saved) != backup.digest:
        raise Corrupt(f"The database in {folder} is not the one that was saved.", remedy="Take another back-up.")
    with _written(path.parent):
        blobs = open_blobs(backup.elsewhere or artifacts)
        if isinstance(blobs, FolderBlobs):
            _copy_files(FolderBlobs(folder / ARTIFACTS), blobs, progress)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.restored")
        shutil.copyfile(saved, beside)
        beside.replace(path)
    db = open_database(url)
    try:
        upgrade(db)
    finally:
        db.close()
    return backup


def read_note(folder: Path) -> Backup:
    """What the back-up in a folder holds.

    Raises:
        NotFound: there is none.
    """
    try:
        return msgspec.json.decode((folder / NOTE).read_bytes(), type=learned(Backup))
    except (OSError, msgspec.DecodeError):
        raise NotFound(f"There is no back-up in {folder}.", remedy="`runcite backup FOLDER` makes one.") from None


def _file(url: str) -> Path:
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        words = [f"--{name}={value}" for name, value in _connection(url).items() if value]
        told = f"pg_dump --format=custom {' '.join(words)} > runcite.dump (and pg_restore takes it back)"
        raise UsageError("PostgreSQL is saved by its own tools.", remedy=f"Type: {told}; then copy the artifacts.")
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        raise UsageError("Only a database file can be saved from here.", remedy="Type this on the server's machine.")
    return Path(parsed.database or "").absolute()


def _connection(url: str) -> dict[str, str | None]:
    parsed = make_url(url)
    host = parsed.host or (str(parsed.query["host"]) if "host" in parsed.query else None)
    port = str(parsed.port) if parsed.port else None
    return {"host": host, "port": port, "username": parsed.username, "dbname": parsed.database}


def _copy_database(path: Path, fresh: Path) -> int:
    """One state of the database, in a file of its own; how many runs are in it."""
    fresh.unlink(missing_ok=True)
    with (
        contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as source,
        contextlib.closing(sqlite3.connect(fresh)) as target,
    ):
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
        ((sound,),) = target.execute("PRAGMA quick_check(1)").fetchall()
        if sound != "ok":
            raise Corrupt(f"The database {path} is spoilt: {sound}.", remedy="Restore an earlier back-up.")
        ((runs,),) = target.execute("SELECT count(*) FROM runs").fetchall()
    return int(runs)


def _copy_files(source: FolderBlobs, target: FolderBlobs, progress: Progress) -> tuple[int, int]:
    """Copy the files that the target lacks, each hashed on the way; how many there are in all, and their bytes."""
    sizes = dict(_stored(source.folder))
    whole, done = sum(sizes.values()), 0
    for digest, size in sizes.items():
        if not target.has(digest) or target.size(digest) != size:
            target.path(digest).unlink(missing_ok=True)
            with source.open(digest) as stream:
                target.put(digest, stream)
        done += size
        progress(done, whole)
    return len(sizes), whole


def _stored(folder: Path) -> Iterator[tuple[str, int]]:
    """The blobs in a folder, and their sizes; what is still on its way is none."""
    for path in sorted(folder.glob("[0-9a-f][0-9a-f]/*")):
        if len(path.name) == 64 and path.is_file():
            yield path.name, path.stat().st_size


def _digest(path: Path) -> str:
    seen = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            seen.update(piece)
    return seen.hexdigest()


@contextlib.contextmanager
def _written(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise Unavailable(
            f"{folder} can't be written: {said}.", remedy="Is there room, and are you allowed to?"
        ) from None

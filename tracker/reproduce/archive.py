"""An exported run: one file, or folder, that holds everything, and is believed in nothing that was not checked.

    manifest.json     what it is, and the SHA-256 of every other file
    record.msgpack    the record, its board, replicates and events; the same to read: record.json, events.jsonl
    columns/SHA-256   the points of every metric, as they came
    blobs/SHA-256     changed files, unpushed commits, artifacts
    commit.bundle     the commit itself, without its past
    environment.txt   what to install
    README.md, index.html, series.csv   for people

Nothing is ever unpacked: files are read by names that we make, under limits, and each is hashed. So a name that
leaves the folder, a link or a bomb is not obeyed; an archive that has one is refused as a whole.
"""

from __future__ import annotations

import hashlib
import io
import re
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol, TypeVar

import msgspec

from tracker import ids
from tracker.errors import Corrupt, NotFound, RunciteError
from tracker.events import Metrics, PlacedEvent, genesis, link
from tracker.record import BoardSpec, Record
from tracker.reproduce.fetch import count_resumes
from tracker.store.series import EMPTY, Points, decode, joined, ordered

FORMAT = 1
PIECE = 1 << 20
MOST_FILES = 200_000
MOST_WORDS = 512 << 20
"""What the record and the events may be at most, in bytes."""
MOST_BYTES = 1 << 40
MOST_RATIO = 1000
"""A file that says it unpacks to more than so many times its size, and to more than a megabyte, is a bomb."""
_NAME = re.compile(r"(?:blobs|columns)/[0-9a-f]{64}|[A-Za-z]+\.(?:md|html|json|jsonl|msgpack|csv|txt|bundle)")
T = TypeVar("T")


class Hostile(RunciteError):
    """An archive that tries to be more than one."""


class Manifest(msgspec.Struct, frozen=True):
    """What the archive is: the run, where it came from, and every other file's SHA-256."""

    format: int
    run_id: str
    project: str
    sealed: str | None
    exported_at: int
    origin: str
    runcite: str
    files: dict[str, str]


class Contents(msgspec.Struct, frozen=True):
    """The record, and what its reproduction and its import need with it."""

    record: Record
    board: BoardSpec
    replicates: tuple[Record, ...]
    events: tuple[PlacedEvent, ...]


class Files(Protocol):
    """Files by name, whole or not at all."""

    def names(self) -> Iterator[str]:
        """Every name."""

    def size(self, name: str) -> int:
        """Its size in bytes."""

    def open(self, name: str) -> BinaryIO:
        """Its bytes; the caller closes it."""

    def close(self) -> None:
        """Let go of it."""


class ZipFiles:
    """The files of a zip. Names, kinds and sizes are looked at before anything is read."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise Corrupt(f"{path} is no export of a run: {error}.", remedy="Export it again.") from None
        self._top = ""
        try:
            self._found = self._looked_at()
        except RunciteError:
            self.close()
            raise

    def _looked_at(self) -> dict[str, zipfile.ZipInfo]:
        infos = [info for info in self._zip.infolist() if not info.is_dir()]
        if len(infos) > MOST_FILES or sum(info.file_size for info in infos) > MOST_BYTES:
            raise Hostile("The archive holds more than any run.", remedy="Do not trust it.")
        found: dict[str, zipfile.ZipInfo] = {}
        tops = {PurePosixPath(info.filename).parts[0] for info in infos if info.filename.strip("/.")}
        self._top = f"{tops.pop()}/" if len(tops) == 1 and "manifest.json" not in tops else ""
        for info in infos:
            name = info.filename.removeprefix(self._top)
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in (0, stat.S_IFREG) or info.flag_bits & 1 or _NAME.fullmatch(name) is None or name in found:
                raise Hostile(
                    f"The archive holds {info.filename[:80]!r}, which no export has.", remedy="Do not trust it."
                )
            if info.file_size > 1_000_000 and info.file_size > MOST_RATIO * max(1, info.compress_size):
                raise Hostile(f"{name} unpacks to more than it can be.", remedy="Do not trust it.")
            found[name] = info
        return found

    def names(self) -> Iterator[str]:
        yield from self._found

    def size(self, name: str) -> int:
        return self._found[name].file_size if name in self._found else -1

    def open(self, name: str) -> BinaryIO:
        try:
            return io.BufferedReader(self._zip.open(self._found[name]))  # type: ignore[type-var]
        except (KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
            raise NotFound(f"The archive has no {name}.", remedy="Export it again.") from None

    def close(self) -> None:
        self._zip.close()


class FolderFiles:
    """The files of an export that was unpacked, or written as a folder. Links are not followed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        for name in self.names():
            if _NAME.fullmatch(name) is None or not stat.S_ISREG((path / name).lstat().st_mode):
                raise Hostile(f"The folder holds {name[:80]!r}, which no export has.", remedy="Do not trust it.")

    def names(self) -> Iterator[str]:
        for path in sorted(self._path.rglob("*")):
            if path.is_symlink() or not path.is_dir():
                yield path.relative_to(self._path).as_posix()

    def size(self, name: str) -> int:
        path = self._path / name
        return path.stat().st_size if path.is_file() else -1

    def open(self, name: str) -> BinaryIO:
        try:
            return (self._path / name).open("rb")
        except OSError:
            raise NotFound(f"The export has no {name}.", remedy="Export it again.") from None

    def close(self) -> None:
        """Nothing is held."""


class Archive:
    """An exported run as an origin: the same questions as to a server, answered from the file alone.

    Raises (the constructor):
        Corrupt: it is no export, or was changed since.
        Hostile: it tries to be more.
    """

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._files: Files = FolderFiles(path) if path.is_dir() else ZipFiles(path)
        try:
            self.manifest = _read(self._whole("manifest.json", None), Manifest, "json")
            if self.manifest.format != FORMAT:
                raise Corrupt(f"{path} is of format {self.manifest.format}, not {FORMAT}.", remedy="Update runcite.")
            self.contents = _read(self._listed("record.msgpack"), Contents, "msgpack")
            self._check()
        except RunciteError:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._files.close()

    def record(self, run_id: str) -> Record:
        if ids.parse(run_id) != self.contents.record.id:
            raise NotFound(f"{self.name} holds {self.contents.record.id}, not {run_id}.", remedy="Name that one.")
        return self.contents.record

    def board(self, project: str) -> BoardSpec:
        return self.contents.board

    def replicates(self, record: Record) -> tuple[Record, ...]:
        return self.contents.replicates

    def resumes(self, run_id: str) -> int:
        return count_resumes(self.contents.events)

    def history(self, run_id: str, metric: str) -> Points:
        columns = [
            column
            for placed in self.contents.events
            if isinstance(placed.event.body, Metrics)
            for column in placed.event.body.columns
            if column.name == metric
        ]
        points = ordered(joined(decode(self.column(column.digest)) for column in columns))
        return points if columns else EMPTY

    def column(self, digest: str) -> bytes:
        """The bytes of a column, checked."""
        return self._checked(f"columns/{digest}", digest, MOST_WORDS)

    def blob(self, digest: str, into: Path) -> None:
        if not re.fullmatch(r"[0-9a-f]{64}", digest) or self._files.size(f"blobs/{digest}") < 0:
            raise NotFound(f"{self.name} does not hold {digest[:12]}….", remedy="Export it with its artifacts.")
        seen = hashlib.sha256()
        with self._files.open(f"blobs/{digest}") as stream, into.open("wb") as file:
            for piece in _pieces(stream):
                seen.update(piece)
                file.write(piece)
        if seen.hexdigest() != digest:
            into.unlink()
            raise Corrupt(f"{digest[:12]}… in {self.name} is not what its name says.", remedy="Do not trust it.")

    def commit(self, into: Path) -> bool:
        if self._files.size("commit.bundle") < 0:
            return False
        into.write_bytes(self._listed("commit.bundle", MOST_BYTES))
        return True

    def blobs(self) -> tuple[str, ...]:
        """The digests of the content it holds."""
        return tuple(name.removeprefix("blobs/") for name in self._files.names() if name.startswith("blobs/"))

    def _check(self) -> None:
        """The chain must lead to the seal, and what is named must be whole."""
        record, head = self.contents.record, genesis(self.contents.record.id)
        for place, placed in enumerate(self.contents.events, 1):
            head = link(head, record.id, placed.seq, placed.segment, placed.event)
            if placed.seq != place or placed.link != head.hex():
                raise Corrupt(f"The chain in {self.name} breaks at event {place}.", remedy="Do not trust it.")
        links = {placed.link for placed in self.contents.events}
        if (record.id, record.sealed) != (self.manifest.run_id, self.manifest.sealed):
            raise Corrupt(f"{self.name} says two things of which run it holds.", remedy="Do not trust it.")
        if not ids.is_run_id(record.id) or (record.sealed is not None and record.sealed not in links):
            raise Corrupt(f"The record in {self.name} is not sealed by its events.", remedy="Do not trust it.")

    def _listed(self, name: str, most: int = MOST_WORDS) -> bytes:
        digest = self.manifest.files.get(name)
        if digest is None:
            raise Corrupt(f"{self.name} does not name {name}.", remedy="Export it again.")
        return self._checked(name, digest, most)

    def _checked(self, name: str, digest: str, most: int) -> bytes:
        data = self._whole(name, most)
        if hashlib.sha256(data).hexdigest() != digest:
            raise Corrupt(f"{name} in {self.name} was changed.", remedy="Export it again, or do not trust it.")
        return data

    def _whole(self, name: str, most: int | None) -> bytes:
        size = self._files.size(name)
        if size < 0:
            raise Corrupt(f"{self.name} is no export of a run: it has no {name}.", remedy="Export it again.")
        if size > (most or MOST_WORDS):
            raise Hostile(f"{name} in {self.name} is larger than it can be.", remedy="Do not trust it.")
        with self._files.open(name) as stream:
            try:
                return stream.read(size + 1)
            except (zipfile.BadZipFile, EOFError, OSError, ValueError) as error:
                raise Corrupt(f"{name} in {self.name} can't be read: {error}.", remedy="Export it again.") from None


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    try:
        while piece := stream.read(PIECE):
            yield piece
    except (zipfile.BadZipFile, EOFError, ValueError) as error:
        raise Corrupt(f"The archive can't be read: {error}.", remedy="Export it again.") from None


def _read(data: bytes, kind: type[T], form: str) -> T:
    try:
        return msgspec.json.decode(data, type=kind) if form == "json" else msgspec.msgpack.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        said = " ".join(str(error).split())
        raise Corrupt(f"The archive is not of this version, or broken: {said}.", remedy="Export it again.") from None

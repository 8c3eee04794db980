"""Where a run's journals lie on this machine, and what lies beside them.

journals/r-7K3M9QX2-4f1c09ab/      one folder for each process that called start_run
    main.journal                   its segments: main (or resume-…), observer, worker-…
    destination                    where it goes (url, artifacts, token); readable by its owner only
    origin                         what the observer must know
    output-OFFSET                  what the process printed, see `output`
    cells                          what a notebook ran, see `notebook`
    blobs/SHA-256                  content that events name, until the store holds it
    id                             the run's other ID, after a clash
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from zlib import crc32

import msgspec

from tracker.settings import Settings
from tracker.snapshot import canonical

CHUNK = 1 << 20
REMOVED = ".removed-"


class Destination(msgspec.Struct, frozen=True):
    """Where a run goes. The file that holds it is readable by its owner only; a repr does not show the token."""

    url: str
    artifacts: str
    token: str | None = None

    def __repr__(self) -> str:
        return f"Destination({self.url!r})"

    @property
    def remote(self) -> bool:
        """Whether this is a Runcite server rather than a database."""
        return self.url.startswith(("http://", "https://"))


class Folder:
    """One process's journals."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.blobs = path / "blobs"
        self.origin = path / "origin"

    @classmethod
    def make(cls, settings: Settings, run_id: str, suffix: str) -> Folder:
        """The folder of a run under the settings' home; a new one, unless another rank of the run was first.

        Raises:
            OSError: it can't be made there.
        """
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = settings.journals / f"{run_id}-{suffix}"
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = cls(path)
        destination = Destination(settings.url, settings.artifacts, settings.token)
        folder.write("destination", msgspec.json.encode(destination))
        return folder

    def segment(self, name: str) -> Path:
        """The journal of a segment."""
        return self.path / f"{name}.journal"

    def seed(self, name: str) -> int:
        """Where a segment's checksums start. It follows from the names, so that a damaged header loses nothing."""
        return crc32(f"{self.path.name}/{name}".encode())

    def segments(self) -> dict[str, Path]:
        """The journals here, by segment."""
        return {path.stem: path for path in sorted(self.path.glob("*.journal"))}

    def destination(self) -> Destination | None:
        """Where this run goes; None when that can't be read."""
        try:
            return msgspec.json.decode((self.path / "destination").read_bytes(), type=Destination)
        except (OSError, msgspec.DecodeError):
            return None

    def renamed(self) -> str | None:
        """The run ID that replaced the minted one after a clash."""
        try:
            return (self.path / "id").read_text("ascii") or None
        except (OSError, UnicodeDecodeError):
            return None

    def write(self, name: str, data: bytes) -> None:
        """Write a small file whole or not at all, for its owner only."""
        part = self.path / f".{name}.{os.getpid()}"
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            if os.write(fd, data) != len(data):
                raise OSError(f"{name} was cut short")
        finally:
            os.close(fd)
        part.replace(self.path / name)

    def remove(self) -> None:
        """Remove the folder and all that is in it; what can't be removed stays. It is gone under its name at once, so
        that nobody ever meets half of it; whoever is killed meanwhile leaves what `removing` lists."""
        doomed = self.path
        if not doomed.name.startswith(REMOVED):
            with contextlib.suppress(OSError):
                doomed = self.path.rename(self.path.with_name(f"{REMOVED}{self.path.name}"))
        for root, folders, files in os.walk(doomed, topdown=False):
            for name in files:
                with contextlib.suppress(OSError):
                    Path(root, name).unlink()
            for name in folders:
                with contextlib.suppress(OSError):
                    Path(root, name).rmdir()
        with contextlib.suppress(OSError):
            doomed.rmdir()

    @classmethod
    def removing(cls, journals: Path) -> list[Folder]:
        """The folders whose removal was begun and not ended."""
        return [cls(path) for path in journals.glob(f"{REMOVED}*")]

    def staged(self) -> Iterator[tuple[str, Path]]:
        """The blobs that wait here: digest and path."""
        if self.blobs.is_dir():
            for path in self.blobs.iterdir():
                if len(path.name) == 64:
                    yield path.name, path

    def keep(self, content: Path | bytes) -> str:
        """Stage a file's content, or bytes, under its SHA-256. One pass; a changing file can't be half of two.

        Raises:
            OSError: it can't be read, or there is no room.
        """
        return self.keep_sized(content)[0]

    def keep_sized(self, content: Path | bytes) -> tuple[str, int]:
        """As `keep`; gives back the size too."""
        self.blobs.mkdir(mode=0o700, exist_ok=True)
        part = self.blobs / f"part-{os.getpid()}-{os.urandom(4).hex()}"
        hasher, size = hashlib.sha256(), 0
        try:
            with part.open("xb") as target:
                for piece in _pieces(content):
                    hasher.update(piece)
                    target.write(piece)
                    size += len(piece)
            part.replace(self.blobs / hasher.hexdigest())
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            raise
        return hasher.hexdigest(), size

    def keep_folder(self, root: Path) -> tuple[str, int]:
        """Stage every file below `root` and the manifest (canonical JSON, path to digest); its digest, and all sizes.

        Raises:
            OSError: a file can't be read, or there is no room.
        """
        manifest, total = {}, 0
        for path in sorted(root.rglob("*")):
            if path.is_file():
                manifest[text_of(path.relative_to(root))], size = self.keep_sized(path)
                total += size
        return self.keep(canonical(manifest)), total


def digest_file(path: Path) -> tuple[str, int]:
    """SHA-256 and size of a file's content."""
    hasher, size = hashlib.sha256(), 0
    for piece in _pieces(path):
        hasher.update(piece)
        size += len(piece)
    return hasher.hexdigest(), size


def digest_folder(root: Path, digest: Callable[[Path], tuple[str, int]] = digest_file) -> tuple[str, int]:
    """The digest a folder's manifest has, and the sum of its files' sizes; nothing is stored."""
    manifest, total = {}, 0
    for path in sorted(root.rglob("*")):
        if path.is_file():
            manifest[text_of(path.relative_to(root))], size = digest(path)
            total += size
    return hashlib.sha256(canonical(manifest)).hexdigest(), total


def media_type(name: str) -> str:
    """What kind of content a file's name promises."""
    import mimetypes  # reads the system's tables: only when a file is logged

    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def text_of(path: Path) -> str:
    """A path as text that can be stored, whatever bytes the file system holds."""
    return path.as_posix().encode("utf-8", "replace").decode()


def _pieces(content: Path | bytes) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as source:
        while piece := source.read(CHUNK):
            yield piece

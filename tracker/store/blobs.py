"""Content by its SHA-256, in a folder or a bucket: stored once, never changed, verified while it streams in.

A blob is there whole or not at all. In a folder it is written beside, synced, and renamed; in a bucket the
upload is completed only when the hash is right.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from tracker.errors import Corrupt, InvalidSettings, NotFound, Unavailable, UsageError

PIECE = 1 << 20
PART = 16 << 20
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Blobs(Protocol):
    """Blobs by lower-case hex SHA-256. Every method raises Unavailable when the place cannot be reached, and
    UsageError for a name that is no digest."""

    def put(self, digest: str, stream: BinaryIO) -> int:
        """Store what the stream gives, and say how many bytes that was. Storing again changes nothing.

        Memory does not grow with the size.

        Raises:
            Corrupt: the stream's SHA-256 is another; nothing is stored then.
        """

    def receive(self, stream: BinaryIO) -> tuple[str, int]:
        """Store what the stream gives, under the name it turns out to have: its digest, and its size.

        Memory does not grow with the size. What the stream raises leaves nothing behind.
        """

    def has(self, digest: str) -> bool:
        """Whether it is stored, whole."""

    def missing(self, digests: Iterable[str]) -> tuple[str, ...]:
        """Those of these that are not stored, in order, each once."""

    def open(self, digest: str) -> BinaryIO:
        """Its bytes, to read and to seek in; the caller closes it.

        Raises:
            NotFound: it is not stored.
        """

    def size(self, digest: str) -> int:
        """Its size in bytes.

        Raises:
            NotFound: it is not stored.
        """


def open_blobs(location: str, *, options: Mapping[str, Any] | None = None) -> Blobs:
    """The blobs at `location`: a folder, made when the first one comes, or `s3://bucket/prefix`.

    `options` go to s3fs (`endpoint_url`, `key`, `secret`, …); without them AWS's own environment and files hold.

    Raises:
        InvalidSettings: another scheme, or an S3 address without a bucket.
    """
    if location.startswith("s3://"):
        bucket, _, prefix = location.removeprefix("s3://").strip("/").partition("/")
        if not bucket:
            raise InvalidSettings(
                f"RUNCITE_ARTIFACTS {location!r} names no bucket.", remedy="Write s3://bucket/prefix."
            )
        return BucketBlobs(f"{bucket}/{prefix}".rstrip("/"), options or {})
    if "://" in location:
        raise InvalidSettings(
            f"RUNCITE_ARTIFACTS {location!r} is no place for artifacts.", remedy="Use a folder, or s3://bucket/prefix."
        )
    return FolderBlobs(Path(location))


class FolderBlobs:
    """Blobs as files in a folder, 256 folders deep by the first two digits."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, digest: str, stream: BinaryIO) -> int:
        path = self.path(digest)
        with reached(str(self.folder)):
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists():
                return _checked(digest, stream, lambda piece: None)
            handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
            beside = Path(name)
            try:
                with os.fdopen(handle, "wb") as file:
                    size = _checked(digest, stream, file.write)
                    file.flush()
                    os.fsync(file.fileno())
                beside.chmod(0o644)
                beside.replace(path)
            finally:  # once it has taken its place, nothing is left beside it
                with contextlib.suppress(OSError):
                    beside.unlink()
            sync_folder(path.parent)
            return size

    def receive(self, stream: BinaryIO) -> tuple[str, int]:
        with reached(str(self.folder)):
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".new-", dir=self.folder)
            beside = Path(name)
            try:
                with os.fdopen(handle, "wb") as file:
                    digest, size = _passed(stream, file.write)
                    file.flush()
                    os.fsync(file.fileno())
                path = self.path(digest)
                path.parent.mkdir(parents=True, exist_ok=True)
                beside.chmod(0o644)
                beside.replace(path)
            finally:
                with contextlib.suppress(OSError):
                    beside.unlink()
            sync_folder(path.parent)
            return digest, size

    def has(self, digest: str) -> bool:
        with reached(str(self.folder)):
            return self.path(digest).is_file()

    def missing(self, digests: Iterable[str]) -> tuple[str, ...]:
        return tuple(digest for digest in dict.fromkeys(digests) if not self.has(digest))

    def open(self, digest: str) -> BinaryIO:
        path = self.path(digest)
        with reached(str(self.folder)):
            try:
                return path.open("rb")
            except FileNotFoundError:
                raise _not_stored(digest) from None

    def size(self, digest: str) -> int:
        with reached(str(self.folder)):
            try:
                return self.path(digest).stat().st_size
            except FileNotFoundError:
                raise _not_stored(digest) from None

    def path(self, digest: str) -> Path:
        """Where a blob lies, or would."""
        _check(digest)
        return self.folder / digest[:2] / digest


class BucketBlobs:
    """Blobs as objects of a bucket that speaks S3."""

    def __init__(self, root: str, options: Mapping[str, Any]) -> None:
        import s3fs

        self.root = root
        # Signed addresses of the older kind are refused by most buckets.
        signed = {"signature_version": "s3v4", **options.get("config_kwargs", {})}
        self.files = s3fs.S3FileSystem(
            use_listings_cache=False,
            skip_instance_cache=True,
            default_block_size=PART,
            **{**options, "config_kwargs": signed},
        )

    def put(self, digest: str, stream: BinaryIO) -> int:
        key = self.key(digest)
        with reached(f"s3://{self.root}"):
            if self.files.exists(key):
                return _checked(digest, stream, lambda piece: None)
            file = self.files.open(key, "wb", block_size=PART, autocommit=False)
            with contextlib.ExitStack() as undo:
                undo.callback(_discard, file)
                size = _checked(digest, stream, file.write)
                file.close()
                undo.pop_all()
            file.commit()
            return size

    def receive(self, stream: BinaryIO) -> tuple[str, int]:
        with tempfile.TemporaryFile() as whole:  # a bucket wants the name first
            digest, _ = _passed(stream, whole.write)
            whole.seek(0)
            return digest, self.put(digest, cast(BinaryIO, whole))

    def has(self, digest: str) -> bool:
        with reached(f"s3://{self.root}"):
            return bool(self.files.exists(self.key(digest)))

    def missing(self, digests: Iterable[str]) -> tuple[str, ...]:
        return tuple(digest for digest in dict.fromkeys(digests) if not self.has(digest))

    def open(self, digest: str) -> BinaryIO:
        with reached(f"s3://{self.root}"):
            try:
                return cast(BinaryIO, self.files.open(self.key(digest), "rb", block_size=PART))
            except FileNotFoundError:
                raise _not_stored(digest) from None

    def size(self, digest: str) -> int:
        with reached(f"s3://{self.root}"):
            try:
                return int(self.files.info(self.key(digest))["size"])
            except FileNotFoundError:
                raise _not_stored(digest) from None

    def key(self, digest: str) -> str:
        """Where a blob lies, or would, bucket first."""
        _check(digest)
        return f"{self.root}/{digest[:2]}/{digest}"


def _discard(file: Any) -> None:
    """Give up a half-written upload."""
    with contextlib.suppress(OSError):
        file.discard()
    file.closed = True  # or the file would flush itself when it is collected


def _checked(digest: str, stream: BinaryIO, write: Callable[[bytes], object]) -> int:
    """Pass the stream on piece by piece, and say how long it was."""
    seen, size = _passed(stream, write)
    if seen != digest:
        raise Corrupt(f"The bytes sent as {digest[:12]}… are {seen[:12]}….", remedy="Send the file again.")
    return size


def _passed(stream: BinaryIO, write: Callable[[bytes], object]) -> tuple[str, int]:
    """Pass the stream on piece by piece; its SHA-256 and how long it was."""
    seen = hashlib.sha256()
    size = 0
    while piece := stream.read(PIECE):
        seen.update(piece)
        write(piece)
        size += len(piece)
    return seen.hexdigest(), size


def _check(digest: str) -> None:
    if not _DIGEST.fullmatch(digest):
        raise UsageError("A blob's name is its SHA-256: 64 lower-case hex digits.", remedy="Hash the file's bytes.")


def _not_stored(digest: str) -> NotFound:
    return NotFound(f"No blob {digest[:12]}… is stored.", remedy="`runcite sync` sends what is still to be sent.")


def sync_folder(folder: Path) -> None:
    """Make the rename survive a power cut, too; not every system lets one sync a folder."""
    with contextlib.suppress(PermissionError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def reached(place: str) -> Iterator[None]:
    """Faults of the place as Unavailable."""
    try:
        yield
    except _faults() as error:
        said = getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__
        told = f"The artifacts at {place} cannot be reached: {said}."
        raise Unavailable(told, remedy="Try again shortly.") from error


def _faults() -> tuple[type[Exception], ...]:
    """What the file system raises, and the S3 library where it is loaded."""
    botocore: Any = sys.modules.get("botocore.exceptions")
    return (OSError, botocore.BotoCoreError, botocore.ClientError) if botocore else (OSError,)

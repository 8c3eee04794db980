"""Large content in parts: each may be sent again, in any order, and what was sent stays when the sender goes away.

A part's number and size follow from the whole's size, so that whoever goes on needs nothing but the digest and the
size. What is whole is read once and hashed before it takes its name: memory stays at one part. In a folder the parts
lie where they belong in one file beside; in a bucket they are the parts of an upload of its own, and the sender may
put them there straight, by addresses signed for an hour.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import msgspec

from tracker.errors import Corrupt, UsageError
from tracker.store.blobs import PIECE, Blobs, BucketBlobs, FolderBlobs, reached, sync_folder

PART = 16 << 20
AT_ONCE = 64
"""So many missing parts are named in one answer."""
MOST = PART * 10_000
"""Bytes of the largest content: S3 knows 10,000 parts."""
_SIGNED_SECONDS = 3600
_FORGOTTEN_SECONDS = 7 * 86_400


class Upload(msgspec.Struct, frozen=True):
    """How an upload stands. `part` is the size of every part but the last.

    `missing` are the next parts to send, by number, from 1; none are left when all have arrived. `urls` are where to
    put them, by number; without, they go to the server. `stored` says that the content is there already.
    """

    part: int
    missing: tuple[int, ...] = ()
    urls: dict[int, str] = {}
    stored: bool = False


class Uploads(Protocol):
    """Content that arrives in parts. Every method raises Unavailable when the place cannot be reached."""

    def stand(self, digest: str, size: int) -> Upload:
        """How the upload stands; it begins with the first question.

        Raises:
            UsageError: content that is too large, or no digest.
        """

    def put_part(self, digest: str, size: int, number: int, stream: BinaryIO) -> None:
        """Take one part. Sending it again is harmless.

        Raises:
            UsageError: there is no such part, or it is shorter or longer than it must be.
        """

    def complete(self, digest: str, size: int) -> None:
        """Make one of the parts, and give it its name. Completing again is harmless.

        Raises:
            UsageError: parts are missing.
            Corrupt: it is not what its name says; all parts are dropped.
        """


def uploads_of(blobs: Blobs) -> Uploads:
    """The uploads into these blobs."""
    if isinstance(blobs, BucketBlobs):
        return BucketUploads(blobs)
    assert isinstance(blobs, FolderBlobs)
    return FolderUploads(blobs)


def parts_of(size: int) -> int:
    """How many parts content of that size has.

    Raises:
        UsageError: it is too large, or nothing.
    """
    if not 0 < size <= MOST:
        raise UsageError(f"{size:,} bytes cannot be sent in parts.", remedy=f"Send 1 to {MOST:,} bytes.")
    return -(-size // PART)


def _length(size: int, number: int) -> int:
    """How long a part is."""
    count = parts_of(size)
    if not 1 <= number <= count:
        raise UsageError(f"There is no part {number}.", remedy=f"The parts are numbered from 1 to {count}.")
    return PART if number < count else size - PART * (count - 1)


class FolderUploads:
    """Uploads into a folder: one file, written where each part belongs, and a mark for each part that is there."""

    def __init__(self, blobs: FolderBlobs) -> None:
        self._blobs = blobs
        self._folder = blobs.folder / ".uploads"

    def stand(self, digest: str, size: int) -> Upload:
        if self._blobs.has(digest):
            return Upload(PART, stored=True)
        count = parts_of(size)
        with reached(str(self._folder)):
            self._forget()
            mine = self._mine(digest, size)
            mine.mkdir(parents=True, exist_ok=True)
            os.utime(mine)
            held = {path.name for path in mine.iterdir()}
        missing = (number for number in range(1, count + 1) if str(number) not in held)
        return Upload(PART, tuple(number for number, _ in zip(missing, range(AT_ONCE), strict=False)))

    def put_part(self, digest: str, size: int, number: int, stream: BinaryIO) -> None:
        left = _length(size, number)
        mine = self._mine(digest, size)
        with reached(str(self._folder)):
            mine.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(mine / "content", os.O_WRONLY | os.O_CREAT, 0o644)
            with os.fdopen(descriptor, "wb") as file:
                file.seek(PART * (number - 1))
                while piece := stream.read(PIECE):
                    left -= len(piece)
                    if left < 0:
                        break
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            if left:
                raise UsageError(f"Part {number} is {'longer' if left < 0 else 'shorter'} than it must be.")
            (mine / str(number)).touch()

    def complete(self, digest: str, size: int) -> None:
        if self._blobs.has(digest):
            return
        if missing := self.stand(digest, size).missing:
            raise UsageError(f"Part {missing[0]} is missing.", remedy="Ask how the upload stands, and send the rest.")
        mine, path = self._mine(digest, size), self._blobs.path(digest)
        with reached(str(self._folder)):
            with (mine / "content").open("rb") as stream:
                whole = _is(digest, size, stream)
            if whole:
                path.parent.mkdir(parents=True, exist_ok=True)
                (mine / "content").replace(path)
                sync_folder(path.parent)
            shutil.rmtree(mine, ignore_errors=True)
        if not whole:
            raise _other(digest)

    def _mine(self, digest: str, size: int) -> Path:
        return self._folder / f"{self._blobs.path(digest).name}.{size}"

    def _forget(self) -> None:
        """Drop uploads that nobody went on with for a week."""
        with contextlib.suppress(FileNotFoundError):
            for path in self._folder.iterdir():
                if time.time() - path.stat().st_mtime > _FORGOTTEN_SECONDS:
                    shutil.rmtree(path, ignore_errors=True)


class BucketUploads:
    """Uploads into a bucket: S3's own, under a key beside, so that nothing has its name before it was hashed."""

    def __init__(self, blobs: BucketBlobs) -> None:
        self._blobs = blobs
        self._bucket, _, self._prefix = f"{blobs.root}/".partition("/")

    def stand(self, digest: str, size: int) -> Upload:
        if self._blobs.has(digest):
            return Upload(PART, stored=True)
        count = parts_of(size)
        with reached(f"s3://{self._blobs.root}"):
            key = self._key(digest, size)
            upload = self._found(key) or self._call("create_multipart_upload", Key=key)["UploadId"]
            held = self._held(key, upload, size)
            missing = [number for number in range(1, count + 1) if number not in held][:AT_ONCE]
            urls = {number: self._signed(key, upload, number) for number in missing}
        return Upload(PART, tuple(missing), urls)

    def put_part(self, digest: str, size: int, number: int, stream: BinaryIO) -> None:
        data = stream.read(_length(size, number) + 1)
        if len(data) != _length(size, number):
            raise UsageError(f"Part {number} is not as long as it must be.")
        self.stand(digest, size)
        with reached(f"s3://{self._blobs.root}"):
            key = self._key(digest, size)
            if upload := self._found(key):
                self._call("upload_part", Key=key, UploadId=upload, PartNumber=number, Body=data)

    def complete(self, digest: str, size: int) -> None:
        upload = self.stand(digest, size)
        if upload.stored:
            return
        if upload.missing:
            told = f"Part {upload.missing[0]} is missing."
            raise UsageError(told, remedy="Ask how the upload stands, and send the rest.")
        key, files = self._key(digest, size), self._blobs.files
        with reached(f"s3://{self._blobs.root}"):
            found = self._found(key) or ""
            parts = [{"PartNumber": number, "ETag": tag} for number, tag in self._held(key, found, size).items()]
            self._call("complete_multipart_upload", Key=key, UploadId=found, MultipartUpload={"Parts": parts})
            beside = f"{self._bucket}/{key}"
            with files.open(beside, "rb", block_size=PART) as stream:
                whole = _is(digest, size, stream)
            if whole:
                files.copy(beside, self._blobs.key(digest))
            files.rm_file(beside)
        if not whole:
            raise _other(digest)

    def _key(self, digest: str, size: int) -> str:
        name = self._blobs.key(digest).rpartition("/")[2]
        return f"{self._prefix}.uploads/{name}.{size}"

    def _call(self, method: str, **words: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._blobs.files.call_s3(method, Bucket=self._bucket, **words)
        return answer

    def _found(self, key: str) -> str | None:
        """The upload under that key which somebody began."""
        begun = self._call("list_multipart_uploads", Prefix=key).get("Uploads") or ()
        return next((str(each["UploadId"]) for each in begun if each["Key"] == key), None)

    def _held(self, key: str, upload: str, size: int) -> dict[int, str]:
        """The tags of the parts that are there, and as long as they must be, by number."""
        held: dict[int, str] = {}
        after = 0
        while True:
            page = self._call("list_parts", Key=key, UploadId=upload, PartNumberMarker=after)
            for each in page.get("Parts") or ():
                if each["Size"] == _length(size, each["PartNumber"]):
                    held[each["PartNumber"]] = each["ETag"]
            if not page.get("IsTruncated"):
                return held
            after = int(page["NextPartNumberMarker"])

    def _signed(self, key: str, upload: str, number: int) -> str:
        address = f"{self._bucket}/{key}"
        words = {"client_method": "upload_part", "UploadId": upload, "PartNumber": number}
        return str(self._blobs.files.url(address, expires=_SIGNED_SECONDS, **words))


def _is(digest: str, size: int, stream: BinaryIO) -> bool:
    """Whether the stream is what the name says."""
    seen = hashlib.sha256()
    for piece in _pieces(stream):
        seen.update(piece)
        size -= len(piece)
    return size == 0 and seen.hexdigest() == digest


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        yield piece


def _other(digest: str) -> Corrupt:
    return Corrupt(f"The parts sent as {digest[:12]}… are something else.", remedy="Send the file again.")

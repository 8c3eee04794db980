"""Large content arrives in parts, in any order, over several attempts, and is what its name says or is not there."""

import hashlib
import io
import os
import time
from pathlib import Path

import httpx
import pytest

from tests.tracker.store.test_blobs import blobs, bucket
from tracker.errors import Corrupt, UsageError
from tracker.store import uploads as module
from tracker.store.blobs import Blobs, open_blobs
from tracker.store.uploads import uploads_of

__all__ = ["blobs", "bucket"]
PART = 5 << 20
"""The least that S3 takes for a part that is not the last."""


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PART", PART)


@pytest.fixture
def data() -> bytes:
    return os.urandom(2 * PART + 5)


def name_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def send(blobs: Blobs, data: bytes, number: int, *, name: str | None = None) -> None:
    """One part, to where the store wants it."""
    digest, part = name or name_of(data), data[PART * (number - 1) : PART * number]
    uploads = uploads_of(blobs)
    if url := uploads.stand(digest, len(data)).urls.get(number):
        assert httpx.put(url, content=part).is_success
    else:
        uploads.put_part(digest, len(data), number, io.BytesIO(part))


def test_parts_come_in_any_order_and_the_rest_comes_later(blobs: Blobs, data: bytes) -> None:
    digest, size = name_of(data), len(data)
    assert uploads_of(blobs).stand(digest, size).missing == (1, 2, 3)
    send(blobs, data, 3)
    send(blobs, data, 1)
    assert uploads_of(blobs).stand(digest, size).missing == (2,)
    assert not blobs.has(digest)
    with pytest.raises(UsageError, match="Part 2 is missing"):
        uploads_of(blobs).complete(digest, size)
    send(blobs, data, 2)
    for _ in range(2):
        uploads_of(blobs).complete(digest, size)
    with blobs.open(digest) as stream:
        assert stream.read() == data
    stood = uploads_of(blobs).stand(digest, size)
    assert (stood.missing, stood.stored) == ((), True)


def test_parts_that_are_something_else_are_dropped(blobs: Blobs, data: bytes) -> None:
    digest = name_of(b"what was meant")
    for number in (1, 2, 3):
        send(blobs, data, number, name=digest)
    with pytest.raises(Corrupt):
        uploads_of(blobs).complete(digest, len(data))
    assert not blobs.has(digest)
    assert uploads_of(blobs).stand(digest, len(data)).missing == (1, 2, 3)


@pytest.mark.parametrize("length", [PART - 1, PART + 1])
def test_a_part_of_another_length_is_refused(blobs: Blobs, data: bytes, length: int) -> None:
    digest = name_of(data)
    with pytest.raises(UsageError, match="Part 1"):
        uploads_of(blobs).put_part(digest, len(data), 1, io.BytesIO(bytes(length)))
    with pytest.raises(UsageError, match="no part 4"):
        uploads_of(blobs).put_part(digest, len(data), 4, io.BytesIO(b"x"))
    assert 1 in uploads_of(blobs).stand(digest, len(data)).missing


@pytest.mark.parametrize("size", [0, -1, module.MOST + 1])
def test_a_size_that_cannot_be_is_refused(tmp_path: Path, size: int) -> None:
    with pytest.raises(UsageError):
        uploads_of(open_blobs(str(tmp_path))).stand("a" * 64, size)


def test_what_nobody_went_on_with_is_forgotten_after_a_week(tmp_path: Path, data: bytes) -> None:
    blobs = open_blobs(str(tmp_path))
    send(blobs, data, 1)
    (begun,) = (tmp_path / ".uploads").iterdir()
    os.utime(begun, (time.time() - 8 * 86_400,) * 2)
    uploads_of(blobs).stand(name_of(b"another"), 1)
    assert not begun.exists()

"""Content by its SHA-256, in a folder and in a bucket: whole or not at all, and what it says it is."""

import hashlib
import io
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tracker.errors import Corrupt, InvalidSettings, NotFound, Unavailable, UsageError
from tracker.store.blobs import PART, PIECE, Blobs, open_blobs


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(scope="module")
def bucket() -> Iterator[dict[str, object]]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    options = {
        "endpoint_url": f"http://{host}:{port}",
        "key": "test",
        "secret": "test",
        "client_kwargs": {"region_name": "us-east-1"},
    }
    client = boto3.client(
        "s3",
        endpoint_url=options["endpoint_url"],
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.create_bucket(Bucket="runcite-test")
    yield options
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "folder":
        return open_blobs(str(tmp_path / "deep" / "artifacts"))
    return open_blobs(f"s3://runcite-test/{tmp_path.name}", options=request.getfixturevalue("bucket"))


@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1, PART + 3], ids=str)
def test_what_was_put_comes_back(blobs: Blobs, size: int) -> None:
    data = os.urandom(size)
    digest = digest_of(data)
    assert not blobs.has(digest)
    assert blobs.put(digest, io.BytesIO(data)) == size
    assert blobs.has(digest)
    assert blobs.size(digest) == size
    with blobs.open(digest) as stream:
        assert stream.read() == data


def test_putting_again_changes_nothing(blobs: Blobs) -> None:
    data = b"model"
    blobs.put(digest_of(data), io.BytesIO(data))
    assert blobs.put(digest_of(data), io.BytesIO(data)) == len(data)
    with pytest.raises(Corrupt):
        blobs.put(digest_of(data), io.BytesIO(b"other"))
    with blobs.open(digest_of(data)) as stream:
        assert stream.read() == data


@pytest.mark.parametrize("size", [5, PART + 5], ids=["small", "several parts"])
def test_other_bytes_than_the_name_says_are_refused_and_leave_nothing(blobs: Blobs, size: int) -> None:
    digest = digest_of(b"what was meant")
    with pytest.raises(Corrupt):
        blobs.put(digest, io.BytesIO(bytes(size)))
    assert not blobs.has(digest)
    with pytest.raises(NotFound):
        blobs.open(digest)


class Breaking(io.RawIOBase):
    """A stream whose sender goes away in the middle."""

    def __init__(self, first: bytes) -> None:
        self._first = first

    def read(self, size: int = -1, /) -> bytes:
        if not self._first:
            raise Unavailable("The client went away.")
        piece, self._first = self._first[:size], self._first[size:]
        return piece


@pytest.mark.parametrize("size", [5, PART + 5], ids=["small", "several parts"])
def test_a_sender_that_goes_away_leaves_nothing(blobs: Blobs, size: int) -> None:
    digest = digest_of(bytes(size))
    with pytest.raises(Unavailable, match="went away"):
        blobs.put(digest, Breaking(bytes(size)))
    assert not blobs.has(digest)
    assert blobs.missing([digest, digest]) == (digest,)


def test_an_upload_that_broke_leaves_no_file_behind(tmp_path: Path) -> None:
    blobs = open_blobs(str(tmp_path))
    with pytest.raises(Unavailable):
        blobs.put(digest_of(b"x"), Breaking(b"y"))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_is_missing_is_told_in_order(blobs: Blobs) -> None:
    there, absent = digest_of(b"a"), digest_of(b"b")
    blobs.put(there, io.BytesIO(b"a"))
    assert blobs.missing([absent, there, absent]) == (absent,)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 63 + "/", "a" * 64 + "\n"])
def test_a_name_that_is_no_digest_is_refused(blobs: Blobs, name: str) -> None:
    for ask in (blobs.has, blobs.open, blobs.size, lambda n: blobs.put(n, io.BytesIO(b""))):
        with pytest.raises(UsageError):
            ask(name)


def test_several_at_once_put_the_same(tmp_path: Path) -> None:
    blobs = open_blobs(str(tmp_path))
    data = os.urandom(3 * PIECE)
    start = threading.Barrier(8)
    sizes: list[int] = []

    def put() -> None:
        start.wait()
        sizes.append(blobs.put(digest_of(data), io.BytesIO(data)))

    threads = [threading.Thread(target=put) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sizes == [len(data)] * 8
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_a_place_that_cannot_be_reached_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match="cannot be reached"):
        open_blobs(str(tmp_path / "file")).put(digest_of(b""), io.BytesIO(b""))


def test_a_bucket_that_cannot_be_reached_says_so() -> None:
    closed = {
        "endpoint_url": "http://127.0.0.1:9",
        "key": "x",
        "secret": "x",
        "config_kwargs": {"retries": {"max_attempts": 0}},
    }
    with pytest.raises(Unavailable, match="cannot be reached"):
        open_blobs("s3://bucket/prefix", options=closed).has(digest_of(b""))


@pytest.mark.parametrize("location", ["s3://", "gs://bucket", "https://example.org/x"])
def test_an_address_that_makes_no_sense_is_refused(location: str) -> None:
    with pytest.raises(InvalidSettings):
        open_blobs(location)

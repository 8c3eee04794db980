"""A large file goes to the server in parts, or straight to the bucket behind it, and goes on where it broke off."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.tracker.store.test_blobs import bucket
from tracker.client import transport as client
from tracker.client.transport import HttpTransport
from tracker.errors import Unavailable, UsageError
from tracker.store import uploads

__all__ = ["bucket"]
PART = 5 << 20


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of three parts."""
    monkeypatch.setattr(uploads, "PART", PART)
    monkeypatch.setattr(client, "IN_ONE", PART)
    path = tmp_path / "weights"
    path.write_bytes(os.urandom(2 * PART + 7))
    return path


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Watched(HttpTransport):
    """Notes where parts went, and breaks off behind the second."""

    sent: list[str]
    left = 2

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        if method == "PUT":
            self._note(path)
        return super()._ask(method, path, **more)

    def _put_straight(self, url: str, *more: Any) -> None:
        self._note(url)
        super()._put_straight(url, *more)

    def _note(self, where: str) -> None:
        if self.left == 0:
            raise Unavailable("the cable was pulled")
        self.left -= 1
        self.sent.append(where)


@pytest.mark.parametrize("place", ["folder", "bucket"])
def test_a_large_file_goes_on_where_it_broke_off(
    house: Any, file: Path, place: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = {}
    if place == "bucket":
        options = request.getfixturevalue("bucket")
        monkeypatch.setenv("AWS_ENDPOINT_URL", options["endpoint_url"])
        for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test"), ("DEFAULT_REGION", "us-east-1")):
            monkeypatch.setenv(f"AWS_{name}", value)
        changes = {"artifacts": f"s3://runcite-test/{file.parent.name}"}
    house.start(**changes)
    digest = digest_of(file)
    with Watched(house.url, house.token("ada")) as transport:
        transport.sent = []
        with pytest.raises(Unavailable, match="cable"):
            transport.put_blob(digest, file)
        assert transport.missing([digest]) == {digest}
        transport.left = 9
        transport.put_blob(digest, file)
        assert len(transport.sent) == 3
        assert all(("X-Amz-Signature" in url) == (place == "bucket") for url in transport.sent)
        assert transport.missing([digest]) == frozenset()
        transport.put_blob(digest, file)
        assert len(transport.sent) == 3
    with house.client(house.token("ada")) as reader:
        assert reader.get(f"/api/v1/blobs/{digest}").content == file.read_bytes()


def test_a_large_file_that_changed_on_the_way_is_refused_and_dropped(house: Any, file: Path) -> None:
    house.start()
    digest = hashlib.sha256(b"what was meant").hexdigest()
    with HttpTransport(house.url, house.token("ada")) as transport:
        with pytest.raises(UsageError, match="something else"):
            transport.put_blob(digest, file)
        assert transport.missing([digest]) == {digest}


def test_more_than_the_server_takes_is_refused_before_a_byte_is_sent(house: Any, file: Path) -> None:
    house.start(max_blob=PART)
    with house.client(house.token("ada")) as ada:
        answer = ada.post(f"/api/v1/blobs/{digest_of(file)}/upload", json={"size": file.stat().st_size})
        assert answer.status_code == 413
        assert ada.post(f"/api/v1/blobs/{'x' * 64}/upload", json={"size": 5}).status_code == 422

"""A large file is read once, and again whenever it may have changed."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tracker.client.digests import LEAST, SETTLED_NS, Digests
from tracker.client.folders import digest_file
from tracker.client.values import digest_data


def later() -> int:
    return time.time_ns() + 2 * SETTLED_NS


def test_a_file_that_did_not_change_is_read_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.write_bytes(bytes(LEAST))
    for reads in (1, 0, 0):
        with Digests(tmp_path / "memory", data, now_ns=later) as digests:
            assert digests.file(data) == digest_file(data)
        assert digests.read == reads


def test_a_change_is_seen_though_size_and_time_of_modification_are_put_back(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.write_bytes(bytes(LEAST))
    before = data.stat()
    with Digests(tmp_path / "memory", data, now_ns=later) as digests:
        first = digests.file(data)
    time.sleep(0.02)  # the clock that stamps files may be coarse
    data.write_bytes(b"\1" * LEAST)
    os.utime(data, ns=(before.st_atime_ns, before.st_mtime_ns))
    with Digests(tmp_path / "memory", data, now_ns=later) as digests:
        assert digests.file(data) == digest_file(data) != first


def test_a_file_just_written_is_not_trusted_yet(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.write_bytes(bytes(LEAST))
    for _ in range(2):
        with Digests(tmp_path / "memory", data, now_ns=lambda: data.stat().st_mtime_ns) as digests:
            digests.file(data)
        assert digests.read == 1


def test_a_damaged_memory_is_none(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.write_bytes(bytes(LEAST))
    with Digests(tmp_path / "memory", data, now_ns=later) as digests:
        digests.file(data)
    (memory,) = (tmp_path / "memory").iterdir()
    spoilt = bytearray(memory.read_bytes())
    spoilt[-5] ^= 1
    memory.write_bytes(bytes(spoilt))
    with Digests(tmp_path / "memory", data, now_ns=later) as digests:
        assert digests.file(data) == digest_file(data) and digests.read == 1


def test_a_folder_has_one_memory_and_the_digest_it_has_without(tmp_path: Path) -> None:
    root = tmp_path / "images"
    (root / "a").mkdir(parents=True)
    (root / "a" / "one").write_bytes(bytes(LEAST))
    (root / "two").write_bytes(b"small")
    used: list[Digests] = []

    def remembered(path: Path) -> Digests:
        used.append(Digests(tmp_path / "memory", path, now_ns=later))
        return used[-1]

    assert digest_data(root, remembered) == digest_data(root, remembered) == digest_data(root)
    assert [digests.read for digests in used] == [2, 1]
    assert len(list((tmp_path / "memory").iterdir())) == 1

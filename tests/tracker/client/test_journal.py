"""The journal keeps what it took: against kills, torn tails, flipped bits and full disks."""

import errno
import os
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.client.frames import START, Shape, event_frame, frame_at, next_sound, seal, shape_frame, walk
from tracker.client.journal import FIRST_SIZE, Journal, is_written, reopen, sound_end
from tracker.events import Noticed

SEED = 7


def test_what_was_appended_is_read_back_in_order(journal, log_to, read) -> None:
    kept = journal()
    log = log_to(kept)
    for step in range(100):
        log({"loss": step / 2, "accuracy": step / 100}, step)
    kept.append(event_frame(5, Noticed("code", "text"), SEED))
    found = read(kept.path, seed=SEED)
    assert found.points[:2] == [("loss", 0, 0.0), ("accuracy", 0, 0.0)]
    assert len(found.points) == 200
    assert found.bodies == [Noticed("code", "text")]
    assert found.end == kept.position


def test_the_file_grows_and_is_cut_to_what_was_written(journal, log_to, read) -> None:
    kept = journal()
    log = log_to(kept)
    for step in range(3 * FIRST_SIZE // 32):
        log({"loss": step}, step)
    end = kept.position
    assert end > 3 * FIRST_SIZE
    kept.close()
    assert kept.path.stat().st_size == end
    assert [step for _, step, _ in read(kept.path, seed=SEED).points] == list(range(3 * FIRST_SIZE // 32))


def test_a_frame_larger_than_the_file_finds_room(journal, read) -> None:
    kept = journal()
    kept.append(event_frame(1, Noticed("big", "x" * 3_000_000), SEED))
    assert len(read(kept.path, seed=SEED).bodies[0].message) == 3_000_000


def test_more_shapes_than_a_byte_can_tell_apart(journal, log_to, read) -> None:
    kept = journal()
    log = log_to(kept)
    for step in range(600):
        log({f"metric/{step % 300}": step, "shared": 1.0}, step)
    found = read(kept.path, seed=SEED).points
    assert [point for point in found if point[0] != "shared"] == [
        (f"metric/{step % 300}", step, float(step)) for step in range(600)
    ]


@pytest.fixture
def small(journal, log_to) -> bytes:
    """A journal with an event, a shape and rows, as bytes."""
    kept = journal()
    log = log_to(kept)
    kept.append(event_frame(1, Noticed("first", "é"), SEED))
    for step in range(3):
        log({"loss": 0.1 * step}, step)
    kept.append(event_frame(2, Noticed("last", "words"), SEED))
    kept.close()
    return kept.path.read_bytes()


def test_a_tail_torn_at_any_byte_costs_only_the_frame_it_tears(small, tmp_path) -> None:
    ends = [frame.end for frame in walk(small, START, SEED)]
    path = tmp_path / "torn.journal"
    for cut in range(START, len(small)):
        torn = small[:cut] + bytes(64)  # the rest of a reserved block is zeros
        expected = max([START, *(end for end in ends if end <= cut)])
        # a cut inside trailing zeros of a frame tears nothing: the zeros are there again
        sound = sound_end(torn)
        assert sound >= expected and torn[:sound] == small[:sound]
        path.write_bytes(torn)
        reopen(path, sound, event_frame(9, Noticed("witness", "saw it"), SEED))
        whole = path.read_bytes()
        assert sound_end(whole) == len(whole)


def test_a_flipped_bit_anywhere_is_found_and_only_its_frame_is_lost(small) -> None:
    frames = list(walk(small, START, SEED))
    for place in range(START, len(small)):
        for bit in (1, 128):
            spoilt = bytearray(small)
            spoilt[place] ^= bit
            hit = next(index for index, frame in enumerate(frames) if frame.start <= place < frame.end)
            kept = list(walk(bytes(spoilt), START, SEED))
            assert [frame.end for frame in kept] == [frame.end for frame in frames[:hit]]
            after = next_sound(bytes(spoilt), frames[hit].start, SEED)
            rest = list(walk(bytes(spoilt), after, SEED)) if after is not None else []
            assert [frame.payload for frame in rest] == [frame.payload for frame in frames[hit + 1 :]]


@given(st.binary(max_size=400), st.integers(0, 2**32 - 1))
@settings(max_examples=100)
def test_arbitrary_bytes_are_never_taken_for_frames(noise: bytes, seed: int) -> None:
    assert next_sound(noise, 0, seed) is None


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5, unique=True), st.integers(0, 2**32 - 1))
def test_a_frame_is_sound_only_under_its_own_seed(names: list[str], seed: int) -> None:
    frame = shape_frame(Shape(3, tuple(names)), seed)
    assert frame_at(frame, 0, seed) is not None
    assert frame_at(frame, 0, seed ^ 1) is None
    assert len(frame) % 8 == 0


def test_threads_never_interleave_within_a_frame(journal, log_to, read) -> None:
    kept = journal()
    log = log_to(kept)
    log({"loss": 0.0}, -1)
    write, before = kept.write, sys.getswitchinterval()
    row = struct.Struct("<qqd")
    start = threading.Barrier(4)

    def work(worker: int) -> None:
        start.wait()
        for step in range(5000):
            frame = seal(8, row.pack(worker * 10_000 + step, step, worker), SEED)
            try:
                write(frame)
            except ValueError:
                kept.append(frame)

    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    steps = [step for _, step, _ in read(kept.path, seed=SEED).points]
    assert sorted(steps) == sorted([-1, *(worker * 10_000 + step for worker in range(4) for step in range(5000))])
    for worker in range(4):
        mine = [step for step in steps if worker * 10_000 <= step < worker * 10_000 + 5000]
        assert mine == sorted(mine)


def test_a_living_writer_is_seen_and_a_dead_one_too(journal) -> None:
    kept = journal()
    assert is_written(kept.path)
    kept.close()
    assert not is_written(kept.path)


class Disk:
    """Reserves blocks, while there is room."""

    def __init__(self) -> None:
        self.room = True

    def __call__(self, fd: int, offset: int, length: int) -> None:
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        os.posix_fallocate(fd, offset, length)


def test_on_a_full_disk_frames_wait_in_memory_and_keep_their_order(journal, log_to, read) -> None:
    disk = Disk()
    kept = journal(reserve=disk)
    kept.retry_seconds = 0.0
    log = log_to(kept)
    disk.room = False
    count = FIRST_SIZE // 32 + 1000  # a page full, and some that wait
    for step in range(count):
        log({"loss": step}, step)
    assert kept.full
    disk.room = True
    for step in range(count, count + 10):
        log({"loss": step}, step)
    assert not kept.full
    kept.close()
    assert [step for _, step, _ in read(kept.path, seed=SEED).points] == list(range(count + 10))
    assert kept.lost == 0


def test_nothing_small_overtakes_something_large_that_waits_for_the_disk(journal, log_to, read) -> None:
    disk = Disk()
    kept = journal(reserve=disk)
    log = log_to(kept)
    log({"loss": 0}, 0)
    disk.room = False
    kept.append(event_frame(1, Noticed("big", "x" * FIRST_SIZE), SEED))
    log({"other": 1}, 1)
    log({"loss": 2}, 2)
    disk.room, kept.retry_seconds = True, 0.0
    log({"loss": 3}, 3)
    kept.close()
    frames = [frame.kind for frame in walk(kept.path.read_bytes(), START, SEED)]
    assert frames == [1, 3, 8, 5, 2, 3, 9, 8, 8]  # owner, shape, row, padding, event, shape, rows


def test_last_words_find_room_on_a_disk_that_stays_full(journal, log_to, read) -> None:
    disk = Disk()
    kept = journal(reserve=disk)
    log = log_to(kept)
    disk.room = False
    count = FIRST_SIZE // 32 + 1000  # a page full, and some that wait
    for step in range(count):
        log({"loss": step}, step)
    lost = kept.close(event_frame(3, Noticed("end", "of it"), SEED))
    found = read(kept.path, seed=SEED)
    assert found.bodies == [Noticed("end", "of it")]
    assert lost > 0 and len(found.points) + lost == count


def cannot_reserve(fd: int, offset: int, length: int) -> None:
    raise OSError(errno.EOPNOTSUPP, "Operation not supported")


def test_without_reserved_blocks_plain_writes_do(journal, log_to, read) -> None:
    kept = journal(reserve=cannot_reserve)
    log = log_to(kept)
    for step in range(1000):
        log({"loss": step}, step)
    kept.close()
    assert len(read(kept.path, seed=SEED).points) == 1000


FILL = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tracker.client.frames import Owner, event_frame
from tracker.client.journal import Journal
from tracker.client.rows import Rows
import errno, os
def cannot(fd, offset, length): raise OSError(errno.EOPNOTSUPP, "no")
kept = Journal(Path({path!r}), Owner("r-00000000", "main", "n", 1, "host", 1), 7, **{more})
rows = Rows(7)
log = lambda step: rows.frames(("loss",), (float(step),), step, step, kept.append)
for step in range(40_000):
    log(step)
assert kept.full
Path({ballast!r}).unlink()
kept.retry_seconds = 0.0
for step in range(40_000, 40_100):
    log(step)
assert not kept.full and kept.close() == 0
print("survived")
"""


@pytest.mark.parametrize("more", ["{}", '{"reserve": cannot}'], ids=["mapped", "plain"])
def test_a_really_full_disk_kills_nothing_and_what_waited_arrives(tmp_path: Path, read, more: str) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("mounting a small file system needs root")
    try:
        ballast, path = disk / "ballast", disk / "main.journal"
        ballast.write_bytes(bytes(1_500_000))
        root = str(Path(__file__).parents[3])
        script = FILL.format(root=root, path=str(path), ballast=str(ballast), more=more)
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
        assert done.stdout == "survived\n", (done.returncode, done.stderr[-2000:])
        assert [step for _, step, _ in read(path, seed=SEED).points] == list(range(40_100))
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_child_made_by_fork_lets_go_without_a_trace(journal, log_to) -> None:
    kept = journal()
    log_to(kept)({"loss": 1.0}, 1)
    before = kept.path.read_bytes()
    child = os.fork()
    if child == 0:
        kept.abandon()
        code = 1
        try:
            kept.write(b"12345678")
        except ValueError:
            code = 0
        os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert kept.path.read_bytes() == before
    assert is_written(kept.path)


def test_a_journal_is_never_made_over_another(journal) -> None:
    kept = journal()
    with pytest.raises(FileExistsError):
        Journal(kept.path, kept.owner, SEED)

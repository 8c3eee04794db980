"""The machine, as it is; nothing here can be made up, so the tests hold what must be true of any."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import psutil

from tracker.capture import machine
from tracker.snapshot import Gpu


def test_the_machine_is_seen_the_same_twice_and_plausibly() -> None:
    first, second = machine.see(), machine.see()
    assert first == second
    assert first.machine is not None
    assert first.problems == ()
    assert 0 < first.machine.memory <= psutil.virtual_memory().total
    assert 1 <= first.machine.cores <= (psutil.cpu_count() or 1)
    assert all((first.machine.host, first.machine.os, first.machine.kernel, first.machine.arch, first.machine.cpu))


def test_the_identity_does_not_give_the_machines_own_away() -> None:
    seen = machine.see().machine
    assert seen is not None
    assert len(seen.id) == 32
    own = Path("/etc/machine-id")
    assert not own.exists() or own.read_text().strip() not in seen.id


def test_other_hardware_is_another_machine_where_there_is_no_identity_of_its_own() -> None:
    one = machine.identity("", ("CPU A", "64"), ())
    assert one == machine.identity("", ("CPU A", "64"), ())
    others = {
        machine.identity("", ("CPU B", "64"), ()),
        machine.identity("", ("CPU A", "128"), ()),
        machine.identity("", ("CPU A", "64"), (Gpu("H100", 80, "GPU-1"),)),
        machine.identity("", ("CPU A", "64"), (Gpu("H100", 80, "GPU-2"),)),
        machine.identity("abc", ("CPU A", "64"), ()),
    }
    assert len(others | {one}) == 6


def test_a_driver_that_hangs_is_waited_for_no_longer_than_allowed() -> None:
    problems: list[str] = []
    never = threading.Event()
    began = time.monotonic()
    assert machine.within(0.05, never.wait, False, "The GPU driver", problems) is False
    assert time.monotonic() - began < 5
    never.set()
    assert problems == ["The GPU driver did not answer within 0.05 seconds."]

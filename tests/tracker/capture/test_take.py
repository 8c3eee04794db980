"""The whole snapshot: quick in the process, slow parts beside it, put together without replacing anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec

from tracker.capture.take import Limits, Origin, full, look, parts, quick
from tracker.snapshot import Package, Python, Seeds, Snapshot, canonical, merged

from .conftest import Kept, Repository, origin_of


def test_quick_and_full_together_are_a_whole_snapshot(repo: Repository) -> None:
    origin = origin_of(repo.root / "train.py", repo.root, path=tuple(sys.path))
    whole = merged(quick(origin, seed=7), full(origin, Kept()))
    assert whole.code is not None
    assert whole.machine is not None
    assert whole.command is not None
    assert whole.python is not None
    assert whole.python.packages
    assert whole.seeds.stated == 7
    assert whole.problems == ()
    assert msgspec.json.decode(canonical(whole), type=Snapshot) == whole


def test_the_parts_come_one_by_one_and_none_overlaps(repo: Repository) -> None:
    came = list(parts(origin_of(repo.root / "train.py", repo.root), Kept()))
    names = ("machine", "python", "code", "command")
    named = [[name for name in names if getattr(part, name) is not None] for part in came]
    assert named == [["machine"], ["python"], ["code"]]


def test_an_origin_survives_the_way_to_another_process() -> None:
    origin = look()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(origin), type=Origin) == origin


def test_a_part_is_completed_and_never_replaced() -> None:
    bare, with_packages = Python("3.11", "CPython", "py"), Python("3.11", "CPython", "py", (Package("a", "1"),))
    other = Python("3.12", "CPython", "py", (Package("a", "1"),))
    assert merged(Snapshot(python=bare), Snapshot(python=with_packages)).python == with_packages
    assert merged(Snapshot(python=with_packages), Snapshot(python=bare)).python == with_packages
    assert merged(Snapshot(python=bare), Snapshot(python=other)).python == bare
    assert merged(Snapshot(seeds=Seeds(stated=1)), Snapshot()).seeds.stated == 1
    assert merged(Snapshot(problems=("x.",)), Snapshot(problems=("x.", "y."))).problems == ("x.", "y.")


def test_a_look_where_nothing_can_be_seen_raises_nothing(tmp_path: Path) -> None:
    nowhere = origin_of(tmp_path / "gone/train.py", tmp_path / "gone", path=("/nowhere",), prefix="/nowhere")
    seen = full(nowhere, Kept(), limits=Limits(seconds=5))
    assert seen.code is None
    assert seen.python is not None


def test_a_part_that_breaks_costs_no_other(repo: Repository) -> None:
    def broken(path: Path) -> str:
        raise ValueError("not of the kinds that were foreseen")

    repo.write("new.py")
    came = list(parts(origin_of(repo.root / "train.py", repo.root), broken))
    assert came[0].machine is not None
    assert came[1].python is not None
    assert came[2].problems == ("The code could not be seen (ValueError).",)


def test_the_face_is_imported_without_the_slow_libraries() -> None:
    names = {"git", "psutil", "pynvml", "torch", "numpy", "email"}
    script = f"import sys, tracker.capture.take; print({names} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"

"""Records for the rules: one that nothing speaks against, and changes to it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from random import Random
from typing import Any

import msgspec

from tracker.ids import mint
from tracker.record import BoardSpec, Dataset, Digests, End, Record, Summary
from tracker.snapshot import ChangedFile, Code, Git, Machine, Package, Python, Scalar, Snapshot, digest_of

METRIC = "val/accuracy"
SPEC = BoardSpec("digits", METRIC)
DATA = Dataset("digits", "d" * 64, 1000)
GIT = Git("a" * 40, "main", "https://github.com/team/digits", True)
PYTHON = Python("3.11.7", "CPython", "python", (Package("numpy", "2.4.6"), Package("torch", "2.13.0")))
MACHINE = Machine("m1", "alpha", "Linux", "6.1", "x86_64", "EPYC", 4, 16_000_000_000)


def run_id(number: int) -> str:
    return mint(Random(number))


def summary(value: float, *, count: int = 10, nonfinite: int = 0) -> Summary:
    known = value if math.isfinite(value) else None
    return Summary(count, nonfinite, value, count, 0, known, count, known, count)


def record(
    number: int = 1,
    value: float = 0.9,
    *,
    seed: int | None = 1,
    config: Mapping[str, Scalar] | None = None,
    code: Code | None = Code(GIT, "train.py"),
    member: str | None = "ada",
    **changes: Any,
) -> Record:
    """A finished run; `number` makes its ID and when it ended, `changes` are fields of `Record`."""
    settings = {"lr": 0.1} if config is None else dict(config)
    made = Record(
        id=run_id(number),
        project="digits",
        state="finished",
        member=member,
        started_at=number,
        received_at=number,
        last_seen=number,
        digests=Digests(
            digest_of({key: each for key, each in settings.items() if key != "seed"}), "c" * 64, "d" * 64, "e" * 64
        ),
        config=settings,
        seed=seed,
        snapshot=Snapshot(code=code, python=PYTHON, machine=MACHINE),
        metrics={METRIC: summary(value)},
        datasets=(DATA,),
        end=End(number + 1, 12.0, "process"),
        sealed="f" * 64,
    )
    return msgspec.structs.replace(made, **changes)


def group(first: int, values: list[float], **changes: Any) -> list[Record]:
    """Replicates with these values, seeds from 1; `config` and the rest as `record` takes them."""
    return [record(first + i, value, seed=i + 1, **changes) for i, value in enumerate(values)]


def changed(path: str, digest: str = "1" * 64) -> ChangedFile:
    return ChangedFile(path, "modified", digest, 10)

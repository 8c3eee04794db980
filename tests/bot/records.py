"""Records for the pure parts: one that nothing speaks against, and ones with anything people may write."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import msgspec

from tracker.ids import mint
from tracker.record import BoardSpec, Dataset, Digests, End, Record, State, Summary
from tracker.snapshot import ChangedFile, Code, Git, Machine, Package, Python, Scalar, Snapshot

BOARD = BoardSpec("digits", "val/accuracy")


def run_id(number: int) -> str:
    return mint(Random(number))


def summary(best: float, last: float | None = None) -> Summary:
    last = best if last is None else last
    low = min(value for value in (best, last) if math.isfinite(value))
    high = max(value for value in (best, last) if math.isfinite(value))
    return Summary(10, 0, last, 10, 0, low, 1, high, 7)


def record(number: int = 1, best: float = 0.9023, last: float = 0.899, **changes: Any) -> Record:
    """A finished run whose val/accuracy was best at step 7."""
    git = Git("a" * 40, "main", "https://github.com/team/digits", True)
    made = Record(
        id=run_id(number),
        project="digits",
        state="finished",
        member="ada",
        started_at=1,
        received_at=1,
        last_seen=1,
        digests=Digests("b" * 64, "c" * 64, "d" * 64, "e" * 64),
        config={"lr": 0.1},
        seed=number,
        snapshot=Snapshot(
            code=Code(git, "train.py"),
            python=Python("3.11.7", "CPython", "python", (Package("torch", "2.13.0"),)),
            machine=Machine("m1", "alpha", "Linux", "6.1", "x86_64", "EPYC", 4, 16_000_000_000),
        ),
        metrics={"val/accuracy": summary(best, last)},
        datasets=(Dataset("digits", "d" * 64, 1000),),
        end=End(2, 12.0, "process"),
        sealed="f" * 64,
    )
    return msgspec.structs.replace(made, **changes)


EVIL = (
    "<!channel>",
    "<@U0ADA00001>",
    "<https://evil.example|good>",
    "https://evil.example",
    "`*x*` ~_y_~",
    "a\u202eb\u200bc\x00\n\n> quote",
    "&lt;!here&gt;",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "|",
    "ａ" * 200,
)
SHAPES = "aZ09 _-*`~<>&|@#!:/\\\n\t\u202e\u200b\x00é中😀"


def anything(rng: Random) -> str:
    """What people may write: nice, evil, empty, or very long."""
    kind = rng.randrange(4)
    if kind == 0:
        return rng.choice(EVIL)
    length = rng.choice([0, 1, 8, 40, 4000]) if kind == 1 else rng.randrange(30)
    return "".join(rng.choice(SHAPES) for _ in range(length))


def number(rng: Random) -> float:
    return rng.choice([rng.random(), rng.random(), -1e300, 5e-324, 0.0, math.inf, math.nan])


def any_summary(rng: Random) -> Summary:
    low, high = sorted(each if math.isfinite(each) else 0.5 for each in (number(rng), number(rng)))
    return Summary(5, 0, number(rng), rng.randrange(10**9), 0, low, 1, high, 2)


def any_record(rng: Random) -> Record:
    """A run of people who write anything anywhere."""
    git = Git(rng.choice(["a" * 40, None]), anything(rng), "https://github.com/t/d", rng.choice([True, False]))
    changed = tuple(ChangedFile(anything(rng), "modified", None, 1) for _ in range(rng.randrange(4)))
    state: State = rng.choice(["finished", "finished", "failed", "running", "silent"])
    ended = state in {"finished", "failed"}
    config: dict[str, Scalar] = {
        anything(rng): rng.choice([anything(rng), number(rng), rng.randrange(99), True, None])
        for _ in range(rng.choice([0, 3, 80]))
    }
    return record(
        rng.randrange(10**6),
        name=rng.choice([None, anything(rng)]),
        member=rng.choice([None, anything(rng)]),
        state=state,
        project=rng.choice(["digits", *EVIL]),
        config=config,
        metrics={anything(rng): any_summary(rng) for _ in range(rng.randrange(9))} | {"val/accuracy": any_summary(rng)},
        snapshot=Snapshot(
            code=Code(git, anything(rng), changed),
            python=Python(anything(rng), "CPython", anything(rng), (Package("torch", anything(rng)),)),
            machine=Machine("m", *(anything(rng) for _ in range(3)), anything(rng), anything(rng), 4, 1),
        ),
        digests=Digests(f"{rng.random()}", "c" * 64, "d" * 64, "e" * 64),
        end=End(2, 12.0, "process", reason=anything(rng)) if ended else None,
    )

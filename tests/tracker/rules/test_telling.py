"""Events as lines: of every kind, one line, of bounded length, with what matters in it."""

from typing import get_args

import pytest

from tracker.events import (
    ArtifactLogged,
    Body,
    Captured,
    Column,
    Configured,
    DatasetLogged,
    Finished,
    Joined,
    Metrics,
    Noticed,
    Reproduced,
    Started,
    Tagged,
)
from tracker.rules.telling import kind, told
from tracker.snapshot import Code, Git, Machine, Package, Python, Seeds, Snapshot

DIGEST = "ab" * 32
SNAPSHOT = Snapshot(
    Code(Git("3f2a1bc9e0d1" + "0" * 28, "main", None, True, ""), "train.py"),
    Python("3.11.7", "CPython", "/usr/bin/python", (Package("numpy", "2.4.0"),)),
    Machine("m1", "lab-03", "Debian", "6.1", "x86_64", "EPYC", 16, 64),
    None,
    Seeds(7),
)
LINES: list[tuple[Body, str, str]] = [
    (Started("digits", "n", config={"lr": 0.001, "deep": True, "x": None}, seed=7), "started", "lr=0.001, deep=true"),
    (Joined("n", "worker", 3), "joined", "as worker, rank 3"),
    (Captured(SNAPSHOT), "captured", "code at 3f2a1bc9; Python 3.11.7 with 1 package; machine lab-03; seeds"),
    (Captured(Snapshot()), "captured", "nothing more"),
    (Configured({"width": 64}), "configured", "width=64"),
    (Metrics((Column("loss", 1200, DIGEST), Column("acc", 3, DIGEST))), "metrics", "loss × 1,200, acc × 3"),
    (ArtifactLogged("model.pt", DIGEST, 80_000), "artifact", "model.pt, 80,000 bytes, SHA-256 abababababab…"),
    (DatasetLogged("digits", DIGEST, 5), "dataset", "digits, 5 bytes"),
    (Tagged(("good",), ("bad",), "why"), "tagged", "+good, −bad, the note was rewritten"),
    (Tagged(), "tagged", "nothing new"),
    (Reproduced("r-7K3M9QX2", "within", "As close as seeds are."), "reproduced", "r-7K3M9QX2: within. As close"),
    (Noticed("gap", "a point was lost"), "noticed", "gap: a point was lost"),
    (Finished("failed", 3.0, "shipper", reason="killed"), "finished", "failed after 3 s, said by the shipper: killed"),
]


@pytest.mark.parametrize(("body", "name", "part"), LINES, ids=lambda value: getattr(value, "__class__", str).__name__)
def test_an_event_is_a_line_that_says_what_matters(body: Body, name: str, part: str) -> None:
    assert kind(body) == name
    assert part in told(body)


def test_every_kind_of_event_has_its_line() -> None:
    assert {type(body) for body, _, _ in LINES} >= set(get_args(Body))


def test_a_line_is_one_line_however_much_was_written() -> None:
    line = told(Started("p", "n", config={f"key{i}": "a\nb" * 100 for i in range(500)}))
    assert len(line) <= 260 and "\n" not in line

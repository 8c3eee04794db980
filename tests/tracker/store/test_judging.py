"""What the rules say of a project, asked of a real store: filtered boards, the lead, importance, lines that differ."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tracker.errors import InvalidQuery, NotFound, UsageError
from tracker.events import Captured, DatasetLogged
from tracker.rules.filters import Filter
from tracker.snapshot import ChangedFile, Code, Git, Package, Python, Snapshot
from tracker.store import judging
from tracker.store.blobs import open_blobs
from tracker.store.database import Database
from tracker.store.shown import everything

GIT = Git("c" * 40, "main", None, True)
PYTHON = Python("3.11.7", "cpython", "/usr/bin/python3", (Package("numpy", "2.4"),))
DATA = DatasetLogged("digits", "d" * 64, 10)
Make = Callable[..., str]


def captured(*changed: ChangedFile) -> tuple[Captured, DatasetLogged]:
    return Captured(Snapshot(code=Code(GIT, "train.py", changed), python=PYTHON)), DATA


def test_a_board_is_asked_with_a_condition_and_a_filter(database: Database, make_run: Make, now: int) -> None:
    ids = [
        make_run(
            config={"lr": lr}, seed=seed, metrics={"val/accuracy": [value]}, more=captured(), tags=("final",) * (lr > 1)
        )
        for lr, seed, value in ((1, 1, 0.80), (1, 2, 0.82), (2, 1, 0.90), (2, 2, 0.92), (3, 1, 0.70))
    ]
    whole = judging.ranking(everything(database, now), "project")
    assert [(row.n, row.records[0].config["lr"]) for row in whole.rows] == [(2, 2), (2, 1), (1, 3)]
    cheap = judging.ranking(everything(database, now), "project", where="config.lr < 2")
    assert [row.records[0].config["lr"] for row in cheap.rows] == [1]
    final = judging.ranking(everything(database, now), "project", only=Filter(tags=("final",), seeds=2))
    assert [set(row.run_ids) for row in final.rows] == [set(ids[2:4])] and final.left_out == 3
    led = judging.lead(everything(database, now), "project")
    assert [lead.record.config["lr"] for lead in led] == [1, 2] and led[-1].until is None
    lines = judging.parallel_of(everything(database, now), "project", where="config.lr < 3")
    assert lines.of == 4 and lines.metric.values[-1] == 0.92
    with pytest.raises(NotFound):
        judging.lead(everything(database, now), "projekt")
    with pytest.raises(InvalidQuery):
        judging.ranking(everything(database, now), "project", where="lr <")
    with pytest.raises(UsageError, match=r"needs 20 different configs .* has 3"):
        judging.importance_of(everything(database, now), "project")


def test_runs_are_compared_with_their_replicates_and_line_by_line(
    database: Database, make_run: Make, now: int, tmp_path: Path
) -> None:
    blobs = open_blobs(str(tmp_path / "artifacts"))
    files = []
    for content in (b"import torch\nlr = 0.1\n", b"import torch\nlr = 0.2\n"):
        digest = hashlib.sha256(content).hexdigest()
        blobs.put(digest, io.BytesIO(content))
        files.append(ChangedFile("train.py", "modified", digest, len(content)))
    before, after = (
        [
            make_run(seed=seed, metrics={"val/accuracy": [value + seed / 1000]}, more=captured(file))
            for seed in (1, 2, 3, 4)
        ]
        for file, value in zip(files, (0.8, 0.9), strict=True)
    )
    found = judging.compared(everything(database, now), [before[0], after[0], before[0]], blobs=blobs)
    assert found.run_ids == (before[0], after[0])
    (judgement,), (comparison,) = found.judgements, found.comparisons
    assert judgement is not None and judgement.method == "none" and judgement.n == (4, 4)
    assert comparison.diffs[0].lines[-2:] == ("-lr = 0.1", "+lr = 0.2")
    assert judging.compared(everything(database, now), [before[0], after[0]]).comparisons[0].diffs == ()
    without = open_blobs(str(tmp_path / "elsewhere"))
    (blind,) = judging.compared(everything(database, now), [before[0], after[0]], blobs=without).comparisons[0].diffs
    assert blind.why_not == "its content is not stored"
    with pytest.raises(UsageError, match="fewer than two"):
        judging.compared(everything(database, now), [before[0], before[0]])
    with pytest.raises(NotFound):
        judging.compared(everything(database, now), [before[0], "r-00000000"])

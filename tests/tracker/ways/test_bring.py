"""Runs that other trackers recorded come in: each once, whole, marked, and what is broken keeps nothing else out."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tracker.ways.conftest import Store
from tracker.events import Batch, Event, Started
from tracker.record import BoardSpec, Rules
from tracker.rules.board import rank
from tracker.rules.fitness import findings


def test_a_run_of_wandb_comes_whole(store: Store, samples: Path) -> None:
    [done], troubles = store.bring(samples / "run-sample.wandb")
    record = store.record(done.run_id)
    assert (done.what, done.project, troubles) == ("new", "vision", [])
    assert (record.name, record.note, record.seed, record.state) == ("calm-lake-1", "the first", 7, "finished")
    assert record.config == {
        "lr": 0.01,
        "layers.0": 64,
        "layers.1": 32,
        "optimizer.name": "adam",
        "optimizer.beta": 0.9,
        "seed": 7,
        "late": True,
    }
    assert set(record.tags) == {"imported", "from-wandb", "old"}
    assert set(record.metrics) == {"train/loss", "val.accuracy", "odd"}
    points = store.points(done.run_id, "train/loss")
    assert points.steps.tolist() == list(range(20))
    assert points.values.tolist() == [1 / (i + 1) for i in range(20)]
    assert math.isnan(record.metrics["odd"].last)
    assert abs(record.started_at - points.times[0]) < 10_000_000
    assert record.snapshot.python is not None and record.snapshot.python.version == "3.11.7"
    assert record.snapshot.code is not None and not record.snapshot.code.seen


def test_tensorboards_scalars_and_hyperparameters_come(store: Store, samples: Path) -> None:
    by_name = {done.where.rpartition("/")[2]: done for done in store.bring(samples, "tb", "tensorboard")[0]}
    assert set(by_name) == {"torch", "tensorboardx"}
    record = store.record(by_name["torch"].run_id)
    assert record.config == {"lr": 0.1, "bsize": 32, "opt": "adam", "amp": True}
    assert store.points(record.id, "acc/val").values.tolist() == [i / 32 for i in range(20)]
    assert record.metrics["hparam/accuracy"].last == 0.5
    assert any("histograms" in notice.message for notice in record.notices)
    assert any(notice.code == "end-unknown" for notice in record.notices)
    assert store.points(by_name["tensorboardx"].run_id, "loss").values.tolist()[:2] == [2.0, 1.0]


def test_trackios_database_comes(store: Store, samples: Path) -> None:
    done, _ = store.bring(samples / "milestone.db")
    records = [store.record(each.run_id) for each in done]
    assert [(record.project, record.name, record.config) for record in records] == [
        ("milestone", "run-1", {"lr": 0.1, "opt": "adam"}),
        ("milestone", "run-2", {"lr": 0.2, "opt": "adam"}),
    ]
    assert store.points(records[1].id, "acc.val").values.tolist() == [i / 10 for i in range(10)]


def test_mlflows_folder_comes_with_its_artifacts(store: Store, samples: Path) -> None:
    done, _ = store.bring(samples / "mlruns")
    records = {record.name: record for record in (store.record(each.run_id) for each in done)}
    record = records["ml-1"]
    assert (record.project, record.config, record.note) == ("vision", {"lr": 0.1, "opt": "adam", "seed": 1}, "first")
    assert "team=blue" in record.tags
    assert store.points(record.id, "val/acc").values.tolist()[3:6] == [0.3, math.inf, 0.5]
    assert (record.state, records["ml-2"].state) == ("finished", "failed")
    [artifact] = record.artifacts
    assert (artifact.name, artifact.size, artifact.stored) == ("docs/note.txt", 5, True)


@pytest.mark.parametrize("source", ["run-sample.wandb", "torch", "milestone.db", "mlruns"])
def test_bringing_again_changes_nothing(store: Store, samples: Path, source: str) -> None:
    first, _ = store.bring(samples / source)
    before = [store.record(each.run_id) for each in first]
    again, _ = store.bring(samples / source)
    assert [(each.run_id, each.what) for each in again] == [(each.run_id, "here") for each in first]
    assert [store.record(each.run_id) for each in again] == before


@pytest.mark.parametrize(
    ("source", "metric", "share"),
    [("run-sample.wandb", "train/loss", 2), ("torch/events.out.tfevents", "loss", 6)],
)
def test_a_torn_file_keeps_what_it_has_and_goes_on_when_it_is_whole(
    store: Store, samples: Path, source: str, metric: str, share: int
) -> None:
    [path] = samples.glob(f"{source}*")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // share])
    [done], [trouble] = store.bring(path)
    assert "torn" in trouble and "are kept" in trouble
    held = store.points(done.run_id, metric)
    assert 3 < len(held) < 20
    path.write_bytes(whole)
    [again], troubles = store.bring(path)
    assert (again.run_id, again.what, troubles) == (done.run_id, "grown", [])
    points = store.points(done.run_id, metric)
    assert points.steps.tolist() == list(range(20))
    assert points.values.tolist()[: len(held)] == held.values.tolist()
    assert store.bring(path)[0][0].what == "here"


@pytest.mark.parametrize("source", ["run-sample.wandb", "torch/events.out.tfevents"])
def test_a_flipped_bit_is_seen(store: Store, samples: Path, source: str) -> None:
    [path] = samples.glob(f"{source}*")
    data = bytearray(path.read_bytes())
    data[len(data) * 3 // 4] ^= 4
    path.write_bytes(bytes(data))
    [done], [trouble] = store.bring(path)
    assert "damaged" in trouble
    assert any("damaged" in notice.message for notice in store.record(done.run_id).notices)


def test_what_is_broken_keeps_nothing_else_out(store: Store, samples: Path) -> None:
    experiment = next(
        path.parent for path in (samples / "mlruns").glob("*/meta.yaml") if len(list(path.parent.glob("*/"))) > 1
    )
    broken = next(experiment.glob("*/meta.yaml"))
    broken.write_bytes(b"\xff\xfe\x00")
    metric = next(path for path in (samples / "mlruns").glob("*/*/metrics/loss") if path.parent.parent != broken.parent)
    metric.write_text(metric.read_text() + "nonsense\n")
    [done], [trouble] = store.bring(samples / "mlruns")
    assert trouble.startswith(str(broken)) and "\n" not in trouble
    assert store.record(done.run_id).metrics["loss"].count == 10
    assert any("1 lines of the metric loss" in notice.message for notice in store.record(done.run_id).notices)


def test_an_imported_run_neither_ranks_nor_is_cited_until_the_board_says_so(store: Store, samples: Path) -> None:
    [done], _ = store.bring(samples / "run-sample.wandb")
    record = store.record(done.run_id)
    strict = BoardSpec("vision", "val.accuracy")
    [first, *_] = findings(record, strict)
    assert (first.code, first.severity) == ("not-recorded", "reject")
    assert "Imported from W&B: wandb:vision/sample" in first.sentence
    assert not rank(strict, [record]).rows
    lenient = BoardSpec("vision", "val.accuracy", rules=Rules(policy={"not-recorded": "warn"}))
    assert all(finding.severity != "reject" for finding in findings(record, lenient))
    assert len(rank(lenient, [record]).rows) == 1


def test_another_run_under_the_id_is_left_alone(store: Store, samples: Path, new_store: Callable[[], Store]) -> None:
    [done], _ = store.bring(samples / "run-sample.wandb")
    other = new_store()
    other.transport.send([Batch(done.run_id, "main", "n", (Event(1, 1, 1, Started("theirs", "n")),))])
    [moved], _ = other.bring(samples / "run-sample.wandb")
    assert moved.run_id != done.run_id and moved.what == "new"
    assert other.record(done.run_id).project == "theirs"
    assert other.bring(samples / "run-sample.wandb")[0][0].what == "here"


def test_secrets_in_a_source_stay_there(store: Store, tmp_path: Path) -> None:
    secret = "ghp_" + "a1B2c3D4e5" * 4
    path = tmp_path / "runs.csv"
    path.write_text(f"run,config.api_key,config.lr,val/accuracy\na,{secret},0.1,0.5\n")
    [done], _ = store.bring(path, "p")
    record = store.record(done.run_id)
    assert record.config == {"api_key": "[scrubbed]", "lr": 0.1}
    assert record.snapshot.scrubbed

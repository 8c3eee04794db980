"""CSV in its three layouts, Neptune's Parquet, and W&B's exported files."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.tracker.ways.conftest import Store
from tracker.errors import NotFound, UsageError
from tracker.ways.found import Said
from tracker.ways.seek import kind_of
from tracker.ways.sheet import read


def test_a_row_a_run(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text('run,lr,optimizer,val/accuracy,f1,seed\na,0.1,adam,0.9,,1\n"b, c",0.2,sgd,0.8,0.7,2\n')
    done, troubles = store.bring(path, "course")
    first, second = (store.record(each.run_id) for each in done)
    assert not troubles and (first.name, second.name) == ("a", "b, c")
    assert first.config == {"lr": 0.1, "optimizer": "adam", "seed": 1} and first.seed == 1
    assert set(first.metrics) == {"val/accuracy"} and set(second.metrics) == {"val/accuracy", "f1"}
    assert second.metrics["f1"].last == 0.7
    [said] = [each.message for each in read(path, "course") if isinstance(each, Said)]
    assert said == "table.csv: a row is a run; run from run; metrics: val/accuracy, f1; settings: lr, optimizer, seed."


def test_a_row_a_step_of_several_runs_with_times(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "steps.csv"
    rows = [f"{run};{step};{step / 4};2026-03-01T10:0{step}:00" for step in range(4) for run in "ab"]
    path.write_text("\n".join(["name;epoch;loss;time", *rows]) + "\n", encoding="utf-8-sig")
    done, _ = store.bring(path, "course")
    assert [store.record(each.run_id).name for each in done] == ["a", "b"]
    points = store.points(done[1].run_id, "loss")
    assert points.steps.tolist() == [0, 1, 2, 3] and points.values.tolist() == [0.0, 0.25, 0.5, 0.75]
    minute = datetime(2026, 3, 1, 10, 3, tzinfo=UTC)
    assert points.times[-1] == minute.timestamp() * 1e6
    path.write_text(path.read_text("utf-8-sig") + "a;4;1;2026-03-01T10:04:00\n")
    assert [each.what for each in store.bring(path, "course")[0]] == ["grown", "here"]
    assert store.points(done[0].run_id, "loss").values.tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert len(store.record(done[0].run_id).seals) == 2


def test_wandbs_exported_files(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "export" / "af5mfe82"
    folder.mkdir(parents=True)
    (folder / "history.csv").write_text(
        "_step,_timestamp,loss,note\n0,1795566042.5,1.0,x\n1,1795566043.5,0.5,\n2,1795566044.5,NaN,\n"
    )
    (folder / "config.json").write_text(json.dumps({"lr": 0.1, "model": {"width": 3}, "_wandb": {"x": 1}}))
    (folder / "wandb-summary.json").write_text(json.dumps({"loss": 0.5, "best": 0.4}))
    (folder / "wandb-metadata.json").write_text(json.dumps({"git": {"commit": "a" * 40}, "state": "crashed"}))
    broken = tmp_path / "export" / "broken"
    broken.mkdir()
    (broken / "history.csv").write_text("_step,loss\n0,1\n")
    (broken / "config.json").write_text("{")
    [done], [trouble] = store.bring(tmp_path / "export", "vision")
    record = store.record(done.run_id)
    assert record.config == {"lr": 0.1, "model.width": 3} and record.state == "failed"
    assert record.metrics["best"].last == 0.4 and record.metrics["loss"].nonfinite == 1
    assert record.snapshot.code and record.snapshot.code.git and record.snapshot.code.git.commit == "a" * 40
    assert trouble.startswith(str(broken))


def test_neptunes_export(store: Store, tmp_path: Path) -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    said = {"project_id": "team/vision", "run_id": "RUN-1"}
    rows = [
        said | {"attribute_path": "sys/name", "attribute_type": "string", "string_value": "first"},
        said | {"attribute_path": "sys/creation_time", "attribute_type": "datetime", "datetime_value": at},
        said | {"attribute_path": "sys/tags", "attribute_type": "string_set", "string_set_value": ["base"]},
        said | {"attribute_path": "params/lr", "attribute_type": "float", "float_value": 0.1},
        said | {"attribute_path": "params/seed", "attribute_type": "int", "int_value": 4},
        said | {"attribute_path": "model", "attribute_type": "file", "file_value": {"path": "team/model.pt"}},
        said | {"attribute_path": "secret", "attribute_type": "file", "file_value": {"path": "../../../outside"}},
    ]
    rows += [
        said
        | {
            "attribute_path": "val/accuracy",
            "attribute_type": "float_series",
            "step": Decimal(i),
            "float_value": i / 8,
            "timestamp": at,
        }
        for i in range(8)
    ]
    data = tmp_path / "exports" / "data" / "team_vision"
    data.mkdir(parents=True)
    schema = pa.schema(
        [
            *((name, pa.string()) for name in ("project_id", "run_id", "attribute_path", "attribute_type")),
            ("step", pa.decimal128(18, 6)),
            ("timestamp", pa.timestamp("ms", tz="UTC")),
            ("int_value", pa.int64()),
            ("float_value", pa.float64()),
            ("string_value", pa.string()),
            ("datetime_value", pa.timestamp("ms", tz="UTC")),
            ("string_set_value", pa.list_(pa.string())),
            ("file_value", pa.struct([("path", pa.string())])),
        ]
    )
    pq.write_table(pa.Table.from_pylist(rows, schema), data / "RUN-1_part_0.parquet")
    (data / "other.parquet").write_bytes(b"PAR1 no")
    (tmp_path / "exports" / "files" / "team").mkdir(parents=True)
    (tmp_path / "exports" / "files" / "team" / "model.pt").write_text("weights")
    (tmp_path / "outside").write_text("not ours to take")
    [done], [trouble] = store.bring(tmp_path / "exports" / "data")
    record = store.record(done.run_id)
    assert (record.project, record.name, record.seed, record.state) == ("vision", "first", 4, "finished")
    assert record.config == {"params/lr": 0.1, "params/seed": 4} and "base" in record.tags
    assert store.points(record.id, "val/accuracy").values.tolist() == [i / 8 for i in range(8)]
    assert record.started_at == at.timestamp() * 1e6
    assert [artifact.name for artifact in record.artifacts] == ["model"]
    assert "other.parquet" in trouble


def test_what_looks_like_nothing_is_one_line_that_says_what_to_type(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(UsageError, match="looks like nothing") as caught:
        kind_of(str(tmp_path))
    assert "--from" in caught.value.remedy
    with pytest.raises(NotFound):
        kind_of(str(tmp_path / "gone"))

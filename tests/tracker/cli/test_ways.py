"""`runcite import` and `export` as they are typed: every kind comes in once, marked, and goes out again."""

from __future__ import annotations

import csv
import json
import os
import pty
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.tracker.cli.test_commands import Desk
from tests.tracker.server.conftest import House, house
from tests.tracker.ways.conftest import samples

__all__ = ["house", "samples"]


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Desk:
    """A machine whose store is a database of the dialect."""
    return Desk(tmp_path / "desk", RUNCITE_URL=database_url)


def told(desk: Desk, *words: str) -> Any:
    """What a command says as JSON."""
    return json.loads(desk(*words, "--json"))


def mlflow_base(path: Path) -> Path:
    """A database of MLflow's with one run, as its tables are."""
    with sqlite3.connect(path) as connection:
        connection.executescript(
            """
            CREATE TABLE experiments (experiment_id INTEGER, name TEXT);
            CREATE TABLE runs (run_uuid TEXT, name TEXT, status TEXT, start_time INTEGER, end_time INTEGER,
                               lifecycle_stage TEXT, artifact_uri TEXT, experiment_id INTEGER);
            CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);
            CREATE TABLE tags (key TEXT, value TEXT, run_uuid TEXT);
            CREATE TABLE metrics (key TEXT, value REAL, timestamp INTEGER, run_uuid TEXT, step INTEGER, is_nan INTEGER);
            INSERT INTO experiments VALUES (1, 'vision');
            INSERT INTO runs VALUES ('b1', 'base', 'FINISHED', 1790000000000, 1790000009000, 'active', '', 1);
            INSERT INTO params VALUES ('lr', '0.1', 'b1');
            INSERT INTO metrics VALUES ('acc', 0.5, 1790000001000, 'b1', 1, 0);
            """
        )
    connection.close()
    return path


def neptune(folder: Path) -> Path:
    """Neptune's export of one run."""
    said = {"project_id": "team/vision", "run_id": "RUN-1"}
    rows = [said | {"attribute_path": "params/lr", "attribute_type": "float", "float_value": 0.1}]
    point = {"attribute_path": "val/acc", "attribute_type": "float_series", "step": 1.0, "float_value": 0.5}
    folder.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist([*rows, said | point]), folder / "RUN-1_part_0.parquet")
    return folder


def sources(samples: Path) -> dict[str, tuple[str, ...]]:
    """What is typed behind `import` for each kind of source."""
    (samples / "sweep.csv").write_text("name,lr,acc\nfirst,0.1,0.5\nsecond,0.2,0.75\n")
    exported = samples / "exported" / "af5mfe82"
    exported.mkdir(parents=True)
    (exported / "history.csv").write_text("_step,loss\n0,1.0\n1,0.5\n")
    (exported / "config.json").write_text('{"lr": 0.1}')
    return {
        "mlflow": (str(samples / "mlruns"),),
        "mlflow-db": (str(mlflow_base(samples / "mlflow.db")),),
        "wandb": (str(samples / "run-sample.wandb"),),
        "wandb-files": (str(samples / "exported"), "--project", "vision"),
        "tensorboard": (str(samples / "torch"), "--project", "boards"),
        "trackio": (str(samples / "milestone.db"),),
        "neptune": (str(neptune(samples / "neptune" / "data")), "--from", "neptune"),
        "csv": (str(samples / "sweep.csv"), "--project", "sweep"),
    }


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_every_kind_comes_in_once_and_is_marked(desk: Desk, samples: Path) -> None:
    brought = []
    for kind, words in sources(samples).items():
        first, again = told(desk, "import", *words), told(desk, "import", *words)
        assert {run["what"] for run in first["runs"]} == {"new"} and first["source"] in kind, (kind, first)
        assert {run["what"] for run in again["runs"]} == {"here"}, (kind, again)
        brought.append(first["runs"][0]["run_id"])
    assert len(set(brought)) == 8
    assert all(
        "not recorded by Runcite" in desk("show", run_id).replace("\n", " ") for run_id in (brought[0], brought[-1])
    )
    assert "0 new, 0 grown, 2 here already" in desk("import", str(samples / "mlruns"))


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_nothing_to_bring_is_one_line(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    assert "--from" in desk("import", str(tmp_path / "notes.txt"), code=1)
    assert "There is no" in desk("import", str(tmp_path / "missing"), code=1)
    assert "--from" in desk("import", str(tmp_path), "--from", "magic", code=1)


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_live_server_of_mlflow_s_protocol_is_a_source(desk: Desk, house: House) -> None:
    house.start(require_login=False)
    with house.client() as client:
        run_id = house.run(client, project="there", name="far", values={"acc": [0.25, 0.5]})
    first = told(desk, "import", house.url)
    assert [(run["what"], run["project"]) for run in first["runs"]] == [("new", "there")]
    assert first["runs"][0]["run_id"] != run_id
    assert told(desk, "import", house.url)["runs"][0]["what"] == "here"
    assert "acc" in desk("show", first["runs"][0]["run_id"])


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_every_table_goes_out_and_pandas_reads_it(desk: Desk, samples: Path) -> None:
    told(desk, "import", str(samples / "mlruns"))
    for table in ("runs", "params", "metrics", "artifacts", "datasets", "tags", "series"):
        for form in ("csv", "parquet"):
            done = told(desk, "export", "vision", "--table", table, "--format", form, "--to", f"{table}.{form}")
            path = desk.folder / f"{table}.{form}"
            frame = pd.read_csv(path) if form == "csv" else pd.read_parquet(path)
            assert (len(frame), done["table"]) == (done["rows"], table)
    points = pd.read_parquet(desk.folder / "series.parquet").query("metric == 'val/acc'")
    assert points["value"].tolist()[3:6] == [0.3, np.inf, 0.5] and points["step"].tolist()[:4] == [0, 1, 2, 3]
    with (desk.folder / "params.csv").open(encoding="utf-8") as file:
        assert ("lr", "0.1") in {(row["key"], row["value"]) for row in csv.DictReader(file)}
    assert "is there already" in desk("export", "vision", "--table", "runs", "--to", "runs.csv", code=1)
    assert "There is no table" in desk("export", "vision", "--table", "nothing", code=1)
    assert told(desk, "export", "vision", "--format", "mlflow", "--to", "out")["rows"] == 2
    assert len(list((desk.folder / "out").rglob("meta.yaml"))) == 3


def test_a_run_goes_out_as_one_file_and_comes_back_in_another_store(desk: Desk, samples: Path, tmp_path: Path) -> None:
    brought = told(desk, "import", str(samples / "run-sample.wandb"))["runs"][0]["run_id"]
    told(desk, "export", brought, "--to", "run.zip")
    told(desk, "export", brought, "--table", "series", "--to", "points.parquet")
    elsewhere = Desk(tmp_path / "elsewhere")
    done = told(elsewhere, "import", str(desk.folder / "run.zip"))
    assert (done["run_id"], done["new"]) == (brought, True)
    assert told(elsewhere, "import", str(desk.folder / "run.zip"))["new"] is False
    told(elsewhere, "export", brought, "--table", "series", "--to", "points.parquet")
    here, there = (pd.read_parquet(each.folder / "points.parquet") for each in (desk, elsewhere))
    pd.testing.assert_frame_equal(here, there)


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_person_sees_how_far_it_is(desk: Desk, samples: Path) -> None:
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "tracker.cli", "import", str(samples / "mlruns")]
    env = {**desk.environ, "TERM": "xterm"}
    with subprocess.Popen(command, cwd=desk.folder, env=env, stdout=follower, stderr=follower) as process:
        os.close(follower)
        seen = b""
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:  # the other side has closed
                break
            if not piece:
                break
            seen += piece
    os.close(leader)
    assert process.returncode == 0, seen
    assert b"from MLflow" in seen and b"2 new" in seen

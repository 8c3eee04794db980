"""Tables and points go out, and what went out comes back equal; MLflow's folder too; from a server as from a file."""

from __future__ import annotations

import csv
import math
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracker.server.conftest import House, house
from tests.tracker.ways.conftest import Store
from tracker.cli.export import _Columns
from tracker.client.transport import HttpTransport
from tracker.errors import UsageError
from tracker.record import Digests, End, Record
from tracker.reproduce.archive import Archive
from tracker.reproduce.fetch import LocalOrigin, ServerOrigin
from tracker.reproduce.load import load
from tracker.reproduce.pack import export
from tracker.store.series import Points
from tracker.ways import mlflow_files, mlflow_out, sheet
from tracker.ways.found import FoundRun
from tracker.ways.out import write_series, write_table
from tracker.ways.register import Registrar
from tracker.ways.seek import opened
from tracker.ways.tables import TABLES

__all__ = ["house"]
HOUR = 3_600_000_000
times = st.integers(1, 4_000_000 * HOUR // 1000)
values = st.floats(allow_nan=True, allow_infinity=True)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
scalars = st.one_of(
    st.booleans(),
    st.integers(-(2**62), 2**62),
    st.floats(allow_nan=False, allow_infinity=False),
    texts.map("t".__add__),
)


def points_of(rows: list[tuple[int, float, int]], by: int = 1) -> Points:
    steps, held, at = zip(*rows, strict=True)
    return Points(np.array(steps, np.int64), np.array(held, np.float64), np.array(at, np.int64) * by)


rows = st.lists(st.tuples(st.integers(0, 2**62), values, times), min_size=1, max_size=30)


def record(config: dict[str, bool | int | float | str] | None = None, tags: tuple[str, ...] = ()) -> Record:
    return Record(
        id="r-7K3M9QX2",
        project="p",
        state="finished",
        member="ada",
        started_at=HOUR,
        received_at=HOUR,
        last_seen=HOUR,
        digests=Digests("0" * 64),
        name="=cmd()",
        config=dict(config or {}),
        tags=tags,
        end=End(2 * HOUR, 3600.0, "process"),
    )


def same(a: Points, b: Points) -> bool:
    """Equal, NaN being NaN whichever bits it has: text has one only."""
    return (
        a.steps.tolist() == b.steps.tolist()
        and a.times.tolist() == b.times.tolist()
        and np.array_equal(a.values, b.values, equal_nan=True)
    )


@settings(max_examples=15)
@given(st.dictionaries(texts.filter(lambda name: not name.isspace()), rows, min_size=1, max_size=3))
def test_points_come_back_from_both_formats(series: dict[str, list[tuple[int, float, int]]]) -> None:
    curves = {name: points_of(each) for name, each in series.items()}
    with tempfile.TemporaryDirectory() as folder:
        made = {form: Path(folder) / f"series.{form}" for form in ("csv", "parquet")}
        for form, path in made.items():
            count = write_series([record()], lambda run_id: iter(curves.items()), path, form)  # type: ignore[arg-type]
            assert count == sum(map(len, curves.values()))
        [found] = [each for each in sheet.read(made["csv"], "p") if isinstance(each, FoundRun)]
        back = dict(found.series())
        assert found.name == "r-7K3M9QX2" and set(back) == set(curves)
        assert all(same(back[name], curves[name]) for name in curves)
        table = pq.read_table(made["parquet"])
        assert table["value"].to_numpy().tobytes() == np.concatenate([c.values for c in curves.values()]).tobytes()
        assert table["step"].to_pylist() == [step for c in curves.values() for step in c.steps.tolist()]


@settings(max_examples=15)
@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,5}(\.[a-z]{1,5})?", fullmatch=True), scalars, max_size=5),
    st.dictionaries(st.sampled_from(["loss", "val/accuracy", "val/loss", "a b"]), rows, max_size=3),
)
def test_a_run_comes_back_from_mlflows_folder(
    config: dict[str, bool | int | float | str], series: dict[str, list[tuple[int, float, int]]]
) -> None:
    curves = {name: points_of(each, 1000) for name, each in series.items()}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "mlruns"
        given_ = record(config, ("base",))
        assert list(mlflow_out.write([given_], lambda run_id: iter(curves.items()), root)) == [given_]
        [found] = [each for each in mlflow_files.read(root, None) if isinstance(each, FoundRun)]
        assert (found.project, found.name, found.state) == ("p", "=cmd()", "finished")
        assert (found.started_at, found.ended_at) == (HOUR, 2 * HOUR)
        assert {k: (type(v), v) for k, v in found.config.items()} == {k: (type(v), v) for k, v in config.items()}
        assert "base" in found.tags
        back = dict(found.series())
        assert set(back) == set(curves) and all(same(back[name], curves[name]) for name in curves)


@settings(max_examples=8)
@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,5}(\.[a-z]{1,5})?", fullmatch=True), scalars, max_size=5),
    st.dictionaries(st.sampled_from(["loss", "val/accuracy", "a b"]), rows, max_size=3),
    st.sampled_from(["finished", "failed"]),
    texts,
)
def test_a_run_comes_back_from_one_file(
    _template: Path,
    config: dict[str, bool | int | float | str],
    series: dict[str, list[tuple[int, float, int]]],
    state: Literal["finished", "failed"],
    name: str,
) -> None:
    curves = {key: points_of(each) for key, each in series.items()}
    run = FoundRun(
        *("csv", "1", "p", lambda: iter(curves.items()), "here"),
        name=name, config=config, seed=3, tags=("base",), note=name, started_at=HOUR, ended_at=2 * HOUR, state=state,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        root = Path(folder)
        stores = []
        for place in ("here", "there"):
            (root / place).mkdir()
            shutil.copy(_template, root / place / "runs.db")
            stores.append(Store(root / place, f"sqlite:///{root / place / 'runs.db'}"))
            stack.callback(stores[-1].close)
        here, there = stores
        [done] = Registrar(here.transport, here.record, root).bring(iter([run]))
        before = here.record(done.run_id)
        origin = LocalOrigin(here.settings)
        stack.callback(origin.close)
        assert not [each for each in export(origin, before, root / "run.zip", root) if each.severity == "reject"]
        archive = Archive(root / "run.zip")
        stack.callback(archive.close)
        assert load(archive, there.transport, root).new
        after = there.record(done.run_id)
        for field in ("config", "metrics", "seed", "tags", "name", "note", "started_at", "end", "state", "digests"):
            assert encoded(getattr(after, field)) == encoded(getattr(before, field)), field
        assert (after.snapshot, after.project) == (before.snapshot, before.project)
        assert all(same(there.points(after.id, key), here.points(before.id, key)) for key in curves)


def encoded(value: object) -> bytes:
    """A value to compare: NaN is equal to itself there."""
    return msgspec.msgpack.encode(value)


def test_every_table_holds_what_the_record_says(store: Store, samples: Path, tmp_path: Path) -> None:
    records = [store.record(done.run_id) for done in store.bring(samples / "mlruns")[0]]
    for name, table in TABLES.items():
        path = tmp_path / f"{name}.parquet"
        count = write_table(table, records, path, "parquet")
        told = pq.read_table(path).to_pylist()
        assert len(told) == count == sum(len(list(table.rows(each))) for each in records)
        assert all(row["run"] in {each.id for each in records} for row in told)
        write_table(table, records, tmp_path / f"{name}.csv", "csv")
        shown = list(csv.DictReader((tmp_path / f"{name}.csv").open(encoding="utf-8")))
        assert [row["run"] for row in shown] == [row["run"] for row in told]
    last = {(row["run"], row["metric"]): row["last"] for row in pq.read_table(tmp_path / "metrics.parquet").to_pylist()}
    assert last == {(each.id, name): held.last for each in records for name, held in each.metrics.items()}


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    hostile = record({"=HYPERLINK(1)": "@SUM(A1)", "x": "\t=1", "y": -1.5}, ("+tag",))
    for name in ("runs", "params", "tags"):
        write_table(TABLES[name], [hostile], tmp_path / f"{name}.csv", "csv")
        for row in list(csv.reader((tmp_path / f"{name}.csv").open(encoding="utf-8")))[1:]:
            cells = [cell for cell in row if cell and not cell.lstrip("-").replace(".", "").isdigit()]
            assert not any(cell[0] in "=+-@\t\r" for cell in cells)


def test_what_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    def broken(run_id: str) -> Iterator[tuple[str, Points]]:
        yield "loss", points_of([(1, 1.0, 1)])
        raise UsageError("gone")

    for form in ("csv", "parquet"):
        with pytest.raises(UsageError):
            write_series([record()], broken, tmp_path / f"x.{form}", form)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_a_server_takes_runs_in_and_gives_them_out(
    house: House, samples: Path, tmp_path: Path, new_store: Callable[[], Store]
) -> None:
    house.start()
    token = house.token("ada")
    origin = ServerOrigin(house.url, token)
    with HttpTransport(house.url, token) as transport, opened(str(samples / "mlruns"), "mlflow", None) as found:
        runs = [each for each in found if isinstance(each, FoundRun)]
        brought = list(Registrar(transport, origin.record, tmp_path).bring(runs))
        again = list(Registrar(transport, origin.record, tmp_path).bring(runs))
    assert [each.what for each in brought] == ["new", "new"] and [each.what for each in again] == ["here", "here"]
    records = [origin.record(each.run_id) for each in brought]
    assert write_series(records, _Columns(origin), tmp_path / "points.parquet", "parquet") == 40
    told = pq.read_table(tmp_path / "points.parquet", filters=[("metric", "=", "val/acc")]).to_pylist()
    assert math.inf in [row["value"] for row in told] and len(told) == 20
    written = list(mlflow_out.write(records, _Columns(origin), tmp_path / "out", origin.blob))
    assert written == records and len(list((tmp_path / "out").rglob("note.txt"))) == 2
    origin.close()
    here = new_store()
    back = [here.record(each.run_id) for each in here.bring(tmp_path / "out")[0]]
    assert {each.name: each.config for each in back} == {each.name: each.config for each in records}
    local = LocalOrigin(here.settings)
    assert sum(len(points) for each in back for _, points in _Columns(local)(each.id)) == 40
    local.close()

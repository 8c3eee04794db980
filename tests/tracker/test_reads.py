"""get_run, find_runs and board: the same types and errors from a database and from a server."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import uvicorn

from tracker import reads
from tracker.errors import InvalidQuery, InvalidRunID, NotFound, NotLoggedIn, Unavailable, UsageError
from tracker.record import Record
from tracker.server.app import create_app
from tracker.server.config import ServerConfig
from tracker.settings import Settings
from tracker.store.database import Database
from tracker.store.members import add_member, issue_token


@pytest.fixture(params=["database", "server"])
def settings(
    request: pytest.FixtureRequest, database: Database, database_url: str, tmp_path: Path
) -> Iterator[Settings]:
    """Settings that name the database itself, and settings that name a server before it."""
    artifacts = str(tmp_path / "artifacts")
    if request.param == "database":
        yield Settings(tmp_path, database_url, artifacts)
        reads.close()
        return
    add_member(database, "reader", now=1)
    token = issue_token(database, "reader", now=1)
    app = create_app(ServerConfig(database_url, artifacts), clock=lambda: time.time_ns() // 1000)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Settings(tmp_path, f"http://127.0.0.1:{port}", artifacts, token)
    reads.close()
    server.should_exit = True
    thread.join()


@pytest.fixture
def runs(make_run: Callable[..., str]) -> list[str]:
    curves = ([0.5, 0.9, 0.8], [0.7, float("nan")], [0.6])
    return [
        make_run("m", config={"lr": n / 10}, seed=n, metrics={"val/accuracy": curve}, tags=("x",) if n else ())
        for n, curve in enumerate(curves)
    ]


def test_a_run_is_a_frozen_record(settings: Settings, runs: list[str]) -> None:
    run = reads.get_run(runs[0].lower(), settings=settings)
    assert isinstance(run, Record)
    assert (run.id, run.project, run.config, run.state) == (runs[0], "m", {"lr": 0.0}, "finished")
    assert run.metrics["val/accuracy"].max == 0.9
    assert run == reads.get_run(runs[0], settings=settings)
    with pytest.raises(AttributeError):
        run.id = "r-other"  # type: ignore[misc]
    if settings.token:
        assert settings.token not in repr(run) + msgspec.json.encode(run).decode()


def test_a_history_is_arrays(settings: Settings, runs: list[str]) -> None:
    found = reads.get_run(runs[1], settings=settings).history("val/accuracy")
    assert [(found.steps.dtype, found.values.dtype, found.times.dtype)] == [(np.int64, np.float64, np.int64)]
    assert found.steps.tolist() == [0, 1]
    assert found.values[0] == 0.7
    assert np.isnan(found.values[1])
    with pytest.raises(NotFound):
        reads.get_run(runs[1], settings=settings).history("loss")


def test_runs_are_found_in_order(settings: Settings, runs: list[str]) -> None:
    def ids(**asked: Any) -> list[str]:
        return [run.id for run in reads.find_runs("m", settings=settings, **asked)]

    assert ids() == runs[::-1]
    assert ids(order_by="-max('val/accuracy')") == [runs[0], runs[1], runs[2]]
    assert ids(where="config.lr > 0.05 and tag = 'x'", order_by="started") == runs[1:]
    assert ids(limit=1) == [runs[2]]
    assert len(reads.find_runs(settings=settings)) == 3
    assert np.isnan(reads.find_runs("m", where="seed = 1", settings=settings)[0].metrics["val/accuracy"].last)


def test_more_runs_than_a_page_are_fetched(
    settings: Settings, runs: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "_PAGE", 2)
    assert [run.id for run in reads.find_runs("m", limit=10, settings=settings)] == runs[::-1]


def test_the_board_is_ranked(settings: Settings, runs: list[str]) -> None:
    ranking = reads.board("m", settings=settings)
    assert ranking.spec.metric == "val/accuracy"
    assert ranking.rows[0].records[0].id == runs[0]


def test_who_led_when_is_told_from_the_first_on(settings: Settings, make_run: Callable[..., str]) -> None:
    made = [
        make_run("m", config={"lr": value}, seed=n, metrics={"val/accuracy": [value]})
        for n, value in enumerate((0.5, 0.7, 0.6))
    ]
    led = reads.lead("m", settings=settings)
    assert (led[-1].record.id, led[-1].value, led[-1].until) == (made[1], 0.7, None) and led[0].why == "first"
    (only,) = reads.lead("m", where="config.lr = 0.6", settings=settings)
    assert only.record.id == made[2]


def test_importance_names_what_moved_the_metric_or_how_many_runs_it_needs(
    settings: Settings, make_run: Callable[..., str]
) -> None:
    with pytest.raises(NotFound):
        reads.importance("m", settings=settings)
    rng = np.random.default_rng(3)
    for n in range(24):
        lr, noise = float(rng.uniform()), float(rng.uniform())
        make_run("m", config={"lr": lr, "noise": noise}, seed=n, metrics={"val/accuracy": [0.5 + 0.4 * lr]})
        if n == 3:
            with pytest.raises(UsageError, match=r"needs \d+ different configs.*has 4"):
                reads.importance("m", settings=settings)
    found = reads.importance("m", settings=settings)
    assert found.factors[0].key == "lr" and found.factors[0].confirmed and found.factors[0].share > 0.8
    assert (found.metric, found.configs) == ("val/accuracy", 24)


def test_errors_are_the_same_either_way(settings: Settings, runs: list[str]) -> None:
    wrong = runs[0][:-1] + ("0" if runs[0][-1] != "0" else "1")
    with pytest.raises(InvalidRunID):
        reads.get_run(wrong, settings=settings)
    with pytest.raises(NotFound, match="No run r-00000000 is registered"):
        reads.get_run("r-00000000", settings=settings)
    with pytest.raises(NotFound) as refusal:
        reads.find_runs("n", settings=settings)
    assert refusal.value.suggestions == ()
    with pytest.raises(NotFound, match="no project 'mm'"):
        reads.find_runs("mm", settings=settings)
    with pytest.raises(NotFound, match="no project 'mm'") as refusal:
        reads.board("mm", settings=settings)
    assert refusal.value.suggestions == ("m",)
    with pytest.raises(InvalidQuery, match=r"config\.lr"):
        reads.find_runs("m", where="config.lrr = 1", settings=settings)


def test_a_token_that_is_unknown_is_said_to_be(settings: Settings, runs: list[str]) -> None:
    if settings.remote:
        with pytest.raises(NotLoggedIn):
            reads.get_run(runs[0], settings=_with_token(settings, "rc_x"))


def _with_token(settings: Settings, token: str) -> Settings:
    return Settings(settings.home, settings.url, settings.artifacts, token)


def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        reads.get_run("r-00000000", settings=Settings(tmp_path, "http://127.0.0.1:9", str(tmp_path)))

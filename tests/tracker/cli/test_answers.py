"""Board, importance and comparison: the same answer from a database and from a server, as table, JSON, CSV, picture."""

from __future__ import annotations

import csv
import io
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import numpy as np
import pytest
import uvicorn
from PIL import Image

from tracker.cli import main
from tracker.events import Captured, DatasetLogged
from tracker.server.app import create_app
from tracker.server.config import ServerConfig
from tracker.snapshot import Code, Git, Package, Python, Snapshot

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"])
KNOWN = (
    Captured(
        Snapshot(
            code=Code(Git("c" * 40, "main", None, True), "train.py"),
            python=Python("3.11.7", "cpython", "python", (Package("numpy", "2.4"),)),
        )
    ),
    DatasetLogged("digits", "d" * 64, 10),
)
TEAM = (
    (("=cmd()", 0.1, 1, 0.80), ("baseline",)),
    (("=cmd()", 0.1, 2, 0.82), ("baseline",)),
    (("名字", 0.2, 1, 0.90), ()),
    (("名字", 0.2, 2, 0.921), ()),
    (("sgd", 0.3, 1, 0.70), ()),
)


class Ask:
    """`runcite` in this process, at 80 columns, over one database or server."""

    def __init__(self, folder: Path, url: str) -> None:
        self.environ = {"RUNCITE_HOME": str(folder), "RUNCITE_URL": url, "COLUMNS": "80"}

    def __call__(self, *words: str, code: int = 0) -> str:
        said, complained = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(complained):
            for name in [name for name in os.environ if name.startswith("RUNCITE_")]:
                patch.delenv(name)
            for name, value in self.environ.items():
                patch.setenv(name, value)
            ended = main(words)
        assert ended == code, complained.getvalue() + said.getvalue()
        assert complained.getvalue().count("\n") == bool(code) and "Traceback" not in complained.getvalue()
        return said.getvalue() + complained.getvalue()


@pytest.fixture
def ask(database_url: str, tmp_path: Path) -> Ask:
    return Ask(tmp_path / "home", database_url)


@pytest.fixture
def team(make_run: Callable[..., str]) -> list[str]:
    """Five runs of three configs, a baseline of two seeds among them; their IDs."""
    return [
        make_run(
            "digits", config={"note": note, "lr": lr}, seed=seed, metrics={"val/accuracy": [0.1, value]}, tags=tags,
            more=KNOWN,
        )
        for (note, lr, seed, value), tags in TEAM
    ]  # fmt: skip


@pytest.fixture
def served(ask: Ask, tmp_path: Path) -> Iterator[Ask]:
    """The same database behind a server."""
    config = ServerConfig(ask.environ["RUNCITE_URL"], str(tmp_path / "home" / "artifacts"), require_login=False)
    server = uvicorn.Server(uvicorn.Config(create_app(config), port=0, log_level="critical", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started and time.monotonic() < deadline:
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Ask(tmp_path / "laptop", f"http://127.0.0.1:{port}")
    server.should_exit = True
    thread.join(30)


def sweep(make_run: Callable[..., str], runs: int) -> None:
    rng = np.random.default_rng(1)
    for at in range(runs):
        lr, width = float(rng.uniform()), int(rng.integers(8, 64))
        make_run("sweep", config={"lr": lr, "width": width}, seed=at, metrics={"val/accuracy": [1 - (lr - 0.4) ** 2]})


def read(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def test_a_board_reads_well_at_80_columns(ask: Ask, team: list[str]) -> None:
    told = ask("board", "digits")
    assert max(map(len, told.splitlines())) <= 80
    assert told.splitlines()[2].split()[:3] == ["1", team[3], "–"] and "* a baseline" in told
    cost = ask("board", "digits", "--cost", "-n", "2")
    assert "+0.1005" in cost and "baseline" in cost and "… and 1 more row" in cost
    assert max(map(len, cost.splitlines())) <= 80
    assert "2 runs that would rank did not pass the filter." in ask("board", "digits", "--without-tag", "baseline")
    assert "Nothing ranks among what was asked for." in ask("board", "digits", "--proven", "member")
    assert ask("board", "digits", "--proven", "me", code=1).endswith("Type --proven author, member or elsewhere.\n")
    lead = ask("board", "digits", "--lead")
    leaders = [line.split()[3] for line in lead.splitlines()[2:]]
    assert leaders[0] in team[:2] and leaders[1] in team[2:4] and "better" in lead


def test_a_table_of_people_s_words_is_no_formula_in_a_spreadsheet(ask: Ask, team: list[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(ask("board", "digits", "--csv"))))
    assert [row["rank"] for row in rows] == ["1", "2", "2"] and float(rows[0]["value"]) == pytest.approx(0.9105)
    assert rows[1]["baseline"] == "True" and rows[0]["told_from_baseline"] == "True"
    sheet = list(csv.reader(io.StringIO(ask("compare", team[0], team[2], "--csv"))))
    assert ["config", "note", "'=cmd()", "名字"] in sheet
    runs = list(csv.DictReader(io.StringIO(ask("runs", "digits", "--csv"))))
    assert [row["config.note"] for row in runs].count("'=cmd()") == 2 and len(runs) == 5
    assert {row["run_id"]: row["metric.val/accuracy"] for row in runs}[team[3]] == "0.921"
    shown = list(csv.DictReader(io.StringIO(ask("show", team[3], "--csv"))))
    assert [(row["name"], row["value"], row["max_step"]) for row in shown][-1] == ("val/accuracy", "0.921", "1")
    events = list(csv.DictReader(io.StringIO(ask("trace", team[0], "--csv"))))
    assert [row["seq"] for row in events] == [str(at) for at in range(1, len(events) + 1)]
    assert events[-1]["kind"] == "finished" and "note==cmd()" in events[0]["text"]


def test_pictures_are_written_and_a_place_that_cannot_be_is_one_line(ask: Ask, team: list[str], tmp_path: Path) -> None:
    for words in (
        ("board", "digits"), ("compare", team[0], team[2]), ("compare", *team[:4], "--dark"),
        ("show", team[2]), ("trace", team[2].lower()),
    ):  # fmt: skip
        told = ask(*words, "--png", str(tmp_path / "picture.png"))
        width, height = read(tmp_path / "picture.png")
        assert f"({width} × {height})" in " ".join(told.split()) and width == 960
    assert "can't be written" in ask("board", "digits", "--png", str(tmp_path / "no" / "where.png"), code=1)
    assert "choose one" in ask("board", "digits", "--json", "--csv", code=2)


def test_compare_says_whether_it_is_more_than_noise(ask: Ask, team: list[str]) -> None:
    told = ask("compare", team[2].lower(), team[0])
    assert max(map(len, told.splitlines())) <= 80
    assert f"{team[0]} and {team[2]} can't be told apart" in told or f"{team[0]} is worse than {team[2]}" in told
    assert "seed by seed" in " ".join(told.split()) and "p = " in told
    assert "replicates" in ask("compare", team[0], team[1])
    several = ask("compare", *team[1:], "--lines")
    assert max(map(len, several.splitlines())) <= 80 and several.count("may be luck") + several.count("apart") >= 1


def test_importance_says_how_many_runs_are_missing(ask: Ask, team: list[str], make_run: Callable[..., str]) -> None:
    assert "Train 17 more." in ask("importance", "digits", code=1)
    assert "There is no project 'digitz'" in ask("importance", "digitz", code=1)
    assert "Did you mean: runcite importance" in ask("importence", code=2)


def test_a_server_gives_the_same_answers(
    ask: Ask, served: Ask, team: list[str], make_run: Callable[..., str], tmp_path: Path
) -> None:
    sweep(make_run, 24)
    for words in (
        ("board", "digits", "--member", "nobody"),
        ("board", "digits", "--tag", "baseline", "--max-seconds", "100", "--since", "2020-01-01"),
        ("board", "digits", "-w", "config.lr < 0.3", "--seeds", "2"),
        ("board", "digits", "--lead"),
        ("compare", team[0], team[2], team[4]),
        ("importance", "sweep", "-w", "config.width > 1"),
    ):
        here, there = json.loads(ask(*words, "--json")), json.loads(served(*words, "--json"))
        assert here == there and here, words
    for words in (("board", "digits"), ("board", "digits", "--cost"), ("compare", *team[:2])):
        assert ask(*words) == served(*words)
    for asked, name in ((served, "there.png"), (ask, "here.png")):
        asked("compare", team[0], team[2], "--png", str(tmp_path / name))
    assert (tmp_path / "there.png").read_bytes() == (tmp_path / "here.png").read_bytes()
    ask("importance", "sweep", "--png", str(tmp_path / "importance.png"))
    assert read(tmp_path / "importance.png")[0] == 960
    told = ask("importance", "sweep")
    assert max(map(len, told.splitlines())) <= 80 and told.startswith("val/accuracy was moved by lr")
    sheet = list(csv.DictReader(io.StringIO(ask("importance", "sweep", "--csv"))))
    assert [row["key"] for row in sheet] == ["lr", "width"] and sheet[0]["confirmed"] == "True"
    assert "needs 20 different configs" in served("importance", "digits", code=1)

"""Commands over a real database and a real server: the same answers, in tables and as JSON."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from tracker.cli import main

TRAIN = """
    import sys
    import tracker

    for lr, seed in zip(map(float, sys.argv[1::2]), map(int, sys.argv[2::2])):
        with tracker.start_run(project="milestone-1", name="<b>[red]x", config={"lr": lr}, seed=seed) as run:
            for step in range(5):
                run.log({"val/accuracy": 0.8 + lr + step / 100}, step=step)
        print(run.id)
"""


class Desk:
    """A person's machine: a home, and a shell in it."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH") if name in os.environ}
        self.environ = kept | {
            "RUNCITE_HOME": str(folder / "home"),
            "RUNCITE_SHIPPER": "off",
            "HOME": str(folder),
            "COLUMNS": "80",
            **environ,
        }
        (folder / "train.py").write_text(textwrap.dedent(TRAIN))

    def python(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        told = subprocess.run(
            [sys.executable, *words],
            capture_output=True,
            text=True,
            env=self.environ,
            cwd=self.folder,
            timeout=120,
            check=False,
        )
        assert not check or told.returncode == 0, told.stderr + told.stdout
        return told

    def __call__(self, *words: str, code: int = 0) -> str:
        """What `runcite` says to these words, in this very process, which is quicker; and it ends with `code`."""
        said, complained = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(complained):
            for name in [name for name in os.environ if name.startswith("RUNCITE_")]:
                patch.delenv(name)
            for name, value in self.environ.items():
                patch.setenv(name, value)
            patch.chdir(self.folder)
            ended = main(words)
        assert ended == code, complained.getvalue() + said.getvalue()
        if code:
            assert complained.getvalue().count("\n") <= 1 and "Traceback" not in complained.getvalue()
        return said.getvalue() + complained.getvalue()

    def train(self, lr: float, seed: int) -> str:
        return self.python("train.py", str(lr), str(seed)).stdout.split()[-1]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, list[str]]:
    """A machine with three runs in its own database."""
    made = Desk(tmp_path_factory.mktemp("desk"))
    ids = made.python("train.py", "0.01", "1", "0.01", "2", "0.05", "1").stdout.split()
    told = made("sync")
    assert all(f"{run_id}  delivered" in told for run_id in ids), told
    return made, ids


def test_runs_are_listed_in_a_table_that_fits(desk: tuple[Desk, list[str]]) -> None:
    ask, ids = desk
    told = ask("runs", "milestone-1")
    assert all(run_id in told for run_id in ids)
    assert max(map(len, told.splitlines())) <= 80
    assert "<b>[red]x" in told
    found = json.loads(ask("runs", "--json", "--where", "config.lr > 0.02"))
    assert [each["id"] for each in found] == [ids[2]]
    assert ask("runs", "--where", "config.lr > 7").strip() == "No run matches."


def test_show_says_everything(desk: tuple[Desk, list[str]]) -> None:
    ask, ids = desk
    told = ask("show", ids[0].lower())
    for word in (ids[0], "milestone-1", "finished", "val/accuracy", "0.85", "CONFIG", "lr", "python"):
        assert word in told
    assert json.loads(ask("show", "--json", ids[0]))["metrics"]["val/accuracy"]["count"] == 5


def test_the_board_ranks(desk: tuple[Desk, list[str]]) -> None:
    ask, ids = desk
    ranking = json.loads(ask("board", "milestone-1", "--json"))
    assert ranking["spec"]["metric"] == "val/accuracy"
    if ranking["rows"]:
        assert ranking["rows"][0]["records"][0]["id"] == ids[2]
    assert max(map(len, ask("board", "milestone-1").splitlines())) <= 80


def test_compare_shows_what_differs(desk: tuple[Desk, list[str]]) -> None:
    ask, ids = desk
    told = ask("compare", ids[0], ids[2])
    assert re.search(r"^lr\s+0\.01\s+0\.05", told, re.MULTILINE)
    assert json.loads(ask("compare", ids[0], ids[2], "--json"))


def test_trace_tells_the_events(desk: tuple[Desk, list[str]]) -> None:
    ask, ids = desk
    told = ask("trace", ids[0])
    assert [word in told for word in ("started ", "captured ", "metrics ", "finished ")] == [True] * 4
    events = [json.loads(line) for line in ask("trace", ids[0], "--json").splitlines()]
    assert [each["seq"] for each in events] == list(range(1, len(events) + 1))


def test_verify_finds_every_run_as_it_was_written(desk: tuple[Desk, list[str]]) -> None:
    ask, ids = desk
    assert ask("verify").startswith("3 runs checked; all are as they were written.")
    assert json.loads(ask("verify", ids[0], "--json")) == {"run_id": ids[0], "flaws": []}


def test_verify_says_which_run_was_changed(tmp_path: Path) -> None:
    ask = Desk(tmp_path)
    run_id = ask.train(0.1, 1)
    ask("sync")
    root = json.loads(ask("verify", "--roots", "--take-root", "--json"))["root"]
    told = f"{root['day']}={root['digest']}"
    assert root["digest"] in ask("verify", "--roots", "--root", told)
    assert "root-changed" in ask("verify", "--roots", "--root", f"{root['day']}={'0' * 64}", code=1)
    with contextlib.closing(sqlite3.connect(tmp_path / "home" / "runcite.db")) as database, database:
        database.execute("UPDATE summaries SET max = 0.99")
    assert run_id in ask("verify", code=1)


def test_a_run_is_taken_back_with_a_reason(tmp_path: Path) -> None:
    ask = Desk(tmp_path)
    run_id = ask.train(0.1, 1)
    ask("sync")
    assert "needs a reason" in ask("retract", run_id, "--why", " ", code=1)
    assert "labels leaked" in ask("retract", run_id, "--why", "labels leaked")
    assert json.loads(ask("show", run_id, "--json"))["retracted"]["why"] == "labels leaked"
    assert "labels leaked" in ask("retract", run_id, "--why", "second thoughts")


def test_members_and_tokens_from_first_to_last(tmp_path: Path) -> None:
    ask = Desk(tmp_path)
    token = json.loads(ask("members", "add", "ada", "--json"))["token"]
    (first,) = json.loads(ask("members", "tokens", "ada", "--json"))
    fresh = json.loads(ask("members", "rotate", first["id"], "--json"))["token"]
    assert fresh.startswith("rc_") and fresh != token
    ids = {each["id"]: each["revoked_at"] for each in json.loads(ask("members", "tokens", "ada", "--json"))}
    assert len(ids) == 2 and ids.pop(first["id"]) and ids.popitem()[1] is None
    assert "no token" in ask("members", "rotate", first["id"], code=1)
    assert "left" in ask("members", "leave", "ada")
    assert "is back" in ask("members", "come-back", "ada")


def test_the_doctor_looks_at_every_part(desk: tuple[Desk, list[str]]) -> None:
    ask, _ = desk
    parts = {each["part"]: each["state"] for each in json.loads(ask("doctor", "--json"))}
    assert parts.keys() == {"settings", "database", "journals", "shipper", "git", "disk", "gpu"}
    assert parts["database"] == "ok" and parts["shipper"] == "note"


def test_the_doctor_says_what_to_type_when_the_server_is_gone(tmp_path: Path) -> None:
    ask = Desk(tmp_path, RUNCITE_URL="http://127.0.0.1:9")
    assert re.search(r"^bad\s+server\s+http://127.0.0.1:9", ask("doctor", code=1), re.MULTILINE)


@contextlib.contextmanager
def serving(desk: Desk, *options: str) -> Iterator[str]:
    """A server of its own process, on a free port; its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tracker.cli", "server", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=desk.environ | {"PYTHONUNBUFFERED": "1"},
        cwd=desk.folder,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) in (0, -signal.SIGTERM)
        process.stdout.close()


def test_a_server_is_logged_into_and_answers_the_same(tmp_path: Path) -> None:
    host, laptop = Desk(tmp_path / "host"), Desk(tmp_path / "laptop")
    with serving(host, "--require-login") as url:
        token = json.loads(host("members", "add", "ada", "--role", "admin", "--json"))["token"]
        assert "nothing was kept" in laptop("login", url, "--token", "rc_wrong", code=1)
        assert "You are ada (admin)" in laptop("login", url, "--token", token)
        run_id = laptop.train(0.02, 3)
        assert f"{run_id}  delivered" in laptop("sync")
        record = json.loads(laptop("show", run_id, "--json"))
        assert (record["member"], record["state"]) == ("ada", "finished")
        assert json.loads(laptop("runs", "--json"))[0]["id"] == json.loads(host("runs", "--json"))[0]["id"] == run_id
        assert "grace is a member." in laptop("members", "add", "grace")
        assert "grace is now instructor." in laptop("members", "role", "grace", "instructor")
        laptop("members", "bind", "grace", "T1", "U1")
        assert "T1/U1" in laptop("members", "list")
        second = laptop("members", "token", "grace", "--label", "ci", "--days", "3").split("\n")[1]
        (listed,) = [
            each for each in json.loads(laptop("members", "tokens", "grace", "--json")) if each["label"] == "ci"
        ]
        assert second.startswith("rc_") and listed["expires_at"] > listed["created_at"]
        laptop("members", "revoke", listed["id"])
        laptop("login", url, "--token", second, code=1)
        doctor = {each["part"]: each for each in json.loads(laptop("doctor", "--json"))}
        assert doctor["server"]["state"] == "ok" and "ada" in doctor["server"]["detail"]


def test_a_port_that_is_taken_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert "runcite server --port 0" in Desk(tmp_path)("server", "--port", str(taken.getsockname()[1]), code=1)


def test_what_was_backed_up_is_restored_elsewhere_and_holds(desk: tuple[Desk, list[str]], tmp_path: Path) -> None:
    ask, ids = desk
    saved, other = tmp_path / "saved", Desk(tmp_path / "new machine")
    assert "3 runs are saved" in ask("backup", str(saved))
    assert json.loads(ask("backup", str(saved), "--json"))["runs"] == 3  # again: only what is new is copied
    assert "no back-up" in other("restore", str(tmp_path), code=1)
    assert "3 runs are back" in other("restore", str(saved))
    for run_id in ids:
        assert json.loads(other("show", "--json", run_id)) == json.loads(ask("show", "--json", run_id))
    other("verify")
    assert "already" in other("restore", str(saved), code=1)


def test_a_store_that_is_saved_otherwise_says_how(tmp_path: Path) -> None:
    postgresql = Desk(tmp_path / "pg", RUNCITE_URL="postgresql+psycopg://ada:secret@db.example/runs")
    for words in (("backup", str(tmp_path / "saved")), ("restore", str(tmp_path))):
        told = postgresql(*words, code=1)
        assert "pg_dump" in told and "--host=db.example" in told and "secret" not in told
    far = Desk(tmp_path / "far", RUNCITE_URL="https://runcite.example")
    assert "on the server" in far("backup", str(tmp_path / "saved"), code=1)
    assert "on its machine" in far("restore", str(tmp_path), code=1)

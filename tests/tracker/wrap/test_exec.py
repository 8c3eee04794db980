"""`runcite exec` with real commands: what the command sees stays what it is, and one run comes of it."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.tracker.server.conftest import House
from tracker.reads import find_runs
from tracker.record import Record
from tracker.rules.fitness import findings
from tracker.settings import Settings, load
from tracker.shipper import sync
from tracker.wrap.interpreter import within_env

PLAIN = """
    import argparse, os, sys
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--layers", type=int, nargs="*", default=[8])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--api-key", default="sk-ant-api03-0123456789abcdef0123456789abcdef")
    arguments = parser.parse_args()
    sys.stdout.write(sys.stdin.read().upper())
    sys.stderr.write(os.environ.get("PYTHONPATH", "none"))
    sys.exit(arguments.seed - 7)
"""
MLFLOW = """
    import os, sys, mlflow
    with mlflow.start_run() as run:
        mlflow.log_metric("val/accuracy", 0.9)
        mlflow.log_text("x", "a.txt")
        if "die" in sys.argv:
            os.kill(os.getpid(), 9)
        client = mlflow.MlflowClient()
        other = client.create_run("0")
        client.set_terminated(other.info.run_id)
        if "fail" in sys.argv:
            sys.exit(3)
"""
NATIVE = """
    import tracker
    with tracker.start_run("native", {"lr": 1}) as run:
        run.log({"a": 1.0})
"""


class Bench:
    """A folder with scripts, under git, and a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.work = folder / "milestone-9"
        self.work.mkdir()
        self.home = folder / "home"
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW", "RUNCITE"))},
            "RUNCITE_HOME": str(self.home),
            "RUNCITE_SHIPPER": "off",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
        }
        for name, source in (("plain.py", PLAIN), ("ml.py", MLFLOW), ("native.py", NATIVE)):
            (self.work / name).write_text(textwrap.dedent(source))
        self.git("init", "-q")
        self.git("add", ".")
        self.git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first")

    def git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self.work, env=self.env, check=True)

    @property
    def settings(self) -> Settings:
        return load({"RUNCITE_HOME": str(self.home), "RUNCITE_URL": self.env.get("RUNCITE_URL", "")}, cwd=self.work)

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "tracker.cli", "exec", *arguments]

    def run(self, *arguments: str, text: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(*arguments),
            cwd=self.work,
            env=self.env,
            input=text,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def records(self) -> list[Record]:
        sync(self.settings, seconds=60)
        return list(find_runs(None, order_by="started", settings=self.settings))


@pytest.fixture
def bench(tmp_path: Path, _template: Path) -> Bench:
    made = Bench(tmp_path)
    made.home.mkdir()
    shutil.copy(_template, made.home / "runcite.db")  # migrating a new one takes each command half a second
    return made


def test_a_command_that_opens_no_run_gets_one(bench: Bench) -> None:
    (bench.work / "new.py").write_text("x = 1")
    told = bench.run("--", sys.executable, "plain.py", "--lr", "0.5", "--seed", "9", text="hello")
    assert (told.returncode, told.stdout) == (2, "HELLO")
    assert told.stderr.startswith(os.environ.get("PYTHONPATH", "none"))
    (found,) = bench.records()
    assert found.id in told.stderr
    assert (found.project, found.state, found.seed) == ("milestone-9", "failed", 9)
    assert (found.config["lr"], found.config["layers"]) == (0.5, "[8]")
    assert "sk-ant" not in str(found.config)
    assert found.end and (found.end.exit_code, found.end.witness) == (2, "shipper")
    code = found.snapshot.code
    assert code and code.git and code.git.commit and [file.path for file in code.changed] == ["new.py"]
    assert found.snapshot.machine and found.snapshot.python and len(found.snapshot.python.packages) > 20


def test_variables_that_stand_in_the_command_are_recorded_and_keep_nothing_out(bench: Bench) -> None:
    own = bench.work / "lib"
    own.mkdir()
    (own / "mine.py").write_text("print('loss: 0.25')")
    script = [sys.executable, "-c", "import mine, os, sys; sys.stderr.write(os.environ['PYTHONPATH'] + '|')"]
    told = bench.run("--", "env", "-u", "LANG", f"PYTHONPATH={own}", "OMP_NUM_THREADS=3", *script)
    assert told.stderr.startswith(f"{own}|"), told.stderr
    (found,) = bench.records()
    assert found.metrics["loss"].last == 0.25 and found.config == {"OMP_NUM_THREADS": 3}
    command = found.snapshot.command
    assert command and (command.env["OMP_NUM_THREADS"], command.env["PYTHONPATH"]) == ("3", str(own))


LAUNCHER = """
    import argparse, os, subprocess, sys
    parser = argparse.ArgumentParser()
    parser.add_argument("--nproc", type=int)
    told, script = parser.parse_known_args()
    for rank in range(told.nproc):
        subprocess.run([sys.executable, *script], env={**os.environ, "RANK": str(rank)}, check=True)
"""
RANK = """
    import argparse, os
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float)
    parser.parse_args()
    print("rank", os.environ["RANK"], os.environ.get("PYTHONPATH", "none"))
    print("epoch 1: loss 0.2" + os.environ["RANK"])
"""


def test_of_what_a_launcher_starts_the_first_rank_is_recorded(bench: Bench) -> None:
    for name, source in (("torchrun", LAUNCHER), ("rank.py", RANK)):
        (bench.work / name).write_text(textwrap.dedent(source))
    told = bench.run("--", sys.executable, "torchrun", "--nproc=2", "rank.py", "--lr", "0.5")
    plain = os.environ.get("PYTHONPATH", "none")
    assert [line for line in told.stdout.splitlines() if plain in line] == [f"rank 0 {plain}", f"rank 1 {plain}"]
    (found,) = bench.records()
    assert found.config == {"nproc": 2, "lr": 0.5} and found.notices[0].code == "metrics-printed"
    assert (found.metrics["loss"].count, found.metrics["loss"].last) == (1, 0.2), "not that of the second rank"


def test_a_python_that_lets_nothing_in_is_registered_and_what_is_not_recorded_is_said(bench: Bench) -> None:
    told = bench.run("--", sys.executable, "-I", "-c", "print('loss: 0.25')")
    assert (told.returncode, told.stdout) == (0, "loss: 0.25\n")
    (found,) = bench.records()
    assert found.state == "finished" and found.metrics == {}
    assert [notice.code for notice in found.notices] == ["not-joined"] and "-I" in found.notices[0].message


@pytest.mark.parametrize(
    ("command", "words", "variables", "given"),
    [
        ("env A=1 B=x=y python t.py", "python t.py", {"KEPT": "k", "A": "1", "B": "x=y"}, {"A": "1", "B": "x=y"}),
        ("/usr/bin/env -i A=1 python", "python", {"A": "1"}, {"A": "1"}),
        ("env -u KEPT --unset=NONE env A=2 python", "python", {"A": "2"}, {"A": "2"}),
        ("env KEPT=k python", "python", {"KEPT": "k"}, {"KEPT": "k"}),
        ("env -C /tmp python t.py", "env -C /tmp python t.py", {"KEPT": "k"}, {}),
        ("env A=1", "env A=1", {"KEPT": "k"}, {}),
        ("env -u", "env -u", {"KEPT": "k"}, {}),
        ("python env A=1", "python env A=1", {"KEPT": "k"}, {}),
    ],
)
def test_env_s_variables_are_given_as_it_would(
    command: str, words: str, variables: dict[str, str], given: dict[str, str]
) -> None:
    assert within_env(command.split(), {"KEPT": "k"}) == (words.split(), variables, given)


def test_an_mlflow_script_s_runs_are_joined_and_how_they_ended_is_recorded(bench: Bench) -> None:
    told = bench.run("--project", "milestone-3", "--", sys.executable, "ml.py", "fail")
    assert told.returncode == 3, told.stderr
    found = bench.records()
    assert [each.project for each in found] == ["milestone-3"] * 2
    assert {each.state for each in found} == {"finished", "failed"}
    for each in found:
        assert each.snapshot.code and each.snapshot.code.seen and each.snapshot.code.git
        assert each.snapshot.machine and each.digests.code and each.digests.environment
        assert not {"code-told", "code-unknown", "environment-unknown"} & {f.code for f in findings(each, None)}
    assert {"val/accuracy"} in [set(each.metrics) for each in found]
    assert not (bench.home / "exec").exists() or not list((bench.home / "exec").iterdir())


def test_that_an_mlflow_script_was_killed_is_recorded(bench: Bench) -> None:
    assert bench.run("--", sys.executable, "ml.py", "die").returncode == -signal.SIGKILL
    (killed,) = bench.records()
    assert killed.end and (killed.state, killed.end.signal) == ("failed", "SIGKILL")


def test_a_script_of_ours_registers_once(bench: Bench) -> None:
    told = bench.run("--", sys.executable, "native.py")
    (found,) = bench.records()
    assert (found.project, told.returncode) == ("native", 0)


def test_a_server_elsewhere_is_joined_with_the_member_s_token(bench: Bench, house: House) -> None:
    house.start()
    bench.env |= {"RUNCITE_URL": house.url, "RUNCITE_TOKEN": house.token("ada")}
    (bench.work / "new.py").write_text("x = 1")
    told = bench.run("--", sys.executable, "ml.py")
    assert told.returncode == 0, told.stderr
    with house.client(house.token("ada")) as client:
        runs = client.get("/api/v1/runs").json()
        assert len(runs) == 2 and {run["member"] for run in runs} == {"ada"}
        (new,) = runs[0]["snapshot"]["code"]["changed"]
        assert client.get(f"/api/v1/blobs/{new['digest']}").content == b"x = 1"


@pytest.fixture
def waiting(bench: Bench) -> Iterator[Callable[[int], tuple[int, str]]]:
    """Starts a command that says which signal it got, sends one to `exec`, and gives its exit code and output."""
    (bench.work / "wait.py").write_text(
        textwrap.dedent("""
        import os, signal, sys, time
        def got(number, frame):  # a handler may come while stdout is being flushed: then print is refused
            os.write(1, f"got {signal.Signals(number).name}\\n".encode())
            sys.exit(5)
        signal.signal(signal.SIGTERM, got)
        signal.signal(signal.SIGINT, got)
        print("ready", flush=True)
        time.sleep(60)
        """)
    )
    started: list[subprocess.Popen[str]] = []

    def send(number: int) -> tuple[int, str]:
        command = bench.command("--", sys.executable, "wait.py")
        child = subprocess.Popen(command, cwd=bench.work, env=bench.env, stdout=subprocess.PIPE, text=True)
        started.append(child)
        assert child.stdout and child.stdout.readline() == "ready\n"
        child.send_signal(number)
        output = child.stdout.read()
        return child.wait(60), output

    yield send
    for child in started:
        if child.poll() is None:
            child.kill()
        if child.stdout:
            child.stdout.close()
        child.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_are_passed_on(waiting: Callable[[int], tuple[int, str]], bench: Bench, number: signal.Signals) -> None:
    assert waiting(number) == (5, f"got {number.name}\n")
    (found,) = bench.records()
    assert found.end and found.end.exit_code == 5


def test_a_command_that_is_not_there_is_one_line(bench: Bench) -> None:
    told = bench.run("--", "no-such-command")
    assert told.returncode == 1 and "no-such-command" in told.stderr and "Traceback" not in told.stderr
    assert bench.records() == []


TENSORBOARD = """
    import os, sys
    from torch.utils.tensorboard import SummaryWriter
    with SummaryWriter("logs/train") as train, SummaryWriter(log_dir="logs/val") as val:
        for step in range(3):
            train.add_scalar("loss", 1 / (step + 1), step)
            val.add_scalar("accuracy", 0.25 * (step + 1), global_step=step)
        val.add_scalars("f1", {"cat": 0.5, "dog": float("nan")}, 2)
        val.add_text("ignored", "text")
        train.add_hparams({"lr": 0.1, "depth": 3}, {"hparam/accuracy": 0.75})
    try:
        train.add_scalar("loss", "no number", 9)
    except Exception:
        print("refused", flush=True)
    from tensorboardX import SummaryWriter
    with SummaryWriter("logs/x") as other:
        other.add_scalar("loss", 0.5, 7)
    os.kill(os.getpid(), 9)
"""


def test_what_tensorboard_is_told_is_the_run_s(bench: Bench) -> None:
    (bench.work / "board.py").write_text(textwrap.dedent(TENSORBOARD))
    told = bench.run("--", sys.executable, "board.py", "--lr", "0.2")
    assert (told.returncode, told.stdout) == (-signal.SIGKILL, "refused\n"), told.stderr
    (found,) = bench.records()
    assert (found.state, found.config["lr"], found.config["depth"]) == ("failed", 0.2, 3)
    assert {name: summary.count for name, summary in found.metrics.items()} == {
        "train/loss": 3, "val/accuracy": 3, "val/f1/cat": 1, "val/f1/dog": 1, "hparam/accuracy": 1, "x/loss": 1,
    }  # fmt: skip
    assert (found.metrics["val/accuracy"].max, found.metrics["val/accuracy"].last_step) == (0.75, 2)
    assert sorted(path.name for path in (bench.work / "logs" / "val").rglob("events.*"))

"""Scripts that know nothing of Runcite train against a real server and are cited in the channel:
`python -m tests.journeys.frameworks [--scripts DIR] [--python PYTHON] [--only WORD] [SCRIPT ...]`.

One server, one stand-in for Slack, one bot. Each script is a process that is given `MLFLOW_TRACKING_URI` and
`MLFLOW_TRACKING_TOKEN` and nothing else, but that MLflow's client is not to report its use; a TensorBoard script runs
under `runcite exec`. Then its member posts a value that the script logged, and the bot must accept it.

With `--scripts`, they are those that others wrote, unmodified: `others.toml` names repository, commit, file and command
of each, and DIR holds the files, as `DIR/OWNER/NAME/…`. Without it, they are our own on the models and data that
packages bring, and examples from the documentation strings of MLflow and torch. More may be given by path: one whose
name begins with `exec` runs under `runcite exec`. `--python` names the interpreter that has what the scripts import.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import shlex
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.demo.stage import Setup, set_up
from bot.demo.story import CHANNEL
from tests.journeys.scripts import OURS, Script, given, of_others
from tracker.record import Record
from tracker.server.app import now_in_microseconds
from tracker.store import queries

PROJECT, MEMBER = "unchanged", "ada"
SECONDS, PATIENCE = 900, 60.0
USED = ("mlflow", "mlflow-skinny", "lightning", "transformers", "scikit-learn", "optuna", "torch", "tensorboard")


@dataclass(frozen=True)
class Told:
    """What came of a script: its exit code and output, the run that was cited, the post and the bot's reply."""

    script: str
    code: int
    output: str
    record: Record | None = None
    post: str = ""
    reply: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the script ended well, and its run was cited and taken."""
        return self.code == 0 and self.reply.startswith("Accepted:")


@contextmanager
def stage(folder: Path) -> Iterator[Setup]:
    """One server, one stand-in for Slack and one bot, until the block ends."""
    with set_up(folder, port=0, channel_port=0, sockets=False) as setup:
        yield setup


def environment(setup: Setup, script: Script) -> dict[str, str]:
    """What a script is given beside what every process has: where MLflow's client goes, and the variables that its
    table names. `exec` is told what a member's own settings say."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW", "RUNCITE"))}
    mine: Mapping[str, str] = setup.environments[MEMBER]
    if script.under_exec:
        return {**plain, **script.environment, **mine}
    uri = f"{setup.url}/t/{PROJECT}"
    there = {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_TRACKING_URI": uri,
        "MLFLOW_TRACKING_TOKEN": mine["RUNCITE_TOKEN"],
    }
    return {**plain, **script.environment, **there}


def play(setup: Setup, script: Script, folder: Path, python: str) -> Told:
    """Run the script in a folder of its own, and cite the run in the channel."""
    folder.mkdir(parents=True)
    script.lay(folder)
    before = set(_records(setup))
    command = script.command(folder, python)
    if script.under_exec:
        command = [sys.executable, "-m", "tracker.cli", "exec", "--project", PROJECT, "--", *command]
    env = environment(setup, script)
    done = subprocess.run(command, cwd=script.place(folder), env=env, capture_output=True, text=True, timeout=SECONDS)
    output = done.stdout + done.stderr
    setup.sandbox.wait_until(lambda: _ended(setup, before), PATIENCE)
    new = [record for id, record in _records(setup).items() if id not in before]
    found = [record for record in new if _cited(record, script)]
    if not found:
        return Told(script.name, done.returncode, output)
    record = found[0]
    return _post(setup, script, record, Told(script.name, done.returncode, output, record))


def _post(setup: Setup, script: Script, record: Record, told: Told) -> Told:
    metric = _cited(record, script)
    post = f"{metric} {record.metrics[metric].last:.6g} (last), {record.id}"
    ts = setup.sandbox.post(MEMBER, CHANNEL, post)
    setup.sandbox.wait_until(lambda: bool(setup.sandbox.thread(CHANNEL, ts)), PATIENCE)
    replies = setup.sandbox.thread(CHANNEL, ts)
    return Told(told.script, told.code, told.output, record, post, str(replies[0]["text"]) if replies else "")


def _cited(record: Record, script: Script) -> str:
    names = [script.metric] if script.metric in record.metrics else [] if script.metric else _plain(record.metrics)
    finite = [name for name in names if (last := record.metrics[name].last) is not None and math.isfinite(last)]
    return finite[0] if finite and record.state == "finished" else ""


def _plain(names: Iterable[str]) -> list[str]:
    """Names that a post can hold as one word, in order."""
    return sorted(name for name in names if re.fullmatch(r"[A-Za-z][A-Za-z_/.-]*", name))


def _ended(setup: Setup, before: set[str]) -> bool:
    new = [record for id, record in _records(setup).items() if id not in before]
    return bool(new) and all(record.state != "running" for record in new)


def _records(setup: Setup) -> dict[str, Record]:
    now = now_in_microseconds()
    found = queries.find_records(setup.db, None, now=now, order_by="started", limit=1000)
    return {record.id: record for record in found}


def _versions(python: str) -> str:
    """What the scripts import, with versions, as their interpreter has it."""
    asking = (
        "import sys; from importlib.metadata import version as v, PackageNotFoundError as E\nfor n in sys.argv[1:]:\n"
    )
    asking += "  try: print(n, v(n), end=', ')\n  except E: pass"
    return subprocess.run([python, "-c", asking, *USED], capture_output=True, text=True, check=True).stdout.rstrip(", ")


def _show(told: Told, script: Script, seconds: float) -> None:
    print(f"\n{'✓' if told.accepted else '✗'} {told.script}")
    if script.origin:
        print(f"    {script.origin}\n    $ {shlex.join(['python', Path(script.path).name, *script.arguments])}")
    found = told.record
    if found:
        print(
            f"    {found.state}, {len(found.config)} parameters, {len(found.metrics)} metrics, "
            f"{len(found.artifacts)} artifacts, project {found.project}, {seconds:.0f} s"
        )
    print(textwrap.indent(f"{MEMBER}: {told.post}\nruncite: {told.reply}", "    "))
    if not told.accepted:
        print(textwrap.indent(f"exit code {told.code}\n{told.output[-6000:]}", "    | "))


def main() -> int:
    """Plays everything, and prints who said what."""
    parser = argparse.ArgumentParser(description="Scripts that know nothing of Runcite, cited in the channel.")
    parser.add_argument("--scripts", type=Path, metavar="DIR", help="scripts of others, as others.toml names them")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that the scripts run in")
    parser.add_argument("--only", default="", metavar="WORD", help="those whose name has this word in it")
    parser.add_argument("paths", nargs="*", type=Path, metavar="SCRIPT")
    asked = parser.parse_args()
    table = of_others(asked.scripts) if asked.scripts else [] if asked.paths else list(OURS)
    scripts = [script for script in (*table, *map(given, asked.paths)) if asked.only.lower() in script.name.lower()]
    print(_versions(asked.python))
    folder = Path(tempfile.mkdtemp(prefix="runcite-frameworks-"))
    bad = 0
    with stage(folder / "home") as setup:
        for place, script in enumerate(scripts):
            began = time.monotonic()
            told = play(setup, script, folder / str(place), asked.python)
            bad += not told.accepted
            _show(told, script, time.monotonic() - began)
    print(f"\n{len(scripts) - bad} of {len(scripts)} scripts were cited with an accepted verdict.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

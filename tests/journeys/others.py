"""Training scripts that others wrote, as they stand, recorded by `runcite exec` and reproduced:
`python -m tests.journeys.others [FOLDER COMMAND] ...`

A folder holds a repository of somebody's, the command is what its README says, for instance after
`git clone https://github.com/karpathy/makemore`:

    python -m tests.journeys.others makemore "python makemore.py --max-steps 30 --num-workers 0"

Without any, the example of tensorboardX's documentation is taken from the installed package. Each is recorded in a
home of its own and reproduced from there by the command line, as somebody types it; what was said is printed, and the
exit code is 0 where every one came out *exact*, or as an answer that names what its script leaves to chance.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tests.journeys.scripts import quoted
from tracker.reproduce.whole import Result
from tracker.rules.words import counted

PROJECT = "others"
CHANCE = frozenset({"not-seeded", "not-deterministic", "seed-differs"})


@dataclass(frozen=True)
class Told:
    """What came of a script: how its command ended, what reproducing it answered, and how long both took."""

    recorded: str
    result: Result | None
    said: str
    seconds: tuple[float, float]

    @property
    def well(self) -> bool:
        """Whether the number came back, or what keeps it from coming back was named."""
        if self.result is None or not self.result.metrics:
            return False
        return self.result.verdict == "exact" or any(each.code in CHANCE for each in self.result.findings)


def play(folder: Path, command: list[str], home: Path) -> Told:
    """Record the command in the folder, and reproduce the run that came of it."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("RUNCITE", "MLFLOW"))}
    env |= {"RUNCITE_HOME": str(home), "RUNCITE_SHIPPER": "off", "COLUMNS": "120"}
    runcite = [sys.executable, "-m", "tracker.cli"]

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*runcite, *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False)

    began = time.monotonic()
    recorded = run("exec", "--project", PROJECT, "--", *command)
    trained = time.monotonic()
    delivered = run("sync").stdout.split()
    if recorded.returncode or not delivered:
        return Told(recorded.stdout + recorded.stderr, None, "", (trained - began, 0.0))
    began_again = time.monotonic()
    again = run("reproduce", delivered[0], "--yes", "--json")
    took = trained - began, time.monotonic() - began_again
    try:
        return Told(recorded.stdout, msgspec.json.decode(again.stdout, type=Result), again.stdout, took)
    except msgspec.DecodeError:
        return Told(recorded.stdout, None, again.stdout + again.stderr, took)


def installed(folder: Path) -> list[str]:
    """The example of tensorboardX's documentation, in a repository of its own; the command that runs it."""
    folder.mkdir(parents=True)
    (folder / "example.py").write_text(quoted("tensorboardX", "SummaryWriter.add_scalar"))
    git = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "As it stands"]):
        subprocess.run([*git, *words], cwd=folder, check=True)
    return [sys.executable, "example.py"]


def lines(name: str, told: Told) -> Iterator[str]:
    """The transcript of one."""
    result = told.result
    verdict = result.verdict if result else "not recorded"
    yield f"{'✓' if told.well else '✗'} {name}: {verdict} ({told.seconds[0]:.0f} s, again {told.seconds[1]:.0f} s)"
    if result is None:
        yield from (f"    | {line}" for line in f"{told.recorded}\n{told.said}".splitlines()[-20:])
        return
    yield f"    {result.sentence} {counted(len(result.metrics), 'metric')}; score {result.score}"
    yield from (f"    {each.severity} {each.code}: {each.sentence}" for each in result.findings)


def main() -> int:
    """Play everything, and print what came of it."""
    given = sys.argv[1:]
    place = Path(tempfile.mkdtemp(prefix="runcite-others-"))
    pairs = [(Path(folder), shlex.split(command)) for folder, command in zip(given[::2], given[1::2], strict=True)]
    if not pairs:
        pairs = [(place / "tensorboardX", installed(place / "tensorboardX"))]
    bad = 0
    for number, (folder, command) in enumerate(pairs):
        words = [sys.executable if word == "python" else word for word in command]
        told = play(folder, words, place / f"home-{number}")
        bad += not told.well
        print("\n".join(lines(f"{folder.name}: {shlex.join(command)}", told)), flush=True)
    shutil.rmtree(place)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

"""A studio: a repository with a remote, scripts that train in it, and their reproduction, all for real and all small.

Scripts run under a lean interpreter that has only what recording needs, so that a snapshot takes no time, and that
can be built again from wheels in a folder, without any index.
"""

from __future__ import annotations

import compileall
import io
import os
import shutil
import subprocess
import sys
import textwrap
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest

from tests.tracker.server.conftest import house
from tracker.cli import main
from tracker.record import Record
from tracker.reproduce.fetch import LocalOrigin
from tracker.reproduce.stages import Options, Stage
from tracker.reproduce.whole import Result, reproduce
from tracker.settings import Settings
from tracker.shipper import sync
from tracker.store import queries

__all__ = ["Studio", "furnish", "house", "lean", "studio", "wheels"]

ROOT = Path(__file__).parents[3]
NEEDED = ("gitdb", "GitPython", "msgspec", "platformdirs", "psutil", "smmap", "nvidia-ml-py")

TRAIN = """
import random
import sys
import tracker

seed = int(sys.argv[1]) if len(sys.argv) > 1 else 7
rng = random.Random(seed)
with tracker.start_run("studio", {"lr": 0.1}, seed=seed) as run:
    for step in range(4):
        run.log({"val/accuracy": rng.random(), "step_time": random.SystemRandom().random()}, step=step)
"""


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with wheels of what recording needs, put together from what is installed."""
    folder = tmp_path_factory.mktemp("wheels")
    for name in NEEDED:
        pack(distribution(name), folder)
    for version in ("1.0", "1.1", "3.0"):
        tiny(folder, version)
    return folder


def pack(found: Distribution, folder: Path) -> None:
    """An installed distribution as a wheel again."""
    tag = next(
        line.split(": ")[1] for line in (found.read_text("WHEEL") or "").splitlines() if line.startswith("Tag: ")
    )
    name = found.metadata["Name"].replace("-", "_")
    with zipfile.ZipFile(folder / f"{name}-{found.version}-{tag}.whl", "w") as wheel:
        for file in found.files or ():
            path = Path(str(found.locate_file(file)))
            if (
                ".." not in file.parts
                and path.is_file()
                and file.suffix != ".pyc"
                and file.name not in {"INSTALLER", "REQUESTED", "direct_url.json"}
            ):
                wheel.write(path, str(file))


def tiny(folder: Path, version: str) -> Path:
    """A package whose only number is its version."""
    path = folder / f"tiny-{version}-py3-none-any.whl"
    info = f"tiny-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("tiny.py", f"FACTOR = {version}\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", f"tiny.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return path


@pytest.fixture(scope="session")
def lean(tmp_path_factory: pytest.TempPathFactory, wheels: Path) -> Path:
    """An interpreter that has only what recording needs, and tiny 1.0."""
    place = tmp_path_factory.mktemp("lean") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    site = next((place / "lib").glob("python*")) / "site-packages"
    for wheel in wheels.glob("*.whl"):
        if not wheel.name.startswith("tiny-") or "-1.0-" in wheel.name:
            with zipfile.ZipFile(wheel) as packed:
                packed.extractall(site)
    compileall.compile_dir(site, quiet=2)  # as an installer does: else each of the many processes would do it anew
    return place / "bin" / "python"


@dataclass
class Studio:
    """A repository, its remote, a home, and the interpreter that scripts run under."""

    folder: Path
    python: Path
    told: list[tuple[Stage, str]] = field(default_factory=list)

    @property
    def repo(self) -> Path:
        return self.folder / "repo"

    @property
    def remote(self) -> Path:
        return self.folder / "remote.git"

    @property
    def settings(self) -> Settings:
        home = self.folder / "home"
        return Settings(home, f"sqlite:///{home / 'runcite.db'}", str(home / "artifacts"), shipper=False)

    @property
    def environment(self) -> dict[str, str]:
        """The variables of a shell in which somebody works here."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "PYTHONPATH": str(self.folder / "recorder"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "RUNCITE_HOME": str(self.settings.home),
            "RUNCITE_SHIPPER": "off",
        }

    def runcite(self, *arguments: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        """The command line, as one types it here; in this very process, which is quicker."""
        said, complained = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(complained):
            for name in [name for name in os.environ if name.startswith("RUNCITE_")]:
                patch.delenv(name)
            for name, value in (self.environment | {"COLUMNS": "160"} | env).items():
                patch.setenv(name, value)
            patch.chdir(cwd or self.repo)
            code = main(arguments)
        return subprocess.CompletedProcess(arguments, code, said.getvalue(), complained.getvalue())

    def deliver(self) -> None:
        """Bring what was recorded into the database."""
        sync(self.settings)

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main")
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=cwd or self.repo, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def write(self, name: str, text: str) -> Path:
        path = self.repo / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    def commit(self, *, push: bool = True) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "Work")
        if push:
            self.git("push", "-q", "origin", "HEAD:main")
        return self.git("rev-parse", "HEAD")

    def train(
        self, *arguments: str, cwd: Path | None = None, env: dict[str, str] | None = None, python: Path | None = None,
        stdin: str | None = None, check: bool = True,
    ) -> Record:  # fmt: skip
        """Run Python on the arguments (train.py without any), and give the record of the run it registered."""
        before = set(self.ids())
        done = self.python_runs(*(arguments or ("train.py",)), cwd=cwd, env=env, python=python, stdin=stdin)
        assert done.returncode == 0 or not check, done.stderr
        self.deliver()
        (new,) = set(self.ids()) - before
        return self.record(new)

    def python_runs(
        self, *arguments: str, cwd: Path | None = None, env: dict[str, str] | None = None, python: Path | None = None,
        stdin: str | None = None,
    ) -> subprocess.CompletedProcess[str]:  # fmt: skip
        """Run Python on the arguments, as somebody would here."""
        return subprocess.run(
            [python or self.python, *arguments],
            cwd=cwd or self.repo,
            env=self.environment | (env or {}),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    def ids(self) -> list[str]:
        origin = LocalOrigin(self.settings)
        try:
            return [record.id for record in queries.find_records(origin._db, None, now=0)]
        finally:
            origin.close()

    def record(self, run_id: str) -> Record:
        origin = LocalOrigin(self.settings)
        try:
            return origin.record(run_id)
        finally:
            origin.close()

    def again(self, record: Record, **options: object) -> Result:
        """Reproduce it, elsewhere: nothing of the studio's working folder is looked into but what the record names."""
        origin = LocalOrigin(self.settings)

        def tell(stage: Stage, text: str, *, done: bool = False) -> None:
            if done:
                self.told.append((stage, text))

        try:
            return reproduce(origin, record, Options(**options), self.settings, sync, tell)  # type: ignore[arg-type]
        finally:
            origin.close()

    def vanish(self) -> None:
        """The working folder is gone, as it would be on another machine."""
        shutil.rmtree(self.repo)


@pytest.fixture
def studio(tmp_path: Path, lean: Path, _template: Path) -> Studio:
    return furnish(tmp_path, lean, _template)


def furnish(folder: Path, lean: Path, template: Path) -> Studio:
    """A studio in that folder, with one commit, pushed, and an empty database."""
    made = Studio(folder, lean)
    made.repo.mkdir()
    (folder / "home").mkdir()
    shutil.copy(template, folder / "home" / "runcite.db")
    (folder / "recorder").mkdir()
    (folder / "recorder" / "tracker").symlink_to(ROOT / "tracker")
    made.git("init", "-q", "--bare", str(made.remote), cwd=folder)
    made.git("init", "-q")
    made.git("remote", "add", "origin", str(made.remote))
    made.write("train.py", TRAIN)
    made.write(".gitignore", "*.csv\nsecret/\n")
    made.commit()
    return made

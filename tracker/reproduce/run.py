"""Run: the recorded command in the tree, as a new run, in a home of its own. The fifth stage.

The process gets the recorded variables and of the reproducer's own only those that say where programs, temporary
files and certificates are: no token, no key, no address with a password. It is not told where its run will go: it
writes a journal, and who reproduces ships that.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tracker.capture.scrub import text as without_secrets
from tracker.errors import UsageError
from tracker.record import Finding, Record
from tracker.reproduce.code import SOURCE
from tracker.reproduce.environment import Environment, is_own
from tracker.reproduce.places import Places
from tracker.reproduce.stages import Stopped, note, warn

_OURS = ("HOME", "LANG", "LC_ALL", "PATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "TMPDIR", "TZ", "USER", "LOGNAME")
_PLACES = frozenset({"VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "PYTHONPATH", "PATH", "HOME", "LD_PRELOAD"})
_RANKS = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "NODE_RANK", "GROUP_RANK", "TORCHELASTIC_RUN_ID")
_NOT_PASSED = ("SLURM_", "GITHUB_", "PBS_", "LSB_", "CI")
_INSTALLED = ("bin", "Scripts")
TAIL = 20_000


@dataclass(frozen=True)
class Start:
    """How the process is started."""

    command: tuple[str, ...]
    cwd: Path
    env: dict[str, str]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Ran:
    """How it went: exit code (negative for a signal), seconds, and the end of what it printed."""

    code: int
    seconds: float
    output: str


def prepare(
    record: Record, environment: Environment, places: Places, home: Path, loose: tuple[str, ...] | None
) -> Start:
    """The command, folder and variables that the record asks for, made to fit the tree.

    `loose` is what Python is to be given for code that stands in no file: for a notebook's cells, or after `-c`.

    Raises:
        Stopped: the record does not say how it was started, or it can't be started from here.
    """
    command = record.snapshot.command
    if command is None or not command.argv:
        raise Stopped("run", "command-unknown", "How it was started was not captured.", "Start it by Python.")
    findings: list[Finding] = []
    if any("[scrubbed]" in argument for argument in command.argv):
        said = "A secret was taken out of the recorded command."
        raise Stopped("run", "command-scrubbed", said, "Pass secrets by the environment, and train again.")
    arguments = [places.moved(argument) for argument in command.argv[1:]]
    started, more = _started(record, environment, places, arguments, loose)
    findings += more
    env = dict(_variables(record, environment, places, home, findings))
    if command.wrapped:
        started = [*_wrapped(record, places), *started]
    if places.cwd.name == "elsewhere":
        findings.append(warn("cwd-outside", f"It was started in {command.cwd}, apart from its code.", ""))
    return Start(tuple(started), places.cwd, env, tuple(findings))


def _started(
    record: Record, environment: Environment, places: Places, arguments: list[str], loose: tuple[str, ...] | None
) -> tuple[list[str], list[Finding]]:
    command, code = record.snapshot.command, record.snapshot.code
    assert command is not None
    python = str(environment.python)
    script = code.script if code else None
    if loose is not None:
        if loose[0] == "-c":
            return [python, *loose, *arguments], []
        said = "It was a notebook: its cells are run in the order in which they were."
        return [python, *loose], [note("notebook", said, "Train from a script: its order is what it says.")]
    if command.wrapped and _no_python(record, places):
        return [places.moved(command.argv[0]), *arguments], []
    if command.module is not None:
        what = ["-m", command.module]
    elif script is not None and not PurePosixPath(script).is_absolute():
        path = places.root.joinpath(*PurePosixPath(script).parts)
        if not path.is_file():
            raise Stopped("run", "script-missing", f"The script {script} is not in the code that was stored.", "")
        if path.suffix == ".ipynb":
            raise Stopped(
                "run", "notebook", f"{script} is a notebook whose cells were not captured.", "Train from a script."
            )
        what = [os.path.relpath(path, places.cwd)]
    elif script is not None and PurePosixPath(script).parent.name in _INSTALLED:
        what = [str(environment.python.parent / PurePosixPath(script).name)]
    elif script is not None and Path(script).is_file():
        return [python, script, *arguments], [
            warn("absolute-script", f"The script {script} stands outside of its code.", "")
        ]
    else:
        raise Stopped("run", "interactive", "It was started by hand, in no script.", "Train from a script.")
    return [python, *_launcher(command.env), *what, *arguments], []


def _no_python(record: Record, places: Places) -> bool:
    """Whether the command is a program of its own, or a script for one, such as `sh train.sh`."""
    command, code = record.snapshot.command, record.snapshot.code
    script = code.script if code else None
    if script is None:
        return command is not None and command.module is None and command.argv[0] not in ("-c", "-", "")
    path = places.root.joinpath(*PurePosixPath(script).parts)
    if PurePosixPath(script).is_absolute() or not path.is_file():
        return False
    with path.open("rb") as file:
        first = file.readline(4096)
    return first.startswith(b"#!") and b"python" not in first


def _wrapped(record: Record, places: Places) -> list[str]:
    """The start of the command of a run that `runcite exec` registered: the script knows nothing of us."""
    named = [f"--name={record.name}"] if record.name else []
    sources = {each.name: each.source for each in record.datasets if each.source is not None}
    data = [f"--data={name}={places.here(source) or source}" for name, source in sources.items()]
    command = record.snapshot.command
    given = [f"{name}={places.moved(value)}" for name, value in (command.env if command else {}).items()]
    given = [each for each in given if each.partition("=")[0] in record.config and "[scrubbed]" not in each]
    env = ["env", *given] if given else []
    return [sys.executable, "-m", "tracker.cli", "exec", f"--project={record.project}", *named, *data, "--", *env]


def _launcher(env: Mapping[str, str]) -> list[str]:
    """`torchrun` again, for a process that it had started; nothing for one that stood alone."""
    world, local = env.get("WORLD_SIZE", ""), env.get("LOCAL_WORLD_SIZE", "")
    if not local.isdigit() or not world.isdigit() or "LOCAL_RANK" not in env:
        return []
    if world != local:
        said = f"It ran as {world} processes on several machines."
        raise Stopped("run", "many-machines", said, "Start it there by hand: runcite reproduce can't.")
    return ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={local}"]


def passed(record: Record) -> dict[str, str]:
    """The recorded variables that the process is given again: threads, determinism, what its command line set."""
    command = record.snapshot.command
    return {
        name: value
        for name, value in (command.env if command else {}).items()
        if name not in _PLACES and name not in _RANKS and not name.startswith(_NOT_PASSED)
    }


def _variables(
    record: Record, environment: Environment, places: Places, home: Path, findings: list[Finding]
) -> Iterator[tuple[str, str]]:
    command, code = record.snapshot.command, record.snapshot.code
    for name in _OURS:
        value = os.environ.get(name)
        if value is not None and not without_secrets(value, name)[1]:
            yield name, value
    yield "PATH", f"{environment.python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    recorded = command.env if command else {}
    for name, value in passed(record).items():
        if "[scrubbed]" in value:
            findings.append(
                warn("variable-scrubbed", f"{name} held a secret, which is not recorded.", "Set it, and repeat.")
            )
            continue
        yield name, places.moved(value)
    yield "PYTHONPATH", os.pathsep.join(dict.fromkeys(_path(record, places, recorded.get("PYTHONPATH", ""), home)))
    yield "PYTHONDONTWRITEBYTECODE", "1"
    yield "RUNCITE_HOME", str(home)
    yield "RUNCITE_URL", f"sqlite:///{home / 'runcite.db'}"
    yield "RUNCITE_SHIPPER", "off"
    yield "RUNCITE_REPRODUCES", record.id
    if code is not None and code.git is not None:
        yield "GIT_CONFIG_NOSYSTEM", "1"


def _path(record: Record, places: Places, recorded: str, home: Path) -> Iterator[str]:
    """Where modules are looked for: as recorded, the code that was installed from its folder, and the recorder."""
    for entry in filter(None, recorded.split(":")):
        yield places.moved(entry)
    python = record.snapshot.python
    if python is not None and any(is_own(package) for package in python.packages):
        yield str(places.root)
        if (places.root / "src").is_dir():
            yield str(places.root / "src")
    recorder = home / "recorder"
    if not recorder.exists():
        recorder.mkdir(parents=True)
        (recorder / "tracker").symlink_to(Path(__file__).parents[1])
    yield str(recorder)


def fenced(start: Start, *, writable: Sequence[Path], readable: Sequence[Path]) -> tuple[str, ...]:
    """The command behind a fence: no network, nothing writable but these folders, of the home only what it needs.

    Raises:
        UsageError: there is no bubblewrap here, or the machine lets it make no fence.
    """
    fence = shutil.which("bwrap")
    if fence is None:
        raise UsageError(
            "--sandbox needs bubblewrap, which is not here.", remedy="Install bubblewrap, or leave --sandbox out."
        )
    if said := _refused(fence):
        raise UsageError(
            f"--sandbox can't be had on this machine: {said.rstrip('.')}.",
            remedy="Have an administrator allow user namespaces, or leave --sandbox out.",
        )
    user = Path.home()
    inner = [fence, "--unshare-net", "--unshare-ipc", "--unshare-uts", "--die-with-parent", "--new-session"]
    inner += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]  # noqa: S108 a folder within
    if len(user.parts) > 1:
        inner += ["--tmpfs", str(user)]
    for path in readable:
        inner += ["--ro-bind", str(path), str(path)]
    for path in writable:
        inner += ["--bind", str(path), str(path)]
    return (*inner, "--chdir", str(start.cwd), *start.command)


def _refused(fence: str) -> str:
    """Why no fence can be made here, in bubblewrap's words; "" where one can."""
    tried = [fence, "--unshare-net", "--unshare-ipc", "--unshare-uts", "--ro-bind", "/", "/", "--proc", "/proc", "true"]
    try:
        done = subprocess.run(tried, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    said = done.stderr.strip().splitlines() or [f"bubblewrap ended with exit code {done.returncode}"]
    return said[-1] if done.returncode else ""


def execute(command: Sequence[str], start: Start, log: Path, watch: Callable[[float], None]) -> Ran:
    """Run it to its end; `watch` is called with the seconds gone by. What is interrupted takes its process with it."""
    began = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=start.cwd,
            env=start.env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            while True:
                try:
                    code = process.wait(0.25)
                    break
                except subprocess.TimeoutExpired:
                    watch(time.monotonic() - began)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(30)
    said = log.read_bytes()[-TAIL:].decode("utf-8", "replace")
    return Ran(code, time.monotonic() - began, without_secrets(said, "output")[0])


_MISSING = re.compile(
    r"(?:No such file or directory|cannot find the (?:file|path)[^:]*|not found\.?): ['\"]?([^'\"\n]+)['\"]?"
)
_MODULE = re.compile(r"(?:ModuleNotFoundError|ImportError): No module named ['\"]([^'\"\n]+)['\"]")


def why_failed(ran: Ran, record: Record, places: Places) -> Finding:
    """What made the process fail, as far as its last words tell."""
    last = ran.output.strip().splitlines()[-1:] or ["it said nothing"]
    if module := _MODULE.search(ran.output):
        said = f"The module {module[1]} is not there."
        return Finding("module-missing", said, "It was neither in the code nor among the packages.", "reject")
    if missing := _MISSING.search(ran.output):
        return _missing_file(missing[1].strip(), record, places)
    how = f"signal {-ran.code}" if ran.code < 0 else f"exit code {ran.code}"
    return Finding(
        "script-failed", f"The script failed ({how}): {last[0][:300]}", "See the whole output: --in DIR.", "reject"
    )


def _missing_file(name: str, record: Record, places: Places) -> Finding:
    path = Path(name)
    if path.is_absolute() and not path.is_relative_to(places.tree):
        said = f"The script reads the absolute path {name}, which is not on this machine."
        return Finding("absolute-path", said, "Read files by a path relative to the code.", "reject")
    shown = path.relative_to(places.tree).as_posix() if path.is_absolute() else name
    code = record.snapshot.code
    left = {each.path: each.reason for each in (code.left_out if code else ())}
    why = f": {left[shown]}" if shown in left else ": git ignores it, and the run did not log it"
    wrapped = record.snapshot.command is not None and record.snapshot.command.wrapped
    how = f"runcite exec --data NAME={shown} -- …" if wrapped else "run.log_dataset(name, path)"
    remedy = f"Commit it, or log it: {how}."
    return Finding("file-missing", f"The file {shown} was not stored with the run{why}.", remedy, "reject")


def reads_absolute(record: Record, places: Places) -> Iterator[Finding]:
    """Files of the code that name the recorded folder: there they read what the tree does not hold."""
    code = record.snapshot.code
    root = code.root if code else None
    if root is None or len(PurePosixPath(root).parts) < 3:
        return
    named = [*(file.path for file in code.changed), code.script] if code else []
    for name in dict.fromkeys(each for each in named if each and each != SOURCE):
        path = places.root / name
        small = path.is_file() and not path.is_symlink() and path.stat().st_size < 1_000_000
        if small and f"{root}/".encode() in path.read_bytes():
            said = f"{name} names the absolute path {root}: it reads from there, and not from its own tree."
            yield warn("absolute-path", said, "Read files by a path relative to the code.")

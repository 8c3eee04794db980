"""Environment: an interpreter with exactly the recorded packages, found here or built anew. The third stage.

What is here is looked at first: the interpreter that runs this, and the recorded one. Otherwise a fresh environment
is built from wheels alone (a source package runs its author's code when it is installed), by uv where there is one,
by pip otherwise, kept under the home by the environment's digest, and looked at again when it is done.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tracker.capture import packages as eyes
from tracker.capture.origin import Origin as Standing
from tracker.record import Finding, Record
from tracker.reproduce.stages import Stopped, note, warn
from tracker.snapshot import Package, Python, digest_of

OWN = ("editable", "local")
_TOOLS = frozenset({"pip", "setuptools", "wheel", "uv"})
_LOOK = (
    "import json, os, platform, sys; print(json.dumps([platform.python_version(), platform.python_implementation(), "
    "sys.executable, sys.prefix, [os.path.abspath(entry) for entry in sys.path if entry]]))"
)
_SECONDS = 1800
_PIP = ("--no-input", "--disable-pip-version-check")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]*")


@dataclass(frozen=True)
class Environment:
    """An interpreter to run in, and what is to be said of it. `rebuilt` says that it was made for this."""

    python: Path
    rebuilt: bool
    sentence: str
    findings: tuple[Finding, ...] = ()


def ready(record: Record, home: Path, *, allow_drift: bool, plan: bool = False) -> Environment:
    """An environment with the recorded packages. With `plan` nothing is built, only said.

    Raises:
        Stopped: there is none, and none can be made without drift.
    """
    wanted = record.snapshot.python
    if wanted is None or not wanted.packages:
        if allow_drift:
            said = "the packages were not captured: this interpreter is used as it is"
            return Environment(Path(sys.executable), False, said, (warn("environment-unknown", f"{said}.", ""),))
        raise Stopped(
            "environment",
            "environment-unknown",
            "The installed packages were not captured.",
            "Allow drift: --allow-env-drift",
        )
    findings = tuple(_platform(record))
    if findings and not allow_drift:
        raise Stopped("environment", findings[0].code, findings[0].sentence, findings[0].remedy)
    for python in _here(wanted):
        seen = look(python)
        if seen is not None and not differences(wanted, seen):
            said = f"the same is here: {wanted.implementation} {wanted.version}, {len(wanted.packages)} packages"
            return Environment(python, False, said, findings)
    if plan:
        return Environment(Path(sys.executable), True, _planned(wanted), (*findings, *_obstacles(wanted)))
    return _built(wanted, home, allow_drift, findings)


def look(python: Path) -> Python | None:
    """What is installed for an interpreter, as the recorder sees it; None where it does not run."""
    try:
        told = subprocess.run([python, "-c", _LOOK], capture_output=True, cwd="/", env=_bare(), timeout=60, check=True)
        version, implementation, executable, prefix, path = msgspec.json.decode(
            told.stdout, type=tuple[str, str, str, str, tuple[str, ...]]
        )
    except (OSError, subprocess.SubprocessError, msgspec.MsgspecError):
        return None
    standing = Standing((), "/", executable, version, implementation, prefix, path)
    return eyes.see(standing).python


def differences(wanted: Python, seen: Python) -> tuple[str, ...]:
    """What is not as recorded, a phrase each. The run's own code counts as there: it stands in the tree."""
    found = []
    if (wanted.implementation, wanted.version) != (seen.implementation, seen.version):
        found.append(f"{seen.implementation} {seen.version}, not {wanted.version}")
    before = {_key(each.name): each for each in wanted.packages if not is_own(each)}
    own = {_key(each.name) for each in wanted.packages if is_own(each)}
    after = {_key(each.name): each for each in seen.packages}
    for name in sorted(before.keys() | after.keys() - own):
        one, other = before.get(name), after.get(name)
        if one is None and other is not None:
            if name not in _TOOLS and name != "runcite":
                found.append(f"{name} {other.version}, which was not installed")
        elif other is None:
            found.append(f"{name} is missing")
        elif one is not None and (one.version, one.source) != (other.version, other.source):
            found.append(f"{name} {_told(other)}, not {_told(one)}")
    return tuple(found)


def is_own(package: Package) -> bool:
    """Whether it is the run's own code, installed from its folder, or the recorder, which we bring ourselves."""
    return package.source in OWN or _key(package.name) == "runcite"


def requirements(python: Python) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """What to install, a line each, and what can't be."""
    lines, findings = [], []
    for package in python.packages:
        source = package.source
        if is_own(package):
            continue
        if not _NAME.fullmatch(package.name) or not _VERSION.fullmatch(package.version):
            said = f"A package is called {package.name[:40]!r} {package.version[:40]!r}, which none is."
            findings.append(warn("package-hostile", said, "Do not trust this record."))
        elif source is None:
            lines.append(f"{package.name}=={package.version}")
        elif address := _address(source):
            lines.append(f"{package.name} @ {address}")
        else:
            said = f"{package.name} {package.version} came from {source.split(' ')[0]}, which nobody else has."
            findings.append(
                warn("package-local", said, "Install it from an index or a pushed commit, and train again.")
            )
    return tuple(lines), tuple(findings)


def _address(source: str) -> str | None:
    """Where a package that is not from an index can be had."""
    if source.endswith(", changed") or source.startswith("conda"):
        return None
    match = re.fullmatch(
        r"(?:editable |local )?(git\+(?:https|ssh)://[^\s@]+(?:@[\w.-]+[:/][^\s@]+)?@[0-9a-f]{40})", source
    )
    if match:
        return match[1]
    return source if re.fullmatch(r"https://\S+#sha256=[0-9a-f]{64}", source) else None


def _platform(record: Record) -> Iterator[Finding]:
    machine = record.snapshot.machine
    if machine is not None and machine.arch and machine.arch != platform.machine():
        said = f"The run was on {machine.arch}; this machine is {platform.machine()}."
        yield warn("platform-differs", said, "Reproduce it on such a machine, or add --allow-env-drift.")


def _here(wanted: Python) -> list[Path]:
    """Interpreters that may have the same packages: the recorded one, and the one that runs this."""
    recorded = Path(wanted.executable)
    found = [recorded] if recorded.is_absolute() and recorded.is_file() and os.access(recorded, os.X_OK) else []
    return [*found, *(each for each in [Path(sys.executable)] if each not in found)]


def _built(wanted: Python, home: Path, allow_drift: bool, findings: tuple[Finding, ...]) -> Environment:
    lines, loose = requirements(wanted)
    if loose and not allow_drift:
        raise Stopped("environment", loose[0].code, loose[0].sentence, "Add --allow-env-drift to go on without it.")
    place = home / "environments" / digest_of([wanted.implementation, wanted.version, lines])[:16]
    python = place / "bin" / "python"
    said = [*findings, *loose]
    seen = look(python) if python.exists() else None
    if seen is None or differences(wanted, seen):
        said += _make(wanted, place, lines, allow_drift)
        seen = look(python)
        if seen is None:
            raise Stopped(
                "environment", "environment-broken", "The environment that was built does not run.", f"Look at {place}."
            )
    apart = differences(wanted, seen)
    if apart and not allow_drift:
        raise Stopped(
            "environment",
            "packages-differ",
            f"The environment came out otherwise: {apart[0]}.",
            "Add --allow-env-drift.",
        )
    if apart:
        more = f" and {len(apart) - 3} more" if len(apart) > 3 else ""
        said.append(warn("environment-drift", f"The nearest match differs: {'; '.join(apart[:3])}{more}.", ""))
    sentence = f"built {seen.implementation} {seen.version} with {len(seen.packages)} packages"
    return Environment(python, True, sentence, tuple(said))


def _make(wanted: Python, place: Path, lines: Sequence[str], allow_drift: bool) -> list[Finding]:
    """Build it; what had to be taken otherwise, where that is allowed."""
    shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    base, findings = _interpreter(wanted, allow_drift)
    _run([base, "-m", "venv", "--without-pip", str(place)], "The environment could not be made")
    left = list(lines)
    for _ in range(len(lines) + 1):
        said = _install(place, left)
        if said is None:
            return findings
        lacking = _lacking(said, left)
        if lacking is None or not allow_drift:
            name = lacking or "a package"
            shutil.rmtree(place, ignore_errors=True)
            sentence = f"{name} can't be had as a wheel for this Python and machine."
            raise Stopped("environment", "package-missing", sentence, "Add --allow-env-drift to take the nearest.")
        nearest = _nearest(lacking, said)
        left = [line for line in left if line != lacking] + ([nearest] if nearest else [])
        taken = f"{nearest} was taken" if nearest else "it was left out"
        findings.append(warn("package-missing", f"{lacking} can't be had: {taken}.", ""))
    return findings


def _interpreter(wanted: Python, allow_drift: bool) -> tuple[str, list[Finding]]:
    """An interpreter of the recorded version; with drift the nearest."""
    short = ".".join(wanted.version.split(".")[:2])
    names = [
        wanted.executable,
        getattr(sys, "_base_executable", ""),
        sys.executable,
        f"python{wanted.version}",
        f"python{short}",
    ]
    found = [shutil.which(name) for name in names if name]
    found += [str(path) for path in (Path.home() / ".pyenv" / "versions" / wanted.version / "bin").glob("python3")]
    versions = {path: _version(path) for path in dict.fromkeys(path for path in found if path)}
    for path, version in versions.items():
        if version == (wanted.implementation, wanted.version):
            return path, []
    said = f"Python {wanted.version} is not on this machine."
    if not allow_drift:
        raise Stopped(
            "environment", "python-missing", said, f"Install Python {wanted.version}, or add --allow-env-drift."
        )
    near = [path for path, version in versions.items() if version and version[1].startswith(f"{short}.")]
    path = (near or [sys.executable])[0]
    taken = versions.get(path) or _version(path)
    return path, [warn("python-missing", f"{said} {taken[1] if taken else 'Another'} was taken.", "")]


def _version(python: str) -> tuple[str, str] | None:
    ask = "import platform; print(platform.python_implementation(), platform.python_version())"
    try:
        told = subprocess.run([python, "-c", ask], capture_output=True, text=True, env=_bare(), timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    implementation, _, version = told.stdout.strip().partition(" ")
    return implementation, version


def _install(place: Path, lines: Sequence[str]) -> str | None:
    """Install exactly these; what pip said where it could not. What uv can't have is left to pip to say, or to find."""
    if not lines:
        return None
    lock = place / "lock.txt"
    lock.write_text("\n".join(lines) + "\n", encoding="utf-8")
    python, chosen = str(place / "bin" / "python"), ["--no-deps", "--only-binary", ":all:", "-r", str(lock)]
    commands = [[sys.executable, "-m", "pip", "--python", python, "install", *_PIP, *chosen]]
    if uv := shutil.which("uv"):
        commands.insert(0, [uv, "pip", "install", "--quiet", "--python", python, *chosen])
    said = ""
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, cwd=place, timeout=_SECONDS, check=False)
        if done.returncode == 0:
            return None
        said = done.stdout + done.stderr
    return said


def _lacking(said: str, lines: Sequence[str]) -> str | None:
    """The line that the installer could not satisfy."""
    for line in lines:
        name = re.escape(line.split(" @ ")[0].split("==")[0])
        version = re.escape(line.partition("==")[2])
        if re.search(rf"(?i)(?:requirement|for|of|found) {name}(?:==| ?@ ?|\b.*){version}", said):
            return line
    return None


def _nearest(lacking: str, said: str) -> str | None:
    """The version next to the one that is gone, of those that the installer named."""
    name, _, version = lacking.partition("==")
    match = re.search(rf"(?i){re.escape(name)}=={re.escape(version)} \(from versions: ([^)]*)\)", said)
    offered = [each.strip() for each in match[1].split(",")] if match else []
    offered = [each for each in offered if each and each != "none"]
    if not version or not offered:
        return None
    wanted = _numbers(version)
    later = [each for each in offered if _numbers(each) >= wanted]
    return f"{name}=={min(later, key=_numbers) if later else max(offered, key=_numbers)}"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:4])


def _run(command: Sequence[str], failed: str) -> None:
    try:
        subprocess.run(command, capture_output=True, text=True, env=_bare(), timeout=_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        said = str(getattr(error, "stderr", "") or error).strip().splitlines()
        raise Stopped("environment", "environment-broken", f"{failed}: {said[-1] if said else error}.", "") from None


def _planned(wanted: Python) -> str:
    how = "uv" if shutil.which("uv") else "pip"
    return f"to be built by {how}: {wanted.implementation} {wanted.version}, {len(wanted.packages)} packages"


def _obstacles(wanted: Python) -> tuple[Finding, ...]:
    return requirements(wanted)[1]


def _bare() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8"}


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _told(package: Package) -> str:
    return f"{package.version} ({package.source})" if package.source else package.version


__all__ = ["Environment", "differences", "look", "note", "ready", "requirements"]

"""Every installed distribution, exact: name, version, and the source of one that is not from an index."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import msgspec

from tracker.capture import git
from tracker.capture.origin import Origin
from tracker.capture.scrub import remote as without_credentials
from tracker.snapshot import Package, Python, Scrubbed, Snapshot

if TYPE_CHECKING:
    from importlib import metadata

_INSTALLED = frozenset({"site-packages", "dist-packages"})
_UNREADABLE = (OSError, ValueError, KeyError, AttributeError, TypeError)


def see(origin: Origin, *, seconds: float = 20.0, clock: Callable[[], float] = time.monotonic) -> Snapshot:
    """The interpreter and what is installed in it, as `sys.path` of the training process finds it.

    What is installed counts before what merely lies on the path: the working folder does so or not by how the
    script was started. Of an editable package the record says the
    commit it stands on, and never the folder: that would make equal environments look different.
    """
    from importlib import metadata

    deadline = clock() + seconds
    problems: list[str] = []
    found: list[Scrubbed] = []
    packages: dict[str, Package] = {}
    entries = list(dict.fromkeys(origin.path))
    installed = [entry for entry in entries if _INSTALLED.intersection(Path(entry).parts)]
    others = [entry for entry in entries if entry not in installed]  # a source tree is also seen through its .egg-info
    for distribution in metadata.distributions(path=[*installed, *others]):
        if clock() > deadline:
            problems.append(f"Only {len(packages):,} packages were seen: there was no time left.")
            break
        try:
            headers = distribution.metadata  # parsed anew at each look
            name, version = headers["Name"], headers["Version"]
            if not name or not version or (key := _normal(name)) in packages:
                continue
            packages[key] = Package(str(name), str(version))
            source, secrets = _source(distribution, key, origin, deadline, clock)
        except _UNREADABLE as error:
            problems.append(f"The metadata of a package could not be read ({type(error).__name__}).")
            continue
        packages[key] = Package(str(name), str(version), source)
        found += secrets
    conda = Path(origin.prefix, "conda-meta")
    for package in _conda(conda):
        packages.setdefault(_normal(package.name), package)
    python = Python(
        version=origin.version,
        implementation=origin.implementation,
        executable=origin.executable,
        packages=tuple(packages[key] for key in sorted(packages)),
        conda=Path(origin.prefix).name if conda.is_dir() else None,
    )
    return Snapshot(python=python, scrubbed=tuple(found), problems=tuple(dict.fromkeys(problems)))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _source(
    distribution: metadata.Distribution, key: str, origin: Origin, deadline: float, clock: Callable[[], float]
) -> tuple[str | None, tuple[Scrubbed, ...]]:
    """Where a package that is not from an index comes from, by PEP 610's direct_url.json, or by where it lies."""
    told = distribution.read_text("direct_url.json")
    if told is None:
        here = Path(str(distribution.locate_file("")))
        if _INSTALLED.intersection(here.parts):
            return None, ()
        return _standing(here, "local", origin, deadline, clock)
    direct = msgspec.json.decode(told)
    url = str(direct.get("url", ""))
    if "dir_info" in direct:
        kind = "editable" if direct["dir_info"].get("editable") else "local"
        return _standing(Path(unquote(urlsplit(url).path)), kind, origin, deadline, clock)
    clean, secrets = without_credentials(url, f"package {key}")
    if vcs := direct.get("vcs_info"):
        return f"{vcs.get('vcs', 'vcs')}+{clean}@{vcs.get('commit_id', '')}", secrets
    hashes = direct.get("archive_info", {}).get("hashes", {})
    digest = f"#sha256={hashes['sha256']}" if "sha256" in hashes else ""
    name = clean.rpartition("/")[2] if url.startswith("file:") else clean
    return f"{name}{digest}", secrets


def _standing(
    folder: Path, kind: str, origin: Origin, deadline: float, clock: Callable[[], float]
) -> tuple[str, tuple[Scrubbed, ...]]:
    """The kind, and the commit that the folder's repository stands on; without it where that is the run's own code."""
    try:
        repository = git.find(folder, deadline=deadline, clock=clock) if folder.is_dir() else None
        script = Path(origin.script).parent if origin.script else Path(origin.cwd)
        if repository is None or any(place.is_relative_to(repository.root) for place in (script, Path(origin.cwd))):
            return kind, ()
        head = repository.head()
        if head.commit is None:
            return kind, ()
        remote, secrets = repository.remote(head.branch)
        changed = ", changed" if repository.changes(untracked=False) else ""
        return f"{kind} git+{remote or 'local'}@{head.commit}{changed}", secrets
    except OSError:
        return kind, ()


def _conda(folder: Path) -> Iterator[Package]:
    """Conda's own packages, by the names of their records: NAME-VERSION-BUILD.json."""
    try:
        records = sorted(folder.glob("*.json"))
    except OSError:
        return
    for record in records:
        name, version, build = ("", *record.stem.rsplit("-", 2))[-3:]
        if name and version:
            yield Package(name, version, f"conda {build}")

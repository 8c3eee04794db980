"""Code: the commit and every file that differed from it, rebuilt and checked byte for byte. The second stage.

What the record says comes from somebody else. No path may leave the tree, nothing is written through a link, and
git runs no hook and asks nobody; nothing of the code itself is run here.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from tracker.capture import code as eyes
from tracker.capture import git
from tracker.capture.origin import Origin as Standing
from tracker.capture.shelf import Limits
from tracker.errors import Corrupt, NotFound
from tracker.record import Finding, Record
from tracker.reproduce.fetch import Origin, content
from tracker.reproduce.places import Places
from tracker.reproduce.stages import Stopped, note, warn
from tracker.snapshot import ChangedFile, Code, code_digest
from tracker.snapshot import Git as Commit

SECONDS = 600.0
SOURCE = "<source>"
_CONFIG = (
    "-c",
    "core.autocrlf=false",
    "-c",
    "core.eol=lf",
    "-c",
    "core.symlinks=true",
    "-c",
    "protocol.ext.allow=never",
)
_ESCAPED = re.compile(rb"\\x([89a-f][0-9a-f])")


def rebuild(
    record: Record, origin: Origin, places: Places, repositories: Sequence[Path], scratch: Path
) -> tuple[Finding, ...]:
    """Make the tree as the code stood when the run began.

    Raises:
        Stopped: a part of it can't be had, or is not what the record says.
    """
    code = record.snapshot.code
    if code is None:
        raise Stopped(
            "code", "code-unknown", "The code was not captured.", "Start the run from the folder of its code."
        )
    places.tree.mkdir(parents=True, exist_ok=True)
    places.root.mkdir(parents=True, exist_ok=True)
    places.cwd.mkdir(parents=True, exist_ok=True)
    findings = []
    if code.git is not None and code.git.commit is not None:
        _commit(code.git, origin, places.root, _candidates(code, repositories), scratch)
    for file in sorted(code.changed, key=lambda file: file.mode == "symlink"):
        if file.path != SOURCE:
            _put(file, origin, places.root, scratch)
    findings += [
        warn("code-incomplete", f"{each.path} was not stored with the run: {each.reason}.", "Put it there: --in DIR.")
        for each in code.left_out
    ]
    findings += _checked(record, code, places)
    return tuple(findings)


def _candidates(code: Code, repositories: Sequence[Path]) -> list[Path]:
    """Folders that may hold the commit: those that were named, the one it was recorded in."""
    recorded = [Path(code.root)] if code.root and Path(code.root).is_dir() else []
    return [*repositories, *recorded]


def _commit(commit: Commit, origin: Origin, root: Path, candidates: Iterable[Path], scratch: Path) -> None:
    """The commit's files, from a repository at hand, the bundle that the run holds, or the remote."""
    wanted = commit.commit or ""
    if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", wanted):
        raise Stopped("code", "hostile-record", "The record's commit is no commit.", "Do not trust this record.")
    try:
        repository = git.make(root, deadline=time.monotonic() + SECONDS)
        said = _obtain(repository, commit, wanted, origin, candidates, scratch)
        if not repository.holds(wanted):
            raise Stopped("code", "commit-missing", f"Commit {wanted[:7]} can't be had: {said}.", _remedy(commit))
        if commit.remote and _is_plain(commit.remote):
            repository.ask("remote", "add", "origin", commit.remote)
            if commit.pushed:
                repository.ask("update-ref", "refs/remotes/origin/reproduced", wanted)
        repository.ask(*_CONFIG, "checkout", "--quiet", "--detach", wanted)
        if repository.changes():
            names = ", ".join(entry.path for entry in repository.changes()[:3])
            raise Stopped(
                "code", "code-differs", f"Git gave {names} other bytes than the commit has.", "Check .gitattributes."
            )
    except git.GitFailed as error:
        raise Stopped("code", "commit-missing", f"The commit can't be checked out: {error}", _remedy(commit)) from None


def _obtain(
    repository: git.Repository, commit: Commit, wanted: str, origin: Origin, candidates: Iterable[Path], scratch: Path
) -> str:
    """Try every place in turn; what the last one said."""
    said = "it was never pushed, and the run does not hold it"
    for folder in candidates:
        try:
            repository.ask("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--", str(folder), wanted)
        except git.GitFailed:
            continue
        if repository.holds(wanted):
            return ""
    alone = scratch / "alone.bundle"
    if origin.commit(alone):
        shallow = repository.root / ".git" / "shallow"
        shallow.write_text(f"{wanted}\n", encoding="ascii")
        if _fetched(repository, str(alone), "HEAD") == "" and repository.holds(wanted):
            return ""
        shallow.unlink()
    bundle = _bundle(commit, origin, scratch)
    if bundle is not None and _fetched(repository, str(bundle), "HEAD") == "":
        return ""
    if commit.remote is None:
        return said if commit.bundle is None else "the bundle that the run holds is not whole"
    if not _is_plain(commit.remote):
        return f"its remote {commit.remote!r} is no address to fetch from"
    failed = _fetched(repository, commit.remote, wanted, "--depth=1") if bundle is None else ""
    if failed or bundle is not None:
        failed = _fetched(repository, commit.remote, "+refs/heads/*:refs/remotes/origin/*")
    if bundle is not None and not repository.holds(wanted):
        failed = failed or _fetched(repository, str(bundle), "HEAD")
    if failed:
        return f"its remote {commit.remote} does not answer ({failed.rstrip('.')})"
    return said if commit.pushed is False else f"{commit.remote} has it no more"


def _fetched(repository: git.Repository, source: str, what: str, *options: str) -> str:
    """Fetch; what went wrong, "" for nothing."""
    try:
        repository.ask("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", *options, "--", source, what)
    except git.GitFailed as error:
        return str(error)
    return ""


def _bundle(commit: Commit, origin: Origin, scratch: Path) -> Path | None:
    if commit.bundle is None:
        return None
    path = scratch / "commits.bundle"
    try:
        origin.blob(commit.bundle, path)
    except (NotFound, Corrupt):
        return None
    return path


def single(root: Path, commit: str, scratch: Path, into: Path) -> None:
    """Write a commit of the repository at `root`, without its past, as a bundle that needs no other repository.

    Raises:
        GitFailed: git could not.
    """
    place = scratch / "single"
    place.mkdir()
    repository = git.make(place, deadline=time.monotonic() + SECONDS)
    repository.ask("fetch", "--quiet", "--no-tags", "--depth=1", "--", root.absolute().as_uri(), commit)
    repository.ask("update-ref", "HEAD", commit)
    repository.ask("bundle", "create", "--quiet", str(into), "HEAD")


def _is_plain(remote: str) -> bool:
    """Whether git may fetch from it: an address by ssh, https or git, or a folder; no helper program, no option."""
    if remote.startswith("-") or "::" in remote or any(ord(symbol) < 32 for symbol in remote):
        return False
    scheme = re.match(r"([A-Za-z][\w+.-]*)://", remote)
    return scheme is None or scheme[1].lower() in {"https", "http", "ssh", "git", "file"}


def _remedy(commit: Commit) -> str:
    short = (commit.commit or "")[:7]
    return f"Name a repository that has {short}: runcite reproduce RUN_ID --repo FOLDER."


def _put(file: ChangedFile, origin: Origin, root: Path, scratch: Path) -> None:
    """One changed file, as it was."""
    path = safe_path(root, file.path)
    if path is None:
        raise Stopped(
            "code", "hostile-path", f"The record names a path that leaves the tree: {file.path!r}.", "Do not trust it."
        )
    if file.change == "deleted":
        path.unlink(missing_ok=True)
        return
    if file.mode == "submodule":
        raise Stopped(
            "code", "submodule", f"{file.path} is a repository of its own, on another commit.", "Commit it, and push."
        )
    if file.digest is None:
        raise Stopped(
            "code", "hostile-record", f"The record has no content for {file.path}.", "Do not trust this record."
        )
    try:
        data = content(origin, file.digest, scratch)
    except (NotFound, Corrupt) as error:
        raise Stopped(
            "code", "content-missing", f"{file.path} can't be had: {error.message}", "Type: runcite sync"
        ) from None
    if hashlib.sha256(data).hexdigest() != file.digest:
        raise Stopped("code", "content-changed", f"{file.path} is not what was stored.", "Type: runcite verify")
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink() or path.exists():
        path.unlink()
    if file.mode == "symlink":
        path.symlink_to(os.fsdecode(data))
        return
    path.write_bytes(data)
    path.chmod(0o755 if file.mode == "executable" else 0o644)


def safe_path(root: Path, name: str) -> Path | None:
    """Where a file of that name goes in `root`; None for a name that leaves it, or would be git's own.

    A folder on the way that is a link counts as leaving: what lies behind it is nobody's to write.
    """
    plain = os.fsdecode(_ESCAPED.sub(lambda match: bytes([int(match[1], 16)]), name.encode()))
    parts = PurePosixPath(plain).parts
    if not parts or plain.startswith("/") or "\0" in plain or "\\" in plain or ".." in parts:
        return None
    if any(part.lower().rstrip(". ") == ".git" or part.lower().startswith("git~") for part in parts):
        return None
    path = root
    for part in parts[:-1]:
        path = path / part
        if path.is_symlink() or (path.exists() and not path.is_dir()):
            return None
    path = path / parts[-1]
    return None if path.is_dir() and not path.is_symlink() else path


def _checked(record: Record, code: Code, places: Places) -> list[Finding]:
    """Look at the tree with the recorder's own eyes: its digest must be the record's."""
    if code.git is None or code.git.commit is None or record.digests.code is None:
        return [note("code-by-file", "The code was in no commit: every stored file was checked by its digest.")]
    if any(file.path == SOURCE for file in code.changed):
        return []
    standing = Standing((), str(places.root), "", "", "", "", (), script=_script(code, places.root))
    seen = eyes.see(standing, _digest, Limits()).code
    if seen is not None and code_digest(seen) == record.digests.code:
        return []
    found = {file.path: file for file in seen.changed} if seen else {}
    known = {file.path: file for file in code.changed}
    names = sorted(path for path in found.keys() | known.keys() if found.get(path) != known.get(path))
    said = f"The tree is not what was recorded: {', '.join(names[:4]) or 'the commit'}."
    return [warn("code-differs", said, "Compare it with the record: runcite show RUN_ID.")]


def _script(code: Code, root: Path) -> str | None:
    if code.script is None:
        return None
    path = safe_path(root, code.script)
    return str(path) if path is not None and path.is_file() else None


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

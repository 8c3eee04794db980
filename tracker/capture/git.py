"""Ask git, in a way that the user's settings, environment and file names cannot bend.

Only plumbing with a fixed output is used (`status --porcelain=v2 -z` and the like, never a diff); optional
locks are not taken, nothing is fetched, no prompt comes up, no pager or hook runs, and variables such as
`GIT_DIR` that a calling git may have left behind are taken away.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tracker.capture.scrub import remote as without_credentials
from tracker.capture.scrub import text as without_secrets
from tracker.snapshot import Scrubbed

_CONFIG = (
    "safe.directory=*",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "log.showSignature=false",
    "i18n.logOutputEncoding=UTF-8",
)
_WITHOUT_LFS = ("filter.lfs.required=false", "filter.lfs.clean=", "filter.lfs.smudge=", "filter.lfs.process=")
_ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_PAGER": "cat",
    "GIT_ASKPASS": "true",
    "GIT_FLUSH": "0",
}
_HARMLESS = ("GIT_CONFIG", "GIT_PYTHON", "GIT_EXEC_PATH")
MESSAGE_LIMIT = 4000


class GitFailed(OSError):
    """Git is not there, or could not answer; the message is a sentence for the record."""


class Entry(NamedTuple):
    """A path below the repository's root that differs from the commit. `path` is as the file system has it.

    A repository within this one is one entry; `moved` says that it stands on another commit than recorded.
    """

    path: str
    in_commit: bool
    moved: bool = False


class Head(NamedTuple):
    """Where the repository stands; see `tracker.snapshot.Git`."""

    commit: str | None
    branch: str | None
    message: str


class Repository:
    """One repository with a work tree. Every method may raise GitFailed; none takes longer than until `deadline`."""

    def __init__(self, folder: Path, *, deadline: float, clock: Callable[[], float] = time.monotonic) -> None:
        try:
            import git
        except ImportError:
            raise GitFailed("git is not installed, so the commit is not known.") from None
        self._clock = clock
        self._deadline = deadline
        self._git = git.Git(folder)
        self._failures = (git.exc.GitError, OSError, ValueError)
        self._program = git.Git.GIT_PYTHON_GIT_EXECUTABLE or "git"
        self._config: tuple[str, ...] = _CONFIG
        told = os.fsdecode(self.ask("rev-parse", "--is-shallow-repository", "--show-toplevel")).removesuffix("\n")
        shallow, _, top = told.partition("\n")
        self.shallow = shallow == "true"
        self.root = Path(top)
        self._git = git.Git(self.root)

    def ask(self, *arguments: str, accept: tuple[int, ...] = (0,), most: float | None = None) -> bytes:
        """What `git ARGUMENTS` prints, raw. `most` limits the seconds below what the deadline allows."""
        left = self._deadline - self._clock()
        left = left if most is None else min(left, most)
        if left <= 0:
            raise GitFailed("There was no time left to ask git.")
        command = [*_cleared(), self._program, "--no-pager", "--no-replace-objects", "--literal-pathspecs"]
        for setting in self._config:
            command += ["-c", setting]
        try:
            status, out, err = self._git.execute(
                [*command, *arguments],
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
                kill_after_timeout=left,
                env=_ENVIRONMENT,
            )
        except self._failures as error:
            raise GitFailed(f"git {arguments[0]} could not be run ({type(error).__name__}).") from None
        if status not in accept:
            if str(err).startswith("Timeout"):
                raise GitFailed(f"git {arguments[0]} took longer than {left:.0f} seconds.")
            why = without_secrets(str(err).strip().partition("\n")[0][:200], "")[0]
            raise GitFailed(f"git {arguments[0]} failed: {why or f'exit status {status}'}.")
        return bytes(out) if isinstance(out, bytes) else str(out).encode("utf-8", "surrogateescape")

    def head(self) -> Head:
        """Commit, branch and message; no commit before the first one, no branch on a detached HEAD."""
        branch = _text(self.ask("symbolic-ref", "--quiet", "--short", "HEAD", accept=(0, 1))).strip() or None
        commit = _text(self.ask("rev-parse", "--quiet", "--verify", "HEAD^{commit}", accept=(0, 1))).strip() or None
        message = _text(self.ask("log", "-1", "--format=%B", "HEAD")) if commit else ""
        return Head(commit, branch, message.strip()[:MESSAGE_LIMIT])

    def remote(self, branch: str | None) -> tuple[str | None, tuple[Scrubbed, ...]]:
        """The address of the branch's remote, else of `origin`, else of the first; without credentials."""
        names = _text(self.ask("remote")).split("\n")[:-1]
        if not names:
            return None, ()
        own = _text(self.ask("config", "--get", f"branch.{branch}.remote", accept=(0, 1))).strip() if branch else ""
        name = own if own in names else "origin" if "origin" in names else names[0]
        url = _text(self.ask("remote", "get-url", name)).partition("\n")[0]
        return without_credentials(url, f"git remote {name}")

    def unpushed(self) -> int:
        """How many commits of HEAD are on no remote branch, as far as the local repository knows."""
        return _number(self.ask("rev-list", "--count", "HEAD", "--not", "--remotes"))

    def unpushed_size(self, *, most: float) -> int:
        """Bytes that the unpushed commits and their content take."""
        return _number(self.ask("rev-list", "--disk-usage", "--objects", "HEAD", "--not", "--remotes", most=most))

    def unpushed_paths(self) -> list[str]:
        """The files that the unpushed commits touch."""
        listed = self.ask("log", "--format=", "--name-only", "-z", "--no-renames", "-m", "HEAD", "--not", "--remotes")
        return sorted({os.fsdecode(path) for path in listed.split(b"\0") if path})

    def unpushed_private_keys(self) -> bool:
        """Whether an unpushed commit adds a private key."""
        pattern = "BEGIN [A-Z ]*PRIVATE KEY"
        return bool(self.ask("log", "--format=%H", "-E", f"-G{pattern}", "-m", "HEAD", "--not", "--remotes").strip())

    def bundle(self, into: Path) -> None:
        """Writes the unpushed commits as a git bundle whose head is HEAD."""
        self.ask("bundle", "create", "--quiet", str(into), "HEAD", "--not", "--remotes")

    def holds(self, commit: str) -> bool:
        """Whether the commit is here, with all that it needs to be checked out."""
        try:
            self.ask("rev-list", "--objects", "--quiet", "--no-walk", commit, "--")
        except GitFailed:
            return False
        return True

    def ignores(self, path: Path) -> bool:
        """Whether git overlooks `path`: it is ignored, and not tracked."""
        return bool(self.ask("ls-files", "--others", "--ignored", "--exclude-standard", "-z", "--", str(path)))

    def changes(self, *, untracked: bool = True, most: float | None = None) -> list[Entry]:
        """Every path that differs from the commit, sorted; a submodule or a repository within as one entry."""
        arguments = ("status", "--porcelain=v2", "-z", "--no-renames", "--ignore-submodules=none", "--no-ahead-behind")
        seen = "--untracked-files=all" if untracked else "--untracked-files=no"
        try:
            listed = self.ask(*arguments, seen, most=most)
        except GitFailed as error:
            if "filter" not in str(error) and "lfs" not in str(error):
                raise
            self._config = _CONFIG + _WITHOUT_LFS  # git-lfs is asked for, and not installed
            listed = self.ask(*arguments, seen, most=most)
        entries = _parse(listed)
        for path in self._hidden():
            entries.setdefault(path, Entry(path, in_commit=True))
        return sorted(entries.values())

    def _hidden(self) -> list[str]:
        """Changed files that git was told to overlook (assume-unchanged, skip-worktree)."""
        flagged = [
            os.fsdecode(line[2:])
            for line in self.ask("ls-files", "-v", "-z").split(b"\0")
            if line[:1].islower() or line[:1] == b"S"
        ]
        changed = []
        for path in flagged[:200]:
            if (self.root / path).is_file() and not (self.root / path).is_symlink():
                known = self.ask("ls-tree", "-z", "HEAD", "--", path, accept=(0, 128)).split(b"\t")[0].split(b" ")[-1]
                if known != self.ask("hash-object", "--", path).strip():
                    changed.append(path)
        return changed


def _parse(listed: bytes) -> dict[str, Entry]:
    """The entries of `git status --porcelain=v2 -z`, by path."""
    entries: dict[str, Entry] = {}
    records = iter(listed.split(b"\0"))
    for record in records:
        kind = record[:2]
        if kind == b"? ":
            path = os.fsdecode(record[2:])
            known = entries.get(path.rstrip("/"))
            entries[path.rstrip("/")] = Entry(
                path.rstrip("/"), bool(known and known.in_commit), moved=path.endswith("/")
            )
        elif kind in {b"1 ", b"2 ", b"u "}:
            fields = record.split(b" ", {b"1 ": 8, b"2 ": 9, b"u ": 10}[kind])
            path = os.fsdecode(fields[-1])
            head_mode = fields[3] if kind != b"u " else fields[4]
            moved = fields[2][:1] == b"S" and (fields[2][1:2] == b"C" or fields[1][:1] != b".")
            entries[path] = Entry(path, bool(head_mode.strip(b"0")), moved)
            if kind == b"2 ":
                next(records, b"")
    return entries


def _cleared() -> list[str]:
    """A prefix that takes misleading variables away, empty where there are none."""
    present = [name for name in os.environ if name.startswith("GIT_") and not name.startswith(_HARMLESS)]
    if not present or os.name != "posix":
        return []
    return ["env", *(part for name in present for part in ("-u", name))]


def _number(raw: bytes) -> int:
    if not raw.strip().isdigit():
        raise GitFailed("git rev-list gave no number.")
    return int(raw)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def make(folder: Path, *, deadline: float, clock: Callable[[], float] = time.monotonic) -> Repository:
    """A new, empty repository in `folder`, with no hook and no template of the user's. Raises GitFailed."""
    try:
        import git
    except ImportError:
        raise GitFailed("git is not installed, so no commit can be had.") from None
    try:
        git.Git(folder).execute(
            [*_cleared(), git.Git.GIT_PYTHON_GIT_EXECUTABLE or "git", "init", "--quiet", "--template="],
            env=_ENVIRONMENT,
        )
    except (git.exc.GitError, OSError) as error:
        raise GitFailed(f"git init failed ({type(error).__name__}).") from None
    return Repository(folder, deadline=deadline, clock=clock)


def find(folder: Path, *, deadline: float, clock: Callable[[], float] = time.monotonic) -> Repository | None:
    """The repository that `folder` stands in, None where there is none. Raises GitFailed where git cannot tell."""
    if not any((parent / ".git").exists() for parent in (folder, *folder.parents)):
        return None
    try:
        return Repository(folder, deadline=deadline, clock=clock)
    except GitFailed as error:
        if re.search("not a git repository", str(error), re.IGNORECASE):
            return None
        raise

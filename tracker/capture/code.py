"""The exact code: where the script stands, the commit, and every file that differs from it."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from msgspec.structs import replace

from tracker.capture import git
from tracker.capture.content import secret_by_name
from tracker.capture.origin import Origin
from tracker.capture.scrub import text as without_secrets
from tracker.capture.shelf import CODE, Found, Keep, Limits, Shelf, readable
from tracker.snapshot import ChangedFile, Code, Git, Scrubbed, Snapshot

_NOT_CODE = frozenset(
    {"__pycache__", "node_modules", "site-packages", "venv", "env", "build", "dist", "wandb", "mlruns"}
)
_LOOKED_AT = 20_000
_SMALL = 256 * 1024


def see(
    origin: Origin,
    keep: Keep,
    limits: Limits,
    *,
    without: tuple[Path, ...] = (),
    clock: Callable[[], float] = time.monotonic,
) -> Snapshot:
    """The code part of the snapshot. `without` names folders that are never looked into, such as our own."""
    import tempfile

    deadline = clock() + limits.seconds
    with tempfile.TemporaryDirectory(prefix="runcite-") as scratch:
        shelf = Shelf(keep, limits, Path(scratch), deadline=deadline, clock=clock)
        sight = _Sight(origin, shelf, limits, without, deadline, clock)
        code = sight.code()
    return Snapshot(code=code, scrubbed=(*sight.scrubbed, *shelf.scrubbed), problems=tuple(sight.problems))


class _Sight:
    """One look at the code: what was found, and what could not be."""

    def __init__(
        self,
        origin: Origin,
        shelf: Shelf,
        limits: Limits,
        without: tuple[Path, ...],
        deadline: float,
        clock: Callable[[], float],
    ) -> None:
        self.origin = origin
        self.shelf = shelf
        self.limits = limits
        self.without = tuple(folder for folder in without if not Path(origin.cwd).is_relative_to(folder))
        self.deadline = deadline
        self.clock = clock
        self.scrubbed: list[Scrubbed] = []
        self.problems: list[str] = []

    def code(self) -> Code | None:
        """Everything, in order: the repository's part, or without one the script's neighbours; then loose code."""
        folder, script = self._place()
        root, state = folder, None
        try:
            repository = git.find(folder, deadline=self.deadline, clock=self.clock)
            if repository is None:
                self.problems.append("The code stands in no git repository; the files next to the script were stored.")
            else:
                root = repository.root
                state = self._state(repository)
                self._changes(repository, script)
                state = self._with_bundle(repository, state)
        except git.GitFailed as error:
            self.problems.append(f"The code was not fully seen: {error}")
        if state is None:
            self.shelf.put_all(self._neighbours(folder, script))
        self._loose_source()
        if state is None and not self.shelf.changed and not self.shelf.left_out:
            return None
        named = self._named(script, root)
        return Code(state, named, tuple(self.shelf.changed), self.shelf.left_out, readable(str(root)))

    def _place(self) -> tuple[Path, Path | None]:
        """The folder to look in, and the script, unless that belongs to the environment (as `bin/torchrun` does)."""
        cwd = Path(self.origin.cwd)
        if self.origin.script is None:
            return cwd, None
        script = Path(self.origin.script)
        if self._installed(script):
            return cwd, script
        inside = self.origin.module is not None and script.is_relative_to(cwd)
        return (cwd if inside else script.parent), script

    def _installed(self, script: Path) -> bool:
        """Whether the script belongs to the environment. With `/usr` as prefix, `/usr/src/app/train.py` does not."""
        folders = [Path(self.origin.prefix, name) for name in ("bin", "Scripts", "lib", "Lib", "lib64")]
        return "site-packages" in script.parts or any(script.is_relative_to(folder) for folder in folders)

    def _named(self, script: Path | None, root: Path) -> str | None:
        if script is None:
            return None
        real = Path(os.path.realpath(script))
        for path, base in ((script, root), (real, Path(os.path.realpath(root)))):
            if path.is_relative_to(base):
                return path.relative_to(base).as_posix()
        return str(script)

    def _state(self, repository: git.Repository) -> Git:
        """Commit, branch, remote and message."""
        head = repository.head()
        remote, found = repository.remote(head.branch)
        message, secrets = without_secrets(head.message, "commit message")
        self.scrubbed += [*found, *secrets]
        return Git(head.commit, head.branch, remote, None, message)

    def _with_bundle(self, repository: git.Repository, state: Git) -> Git:
        """The state, with whether the commit is pushed, and the bundle of what is not. Last, as it may take long."""
        if state.commit is None:
            return state
        ahead = repository.unpushed()
        pushed = None if state.remote is None else ahead == 0
        return replace(state, pushed=pushed, bundle=self._bundle(repository, ahead) if ahead else None)

    def _bundle(self, repository: git.Repository, ahead: int) -> str | None:
        """The unpushed commits, stored as a git bundle; None when they are too large, or hold secrets."""
        name = f"{ahead:,} unpushed {'commit' if ahead == 1 else 'commits'}"
        try:
            size = repository.unpushed_size(most=(self.deadline - self.clock()) / 2)
            if size > self.limits.bundle_size:
                reason = f"they are larger than {self.limits.bundle_size / 1024 / 1024:g} MB"
            elif secrets := [path for path in repository.unpushed_paths() if secret_by_name(path)]:
                reason = f"they hold a file that is named like a secret: {secrets[0]}"
            elif repository.unpushed_private_keys():
                reason = "they hold a private key"
            else:
                repository.bundle(self.shelf.scratch / "unpushed.bundle")
                return self.shelf.keep(self.shelf.scratch / "unpushed.bundle")
        except OSError as error:
            reason = f"they could not be bundled: {error}"
        self.problems.append(f"The {name} were not stored: {reason}.")
        return None

    def _changes(self, repository: git.Repository, script: Path | None) -> None:
        found = list(self._entries(repository, ""))
        if script and script.is_relative_to(repository.root) and not self._installed(script):
            name = script.relative_to(repository.root).as_posix()
            if all(item.name != name for item in found) and repository.ignores(script):
                found.append(Found(script, name, in_commit=False))
        self.shelf.put_all(found)

    def _entries(self, repository: git.Repository, prefix: str, depth: int = 0) -> Iterator[Found]:
        """What differs in the repository and in those within it, whose own commit counts as their content."""
        try:
            entries = repository.changes(most=(self.deadline - self.clock()) / 2)
        except git.GitFailed as error:
            self.problems.append(f"Untracked files were not looked for: {error}")
            entries = repository.changes(untracked=False)
        for entry in entries:
            place, name = repository.root / entry.path, prefix + entry.path
            if any(place.is_relative_to(folder) for folder in self.without):
                continue
            if not (place.is_dir() and not place.is_symlink()):
                yield Found(place, name, entry.in_commit)
            elif depth < 4:
                yield from self._within(place, name, entry, depth)

    def _within(self, place: Path, name: str, entry: git.Entry, depth: int) -> Iterator[Found]:
        """A submodule, or another repository that lies untracked in this one."""
        try:
            inner = git.find(place, deadline=self.deadline, clock=self.clock)
            if inner is None or inner.root.resolve() != place.resolve():
                self.shelf.leave(name, 0, "it is a folder that git does not look into")
                return
            commit = inner.head().commit
            if commit and entry.moved:
                content = commit.encode()
                digest = self.shelf.store(content)
                change: Literal["modified", "untracked"] = "modified" if entry.in_commit else "untracked"
                self.shelf.changed.append(ChangedFile(name, change, digest, len(content), "submodule"))
                if inner.unpushed():
                    self.problems.append(f"The repository {name} stands on a commit that is on no remote branch.")
            yield from self._entries(inner, f"{name}/", depth + 1)
        except OSError as error:
            self.shelf.leave(name, 0, f"it could not be looked into: {error}")

    def _neighbours(self, folder: Path, script: Path | None) -> list[Found]:
        """Without a repository: the script, the code files beside it, and the packages below."""
        seen: dict[str, Found] = {}
        for place in _code_below(folder) if folder != Path.home() else ():
            if not any(place.is_relative_to(skipped) for skipped in self.without):
                name = place.relative_to(folder).as_posix()
                seen[name] = Found(place, name, in_commit=False)
        if script and script.is_file() and not self._installed(script):
            name = self._named(script, folder) or script.name
            seen[name] = Found(script, name, in_commit=False)
        return list(seen.values())

    def _loose_source(self) -> None:
        """Code that stands in no file: a notebook's cells, or what `python -c` was given."""
        if self.origin.source is None:
            return
        data = self.origin.source.encode("utf-8", "replace")
        try:
            self.shelf.changed.append(ChangedFile("<source>", "untracked", self.shelf.store(data), len(data)))
        except OSError as error:
            self.shelf.leave("<source>", len(data), f"it could not be stored: {error.strerror}")


def _code_below(folder: Path) -> Iterator[Path]:
    """Small code files in `folder` and in the packages below it; links, hidden and installed ones are left out."""
    looked_at = 0
    for here, folders, files in os.walk(folder):
        at_top = here == str(folder)
        if not at_top and "__init__.py" not in files and not _holds_python(files):
            folders[:] = []
            continue
        folders[:] = sorted(name for name in folders if name not in _NOT_CODE and not name.startswith("."))
        for name in sorted(files):
            looked_at += 1
            path = Path(here, name)
            if looked_at > _LOOKED_AT:
                return
            if path.suffix.lower() in CODE and _is_small_file(path):
                yield path


def _is_small_file(path: Path) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size <= _SMALL


def _holds_python(files: list[str]) -> bool:
    return any(name.endswith(".py") for name in files)

"""Where things stood when the run was recorded, and where they stand now. Pure.

The tree stands in for the folder that holds both the code and the working directory: for the repository where the
run was started inside it, for the working directory where the code lies below that.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tracker.record import Record


@dataclass(frozen=True)
class Places:
    """`top` is the recorded folder that `tree` stands in for; `root` the code's and `cwd` the working folder in it."""

    top: PurePosixPath
    tree: Path
    root: Path
    cwd: Path

    def here(self, recorded: str) -> Path | None:
        """Where a recorded absolute path stands now; None for one outside of the tree."""
        path = PurePosixPath(recorded)
        if not path.is_relative_to(self.top) or ".." in path.parts:
            return None
        return self.tree.joinpath(*path.relative_to(self.top).parts)

    def moved(self, text: str) -> str:
        """`text` with the recorded folder's name replaced by the tree's, where it stands as a path or begins one."""
        top, parts = str(self.top), []
        if len(self.top.parts) < 2:
            return text
        rest = text
        while (at := rest.find(top)) >= 0:
            end = at + len(top)
            whole = end == len(rest) or rest[end] in "/:,;'\" "
            begins = at == 0 or rest[at - 1] in "=:,;'\" "
            parts += [rest[:at], str(self.tree) if whole and begins else top]
            rest = rest[end:]
        return "".join([*parts, rest])


def places(record: Record, folder: Path) -> Places:
    """Where the run's folders go, below `folder`."""
    code, command = record.snapshot.code, record.snapshot.command
    cwd = PurePosixPath(command.cwd if command else "/")
    root = PurePosixPath(code.root) if code and code.root else guessed_root(record) or cwd
    tree = folder / "tree"
    if ".." in (*cwd.parts, *root.parts):
        return Places(root, tree, tree, tree)
    if cwd.is_relative_to(root):
        return Places(root, tree, tree, tree.joinpath(*cwd.relative_to(root).parts))
    if root.is_relative_to(cwd) and len(cwd.parts) > 1:
        return Places(cwd, tree, tree.joinpath(*root.relative_to(cwd).parts), tree)
    return Places(root, tree, tree, folder / "elsewhere")


def guessed_root(record: Record) -> PurePosixPath | None:
    """The code's folder, from the script's path in it and its path in the command."""
    code, command = record.snapshot.code, record.snapshot.command
    if code is None or code.script is None or command is None or not command.argv:
        return None
    script = PurePosixPath(command.cwd, command.argv[0])
    inner = PurePosixPath(code.script)
    if inner.is_absolute() or script.parts[-len(inner.parts) :] != inner.parts:
        return None
    return PurePosixPath(*script.parts[: -len(inner.parts)])

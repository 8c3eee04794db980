"""The snapshot: what is recorded unasked when a run starts, as frozen values.

Every part may be missing (`None`, or empty) where it could not be seen; `problems` then says why, in one
sentence each. Digests are lower-case hex SHA-256. Sizes are bytes.
"""

from __future__ import annotations

import hashlib
import re
from typing import Literal

import msgspec

_REMOTE = re.compile(
    r"(?:(?:https?|ssh|git)://(?:[\w.-]+@)?(?P<host>(?![\d.:]+/)[\w-]+(?:\.[\w-]+)+)(?::\d+)?/"
    r"|(?:[\w.-]+@)?(?P<scp>[\w-]+(?:\.[\w-]+)+):)(?P<path>[\w.~-]+(?:/[\w.~-]+)+)"
)

Scalar = str | int | float | bool | None
"""A stored hyperparameter. Lists and nested tables are flattened to dotted keys before they get here;
a non-finite float is stored as the string "NaN", "Infinity" or "-Infinity"."""


class LeftOut(msgspec.Struct, frozen=True):
    """Something that exists and was not stored: a path (or a name), its size, and why."""

    path: str
    size: int
    reason: str


class ChangedFile(msgspec.Struct, frozen=True):
    """A file that differs from the commit. `digest` names its stored content; None for a deleted one.

    "untracked" is what the commit does not have, added to the index or not. The content of a symlink is its
    target, that of a submodule the commit it stands on. A path that is no UTF-8 has its odd bytes written
    as Python does with "backslashreplace".
    """

    path: str
    change: Literal["modified", "untracked", "deleted"]
    digest: str | None
    size: int
    mode: Literal["file", "executable", "symlink", "submodule"] = "file"


class Git(msgspec.Struct, frozen=True):
    """The repository the script stands in. `remote` is scrubbed of credentials.

    `commit` is None before the first commit, `branch` None on a detached HEAD. `pushed` says whether the
    commit is on a remote branch as far as the local repository knows, None without a remote. `bundle` is
    the digest of a git bundle holding the unpushed commits.
    """

    commit: str | None
    branch: str | None
    remote: str | None
    pushed: bool | None
    message: str = ""
    bundle: str | None = None

    @property
    def commit_url(self) -> str | None:
        """Where the commit can be read in a browser; None for a remote that is not on the web.

        The paths are the forges' own: /commit/ at GitHub, Gitea and most others, /-/commit/ at GitLab,
        /commits/ at Bitbucket.
        """
        if self.commit is None or self.remote is None:
            return None
        match = _REMOTE.fullmatch(self.remote.strip().rstrip("/").removesuffix(".git"))
        if match is None:
            return None
        host, path = (match["host"] or match["scp"]).lower(), match["path"]
        middle = "-/commit" if "gitlab" in host else "commits" if "bitbucket" in host else "commit"
        return f"https://{host}/{path}/{middle}/{self.commit}"


class Code(msgspec.Struct, frozen=True):
    """The exact code: a commit, and every file not ignored that differs from it, stored by hash.

    `root` is the folder that paths are relative to, on the machine where the run was: the repository's, or without
    one the script's. `seen` is False where nobody looked at the files: another tracker's client told the commit and no
    more.
    """

    git: Git | None
    script: str | None
    changed: tuple[ChangedFile, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    root: str | None = None
    seen: bool = True

    @property
    def dirty(self) -> bool:
        """Whether anything differs from the commit."""
        return bool(self.changed or self.left_out)


class Package(msgspec.Struct, frozen=True):
    """An installed distribution. `source` is set for one that is not from an index: editable, local, VCS."""

    name: str
    version: str
    source: str | None = None


class Python(msgspec.Struct, frozen=True):
    """The interpreter and everything installed in it."""

    version: str
    implementation: str
    executable: str
    packages: tuple[Package, ...] = ()
    conda: str | None = None


class Gpu(msgspec.Struct, frozen=True):
    """One GPU as its driver names it."""

    name: str
    memory: int
    uuid: str | None = None


class Machine(msgspec.Struct, frozen=True):
    """The machine. `id` is a stable digest that tells machines apart without naming them."""

    id: str
    host: str
    os: str
    kernel: str
    arch: str
    cpu: str
    cores: int
    memory: int
    gpus: tuple[Gpu, ...] = ()
    driver: str | None = None
    cuda: str | None = None


class Command(msgspec.Struct, frozen=True):
    """How the process was started. `module` is set for `python -m`; `env` holds allow-listed variables.

    `argv` is as the process sees it: a script first, not the interpreter. `wrapped` is set where `runcite exec`
    started it.
    """

    argv: tuple[str, ...]
    cwd: str
    module: str | None = None
    env: dict[str, str] = {}
    wrapped: bool = False


class Seeds(msgspec.Struct, frozen=True):
    """Seeds as seen, never set.

    `stated` is what the caller passed to `start_run`. The others are what could be read from generators
    already loaded: torch's initial seed, a digest of Python's and of NumPy's global state, and the
    determinism flags (name to value).
    """

    stated: int | None = None
    torch: int | None = None
    python_state: str | None = None
    numpy_state: str | None = None
    flags: dict[str, str] = {}


class Scrubbed(msgspec.Struct, frozen=True):
    """A secret that was removed before a byte left the process: where it stood and what gave it away."""

    where: str
    why: str


class Snapshot(msgspec.Struct, frozen=True):
    """What is recorded unasked at the start of a run."""

    code: Code | None = None
    python: Python | None = None
    machine: Machine | None = None
    command: Command | None = None
    seeds: Seeds = Seeds()
    scrubbed: tuple[Scrubbed, ...] = ()
    problems: tuple[str, ...] = ()


def merged(first: Snapshot, further: Snapshot) -> Snapshot:
    """`first`, completed by the parts that only `further` has: a snapshot comes in parts, and none is replaced.

    An interpreter whose packages were not seen yet is completed by the same one with packages, and code that was
    only told of gives way to code that was seen.
    """
    python = first.python or further.python
    if first.python and further.python and not first.python.packages and first.python.version == further.python.version:
        python = further.python
    return Snapshot(
        code=further.code if further.code and not (first.code and first.code.seen) else first.code,
        python=python,
        machine=first.machine or further.machine,
        command=first.command or further.command,
        seeds=first.seeds if first.seeds != Seeds() else further.seeds,
        scrubbed=first.scrubbed + tuple(item for item in further.scrubbed if item not in first.scrubbed),
        problems=first.problems + tuple(item for item in further.problems if item not in first.problems),
    )


def digest_of(value: object) -> str:
    """SHA-256 of the canonical JSON of `value` (sorted keys, no white space, UTF-8)."""
    return hashlib.sha256(canonical(value)).hexdigest()


def canonical(value: object) -> bytes:
    """The canonical JSON of `value`: keys sorted, no white space, UTF-8, structs as objects.

    Equal values give equal bytes. Non-finite floats are not JSON: callers keep them out.
    """
    return msgspec.json.encode(value, order="sorted")


def code_digest(code: Code | None) -> str | None:
    """What makes two runs' code equal: commit, and path, content and mode of every changed file.

    None when the code is not fully known: no snapshot, no commit, nobody looked, or something left out.
    """
    if code is None or code.left_out or not code.seen or (code.git is None and not code.changed):
        return None
    commit = code.git.commit if code.git else None
    files = sorted((file.path, file.change, file.digest or "", file.mode) for file in code.changed)
    return digest_of({"commit": commit, "changed": files})


def environment_digest(python: Python | None) -> str | None:
    """What makes two runs' environments equal: interpreter version and every package's exact version."""
    if python is None:
        return None
    packages = sorted((package.name.lower(), package.version, package.source or "") for package in python.packages)
    return digest_of({"implementation": python.implementation, "version": python.version, "packages": packages})

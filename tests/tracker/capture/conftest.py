"""A real git repository in a temporary folder, and a store of kept files."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from tracker.capture import code
from tracker.capture.origin import Origin
from tracker.capture.shelf import Limits
from tracker.snapshot import ChangedFile, Code, Snapshot


@dataclass
class Kept:
    """What `keep` was given, by digest."""

    content: dict[str, bytes] = field(default_factory=dict)

    def __call__(self, path: Path) -> str:
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        self.content[digest] = data
        return digest


@dataclass(frozen=True)
class Repository:
    """A git repository to work in; `git` runs a command there and gives what it prints."""

    root: Path

    def git(self, *arguments: str, check: bool = True) -> str:
        ran = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, text=True, check=check)
        return ran.stdout.strip()

    def write(self, name: str, content: str | bytes = "x = 1\n") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def commit(self, message: str = "change") -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")


@dataclass(frozen=True)
class Seen:
    """What one look at the code gave."""

    snapshot: Snapshot
    kept: Kept

    @property
    def code(self) -> Code:
        assert self.snapshot.code is not None
        return self.snapshot.code

    @property
    def files(self) -> dict[str, ChangedFile]:
        return {file.path: file for file in self.code.changed}

    @property
    def reasons(self) -> dict[str, str]:
        return {item.path: item.reason for item in self.code.left_out}

    def content(self, name: str) -> bytes:
        digest = self.files[name].digest
        assert digest is not None
        return self.kept.content[digest]


Look = Callable[..., Seen]


@pytest.fixture(autouse=True)
def _neutral_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git as a newcomer has it: a name, and no other setting of the machine's."""
    settings = tmp_path / "gitconfig"
    lines = ["[user]", "name = Ada", "email = ada@example.org", "[init]", "defaultBranch = main", '[protocol "file"]']
    settings.write_text("\n".join([*lines, "allow = always", ""]))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    """A repository with one commit: train.py, model.py, and a .gitignore."""
    root = tmp_path / "project"
    root.mkdir()
    made = Repository(root)
    made.git("init", "-q")
    made.write("train.py", "import model\n")
    made.write("model.py", "width = 8\n")
    made.write(".gitignore", "*.log\noutputs/\n")
    made.commit("first")
    return made


def origin_of(script: Path | None, cwd: Path, **changes: object) -> Origin:
    """An origin as the recorder would hand it over."""
    fields: dict[str, object] = {
        "argv": ("train.py",),
        "cwd": str(cwd),
        "executable": "/usr/bin/python3",
        "version": "3.11.7",
        "implementation": "CPython",
        "prefix": "/usr",
        "path": (),
        "script": str(script) if script else None,
    }
    return msgspec.convert(fields | changes, Origin)


@pytest.fixture
def look(repo: Repository) -> Look:
    """Looks at the code of a run of the repository's train.py."""

    def at(
        script: Path | None = repo.root / "train.py",
        cwd: Path = repo.root,
        limits: Limits = Limits(),
        without: tuple[Path, ...] = (),
        **changes: object,
    ) -> Seen:
        kept = Kept()
        return Seen(code.see(origin_of(script, cwd, **changes), kept, limits, without=without), kept)

    return at

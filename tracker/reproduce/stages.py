"""The words the stages share: what is asked for, what is told on the way, and what stops a reproduction."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from tracker.errors import RunciteError
from tracker.record import Finding

Stage = Literal["fetch", "code", "environment", "data", "run", "compare"]
STAGES: tuple[Stage, ...] = ("fetch", "code", "environment", "data", "run", "compare")


@dataclass(frozen=True)
class Options:
    """How to reproduce.

    `folder` keeps everything that is made; without it a temporary one is removed at the end. `repositories` are
    looked into for the commit before the remote is asked. `data` maps the name of a data set to where it is now.
    `arguments` and `packages` change what was recorded, for bisecting: further arguments at the end of the command,
    and versions by package name.
    """

    folder: Path | None = None
    repositories: tuple[Path, ...] = ()
    data: dict[str, Path] = field(default_factory=dict)
    allow_env_drift: bool = False
    sandbox: bool = False


class Stopped(RunciteError):
    """A stage can't go on; `finding` says why and what to do."""

    def __init__(self, stage: Stage, code: str, sentence: str, remedy: str) -> None:
        super().__init__(sentence, remedy=remedy)
        self.stage: Stage = stage
        self.finding = Finding(code, sentence, remedy, "reject")


class Tell(Protocol):
    """Who watches. Called with a stage and what it does now; `done` says what came of it."""

    def __call__(self, stage: Stage, text: str, *, done: bool = False) -> None:
        """Show it."""


def note(code: str, sentence: str, remedy: str = "") -> Finding:
    """Something to know that does not stand in the way."""
    return Finding(code, sentence, remedy, "note")


def warn(code: str, sentence: str, remedy: str) -> Finding:
    """Something that may move the number."""
    return Finding(code, sentence, remedy, "warn")

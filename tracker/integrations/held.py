"""The run that a framework's hook writes into: one that the caller opened, or one that the hook opens when training
begins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict, Unpack

from tracker.client.run import Run
from tracker.client.start import start_run
from tracker.settings import Settings


class Start(TypedDict, total=False):
    """What `start_run` takes beside the project."""

    config: object
    seed: int | None
    name: str | None
    tags: Iterable[str]
    note: str
    parent: str | None
    settings: Settings | None


class Held:
    """A run, opened at the latest when it is asked for. One of the caller's is never ended here.

    A run opened here ends with the process, as every run does, or by `finish`: frameworks evaluate behind what they
    call the end of training, and those values belong into the same run.
    """

    def __init__(self, project: str | Run, **start: Unpack[Start]) -> None:
        self._theirs = None if isinstance(project, str) else project
        self._project = project if isinstance(project, str) else ""
        self._start = start
        self._run: Run | None = self._theirs

    @property
    def opened(self) -> bool:
        """Whether there is a run already."""
        return self._run is not None

    @property
    def run(self) -> Run:
        """The run."""
        if self._run is None:
            self._run = start_run(self._project, **self._start)
        return self._run

    def open(self, config: object, seed: int | None = None) -> Run:
        """The run, which has this config beside what the caller gave. `seed` is taken where the caller gave none."""
        if self._run is None and seed is not None and self._start.get("seed") is None:
            self._start["seed"] = seed
        self.run.config.update(config)
        return self.run

    def finish(self, failed: str | None = None) -> None:
        """End a run opened here; what is said next goes into a new one."""
        if self._run is not None and self._theirs is None:
            self._run.finish(failed=failed)
            self._run = None


def split_name(name: str, parts: Iterable[str], rest: str) -> str:
    """A metric's name as ours are: `eval_loss` is `eval/loss` where `eval` is one of the parts; others are `rest`'s."""
    for part in parts:
        if name.startswith(f"{part}_"):
            return f"{part}/{name[len(part) + 1 :]}"
    return name if "/" in name else f"{rest}/{name}"

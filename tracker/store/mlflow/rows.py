"""Values of MLflow's own: runs, experiments and all that hangs on them, as the store gives them out."""

from __future__ import annotations

from typing import Literal

import msgspec

Status = Literal["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]
STATUSES: tuple[Status, ...] = ("RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED")
"""In the order of MLflow's numbers for them, from 1 on."""

View = Literal["ACTIVE_ONLY", "DELETED_ONLY", "ALL"]
EXEC = "runcite.exec"
"""The tag that names the command, wrapped by `runcite exec`, which opened a run."""

ENDED = frozenset({"FINISHED", "FAILED", "KILLED"})


class Experiment(msgspec.Struct, frozen=True):
    """An experiment: a project as MLflow's clients know it. Times in microseconds."""

    id: int
    name: str
    project: str
    location: str | None
    deleted_at: int | None
    created_at: int
    updated_at: int
    created_by: str | None
    tags: tuple[tuple[str, str], ...] = ()


class Point(msgspec.Struct, frozen=True):
    """One point of a metric, and which model and data it is about, where that was said. Time in microseconds."""

    key: str
    value: float
    step: int
    time: int
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None
    run_id: str | None = None


class Input(msgspec.Struct, frozen=True):
    """A data set that a run used."""

    name: str
    digest: str
    source_type: str
    source: str
    schema: str | None = None
    profile: str | None = None
    tags: dict[str, str] = {}


class Lineage(msgspec.Struct, frozen=True):
    """A logged model that a run made, or used."""

    model_id: str
    step: int


class RunRow(msgspec.Struct, frozen=True):
    """A run as MLflow's clients get it. Times in microseconds."""

    run_id: str
    experiment: int
    location: str | None
    name: str
    user_id: str
    status: Status
    started_at: int
    ended_at: int | None
    deleted: bool
    metrics: tuple[Point, ...] = ()
    params: tuple[tuple[str, str], ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    inputs: tuple[Input, ...] = ()
    made: tuple[Lineage, ...] = ()
    used: tuple[Lineage, ...] = ()


class Model(msgspec.Struct, frozen=True):
    """A logged model. Times in microseconds."""

    id: str
    experiment: int
    location: str | None
    name: str
    run_id: str | None
    type: str | None
    status: str
    message: str | None
    created_at: int
    updated_at: int
    created_by: str | None = None
    params: tuple[tuple[str, str], ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    metrics: tuple[Point, ...] = ()


class Version(msgspec.Struct, frozen=True):
    """A version of a registered model. Times in microseconds."""

    name: str
    version: int
    stage: str
    description: str | None
    source: str | None
    storage: str | None
    run_id: str | None
    run_link: str | None
    model_id: str | None
    user_id: str | None
    created_at: int
    updated_at: int
    tags: tuple[tuple[str, str], ...] = ()
    aliases: tuple[str, ...] = ()


class Registered(msgspec.Struct, frozen=True):
    """A registered model. Times in microseconds."""

    name: str
    description: str | None
    created_at: int
    updated_at: int
    tags: tuple[tuple[str, str], ...] = ()
    aliases: tuple[tuple[str, int], ...] = ()
    latest: tuple[Version, ...] = ()


class File(msgspec.Struct, frozen=True):
    """What a path of the artifact proxy holds now."""

    path: str
    digest: str
    size: int
    media_type: str


class Exit(msgspec.Struct, frozen=True):
    """How a command ended, as its parent saw it."""

    exit_code: int | None = None
    signal: str | None = None

    @property
    def state(self) -> Literal["finished", "failed"]:
        """Whether that is a good end."""
        return "finished" if self.exit_code == 0 else "failed"

    def __str__(self) -> str:
        return f"was ended by {self.signal}" if self.signal else f"ended with exit code {self.exit_code}"

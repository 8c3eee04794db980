"""What travels: requests as MLflow's clients write them, answers as they read them. Times are milliseconds here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import msgspec

from tracker.errors import UsageError
from tracker.store.mlflow.rows import STATUSES, Experiment, Input, Lineage, Model, Point, RunRow, Status, View


class Empty(msgspec.Struct, frozen=True):
    """Nothing to say."""


EMPTY = Empty()


Text = str | int | float | bool | None
"""A value that is kept as text: clients other than MLflow's own send numbers, too."""


def must(value: object, name: str) -> None:
    """Go on where a value was given.

    Raises:
        UsageError: it was not.
    """
    if not value:
        raise UsageError(f"Missing value for required parameter {name!r}.", remedy="See MLflow's REST API.")


class Pair(msgspec.Struct, frozen=True):
    """A tag or a param."""

    key: str
    value: Text = ""

    @property
    def text(self) -> str:
        """The value as text."""
        return self.value if isinstance(self.value, str) else "" if self.value is None else str(self.value)


class MetricIn(msgspec.Struct, frozen=True):
    """A point as it comes. NaN and infinite values come as text."""

    key: str
    value: float | str
    timestamp: int
    step: int = 0
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None


def points(given: Iterable[MetricIn]) -> list[Point]:
    """Points as the store takes them.

    Raises:
        UsageError: a value that is no number.
    """
    found = []
    for each in given:
        try:
            value = float(each.value)
        except ValueError:
            raise UsageError(f"{each.value!r} is no number.", remedy="Log numbers.") from None
        at = min(each.timestamp * 1000, (1 << 63) - 1) if each.timestamp >= 0 else -1
        model = (each.model_id or None, each.dataset_name or None, each.dataset_digest or None)
        found.append(Point(each.key, value, each.step, at, *model))
    return found


def pairs(given: Iterable[Pair]) -> list[tuple[str, str]]:
    """Keys and values."""
    return [(each.key, each.text) for each in given]


class Named(msgspec.Struct, frozen=True):
    """A request about a run. Old clients call the run ID `run_uuid`."""

    run_id: str = ""
    run_uuid: str = ""

    @property
    def id(self) -> str:
        """The run ID.

        Raises:
            UsageError: none is given.
        """
        must(self.run_id or self.run_uuid, "run_id")
        return self.run_id or self.run_uuid


class RunCreate(msgspec.Struct, frozen=True):
    experiment_id: str | int = "0"
    user_id: str = ""
    run_name: str = ""
    start_time: int | None = None
    tags: tuple[Pair, ...] = ()


class RunUpdate(Named, frozen=True):
    status: Status | int | None = None
    end_time: int | None = None
    run_name: str = ""

    @property
    def moved(self) -> Status | None:
        """The status asked for, by its name.

        Raises:
            UsageError: a number that stands for none.
        """
        if isinstance(self.status, int):
            must(0 < self.status <= len(STATUSES), "status")
            return STATUSES[self.status - 1]
        return self.status


class LogBatch(Named, frozen=True):
    metrics: tuple[MetricIn, ...] = ()
    params: tuple[Pair, ...] = ()
    tags: tuple[Pair, ...] = ()


class LogMetric(Named, frozen=True, kw_only=True):
    key: str
    value: float | str
    timestamp: int
    step: int = 0
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None

    @property
    def metric(self) -> MetricIn:
        """The point."""
        of = (self.model_id, self.dataset_name, self.dataset_digest)
        return MetricIn(self.key, self.value, self.timestamp, self.step, *of)


class LogPair(Named, frozen=True, kw_only=True):
    key: str
    value: Text = ""


class Keyed(Named, frozen=True, kw_only=True):
    key: str


class SearchRuns(msgspec.Struct, frozen=True):
    experiment_ids: tuple[str | int, ...] = ()
    filter: str = ""
    run_view_type: View = "ACTIVE_ONLY"
    max_results: int = 1000
    order_by: tuple[str, ...] = ()
    page_token: str | None = None


class AskHistory(Named, frozen=True, kw_only=True):
    metric_key: str
    max_results: int = 25_000
    page_token: str | None = None


class ExperimentCreate(msgspec.Struct, frozen=True):
    name: str = ""
    artifact_location: str | None = None
    tags: tuple[Pair, ...] = ()


class ExperimentRef(msgspec.Struct, frozen=True):
    """A request about an experiment."""

    experiment_id: str | int = ""
    new_name: str = ""
    experiment_name: str = ""

    @property
    def id(self) -> str:
        """Its ID.

        Raises:
            UsageError: none is given.
        """
        must(self.experiment_id != "", "experiment_id")
        return str(self.experiment_id)


class ExperimentTag(ExperimentRef, frozen=True, kw_only=True):
    key: str
    value: Text = ""


class SearchExperiments(msgspec.Struct, frozen=True):
    filter: str = ""
    max_results: int = 1000
    order_by: tuple[str, ...] = ()
    page_token: str | None = None
    view_type: View = "ACTIVE_ONLY"


class Said(msgspec.Struct, frozen=True):
    key: str
    value: str


class MetricOut(msgspec.Struct, frozen=True, omit_defaults=True):
    key: str
    value: float | str
    timestamp: int
    step: int
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None
    run_id: str | None = None


class RunInfo(msgspec.Struct, frozen=True):
    run_id: str
    run_uuid: str
    run_name: str
    experiment_id: str
    user_id: str
    status: str
    start_time: int
    artifact_uri: str
    lifecycle_stage: str
    end_time: int | msgspec.UnsetType = msgspec.UNSET


class RunData(msgspec.Struct, frozen=True):
    metrics: tuple[MetricOut, ...]
    params: tuple[Said, ...]
    tags: tuple[Said, ...]


class DatasetOut(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    digest: str
    source_type: str
    source: str
    schema: str | None = None
    profile: str | None = None


class InputOut(msgspec.Struct, frozen=True):
    tags: tuple[Said, ...]
    dataset: DatasetOut


class ModelIn(msgspec.Struct, frozen=True):
    model_id: str


class ModelMade(msgspec.Struct, frozen=True):
    model_id: str
    step: int = 0


class Inputs(msgspec.Struct, frozen=True):
    dataset_inputs: tuple[InputOut, ...]
    model_inputs: tuple[ModelIn, ...]


class Outputs(msgspec.Struct, frozen=True):
    model_outputs: tuple[ModelMade, ...]


class RunOut(msgspec.Struct, frozen=True):
    info: RunInfo
    data: RunData
    inputs: Inputs
    outputs: Outputs


class ExperimentOut(msgspec.Struct, frozen=True):
    experiment_id: str
    name: str
    artifact_location: str
    lifecycle_stage: str
    creation_time: int
    last_update_time: int
    tags: tuple[Said, ...]


def said(words: Iterable[tuple[str, str]]) -> tuple[Said, ...]:
    """Keys and values as they travel."""
    return tuple(Said(key, value) for key, value in words)


def number(value: float) -> float | str:
    """A number as JSON can hold it."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def metric(point: Point) -> MetricOut:
    """A point as it travels."""
    of = (point.model_id, point.dataset_name, point.dataset_digest, point.run_id)
    return MetricOut(point.key, number(point.value), point.time // 1000, point.step, *of)


def place(location: str | None, experiment: int) -> str:
    """Where an experiment's artifacts are: behind this server, unless another place was asked for."""
    return location or f"mlflow-artifacts:/{experiment}"


def run_info(run: RunRow) -> RunInfo:
    """A run's head as it travels."""
    return RunInfo(
        run_id=run.run_id,
        run_uuid=run.run_id,
        run_name=run.name,
        experiment_id=str(run.experiment),
        user_id=run.user_id,
        status=run.status,
        start_time=run.started_at // 1000,
        end_time=msgspec.UNSET if run.ended_at is None else run.ended_at // 1000,
        artifact_uri=f"{place(run.location, run.experiment)}/{run.run_id}/artifacts",
        lifecycle_stage="deleted" if run.deleted else "active",
    )


def run(row: RunRow) -> RunOut:
    """A run as it travels."""
    return RunOut(
        run_info(row),
        RunData(tuple(map(metric, row.metrics)), said(row.params), said(row.tags)),
        Inputs(tuple(map(_input, row.inputs)), tuple(ModelIn(each.model_id) for each in row.used)),
        Outputs(tuple(map(_made, row.made))),
    )


def _made(each: Lineage) -> ModelMade:
    return ModelMade(each.model_id, each.step)


def _input(given: Input) -> InputOut:
    kept = DatasetOut(given.name, given.digest, given.source_type, given.source, given.schema, given.profile)
    return InputOut(said(sorted(given.tags.items())), kept)


def experiment(row: Experiment) -> ExperimentOut:
    """An experiment as it travels."""
    return ExperimentOut(
        experiment_id=str(row.id),
        name=row.name,
        artifact_location=place(row.location, row.id),
        lifecycle_stage="active" if row.deleted_at is None else "deleted",
        creation_time=row.created_at // 1000,
        last_update_time=row.updated_at // 1000,
        tags=said(row.tags),
    )


def ids(found: Sequence[str | int]) -> tuple[str, ...]:
    """Experiment IDs as text."""
    return tuple(map(str, found))


def model_root(model: Model) -> str:
    """Where a logged model's files are."""
    return f"{place(model.location, model.experiment)}/models/{model.id}/artifacts"

"""What MLflow's stores have in common: how a run's tags, parameters and states are understood. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tracker.ways.found import Curve, End, FoundFile, FoundRun, scalar, seed_of

SOURCE = "mlflow"
STATES: dict[str, End] = {"FINISHED": "finished", "FAILED": "failed", "KILLED": "failed", "RUNNING": "running"}
NUMBERED = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}


def found(
    run_id: str,
    experiment: str,
    where: str,
    series: Callable[[], Iterator[Curve]],
    *,
    status: str,
    start: int | None,
    end: int | None,
    name: str | None,
    params: Mapping[str, str],
    tags: Mapping[str, str],
    files: tuple[FoundFile, ...] = (),
    notices: tuple[str, ...] = (),
) -> FoundRun:
    """A run of MLflow's; times are in milliseconds, as there."""
    config = {key: scalar(value) for key, value in params.items()}
    told = tuple(f"{key}={value}" if value else key for key, value in sorted(tags.items()) if not _ours(key))
    return FoundRun(
        source=SOURCE,
        key=run_id,
        project=experiment,
        series=series,
        where=where,
        name=name or tags.get("mlflow.runName"),
        config=config,
        seed=seed_of(config),
        tags=tuple(tag[:500] for tag in told),
        note=tags.get("mlflow.note.content", ""),
        started_at=None if start is None else start * 1000,
        ended_at=None if not end else end * 1000,
        state=STATES.get(status, "unknown"),
        reason="it was killed" if status == "KILLED" else None,
        commit=tags.get("mlflow.source.git.commit"),
        branch=tags.get("mlflow.source.git.branch"),
        remote=tags.get("mlflow.source.git.repoURL"),
        script=tags.get("mlflow.source.name"),
        files=files,
        notices=notices,
    )


def _ours(key: str) -> bool:
    """Whether a tag is one that MLflow's client sets, and that has a place of its own."""
    return key.startswith("mlflow.")

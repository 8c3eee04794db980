"""A folder `mlruns` as MLflow's own file store writes it: its client reads the runs back.

MLflow has no word for much of a record (seals, findings, code that was not committed): what it has none for goes into
tags that begin with `runcite.`, so that nothing of it is said twice.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from tracker.record import Record
from tracker.snapshot import Scalar
from tracker.store.series import Points
from tracker.ways.out import Columns

_STATUS = {"finished": 3, "failed": 4, "silent": 5, "running": 1}
_PLAIN = re.compile(r"[^\w\-. /:]")
LONGEST = 6000
"""Characters of a parameter that MLflow takes."""
Blob = Callable[[str, Path], None]


def write(records: Iterable[Record], columns: Columns, root: Path, blob: Blob | None = None) -> Iterator[Record]:
    """Write the runs, one after the other; each comes back when it is whole. `blob` writes content into a file.

    Raises:
        OSError: it can't be written.
        RunciteError: content, or points, can't be had.
    """
    made: set[str] = set()
    for record in records:
        experiment = str(int(hashlib.sha256(record.project.encode()).hexdigest()[:15], 16))
        folder = root / experiment
        if experiment not in made:
            folder.mkdir(parents=True, exist_ok=True)
            _meta(folder, _experiment(folder, experiment, record))
            made.add(experiment)
        _run(folder, experiment, record, columns, blob)
        yield record


def run_id(record: Record) -> str:
    """The run's ID there: MLflow's are 32 hex digits."""
    return hashlib.sha256(record.id.encode()).hexdigest()[:32]


def _experiment(folder: Path, experiment: str, record: Record) -> dict[str, object]:
    at = record.started_at // 1000
    return {
        "artifact_location": folder.absolute().as_uri(),
        "creation_time": at,
        "experiment_id": experiment,
        "last_update_time": at,
        "lifecycle_stage": "active",
        "name": record.project,
    }


def _run(folder: Path, experiment: str, record: Record, columns: Columns, blob: Blob | None) -> None:
    run = folder / run_id(record)
    for name in ("metrics", "params", "tags", "artifacts"):
        (run / name).mkdir(parents=True, exist_ok=True)
    for key, value in record.config.items():
        _text(run / "params", key, _said(value)[:LONGEST])
    for key, value in _tags(record).items():
        _text(run / "tags", key, value)
    for path in (run / "metrics").rglob("*"):
        if path.is_file():
            path.unlink()
    for metric, points in columns(record.id):
        _points(_place(run / "metrics", metric), points)
    _artifacts(run / "artifacts", record, blob)
    _meta(
        run,
        {
            "artifact_uri": (run / "artifacts").absolute().as_uri(),
            "end_time": record.end.at // 1000 if record.end else None,
            "entry_point_name": "",
            "experiment_id": experiment,
            "lifecycle_stage": "deleted" if record.retracted else "active",
            "run_id": run.name,
            "run_name": record.name or record.id,
            "run_uuid": run.name,
            "source_name": "",
            "source_type": 4,
            "source_version": "",
            "start_time": record.started_at // 1000,
            "status": _STATUS[record.state],
            "tags": [],
            "user_id": record.member or "",
        },
    )


def _tags(record: Record) -> dict[str, str]:
    code = record.snapshot.code
    git = code.git if code else None
    said = {
        "mlflow.runName": record.name or record.id,
        "mlflow.user": record.member,
        "mlflow.note.content": record.note,
        "mlflow.source.name": code.script if code else None,
        "mlflow.source.type": "LOCAL",
        "mlflow.source.git.commit": git.commit if git else None,
        "mlflow.source.git.branch": git.branch if git else None,
        "mlflow.source.git.repoURL": git.remote if git else None,
        "runcite.run_id": record.id,
        "runcite.seed": None if record.seed is None else str(record.seed),
        "runcite.sealed": record.sealed,
        "runcite.state": record.state,
    }
    plain = {key: value for tag in record.tags for key, _, value in [tag.partition("=")] if key}
    return {**plain, **{key: value for key, value in said.items() if value}}


def _said(value: Scalar) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _place(root: Path, name: str) -> Path:
    """Where a key of MLflow's lies: its characters alone, and never outside."""
    clean = _PLAIN.sub("_", name)
    parts = [part for part in clean.split("/") if part not in ("", ".", "..")]
    path = root.joinpath(*(part[:200] for part in parts or ["_"]))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):  # `a` is a key, and `a/b` another
        path = root / "_".join(parts)
    return path / "_" if path.is_dir() else path


def _text(root: Path, name: str, text: str) -> None:
    _place(root, name).write_text(text, encoding="utf-8", newline="")


def _points(path: Path, points: Points) -> None:
    rows = zip(points.times.tolist(), points.values.tolist(), points.steps.tolist(), strict=True)
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{at // 1000} {value!r} {step}\n" for at, value, step in rows)


def _artifacts(folder: Path, record: Record, blob: Blob | None) -> None:
    if blob is None:
        return
    for artifact in record.artifacts:
        if not artifact.stored:
            continue
        path = _place(folder, artifact.name)
        if not artifact.folder:
            blob(artifact.digest, path)
            continue
        listed = path.with_name(f".{path.name}.list")
        blob(artifact.digest, listed)
        inner: Mapping[str, str] = json.loads(listed.read_bytes())
        listed.unlink()
        for name, digest in inner.items():
            blob(digest, _place(path, name))


def _meta(folder: Path, said: Mapping[str, object]) -> None:
    lines = [f"{key}: {_yaml(value)}\n" for key, value in said.items()]
    (folder / "meta.yaml").write_text("".join(lines), encoding="utf-8")


def _yaml(value: object) -> str:
    """A value as YAML: JSON is YAML, and quotes every text."""
    return json.dumps(value, ensure_ascii=True)

"""MLflow's database, where it is SQLite (`mlflow.db`): read as it lies there, by nobody's package."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tracker.ways.found import Curve, Found, FoundFile, Gathering, Trouble
from tracker.ways.mlflow_words import found

_RUNS = (
    "SELECT r.run_uuid, e.name, r.status, r.start_time, r.end_time, r.name, r.artifact_uri FROM runs r"
    " JOIN experiments e ON e.experiment_id = r.experiment_id"
    " WHERE coalesce(r.lifecycle_stage, 'active') != 'deleted' ORDER BY r.start_time, r.run_uuid"
)
_TEXTS = ("SELECT key, value FROM params WHERE run_uuid = ?", "SELECT key, value FROM tags WHERE run_uuid = ?")
_POINTS = (
    "SELECT key, step, CASE WHEN is_nan THEN NULL ELSE value END, timestamp FROM metrics WHERE run_uuid = ?"
    " ORDER BY key, timestamp, step, value"
)
_LARGEST = 1.7976931348623157e308


def _opened(path: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True))


def is_database(path: Path) -> bool:
    """Whether a file is a database of MLflow's."""
    try:
        with _opened(path) as connection:
            names = {str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.Error:
        return False
    return {"runs", "experiments", "params", "metrics"} <= names


def read(path: Path, project: str | None) -> Iterator[Found]:
    """The runs that were not deleted."""
    try:
        with _opened(path) as connection:
            for run_id, experiment, status, start, end, name, uri in connection.execute(_RUNS).fetchall():
                told = [dict(connection.execute(query, (run_id,)).fetchall()) for query in _TEXTS]
                yield found(
                    run_id,
                    project or experiment,
                    f"{path}, run {run_id}",
                    _reading(path, run_id),
                    status=status or "",
                    start=start,
                    end=end,
                    name=name,
                    params=told[0],
                    tags=told[1],
                    files=_files(uri or ""),
                )
    except sqlite3.Error as error:
        yield Trouble(str(path), f"it is no database of MLflow's: {error}")


class _reading:
    """The points of one run, read when they are asked for."""

    def __init__(self, path: Path, run_id: str) -> None:
        self._path, self._run = path, run_id

    def __call__(self) -> Iterator[Curve]:
        gathering = Gathering()
        with _opened(self._path) as connection:
            for key, step, value, at in connection.execute(_POINTS, (self._run,)):
                # MLflow keeps an infinite value as the greatest number there is.
                real = float("nan") if value is None else float(value)
                if abs(real) >= _LARGEST:
                    real = float("inf") if real > 0 else float("-inf")
                gathering.add(key, int(step or 0), real, int(at) * 1000)
                if gathering.full():
                    yield from gathering.take()
        yield from gathering.take()


def _files(uri: str) -> tuple[FoundFile, ...]:
    told = urlsplit(uri)
    folder = Path(unquote(told.path))
    if told.scheme not in ("", "file") or not told.path or not folder.is_dir():
        return ()
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return tuple(FoundFile(path.relative_to(folder).as_posix(), path) for path in paths)

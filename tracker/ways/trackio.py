"""Trackio's databases: one SQLite file a project. Older ones know runs by their names alone, which still tells."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tracker.ways.found import Curve, Found, FoundRun, Gathering, Trouble, micros, number, seed_of

SOURCE = "trackio"
_ROWS = "SELECT timestamp, step, metrics FROM metrics WHERE {run} = ? ORDER BY id"
_SYSTEM = "SELECT timestamp, metrics FROM system_metrics WHERE {run} = ? ORDER BY id"
_RUNS = "SELECT {run}, max(run_name), min(timestamp), max(timestamp) FROM metrics GROUP BY {run} ORDER BY min(id)"


def opened(path: Path) -> closing[sqlite3.Connection]:
    """A database, to read only: nothing of it is written, locked or made."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    return closing(connection)


def columns(connection: sqlite3.Connection, table: str) -> set[str]:
    """The names of a table's columns; none where there is no such table."""
    return {str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})")}


def is_database(path: Path) -> bool:
    """Whether a file is a database of Trackio's."""
    try:
        with opened(path) as connection:
            return {"run_name", "metrics", "step"} <= columns(connection, "metrics")
    except sqlite3.Error:
        return False


def read(root: Path, project: str | None) -> Iterator[Found]:
    """The runs in a database, or in every database of a folder."""
    for path in [root] if root.is_file() else sorted(root.glob("*.db")):
        try:
            yield from _database(path, project)
        except sqlite3.Error as error:
            yield Trouble(str(path), f"it is no database of Trackio's: {error}")


def _database(path: Path, project: str | None) -> Iterator[Found]:
    with opened(path) as connection:
        if not columns(connection, "metrics"):
            yield Trouble(str(path), "it has no table of metrics")
            return
        by = "run_id" if "run_id" in columns(connection, "metrics") else "run_name"
        configs = {str(run): body for run, body in _configs(connection, by)}
        for run, name, first, last in connection.execute(_RUNS.format(run=by)).fetchall():
            config = _table(configs.get(str(run), b"{}"))
            told = {key: value for key, value in config.items() if not key.startswith("_")}
            yield FoundRun(
                source=SOURCE,
                key=f"{path.stem}/{run}",
                project=project or path.stem,
                series=_reading(path, by, str(run)),
                where=f"{path}, run {name}",
                name=str(name),
                config=told,
                seed=seed_of(told),
                started_at=_time(config.get("_Created")) or _time(first) or None,
                ended_at=_time(last) or None,
            )


def _configs(connection: sqlite3.Connection, by: str) -> Iterator[tuple[object, bytes]]:
    if columns(connection, "configs"):
        yield from connection.execute(f"SELECT {by}, config FROM configs")  # noqa: S608 one of two names


class _reading:
    """The points of one run, read when they are asked for."""

    def __init__(self, path: Path, by: str, run: str) -> None:
        self._path, self._by, self._run = path, by, run

    def __call__(self) -> Iterator[Curve]:
        gathering = Gathering()
        with opened(self._path) as connection:
            for at, step, body in connection.execute(_ROWS.format(run=self._by), (self._run,)):
                _add(gathering, "", _table(body), int(step), _time(at))
                if gathering.full():
                    yield from gathering.take()
            if columns(connection, "system_metrics"):
                rows = connection.execute(_SYSTEM.format(run=self._by), (self._run,))
                for place, (at, body) in enumerate(rows):
                    _add(gathering, "system.", _table(body), place, _time(at))
                    if gathering.full():
                        yield from gathering.take()
        yield from gathering.take()


def _add(gathering: Gathering, prefix: str, row: dict[str, object], step: int, at: int) -> None:
    for key, value in row.items():
        if isinstance(value, dict) and "_type" not in value:
            _add(gathering, f"{prefix}{key}.", value, step, at)
        elif isinstance(value, str) and value not in ("NaN", "Infinity", "-Infinity"):
            continue
        elif (found := number(value)) is not None:
            gathering.add(prefix + key, step, found, at)


def _table(body: bytes | str) -> dict[str, object]:
    try:
        return msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.DecodeError, msgspec.ValidationError):
        return {}


def _time(text: object) -> int:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return 0
    return micros((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())

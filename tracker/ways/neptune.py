"""Neptune's export: Parquet files as `neptune-exporter` writes them, a row for each value of each attribute."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tracker.ways.found import Curve, End, Found, FoundFile, FoundRun, Gathering, Trouble, micros, seed_of, whole
from tracker.ways.parquet import ArrowError, batches, names, the_library

SOURCE = "neptune"
_NEEDED = {"project_id", "run_id", "attribute_path", "attribute_type"}
_VALUES = {
    "float": "float_value",
    "int": "int_value",
    "string": "string_value",
    "bool": "bool_value",
    "datetime": "datetime_value",
}
_PLAIN = [*sorted(_NEEDED), *_VALUES.values(), "string_set_value", "file_value", "timestamp"]
_SERIES = ["run_id", "project_id", "attribute_path", "attribute_type", "step", "float_value", "timestamp"]


def is_export(path: Path) -> bool:
    """Whether a Parquet file is one of Neptune's export. Raises UsageError without the package for Parquet."""
    the_library()
    try:
        return names(path) >= _NEEDED
    except (OSError, ArrowError):
        return False


class _Run:
    """What is known of a run but its points."""

    def __init__(self) -> None:
        self.paths: list[Path] = []
        self.said: dict[str, object] = {}
        self.tags: list[str] = []
        self.files: list[tuple[str, str]] = []
        self.others = 0
        self.first = 0
        self.last = 0

    def take(self, path: str, kind: str, row: dict[str, Any]) -> None:
        """One row more."""
        if kind in _VALUES:
            self.said[path] = row.get(_VALUES[kind])
        elif kind == "string_set":
            self.tags += [str(tag) for tag in row.get("string_set_value") or ()]
        elif kind == "float_series":
            at = _time(row.get("timestamp"))
            self.first, self.last = min(self.first or at, at) or at, max(self.last, at)
        elif kind in ("file", "artifact") and row.get("file_value"):
            self.files.append((path, str(row["file_value"].get("path") or "")))
        else:
            self.others += 1


def read(root: Path, project: str | None) -> Iterator[Found]:
    """The runs of an export: of a file, or of every Parquet file under a folder; parts of a run belong together."""
    the_library()
    found: dict[tuple[str, str], _Run] = {}
    for path in [root] if root.is_file() else sorted(root.rglob("*.parquet")):
        try:
            if not names(path) >= _NEEDED:
                yield Trouble(str(path), "it is no Parquet file of Neptune's export")
                continue
            for row in batches(path, _PLAIN):
                run = found.setdefault((str(row["project_id"]), str(row["run_id"])), _Run())
                if path not in run.paths:
                    run.paths.append(path)
                run.take(str(row["attribute_path"]), str(row["attribute_type"]), row)
        except (OSError, ArrowError) as error:
            yield Trouble(str(path), f"it can't be read: {' '.join(str(error).split())}")
    base = root if root.is_dir() else root.parent
    for (told, run_id), run in found.items():
        yield _found(told, run_id, run, base, project)


def _found(told: str, run_id: str, run: _Run, base: Path, project: str | None) -> FoundRun:
    said = run.said
    config = {key: value for key, value in said.items() if not key.startswith(("sys/", "monitoring/", "source_code/"))}
    start = _time(said.get("sys/creation_time")) or run.first
    end = _time(said.get("sys/ping_time") or said.get("sys/modification_time")) or run.last
    failed = bool(said.get("sys/failed"))
    state: End = "failed" if failed else "running" if said.get("sys/state") in ("Active", "running") else "finished"
    name = said.get("sys/name") or said.get("sys/custom_run_id") or run_id
    files = [(path, _lies(base, where)) for path, where in run.files]
    lost = [path for path, lies in files if lies is None]
    notices = [f"{run.others:,} values of Neptune that are no numbers, settings or files were not brought."] * bool(
        run.others
    )
    notices += [f"{len(lost):,} files lie not beside the export: {', '.join(lost[:3])}."] * bool(lost)
    return FoundRun(
        source=SOURCE,
        key=f"{told}/{run_id}",
        project=project or told.rpartition("/")[2] or told,
        series=lambda: _series(run.paths, told, run_id),
        where=f"{run.paths[0]}, run {run_id}",
        name=str(name),
        config={key: _plain(value) for key, value in config.items()},
        seed=seed_of(config),
        tags=tuple(dict.fromkeys(run.tags)),
        note=str(said.get("sys/description") or ""),
        started_at=start or None,
        ended_at=end or None,
        state=state if any(key.startswith("sys/") for key in said) else "unknown",
        commit=_text(said.get("source_code/git/commit_id") or said.get("source_code/commit/commit_id")),
        files=tuple(FoundFile(path, lies) for path, lies in files if lies is not None),
        notices=tuple(notices),
    )


def _series(paths: list[Path], project: str, run_id: str) -> Iterator[Curve]:
    gathering = Gathering()
    for path in paths:
        for place, row in enumerate(batches(path, _SERIES)):
            value = row.get("float_value")
            if row["attribute_type"] != "float_series" or value is None:
                continue
            if str(row["run_id"]) != run_id or str(row["project_id"]) != project:
                continue
            step = row.get("step")
            held = float(step) if step is not None else math.nan
            shown = int(held) if math.isfinite(held) else place
            gathering.add(str(row["attribute_path"]), shown, float(value), _time(row.get("timestamp")))
            if gathering.full():
                yield from gathering.take()
    yield from gathering.take()


def _lies(base: Path, where: str) -> Path | None:
    """Where a file of the export lies: beside the data, in the folder `files`, which is never left."""
    for root in (base, base / "files", base.parent / "files", base.parent.parent / "files"):
        path = (root / where).resolve()
        if where and path.is_relative_to(root.resolve()) and path.is_file():
            return path
    return None


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    held = whole(value)
    return held if isinstance(value, int) and held is not None else value


def _text(value: object) -> str | None:
    return str(value) if value else None


def _time(value: object) -> int:
    if not isinstance(value, datetime):
        return 0
    return micros((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp())

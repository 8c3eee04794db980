"""What W&B exports: one folder a run, with `history.csv` or `.jsonl` and `config.json` or `.yaml` in it.

    run = wandb.Api().run("team/vision/af5mfe82")
    run.history(samples=…).to_csv("af5mfe82/history.csv"); json.dump(run.config, …"af5mfe82/config.json")

Beside them `wandb-summary.json` (or `summary.json`) and `wandb-metadata.json` are read where they are.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import msgspec

from tracker.errors import Corrupt
from tracker.ways.found import Curve, End, Found, FoundRun, Gathering, Trouble, micros, number, seed_of

SOURCE = "wandb"
_STATES: dict[str, End] = {"finished": "finished", "failed": "failed", "crashed": "failed", "running": "running"}
_HISTORIES = ("history.csv", "history.jsonl", "history.json")
_LONGEST = 1 << 24


def metric_value(key: str, value: object) -> float | None:
    """A value of a history as a number; None for what is none, and for W&B's own columns."""
    if key.startswith("_") or key == "":
        return None
    if isinstance(value, str) and value not in ("NaN", "Infinity", "-Infinity"):
        return None
    return number(value)


def requirements(path: Path) -> tuple[tuple[str, str], ...]:
    """Name and version of each pinned package in a file of requirements; none where it can't be read."""
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ()
    pinned = (line.split(";")[0].strip().partition("==") for line in lines)
    return tuple((name, version) for name, equal, version in pinned if equal and name and version)


def is_export(folder: Path) -> bool:
    """Whether a folder is a run that W&B exported."""
    return folder.is_dir() and any((folder / name).is_file() for name in _HISTORIES)


def read(root: Path, project: str) -> Iterator[Found]:
    """The exported runs under a folder."""
    folders = sorted({path.parent for name in _HISTORIES for path in root.rglob(name)})
    for folder in folders:
        try:
            yield _found(folder, project)
        except (Corrupt, OSError, UnicodeError, msgspec.DecodeError) as error:
            yield Trouble(str(folder), str(error).rstrip("."))


def _found(folder: Path, project: str) -> FoundRun:
    path = next(folder / name for name in _HISTORIES if (folder / name).is_file())
    config = {key: value for key, value in _plain(_table(folder, "config")).items() if key != "_wandb"}
    summary = _table(folder, "wandb-summary") or _table(folder, "summary")
    about = _table(folder, "wandb-metadata") or _table(folder, "metadata")
    first = last = 0
    for _, at, _ in _rows(path):
        first, last = first or at, max(last, at)
    git = about.get("git")
    told: Mapping[str, object] = git if isinstance(git, dict) else {}
    args = about.get("args")
    key = str(about.get("id") or folder.name)
    return FoundRun(
        source=SOURCE,
        key=f"{about.get('project') or project}/{key}",
        project=project,
        series=lambda: _series(path, summary),
        where=str(folder),
        name=str(about.get("name") or folder.name),
        config=config,
        seed=seed_of(config),
        started_at=first or None,
        ended_at=last or None,
        state=_STATES.get(str(about.get("state")), "unknown"),
        commit=str(told["commit"]) if told.get("commit") else None,
        remote=str(told["remote"]) if told.get("remote") else None,
        script=str(about["program"]) if about.get("program") else None,
        argv=tuple(str(each) for each in args) if isinstance(args, list) else (),
        python=str(about["python"]).rpartition(" ")[2] if about.get("python") else None,
        packages=requirements(folder / "requirements.txt"),
    )


def _plain(config: Mapping[str, object]) -> dict[str, object]:
    """The config without the boxes in which W&B's own file keeps each value."""
    return {
        key: value["value"]
        if isinstance(value, dict) and set(value) <= {"value", "desc"} and "value" in value
        else value
        for key, value in config.items()
    }


def _table(folder: Path, name: str) -> dict[str, object]:
    path = folder / f"{name}.json"
    if path.is_file():
        return msgspec.json.decode(path.read_bytes(), type=dict[str, object])
    path = folder / f"{name}.yaml"
    if not path.is_file():
        return {}
    try:
        yaml = import_module("yaml")
    except ModuleNotFoundError:
        raise Corrupt(f"{path.name} needs the package pyyaml: type pip install pyyaml") from None
    try:
        found = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError as error:
        raise Corrupt(f"{path.name} is no YAML: {' '.join(str(error).split())}") from None
    return {str(key): value for key, value in found.items()} if isinstance(found, dict) else {}


def _rows(path: Path) -> Iterator[tuple[int, int, Mapping[str, object]]]:
    """Step, time and row of the history, in order."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows: Iterator[Mapping[str, object]]
        if path.suffix == ".csv":
            rows = iter(csv.DictReader(stream))
        elif path.suffix == ".jsonl":
            rows = (msgspec.json.decode(line, type=dict[str, object]) for line in stream if line.strip())
        else:
            if path.stat().st_size > _LONGEST:
                raise Corrupt(f"{path.name} is too large for one JSON document: write history.jsonl, a row a line")
            rows = iter(msgspec.json.decode(stream.read(), type=list[dict[str, object]]))
        for place, row in enumerate(rows):
            step = number(row.get("_step"))
            yield place if step is None else int(step), micros(number(row.get("_timestamp")) or 0.0), row


def _series(path: Path, summary: Mapping[str, object]) -> Iterator[Curve]:
    gathering, seen, last, end = Gathering(), set[str](), 0, 0
    for step, at, row in _rows(path):
        last, end = max(last, step), max(end, at)
        for key, value in row.items():
            found = number(value) if isinstance(value, str) and value else metric_value(key, value)
            if found is not None and not key.startswith("_") and key:
                seen.add(key)
                gathering.add(key, step, found, at)
        if gathering.full():
            yield from gathering.take()
    for key, value in summary.items():
        found = metric_value(key, value)
        if found is not None and key not in seen:
            gathering.add(key, last, found, end)
    yield from gathering.take()

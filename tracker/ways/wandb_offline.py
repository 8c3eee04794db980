"""W&B's offline runs: `wandb/offline-run-…/run-ID.wandb`, a log of protocol buffers. Needs no package of W&B's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from tracker.errors import Corrupt
from tracker.ways.found import Curve, End, Found, FoundFile, FoundRun, Gathering, Trouble, micros, number, seed_of
from tracker.ways.framing import leveldb
from tracker.ways.protobuf import fields, message, text, whole
from tracker.ways.wandb_files import metric_value, requirements

SOURCE = "wandb"
_MAGIC = b":W&B"
_HEADER = 7
_HISTORY, _CONFIG, _RUN, _EXIT, _ENVIRONMENT = 2, 5, 17, 18, 26


def _records(path: Path) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each record. Raises Corrupt where it is torn, behind what is whole."""
    with path.open("rb") as stream:
        if stream.read(len(_MAGIC)) != _MAGIC:
            raise Corrupt("it is no log of W&B's")
        for data in leveldb(stream, _HEADER):
            for kind, value in fields(data):
                if kind in (_HISTORY, _CONFIG, _RUN, _EXIT, _ENVIRONMENT):
                    yield kind, message(value)


def _items(data: bytes, field: int) -> Iterator[tuple[str, object]]:
    """Dotted key and value of each item of a message."""
    for kind, value in fields(data):
        if kind != field:
            continue
        names, held = [], b"null"
        for inner, part in fields(message(value)):
            if inner in (1, 2):
                names.append(text(part))
            elif inner == 16:
                held = message(part)
        yield ".".join(names), _json(held)


def _json(data: bytes) -> object:
    try:
        return msgspec.json.decode(data)
    except msgspec.DecodeError:
        return data.decode("utf-8", "replace")  # NaN and Infinity, which are no JSON


class _Look:
    """What stands in the log beside the history."""

    def __init__(self, path: Path) -> None:
        self.id = self.entity = self.project = self.name = self.note = ""
        self.tags: list[str] = []
        self.config: dict[str, object] = {}
        self.start: int | None = None
        self.last = 0
        self.state: End = "running"
        self.exit = 0
        self.environment: dict[int, str] = {}
        self.args: list[str] = []
        self.git: tuple[str, str] = ("", "")
        self.trouble = ""
        self.count = 0
        try:
            for kind, data in _records(path):
                self.count += 1
                self._take(kind, data)
        except (Corrupt, OSError) as error:
            self.trouble = (error.message if isinstance(error, Corrupt) else str(error)).rstrip(".")

    def _take(self, kind: int, data: bytes) -> None:
        if kind == _RUN:
            self._run(data)
        elif kind == _CONFIG:
            self._configure(data)
        elif kind == _ENVIRONMENT:
            for number_, value in fields(data):
                if number_ == 5:
                    self.args.append(text(value))
                elif number_ == 9:
                    self._git(message(value))
                elif number_ in (2, 6):
                    self.environment[number_] = text(value)
        elif kind == _HISTORY:
            at = dict(_items(data, 1)).get("_timestamp")
            self.last = max(self.last, micros(number(at) or 0.0))
        elif kind == _EXIT:
            self.exit = next((whole(value) for number_, value in fields(data) if number_ == 1), 0)
            self.state = "failed" if self.exit else "finished"

    def _run(self, data: bytes) -> None:
        for kind, value in fields(data):
            if kind == 4:
                self._configure(message(value))
            elif kind == 10:
                self.tags.append(text(value))
            elif kind == 17:
                parts = dict(fields(message(value)))
                self.start = whole(parts.get(1, 0)) * 1_000_000 + whole(parts.get(2, 0)) // 1000
            elif kind == 21:
                self._git(message(value))
            elif kind in _TEXTS:
                setattr(self, _TEXTS[kind], text(value))

    def _configure(self, data: bytes) -> None:
        self.config |= {key: value for key, value in _items(data, 1) if key != "_wandb"}

    def _git(self, data: bytes) -> None:
        parts = dict(fields(data))
        self.git = (text(parts.get(1, b"")), text(parts.get(2, b"")))


_TEXTS = {1: "id", 2: "entity", 3: "project", 8: "name", 9: "note"}


def read(root: Path, project: str | None) -> Iterator[Found]:
    """The runs in a `wandb` folder, in one run's folder, or in one log."""
    paths = [root] if root.is_file() else sorted(root.rglob("run-*.wandb"))
    for path in paths:
        look = _Look(path)
        if look.trouble:
            kept = f"{look.count:,} records before that are kept" if look.id else "nothing in it can be read"
            yield Trouble(str(path), f"{look.trouble}; {kept}")
        if look.id:
            yield _found(path, look, project)
        elif not look.trouble:
            yield Trouble(str(path), "it names no run yet")


def _found(path: Path, look: _Look, project: str | None) -> FoundRun:
    folder = path.parent / "files"
    files = sorted(each for each in folder.rglob("*") if each.is_file()) if folder.is_dir() else []
    python = look.environment.get(2, "").rpartition(" ")[2] or None
    return FoundRun(
        source=SOURCE,
        key=f"{look.project or 'uncategorized'}/{look.id}",
        project=project or look.project or "uncategorized",
        series=lambda: _series(path, look.start or 0),
        where=str(path),
        name=look.name or None,
        config=look.config,
        seed=seed_of(look.config),
        tags=tuple(look.tags),
        note=look.note,
        started_at=look.start,
        ended_at=look.last or look.start,
        state="unknown" if look.trouble and look.state == "running" else look.state,
        reason=f"exit code {look.exit}" if look.exit else None,
        commit=look.git[1] or None,
        remote=look.git[0] or None,
        script=look.environment.get(6),
        argv=tuple(look.args),
        python=python,
        packages=requirements(folder / "requirements.txt"),
        files=tuple(FoundFile(each.relative_to(folder).as_posix(), each) for each in files),
        notices=(f"{path.name}: {look.trouble}.",) if look.trouble else (),
    )


def _series(path: Path, start: int) -> Iterator[Curve]:
    gathering = Gathering()
    try:
        for kind, data in _records(path):
            if kind != _HISTORY:
                continue
            row = dict(_items(data, 1))
            step = int(number(row.get("_step")) or 0)
            at = micros(number(row.get("_timestamp")) or 0.0) or start
            for key, value in row.items():
                found = metric_value(key, value)
                if found is not None:
                    gathering.add(key, step, found, at)
            if gathering.full():
                yield from gathering.take()
    except (Corrupt, OSError):
        pass  # told by the look; what stands before it is kept
    yield from gathering.take()

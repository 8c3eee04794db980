"""TensorBoard's event files: scalars, whichever plugin wrote them, and hyperparameters. A folder is a run.

What is no scalar (histograms, pictures, text) is said, not brought. A folder in a run's folder that holds no more
than what `add_hparams` writes belongs to the run around it.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from pathlib import Path

from tracker.errors import Corrupt
from tracker.ways.found import Curve, Found, FoundRun, Gathering, Trouble, micros, seed_of
from tracker.ways.framing import tfrecords
from tracker.ways.protobuf import Value, fields, float32, float64, message, text, whole

SOURCE = "tensorboard"
_FLOATS = {1: ("f", 4), 2: ("d", 8)}
_HPARAMS = "_hparams_/session_start_info"


class _Event:
    """An event, taken apart: when, at which step, its values (tag, number, plugin's content), its file version."""

    def __init__(self, data: bytes) -> None:
        self.at, self.step = 0, 0
        self.scalars: list[tuple[str, float]] = []
        self.settings: dict[str, object] = {}
        self.others = 0
        for number, value in fields(data):
            if number == 1:
                self.at = micros(float64(value))
            elif number == 2:
                self.step = whole(value)
            elif number == 5:
                for inner, item in fields(message(value)):
                    if inner == 1:
                        self._value(message(item))

    def _value(self, data: bytes) -> None:
        tag, found, plugin, content = "", None, "", b""
        for number, value in fields(data):
            if number == 1:
                tag = text(value)
            elif number == 2:
                found = float32(value)
            elif number == 8:
                found = _tensor(message(value))
            elif number == 9:
                plugin, content = _plugin(message(value))
        if tag == _HPARAMS or plugin == "hparams":
            self.settings |= _hparams(content)
        elif found is not None:
            self.scalars.append((tag, found))
        else:
            self.others += 1


def _tensor(data: bytes) -> float | None:
    """The one number of a tensor; None for one of another shape or type."""
    kind, content, several, shaped = 0, b"", b"", False
    for number, value in fields(data):
        if number == 1:
            kind = whole(value)
        elif number == 2:
            shaped = any(inner == 2 for inner, _ in fields(message(value)))
        elif number == 4:
            content = message(value)
        elif number in (5, 6):
            several = message(value)
    form, size = _FLOATS.get(kind, ("", 0))
    found = content or several
    return float(struct.unpack(f"<{form}", found)[0]) if form and not shaped and len(found) == size else None


def _plugin(data: bytes) -> tuple[str, bytes]:
    name, content = "", b""
    for number, value in fields(data):
        if number == 1:
            for inner, item in fields(message(value)):
                if inner == 1:
                    name = text(item)
                elif inner == 2:
                    content = message(item)
    return name, content


def _hparams(content: bytes) -> dict[str, object]:
    """The hyperparameters in what the plugin keeps at a session's start."""
    found: dict[str, object] = {}
    for number, value in fields(content):
        if number != 3:
            continue
        for inner, item in fields(message(value)):
            if inner == 1:
                parts: dict[int, Value] = dict(fields(message(item)))
                key, held = text(parts.get(1, b"")), dict(fields(message(parts.get(2, b""))))
                found[key] = _held(held)
    return found


def _held(held: dict[int, Value]) -> object:
    """A value as protobuf's well-known type for JSON keeps it."""
    if 2 in held:
        real = float64(held[2])
        return int(real) if math.isfinite(real) and real == int(real) and abs(real) < 1 << 53 else real
    if 3 in held:
        return text(held[3])
    return bool(whole(held[4])) if 4 in held else None


def _events(path: Path) -> Iterator[_Event]:
    with path.open("rb") as stream:
        for data in tfrecords(stream):
            yield _Event(data)


def read(root: Path, project: str) -> Iterator[Found]:
    """The runs under a folder, or in one event file."""
    files = [root] if root.is_file() else sorted(root.rglob("*tfevents*"))
    folders: dict[Path, list[Path]] = {}
    for path in files:
        if path.is_file():
            folders.setdefault(path.parent, []).append(path)
    looked = {folder: _Look(paths) for folder, paths in folders.items()}
    hosts: dict[Path, list[Path]] = {}
    for folder, look in looked.items():
        host = folder.parent if look.settings and folder.parent in looked else folder
        hosts.setdefault(host, []).append(folder)
    for host, parts in hosts.items():
        looks = [looked[part] for part in parts]
        for look in looks:
            yield from look.troubles
        if any(look.count for look in looks):
            name = host.name if host == root or root.is_file() else host.relative_to(root).as_posix()
            yield _run(host, name, project, looks, [path for part in parts for path in folders[part]])


class _Look:
    """One pass over a run's files: when it began and ended, its settings, and what is no scalar."""

    def __init__(self, paths: list[Path]) -> None:
        self.count = self.others = 0
        self.first: int | None = None
        self.last = 0
        self.settings: dict[str, object] = {}
        self.troubles: list[Trouble] = []
        for path in paths:
            try:
                for event in _events(path):
                    self.count += 1
                    self.others += event.others
                    self.settings |= event.settings
                    self.first = event.at if self.first is None else min(self.first, event.at)
                    self.last = max(self.last, event.at)
            except (Corrupt, OSError, struct.error) as error:
                said = error.message if isinstance(error, Corrupt) else str(error)
                kept = f"{self.count:,} events before that are kept" if self.count else "nothing in it can be read"
                self.troubles.append(Trouble(str(path), f"{said.rstrip('.')}; {kept}"))


def _run(folder: Path, name: str, project: str, looks: list[_Look], paths: list[Path]) -> FoundRun:
    settings = {key: value for look in looks for key, value in look.settings.items()}
    others = sum(look.others for look in looks)
    starts = [look.first for look in looks if look.first is not None]
    told = (f"{others:,} histograms, pictures or texts of TensorBoard were not brought.",) if others else ()
    return FoundRun(
        source=SOURCE,
        key=f"{folder.name}/{paths[0].name}/{min(starts)}",
        project=project,
        series=lambda: _series(paths),
        where=str(folder),
        name=name,
        config=settings,
        seed=seed_of(settings),
        started_at=min(starts),
        ended_at=max(look.last for look in looks),
        notices=told + tuple(f"{trouble.where}: {trouble.message}" for look in looks for trouble in look.troubles),
    )


def _series(paths: list[Path]) -> Iterator[Curve]:
    gathering = Gathering()
    for path in paths:
        try:
            for event in _events(path):
                for tag, value in event.scalars:
                    gathering.add(tag, event.step, value, event.at)
                if gathering.full():
                    yield from gathering.take()
        except (Corrupt, OSError, struct.error):
            continue  # told by the look; what stands before it is kept
    yield from gathering.take()

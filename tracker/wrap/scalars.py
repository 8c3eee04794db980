"""What a command's `SummaryWriter` was told, as metrics and parameters of its run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from tracker.snapshot import Scalar
from tracker.wrap.joined import TOLD

MOST_BYTES = 1 << 30
_Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]


class Said(msgspec.Struct, frozen=True, array_like=True, tag="scalar"):
    """A value that was added: by the writer of which folder; `at` in microseconds since 1970. JSON has no NaN: as
    text."""

    folder: str
    tag: str
    value: float | Literal["nan", "inf", "-inf"]
    step: _Whole
    at: _Whole


class Hparams(msgspec.Struct, frozen=True, array_like=True, tag="hparams"):
    """Hyperparameters that were added."""

    values: dict[str, Scalar]


class Point(msgspec.Struct, frozen=True):
    """A metric's value at a step and a time (microseconds since 1970)."""

    name: str
    value: float
    step: int
    at: int


def read(folder: Path) -> tuple[list[Point], dict[str, Scalar]]:
    """The metrics, in the order they came, and the parameters. A torn line, and what lies behind it, is left out."""
    said: list[Said] = []
    parameters: dict[str, Scalar] = {}
    for item in _items(folder / TOLD):
        if isinstance(item, Said):
            said.append(item)
        else:
            parameters = item.values | parameters
    prefixes = _prefixes(sorted({each.folder for each in said if each.folder}))
    points = [
        Point(prefixes.get(each.folder, "") + each.tag, float(each.value), each.step, each.at)
        for each in sorted(said, key=lambda each: each.at)
    ]
    return points, parameters


def _items(folder: Path) -> Iterator[Said | Hparams]:
    decoder = msgspec.json.Decoder(Said | Hparams)
    for path in sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns):
        read = 0
        with path.open("rb") as lines:
            for line in lines:
                read += len(line)
                if read > MOST_BYTES:
                    break
                try:
                    yield decoder.decode(line)
                except msgspec.DecodeError:
                    break


def _prefixes(folders: Sequence[str]) -> dict[str, str]:
    """What a folder's metrics are called before their tag, as TensorBoard names them: of one writer nothing, of
    several what tells their folders apart (`train/`, `val/`)."""
    if len(folders) < 2:
        return dict.fromkeys(folders, "")
    root = os.path.commonpath(folders)
    parts = {folder: os.path.relpath(folder, root).replace(os.sep, "/") for folder in folders}
    return {folder: "" if part == "." else f"{part}/" for folder, part in parts.items()}

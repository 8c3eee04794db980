"""Data: every data set that was recorded, found by its digest, where the script looks for it. The fourth stage."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from tracker.client.values import digest_data
from tracker.errors import Corrupt, NotFound, UsageError
from tracker.record import Dataset, Finding, Record
from tracker.reproduce.fetch import Origin
from tracker.reproduce.places import Places
from tracker.reproduce.stages import Stopped, note, warn

LINKED_FROM = 200_000_000
"""A data set of so many bytes or more is linked into the tree, not copied."""


def provide(record: Record, origin: Origin, places: Places, given: Mapping[str, Path]) -> tuple[Finding, ...]:
    """See that the data are where the script looks for them.

    Raises:
        Stopped: a data set that stood in a file is nowhere to be found.
    """
    unknown = sorted(set(given) - {each.name for each in record.datasets})
    if unknown:
        names = ", ".join(each.name for each in record.datasets) or "none"
        raise UsageError(f"The run used no data set {unknown[0]!r}.", remedy=f"It used: {names}.")
    return tuple(finding for each in record.datasets for finding in _provide(each, record, origin, places, given))


def planned(record: Record, given: Mapping[str, Path]) -> Iterator[tuple[Dataset, str]]:
    """Each data set, and what will be done for it, without doing it."""
    for each in record.datasets:
        if each.source is None:
            yield each, "made by the script; its digest is checked when it is logged"
        elif any(_digest(path) == each.digest for path in (given.get(each.name), Path(each.source)) if path):
            yield each, "found, and of the same digest"
        elif any(artifact.digest == each.digest for artifact in record.artifacts):
            yield each, "fetched from the run's artifacts"
        else:
            yield each, "to be found in the code, or to be asked for (--data NAME=PATH)"


def _provide(
    dataset: Dataset, record: Record, origin: Origin, places: Places, given: Mapping[str, Path]
) -> Iterator[Finding]:
    if dataset.source is None:
        return
    inside = places.here(dataset.source)
    target = inside or Path(dataset.source)
    own = given.get(dataset.name)
    changed: Path | None = None
    for candidate in (each for each in (inside, own, Path(dataset.source)) if each is not None):
        digest = _digest(candidate)
        if digest == dataset.digest:
            yield from _placed(dataset, candidate, target, inside)
            return
        changed = changed or (candidate if digest is not None else None)
    if inside is not None and any(each.digest == dataset.digest and not each.folder for each in record.artifacts):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            origin.blob(dataset.digest, target)
        except (NotFound, Corrupt):
            pass
        else:
            yield note("data-fetched", f"{dataset.name} was fetched from the run's artifacts.")
            return
    if changed is None:
        said = f"{dataset.name} is not here: {dataset.source}, SHA-256 {dataset.digest[:12]}…"
        remedy = f"Type: runcite reproduce {record.id} --data {dataset.name}=PATH" if inside else "Put it there."
        raise Stopped("data", "data-missing", said, remedy)
    yield from _placed(dataset, changed, target, inside)
    said = f"{dataset.name} at {changed} is not the data that was used: its SHA-256 is {(_digest(changed) or '')[:12]}…"
    yield warn(
        "data-changed", f"{said}, not {dataset.digest[:12]}….", f"Give the right one: --data {dataset.name}=PATH."
    )


def _placed(dataset: Dataset, found: Path, target: Path, inside: Path | None) -> Iterator[Finding]:
    """Put it into the tree, where it is not there already. Nothing is written outside of the tree."""
    if found == target or _same(found, target):
        return
    if inside is None:
        raise Stopped(
            "data",
            "data-elsewhere",
            f"The script looks for {dataset.name} at {dataset.source}, outside of its folder.",
            f"Put {found} there.",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_symlink() or target.is_file():
        target.unlink()
    elif target.is_dir():
        shutil.rmtree(target)
    if dataset.size >= LINKED_FROM:
        target.symlink_to(found.absolute())
    elif found.is_dir():
        shutil.copytree(found, target)
    else:
        shutil.copyfile(found, target)
    yield note("data-found", f"{dataset.name} was found at {found}, of the same digest.")


def _digest(path: Path) -> str | None:
    """The path's digest, None where nothing is there."""
    try:
        return digest_data(path)[0] if os.path.lexists(path) else None
    except OSError:
        return None


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False

"""A run that was found, as the events that register it: what it says at the start, its points, its end. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from random import Random

from tracker import ids
from tracker.capture import scrub
from tracker.client.values import MAX_NAME, clean, flatten, name_of
from tracker.events import Body, Captured, Column, Configured, Finished, Metrics, Noticed, Started, Tagged
from tracker.record import Record
from tracker.rules.fitness import IMPORTED, NOT_RECORDED
from tracker.snapshot import Code, Command, Git, Package, Python, Scalar, Scrubbed, Seeds, Snapshot
from tracker.store.series import MAX_POINTS, Points, encode
from tracker.ways.found import Curve, FoundRun

MOST_COLUMNS = 256
MOST_TOGETHER = 1 << 20
"""Points of one event at most."""
CALLED = {
    "mlflow": "MLflow",
    "wandb": "W&B",
    "tensorboard": "TensorBoard",
    "trackio": "Trackio",
    "neptune": "Neptune",
    "csv": "CSV",
}


def identity(run: FoundRun, attempt: int) -> tuple[str, str]:
    """Run ID and nonce, which follow from the run's source and key alone; another ID for each attempt."""
    whole = hashlib.sha256(f"{run.source}\0{run.key}".encode("utf-8", "replace")).hexdigest()
    return ids.mint(Random(f"{whole}/{attempt}")), f"import-{whole[:40]}"  # noqa: S311 no secret: it must be repeatable


def beginning(run: FoundRun, nonce: str) -> Iterator[Body]:
    """What registers the run, and marks it."""
    config, notes, secrets = settings(run)
    yield Started(
        name_of(run.project),
        nonce,
        name=_line(run.name)[:MAX_NAME] or None if run.name else None,
        config=config,
        seed=run.seed,
        tags=_tags(run),
        note=_line(run.note, keep=True),
    )
    place = f" at {run.where.partition(', run ')[0]}" if run.where.startswith("http") else ""
    yield Noticed(NOT_RECORDED, _line(f"Imported from {CALLED[run.source]}{place}: {run.source}:{run.key}"))
    yield Captured(_snapshot(run, secrets))
    for said in (*run.notices, *notes):
        yield Noticed("import-changed", _line(said))


def settings(run: FoundRun) -> tuple[dict[str, Scalar], list[str], tuple[Scrubbed, ...]]:
    """The config as it is stored, what had to be changed for that, and which secrets were taken out."""
    flat, notes = flatten(run.config)
    kept, secrets = scrub.mapping(flat, "config")
    return kept, notes, secrets


def _tags(run: FoundRun) -> tuple[str, ...]:
    wanted = (IMPORTED, f"from-{run.source}", *run.tags)
    return tuple(dict.fromkeys(_line(tag)[:MAX_NAME] for tag in wanted if tag.strip()))


def _snapshot(run: FoundRun, secrets: tuple[Scrubbed, ...]) -> Snapshot:
    git = code = command = python = None
    if run.commit or run.remote:
        remote, found = scrub.remote(run.remote, "remote") if run.remote else (None, ())
        git, secrets = Git(run.commit, run.branch, remote, None), secrets + found
    if git is not None or run.script:
        code = Code(git, _line(run.script) if run.script else None, seen=False)
    if run.argv:
        argv, found = scrub.argv(run.argv)
        command, secrets = Command(tuple(clean(each) for each in argv), ""), secrets + found
    if run.python:
        packages = tuple(Package(clean(name), clean(version)) for name, version in sorted(run.packages))
        python = Python(clean(run.python), "CPython", "", packages)
    return Snapshot(code, python, None, command, Seeds(stated=run.seed), secrets)


def further(run: FoundRun, held: Record) -> Iterator[Body]:
    """What the source says beside points that the record does not have yet."""
    config, _, _ = settings(run)
    fresh = {key: value for key, value in config.items() if key not in held.config}
    if fresh:
        yield Configured(fresh)
    tags = tuple(tag for tag in _tags(run) if tag not in held.tags)
    if tags and held.state == "running":
        yield Tagged(add=tags)


def end(run: FoundRun) -> Iterator[Body]:
    """How the run ended, as far as its source says; nothing for one that still goes on."""
    if run.state == "running":
        return
    if run.state == "unknown":
        said = f"{CALLED[run.source]} does not say how a run ended: it stands as it was found."
        yield Noticed("end-unknown", said)
    start, stop = run.started_at or 0, run.ended_at or run.started_at or 0
    reason = None
    if run.state == "failed":
        reason = _line(run.reason or f"it failed, says {CALLED[run.source]}")
    yield Finished(
        "failed" if run.state == "failed" else "finished", max(0.0, (stop - start) / 1e6), "shipper", reason=reason
    )


def unheld(series: Iterable[Curve], held: Mapping[str, int]) -> Iterator[Curve]:
    """The points behind those that are held, of which each metric's number is told; stretches not too long."""
    left = dict(held)
    for metric, points in series:
        name = name_of(metric)
        skipped = min(left.get(name, 0), len(points))
        left[name] = left.get(name, 0) - skipped
        for start in range(skipped, len(points), MAX_POINTS):
            cut = slice(start, start + MAX_POINTS)
            yield name, Points(points.steps[cut], points.values[cut], points.times[cut])


def measured(series: Iterable[Curve]) -> Iterator[tuple[Metrics, tuple[bytes, ...], int]]:
    """The points as events, each with its encoded columns and the time of its last point."""
    columns: list[Column] = []
    data: list[bytes] = []
    names: set[str] = set()
    count = last = 0
    for name, points in series:
        if name in names or len(columns) >= MOST_COLUMNS or count + len(points) > MOST_TOGETHER:
            if columns:
                yield Metrics(tuple(columns)), tuple(data), last
            columns, data, names, count = [], [], set(), 0
        encoded = encode(points)
        columns.append(Column(name, len(points), hashlib.sha256(encoded).hexdigest()))
        data.append(encoded)
        names.add(name)
        count += len(points)
        last = max(last, int(points.times.max()))
    if columns:
        yield Metrics(tuple(columns)), tuple(data), last


def _line(text: str, keep: bool = False) -> str:
    """Text without secrets, as it can be stored; in one line, unless its lines are to be kept."""
    said, _ = scrub.text(text if keep else " ".join(text.split()), "")
    return clean(said)

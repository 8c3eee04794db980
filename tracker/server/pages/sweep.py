"""A project's runs at once: what moved the metric, each hyperparameter against it, and all of them side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
from fastapi import APIRouter, Request, Response

from tracker.errors import InvalidQuery, UsageError
from tracker.record import BoardSpec, Record
from tracker.rules.importance import Importance, importance
from tracker.rules.replicates import value_of
from tracker.server.auth import Asker
from tracker.server.config import Context, context_of
from tracker.server.show import scalar
from tracker.server.templating import render
from tracker.snapshot import Scalar
from tracker.store import pulse, queries

router = APIRouter()
AT_MOST = 2_000
KEYS_AT_MOST = 40
FACTORS_AT_MOST = 14
LEVELS_AT_MOST = 24


class Axis(msgspec.Struct, frozen=True):
    """A hyperparameter as an axis: numbers as they are, on a logarithmic scale where they span decades, or levels.

    `values` hold a number for each run, for levels the place in `levels`; None where a run does not have it.
    """

    key: str
    values: tuple[float | None, ...]
    levels: tuple[str, ...] = ()
    log: bool = False


class Sweep(msgspec.Struct, frozen=True):
    """What the pictures are drawn from. `metric` holds the board's value of each run that has a finite one."""

    runs: tuple[str, ...]
    name: str
    direction: str
    metric: tuple[float, ...]
    axes: tuple[Axis, ...]


@router.get("/projects/{name:path}/sweep")
def get_sweep(request: Request, name: str, asker: Asker, where: str = "") -> Response:
    """The page; importance, which takes seconds, is fetched when the page is there."""
    context = context_of(request)
    spec = queries.get_board(context.db, name)
    problem: InvalidQuery | None = None
    sweep = sweep_of(spec, ())
    try:
        sweep = _kept(context, spec, where)
    except InvalidQuery as error:
        problem = error
    status = 400 if problem else 200
    return render(request, "sweep.html", status, spec=spec, sweep=sweep, where=where, problem=problem)


@router.get("/projects/{name:path}/sweep/data")
def get_sweep_data(request: Request, name: str, asker: Asker, where: str = "") -> Response:
    """What the page's pictures are drawn from."""
    context = context_of(request)
    spec = queries.get_board(context.db, name)
    return Response(msgspec.json.encode(_kept(context, spec, where)), media_type="application/json")


@router.get("/projects/{name:path}/sweep/importance")
def get_importance(request: Request, name: str, asker: Asker, where: str = "") -> Response:
    """What moved the metric, as a page of its own that the sweep's page takes in."""
    context = context_of(request)
    spec = queries.get_board(context.db, name)
    mark = pulse.project_pulse(context.db, name, now=context.clock())
    found: Importance | None = None
    problem: UsageError | None = None
    try:
        found = context.shelf.get(
            f"importance {name} {where}", mark, lambda: importance(spec, _records(context, name, where))
        ).value
    except InvalidQuery:
        raise
    except UsageError as error:
        problem = error
    return render(request, "importance.html", spec=spec, found=found, problem=problem, most=FACTORS_AT_MOST)


def sweep_of(spec: BoardSpec, records: Sequence[Record]) -> Sweep:
    """The runs that have a finite value, and every hyperparameter that varies among them."""
    valued = [(record, value) for record in records if (value := value_of(spec, record)) is not None]
    keys = dict.fromkeys(key for record, _ in valued for key in record.config if key != "seed")
    axes = (_axis(key, [record.config.get(key) for record, _ in valued]) for key in keys)
    return Sweep(
        tuple(record.id for record, _ in valued),
        spec.metric,
        spec.direction,
        tuple(value for _, value in valued),
        tuple(axis for axis in axes if axis is not None)[:KEYS_AT_MOST],
    )


def _axis(key: str, values: Sequence[Scalar]) -> Axis | None:
    """The key as an axis; None where it does not vary, or is text that nearly every run has its own of."""
    there = [value for value in values if value is not None]
    distinct = dict.fromkeys(scalar(value) for value in there)
    if len(distinct) < 2:
        return None
    if all(_is_number(value) for value in there):
        numbers = tuple(float(value) if _is_number(value) else None for value in values)  # type: ignore[arg-type]
        known = [number for number in numbers if number is not None]
        return Axis(key, numbers, log=min(known) > 0 and max(known) / min(known) >= 100)
    if len(distinct) > LEVELS_AT_MOST:
        return None
    levels = tuple(sorted(distinct))
    places = {level: float(place) for place, level in enumerate(levels)}
    return Axis(key, tuple(None if value is None else places[scalar(value)] for value in values), levels)


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _kept(context: Context, spec: BoardSpec, where: str) -> Sweep:
    """The sweep of the runs that fit, kept until a record of the project changes."""
    mark = pulse.project_pulse(context.db, spec.project, now=context.clock())
    key = f"sweep {spec.project} {where}"
    return context.shelf.get(key, mark, lambda: sweep_of(spec, _records(context, spec.project, where))).value


def _records(context: Context, name: str, where: str) -> tuple[Record, ...]:
    """The newest finished runs that fit."""
    asked = "state = 'finished' and not retracted" + (f" and ({where})" if where.strip() else "")
    return queries.find_records(context.db, name, where=asked, limit=AT_MOST, now=context.clock())

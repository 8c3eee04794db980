"""What a run cost, and what its model weighs: the columns that a board may show, bound, or filter by. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from tracker.record import Record

_PARAMETERS = frozenset({"parameters", "num_parameters", "n_parameters", "parameter_count", "n_params", "num_params"})


class Budget(msgspec.Struct, frozen=True):
    """What one run of a row costs; of several, the mean time and GPU hours and the most parameters.

    `runtime` in seconds from start to end. `gpu_hours` is the runtime times the GPUs that the process could see,
    busy or not, over 3,600: an upper bound. `parameters` as the run recorded them. None where it is not known.
    """

    runtime: float | None = None
    gpu_hours: float | None = None
    parameters: int | None = None


def budget_of(records: Sequence[Record]) -> Budget:
    """The budget of a row of these runs; a part that one of them does not tell is not known."""
    times = [record.end.runtime if record.end else None for record in records]
    hours = [gpu_hours_of(record) for record in records]
    weights = [parameters_of(record) for record in records]
    known = [weight for weight in weights if weight is not None]
    return Budget(_mean(times), _mean(hours), max(known) if known and len(known) == len(weights) else None)


def gpu_hours_of(record: Record) -> float | None:
    """The GPU hours of a run that ended; 0 on a machine without a GPU, None where the machine was not captured."""
    gpus = gpus_of(record)
    return None if record.end is None or gpus is None else record.end.runtime * gpus / 3600


def gpus_of(record: Record) -> int | None:
    """How many GPUs the process could see: the machine's, or those that CUDA_VISIBLE_DEVICES left of them."""
    machine, command = record.snapshot.machine, record.snapshot.command
    if machine is None:
        return None
    there = len(machine.gpus)
    visible = command.env.get("CUDA_VISIBLE_DEVICES") if command else None
    if visible is None:
        return there
    count = 0
    for name in visible.split(","):
        if not name.strip() or name.strip() == "-1":  # the driver looks no further behind the first that is none
            break
        count += 1
    return min(there, count)


def parameters_of(record: Record) -> int | None:
    """How many parameters the model has, if the run recorded it: a hyperparameter or metric of such a name."""
    for key, value in record.config.items():
        if isinstance(value, int) and not isinstance(value, bool) and _last_part(key) in _PARAMETERS:
            return value
    for name, summary in record.metrics.items():
        if _last_part(name) in _PARAMETERS and math.isfinite(summary.last):
            return int(summary.last)
    return None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known and len(known) == len(values) else None


def _last_part(name: str) -> str:
    return name.replace("/", ".").rpartition(".")[2].lower()

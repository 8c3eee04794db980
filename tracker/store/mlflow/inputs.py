"""What a run used and made: data sets, and logged models."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from tracker.errors import UsageError
from tracker.events import Body
from tracker.ids import clip
from tracker.snapshot import canonical
from tracker.store.mlflow import values
from tracker.store.mlflow.pen import Pen
from tracker.store.mlflow.rows import Input, Lineage
from tracker.store.sql import insert_new
from tracker.store.tables import mlflow as t

CONTEXT = "mlflow.data.context"
MOST = 1000
MAX_TAG_KEY, MAX_TAG_VALUE = 255, 500
_LIMITS = {"name": 500, "digest": 36, "source": 65_535, "schema": 1_048_575, "profile": 16_777_215}
_i = t.inputs.c


def log_datasets(pen: Pen, given: Sequence[Input]) -> None:
    """Data sets that the run used. One that it used already, in the same way, is not noted again.

    Raises:
        UsageError: one that cannot be.
    """
    if len(given) > MOST:
        raise UsageError("Too many data sets at once.", remedy=f"Send {MOST} at most.")
    query = select(_i.name, _i.digest, _i.context).where(_i.run == pen.run)
    held = {tuple(row) for row in pen.connection.execute(query)} if given else set()
    bodies: list[Body] = []
    for each in given:
        _check(each)
        context = each.tags.get(CONTEXT)
        if (each.name, each.digest, context) in held:
            continue
        held.add((each.name, each.digest, context))
        pen.settle()
        row = {"run": pen.run, "name": each.name, "digest": each.digest, "source_type": each.source_type}
        row |= {"source": each.source, "schema": each.schema, "profile": each.profile, "context": context}
        pen.connection.execute(t.inputs.insert(), {**row, "tags": canonical(each.tags)})
        bodies.append(values.dataset(each))
    if bodies:
        pen.say(*bodies)


def _check(given: Input) -> None:
    if not given.name or not given.digest:
        raise UsageError("A data set has a name and a digest.", remedy="Give both.")
    if any(len(key) > MAX_TAG_KEY or len(value) > MAX_TAG_VALUE for key, value in given.tags.items()):
        raise UsageError(
            f"A tag of data set {clip(given.name)!r} is too long.",
            remedy=f"Keys have {MAX_TAG_KEY} characters at most, values {MAX_TAG_VALUE}.",
        )
    for name, most in _LIMITS.items():
        text = getattr(given, name)
        if text is not None and len(text) > most:
            raise UsageError(f"The {name} of data set {clip(given.name)!r} is too long.", remedy=f"At most {most:,}.")


def log_models(pen: Pen, given: Sequence[Lineage], *, made: bool) -> None:
    """Logged models that the run made, or used."""
    pen.settle()
    rows = [{"run": pen.run, "model": each.model_id, "output": made, "step": each.step} for each in given]
    insert_new(pen.connection, t.lineage, rows)

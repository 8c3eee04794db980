"""Experiments: projects as MLflow's clients know them, one to one. Number 0, "Default", is always there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Text, cast, delete, select, update

from tracker.errors import Clash, NotFound, UsageError
from tracker.ids import clip
from tracker.store.mlflow.compare import Page, holds, keyed
from tracker.store.mlflow.language import EXPERIMENTS, Clause, Order, parse_filter, parse_order
from tracker.store.mlflow.rows import Experiment, View
from tracker.store.mlflow.values import check_key
from tracker.store.sql import insert_new, portions, upsert
from tracker.store.tables import mlflow as t
from tracker.store.tables import runs as r

DEFAULT = "Default"
MAX_NAME = 500
MAX_KEY = 250
MAX_VALUE = 20_000
_e = t.experiments.c


def lacking(connection: Connection) -> bool:
    """Whether a project has no experiment yet, or there is no default."""
    if connection.scalar(select(_e.id).where(_e.id == 0)) is None:
        return True
    return connection.execute(_unknown().limit(1)).first() is not None


def complete(connection: Connection, now: int) -> None:
    """Give every project an experiment, and make the default one."""
    default = {"id": 0, "name": DEFAULT, "project": DEFAULT, "created_at": now, "updated_at": now}
    insert_new(connection, t.experiments, [default])
    for project, created_at in connection.execute(_unknown()).all():
        name = free(connection, _e.name, project)
        row = {"name": name, "project": project, "created_at": created_at, "updated_at": created_at}
        insert_new(connection, t.experiments, [row])


def _unknown() -> Any:
    known = select(_e.id).where(_e.project == r.projects.c.name).exists()
    return select(r.projects.c.name, r.projects.c.created_at).where(~known)


def free(connection: Connection, column: ColumnElement[Any], name: str) -> str:
    """`name`, or where it is taken in `column`, the same with a number behind it."""
    number, tried = 1, name
    while connection.scalar(select(_e.id).where(column == tried)) is not None:
        number += 1
        tried = f"{name} {number}"
    return tried


def create(
    connection: Connection, name: str, location: str | None, tags: Sequence[tuple[str, str]], *, by: str, now: int
) -> int:
    """A new experiment's number.

    Raises:
        UsageError: a name or tag that cannot be.
        Clash: the name is taken, be it by a deleted one.
    """
    _check_name(name)
    if location and set("?#") & set(location):
        raise UsageError("An artifact_location has neither params nor a fragment.", remedy="Leave out ? and #.")
    complete(connection, now)
    held = connection.execute(select(_e.deleted_at).where(_e.name == name)).first()
    if held is not None:
        how = " in deleted state" if held[0] is not None else ""
        raise Clash(f"Experiment {clip(name)!r} already exists{how}.", remedy="Restore it, or take another name.")
    row = {"name": name, "project": free(connection, _e.project, name), "location": location or None}
    insert_new(connection, t.experiments, [{**row, "created_at": now, "updated_at": now, "created_by": by}])
    made = connection.scalar(select(_e.id).where(_e.name == name))
    assert made is not None
    for key, value in tags:
        set_tag(connection, made, key, value, now=now)
    return int(made)


def get(connection: Connection, id: int) -> Experiment:
    """The experiment.

    Raises:
        NotFound: there is none.
    """
    found = _read(connection, [id])
    if not found:
        raise _none(str(id))
    return found[0]


def by_name(connection: Connection, name: str) -> Experiment:
    """The experiment of that name, deleted or not.

    Raises:
        NotFound: there is none.
    """
    id = connection.scalar(select(_e.id).where(_e.name == name))
    if id is None:
        raise _none(name)
    return get(connection, id)


def known(connection: Connection, project: str) -> int | None:
    """The number of the project's experiment; None where there is none yet."""
    id: int | None = connection.scalar(select(_e.id).where(_e.project == project))
    return id


def of_project(connection: Connection, project: str, *, now: int) -> int:
    """The number of the project's experiment, which is made where there is none yet."""
    id = known(connection, project)
    if id is not None:
        return id
    row = {"name": free(connection, _e.name, project), "project": project, "created_at": now, "updated_at": now}
    insert_new(connection, t.experiments, [row])
    return int(connection.scalar(select(_e.id).where(_e.project == project)) or 0)


def _none(name: str) -> NotFound:
    return NotFound(f"No experiment {clip(name)!r} is known.", remedy="mlflow.search_experiments() lists them.")


def rename(connection: Connection, id: int, name: str, *, now: int) -> None:
    """Give the experiment another name; its project keeps its own. Raises as `get` and `create`."""
    _check_name(name)
    if get(connection, id).deleted_at is not None:
        raise UsageError("A deleted experiment is not renamed.", remedy="Restore it first.")
    holder = connection.scalar(select(_e.id).where(_e.name == name))
    if holder not in (None, id):
        raise Clash(f"Experiment {clip(name)!r} already exists.", remedy="Take another name.")
    connection.execute(update(t.experiments).where(_e.id == id).values(name=name, updated_at=now))


def set_deleted(connection: Connection, id: int, deleted: bool, *, now: int) -> None:
    """Hide the experiment and its runs from MLflow's clients, or show them again. Records stay as they are.

    Raises:
        NotFound: there is none that could be.
    """
    experiment = get(connection, id)
    if (experiment.deleted_at is not None) == deleted:
        raise NotFound(
            f"There is no {'active' if deleted else 'deleted'} experiment {id}.", remedy="Look at its lifecycle_stage."
        )
    at = now if deleted else None
    connection.execute(update(t.experiments).where(_e.id == id).values(deleted_at=at, updated_at=now))
    theirs = select(r.runs.c.id).join(r.projects).where(r.projects.c.name == experiment.project)
    connection.execute(update(t.runs).where(t.runs.c.run.in_(theirs)).values(deleted_at=at))


def set_tag(connection: Connection, id: int, key: str, value: str, *, now: int) -> None:
    """Set a tag. Raises as `get` and `check_key`, and UsageError for one that is too long."""
    check_key(key, "tag")
    if not 0 < len(key) <= MAX_KEY or len(value) > MAX_VALUE:
        raise UsageError(
            f"The tag {clip(key)!r} is too long.", remedy=f"Keys have {MAX_KEY} characters at most, values {MAX_VALUE}."
        )
    if get(connection, id).deleted_at is not None:
        raise UsageError("A deleted experiment takes no tags.", remedy="Restore it first.")
    upsert(connection, t.experiment_tags, ("experiment", "key"), [{"experiment": id, "key": key, "value": value}])
    connection.execute(update(t.experiments).where(_e.id == id).values(updated_at=now))


def delete_tag(connection: Connection, id: int, key: str, *, now: int) -> None:
    """Remove a tag. Raises NotFound where it is not set."""
    get(connection, id)
    g = t.experiment_tags.c
    if not connection.execute(delete(t.experiment_tags).where(g.experiment == id, g.key == key)).rowcount:
        raise NotFound(f"The experiment {id} has no tag {clip(key)!r}.", remedy="Look at its tags.")
    connection.execute(update(t.experiments).where(_e.id == id).values(updated_at=now))


def search(
    connection: Connection, text: str | None, order_by: Sequence[str], view: View, page: Page
) -> tuple[tuple[Experiment, ...], str | None]:
    """Experiments that fit the filter, the newest first or as is asked, and the next page's token.

    Raises:
        InvalidQuery: a filter or order that cannot be.
    """
    query = select(_e.id)
    for clause in parse_filter(text, EXPERIMENTS):
        query = query.where(_fits(connection, clause))
    if view != "ALL":
        query = query.where(_e.deleted_at.is_(None) if view == "ACTIVE_ONLY" else _e.deleted_at.is_not(None))
    orders = parse_order(order_by, EXPERIMENTS)
    query = query.order_by(*map(_ordered, orders), *([] if orders else [_e.created_at.desc()]), _e.id.desc())
    ids = connection.scalars(query.limit(page.limit + 1).offset(page.offset)).all()
    return _read(connection, ids[: page.limit]), page.next_token(len(ids))


_COLUMNS: dict[str, ColumnElement[Any]] = {
    "name": _e.name,
    "experiment_id": cast(_e.id, Text),
    "creation_time": _e.created_at // 1000,
    "last_update_time": _e.updated_at // 1000,
}


def _fits(connection: Connection, clause: Clause) -> ColumnElement[bool]:
    if clause.kind == "attribute":
        return holds(connection, _COLUMNS[clause.key], clause)
    g = t.experiment_tags.c
    return keyed(connection, select(g.key).where(g.experiment == _e.id, g.key == clause.key), g.value, clause)


def _ordered(order: Order) -> ColumnElement[Any]:
    column = _e.id if order.key == "experiment_id" else _COLUMNS[order.key]
    return column.desc() if order.descending else column.asc()


def _read(connection: Connection, ids: Sequence[int]) -> tuple[Experiment, ...]:
    """These experiments, in this order."""
    rows: dict[int, RowMapping] = {}
    tags: dict[int, list[tuple[str, str]]] = {}
    g = t.experiment_tags.c
    for some in portions(ids):
        for row in connection.execute(select(t.experiments).where(_e.id.in_(some))).mappings():
            rows[row["id"]] = row
        found = select(g.experiment, g.key, g.value).where(g.experiment.in_(some)).order_by(g.key)
        for id, key, value in connection.execute(found):
            tags.setdefault(id, []).append((key, value))
    return tuple(Experiment(**rows[id], tags=tuple(tags.get(id, ()))) for id in ids if id in rows)


def _check_name(name: str) -> None:
    if not name or len(name) > MAX_NAME:
        raise UsageError("An experiment's name has 1 to 500 characters.", remedy="Take another name.")

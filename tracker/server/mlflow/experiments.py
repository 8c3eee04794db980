"""Calls about experiments."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from tracker.errors import NotAllowed
from tracker.server.mlflow import shapes
from tracker.server.mlflow.asking import Ask
from tracker.server.mlflow.shapes import EMPTY, Empty
from tracker.store.mlflow import experiments as store
from tracker.store.mlflow.compare import Page

MOST = 50_000


class One(msgspec.Struct, frozen=True):
    experiment: shapes.ExperimentOut


class Made(msgspec.Struct, frozen=True):
    experiment_id: str


class Several(msgspec.Struct, frozen=True):
    experiments: tuple[shapes.ExperimentOut, ...]
    next_page_token: str | msgspec.UnsetType = msgspec.UNSET


def create(ask: Ask) -> Made:
    """A new experiment; where runs are written into it, a project of its name."""
    asked = ask.parsed(shapes.ExperimentCreate)
    tags = shapes.pairs(asked.tags)
    location = (asked.artifact_location or "").rstrip("/") or None

    def write(connection: Connection) -> int:
        return store.create(connection, asked.name, location, tags, by=ask.author.handle, now=ask.now)

    return Made(str(ask.write(write)))


def get(ask: Ask) -> One:
    """An experiment by its ID."""
    id = ask.parsed(shapes.ExperimentRef).id
    ask.with_experiments()
    return One(shapes.experiment(ask.read(lambda connection: store.get(connection, ask.experiment(connection, id)))))


def get_by_name(ask: Ask) -> One:
    """An experiment by its name."""
    name = ask.parsed(shapes.ExperimentRef).experiment_name
    shapes.must(name, "experiment_name")
    ask.with_experiments()

    def look(connection: Connection) -> shapes.ExperimentOut:
        if ask.project and name == store.DEFAULT:
            return shapes.experiment(store.get(connection, ask.experiment(connection, "0")))
        return shapes.experiment(store.by_name(connection, name))

    return One(ask.read(look))


def _lead(ask: Ask, connection: Connection, id: str) -> int:
    """The experiment's number, if whoever asks may change it: who made it, or an instructor.

    Raises:
        NotAllowed: somebody else made it.
    """
    experiment = store.get(connection, ask.experiment(connection, id))
    if experiment.created_by != ask.author.handle and not ask.author.leads:
        raise NotAllowed(
            f"The experiment {experiment.name!r} is {experiment.created_by or 'everybody'}'s.",
            remedy="Ask them, or an instructor.",
        )
    return experiment.id


def update(ask: Ask) -> Empty:
    """Another name."""
    asked = ask.parsed(shapes.ExperimentRef)
    shapes.must(asked.new_name, "new_name")
    ask.write(lambda c: store.rename(c, _lead(ask, c, asked.id), asked.new_name, now=ask.now))
    return EMPTY


def delete(ask: Ask) -> Empty:
    """Hide it and its runs from MLflow's clients."""
    asked = ask.parsed(shapes.ExperimentRef)
    ask.write(lambda c: store.set_deleted(c, _lead(ask, c, asked.id), True, now=ask.now))
    return EMPTY


def restore(ask: Ask) -> Empty:
    """Show it again."""
    asked = ask.parsed(shapes.ExperimentRef)
    ask.write(lambda c: store.set_deleted(c, _lead(ask, c, asked.id), False, now=ask.now))
    return EMPTY


def set_tag(ask: Ask) -> Empty:
    """A tag of an experiment."""
    asked = ask.parsed(shapes.ExperimentTag)
    text = shapes.Pair(asked.key, asked.value).text
    ask.write(lambda c: store.set_tag(c, ask.experiment(c, asked.id), asked.key, text, now=ask.now))
    return EMPTY


def delete_tag(ask: Ask) -> Empty:
    """Remove it."""
    asked = ask.parsed(shapes.ExperimentTag)
    ask.write(lambda c: store.delete_tag(c, ask.experiment(c, asked.id), asked.key, now=ask.now))
    return EMPTY


def find(ask: Ask) -> Several:
    """Experiments that fit a filter."""
    asked = ask.parsed(shapes.SearchExperiments)
    page = Page.of(asked.max_results, MOST, asked.page_token)
    ask.with_experiments()
    rows, token = ask.read(lambda c: store.search(c, asked.filter, asked.order_by, asked.view_type, page))
    return Several(tuple(map(shapes.experiment, rows)), token or msgspec.UNSET)

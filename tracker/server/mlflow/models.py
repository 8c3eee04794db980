"""Calls about logged models, and about what runs used and made."""

from __future__ import annotations

import hashlib
import io

import msgspec
from sqlalchemy import Connection

from tracker.errors import UsageError
from tracker.events import ArtifactLogged
from tracker.ids import is_run_id
from tracker.server.mlflow import shapes
from tracker.server.mlflow.asking import Ask
from tracker.server.mlflow.shapes import EMPTY, Empty
from tracker.snapshot import canonical
from tracker.store.mlflow import files, inputs, runs
from tracker.store.mlflow import models as store
from tracker.store.mlflow.compare import Page
from tracker.store.mlflow.files import Place
from tracker.store.mlflow.pen import pick_up
from tracker.store.mlflow.rows import Input, Lineage, Model

HISTORY = "mlflow.log-model.history"
MANDATORY = ("artifact_path", "flavors", "run_id", "utc_time_created")
MOST = 1000


class Create(msgspec.Struct, frozen=True):
    experiment_id: str | int = ""
    name: str | None = None
    model_type: str | None = None
    source_run_id: str | None = None
    params: tuple[shapes.Pair, ...] = ()
    tags: tuple[shapes.Pair, ...] = ()


class Finalize(msgspec.Struct, frozen=True):
    status: str | int = store.READY


class Words(msgspec.Struct, frozen=True):
    params: tuple[shapes.Pair, ...] = ()
    tags: tuple[shapes.Pair, ...] = ()


class OrderBy(msgspec.Struct, frozen=True):
    field_name: str
    ascending: bool = True
    dataset_name: str | None = None
    dataset_digest: str | None = None


class About(msgspec.Struct, frozen=True):
    dataset_name: str
    dataset_digest: str | None = None


class Search(msgspec.Struct, frozen=True):
    experiment_ids: tuple[str | int, ...] = ()
    filter: str | None = None
    datasets: tuple[About, ...] = ()
    max_results: int | None = None
    order_by: tuple[OrderBy, ...] = ()
    page_token: str | None = None


class DatasetIn(msgspec.Struct, frozen=True):
    name: str = ""
    digest: str = ""
    source_type: str = ""
    source: str = ""
    schema: str | None = None
    profile: str | None = None


class InputIn(msgspec.Struct, frozen=True):
    dataset: DatasetIn
    tags: tuple[shapes.Pair, ...] = ()


class LogInputs(shapes.Named, frozen=True):
    datasets: tuple[InputIn, ...] = ()
    models: tuple[shapes.ModelIn, ...] = ()


class LogOutputs(shapes.Named, frozen=True):
    models: tuple[shapes.ModelMade, ...] = ()


class LogModel(shapes.Named, frozen=True):
    model_json: str = ""


class Info(msgspec.Struct, frozen=True, omit_defaults=True):
    model_id: str
    experiment_id: str
    name: str
    creation_timestamp_ms: int
    last_updated_timestamp_ms: int
    artifact_uri: str
    status: str
    model_type: str | None = None
    source_run_id: str | None = None
    status_message: str | None = None
    tags: tuple[shapes.Said, ...] = ()


class Data(msgspec.Struct, frozen=True):
    params: tuple[shapes.Said, ...]
    metrics: tuple[shapes.MetricOut, ...]


class Out(msgspec.Struct, frozen=True):
    info: Info
    data: Data


class One(msgspec.Struct, frozen=True):
    model: Out


class Several(msgspec.Struct, frozen=True):
    models: tuple[Out, ...]
    next_page_token: str | msgspec.UnsetType = msgspec.UNSET


def out(model: Model) -> Out:
    """A logged model as it travels."""
    info = Info(
        model_id=model.id,
        experiment_id=str(model.experiment),
        name=model.name,
        creation_timestamp_ms=model.created_at // 1000,
        last_updated_timestamp_ms=model.updated_at // 1000,
        artifact_uri=shapes.model_root(model),
        status=model.status,
        model_type=model.type,
        source_run_id=model.run_id,
        status_message=model.message,
        tags=shapes.said(model.tags),
    )
    return Out(info, Data(shapes.said(model.params), tuple(map(shapes.metric, model.metrics))))


def create(ask: Ask) -> One:
    """A new model, whose files are still to come."""
    asked = ask.parsed(Create)
    shapes.must(asked.experiment_id != "", "experiment_id")
    words = shapes.pairs(asked.params), shapes.pairs(asked.tags)

    def write(connection: Connection) -> Model:
        if asked.source_run_id and is_run_id(asked.source_run_id):
            pick_up(connection, asked.source_run_id, ask.author, ask.now)
        return store.create(
            connection,
            ask.experiment(connection, str(asked.experiment_id)),
            asked.name or "",
            asked.source_run_id,
            asked.model_type,
            *words,
            by=ask.author.handle,
            rng=ask.desk.rng,
            now=ask.now,
        )

    return One(out(ask.write(write)))


def get(ask: Ask) -> One:
    """A logged model."""
    model = ask.read(lambda connection: store.get(connection, ask.names[0]))
    ask.must_open_model(model)
    return One(out(model))


def finish(ask: Ask) -> One:
    """The model's files are there: from now on they are one artifact of the run that made it."""
    asked = ask.parsed(Finalize)
    id = ask.names[0]
    status = asked.status if isinstance(asked.status, str) else {1: store.PENDING, 3: store.FAILED}.get(asked.status)
    tree = ask.read(lambda connection: files.tree(connection, Place(id, "")))
    manifest = canonical({file.path: file.digest for file in tree})
    digest = hashlib.sha256(manifest).hexdigest()
    if tree:
        ask.desk.context.blobs.put(digest, io.BytesIO(manifest))

    def write(connection: Connection) -> Model:
        model = store.finish(connection, id, status or store.READY, now=ask.now)
        if tree and model.status == store.READY and model.run_id:
            size = sum(file.size for file in tree)
            whole = ArtifactLogged(f"models/{model.name}"[:500], digest, size, type="model", folder=True)
            pick_up(connection, model.run_id, ask.author, ask.now).say(whole)
        return model

    return One(out(ask.write(write)))


def delete(ask: Ask) -> Empty:
    """Hide a model for good."""
    ask.write(lambda connection: store.delete(connection, ask.names[0], now=ask.now))
    return EMPTY


def log_params(ask: Ask) -> Empty:
    """Params of a model."""
    words = shapes.pairs(ask.parsed(Words).params)

    def write(connection: Connection) -> None:
        store.add_words(connection, store.get(connection, ask.names[0]).id, "param", words)

    ask.write(write)
    return EMPTY


def set_tags(ask: Ask) -> One:
    """Tags of a model."""
    words = shapes.pairs(ask.parsed(Words).tags)

    def write(connection: Connection) -> Model:
        store.add_words(connection, store.get(connection, ask.names[0]).id, "tag", words)
        return store.get(connection, ask.names[0])

    return One(out(ask.write(write)))


def delete_tag(ask: Ask) -> Empty:
    """Remove a tag of a model."""
    ask.write(lambda connection: store.delete_tag(connection, ask.names[0], ask.names[1]))
    return EMPTY


def find(ask: Ask) -> Several:
    """Models of some experiments that fit a filter."""
    asked = ask.parsed(Search)
    page = Page.of(50 if asked.max_results is None else asked.max_results, MOST, asked.page_token)
    orders = [store.Ordering(o.field_name, o.ascending, o.dataset_name, o.dataset_digest) for o in asked.order_by]
    about = [(each.dataset_name, each.dataset_digest) for each in asked.datasets]

    def look(connection: Connection) -> tuple[tuple[Model, ...], str | None]:
        wanted = [ask.experiment(connection, id) for id in shapes.ids(asked.experiment_ids)]
        return store.search(connection, wanted, asked.filter, orders, about, page)

    found, token = ask.read(look)
    open_to_them = (model for model in found if ask.closed_model(model) is None)
    return Several(tuple(map(out, open_to_them)), token or msgspec.UNSET)


def log_inputs(ask: Ask) -> Empty:
    """Data sets and models that a run used."""
    asked = ask.parsed(LogInputs)
    given = [
        Input(
            *(each.dataset.name, each.dataset.digest, each.dataset.source_type, each.dataset.source),
            schema=each.dataset.schema,
            profile=each.dataset.profile,
            tags=dict(shapes.pairs(each.tags)),
        )
        for each in asked.datasets
    ]

    def write(connection: Connection) -> None:
        run = pick_up(connection, asked.id, ask.author, ask.now)
        inputs.log_datasets(run, given)
        inputs.log_models(run, [Lineage(each.model_id, 0) for each in asked.models], made=False)

    ask.write(write)
    return EMPTY


def log_outputs(ask: Ask) -> Empty:
    """Models that a run made."""
    asked = ask.parsed(LogOutputs)
    shapes.must(asked.models, "models")

    def write(connection: Connection) -> None:
        run = pick_up(connection, asked.id, ask.author, ask.now)
        inputs.log_models(run, [Lineage(each.model_id, each.step) for each in asked.models], made=True)

    ask.write(write)
    return EMPTY


def log_model(ask: Ask) -> Empty:
    """A model as clients before MLflow 3 log it: one more in a tag of the run."""
    asked = ask.parsed(LogModel)
    shapes.must(asked.model_json, "model_json")
    try:
        model = msgspec.json.decode(asked.model_json, type=dict[str, object])
    except (msgspec.DecodeError, RecursionError) as error:
        raise UsageError(f"The model is no JSON: {error}.", remedy="Log it again.") from None
    if lacking := [name for name in MANDATORY if name not in model]:
        raise UsageError(f"Model json is missing mandatory fields: {', '.join(lacking)}.", remedy="Log it again.")

    ask.write(lambda c: runs.append_to_tag(pick_up(c, asked.id, ask.author, ask.now), HISTORY, model))
    return EMPTY

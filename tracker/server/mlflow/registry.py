"""Calls of the model registry."""

from __future__ import annotations

from urllib.parse import unquote

import msgspec
from sqlalchemy import Connection

from tracker.errors import NotAllowed, UsageError
from tracker.ids import clip
from tracker.server.mlflow import shapes
from tracker.server.mlflow.asking import Ask
from tracker.server.mlflow.shapes import EMPTY, Empty, Said
from tracker.store.mlflow import models
from tracker.store.mlflow import registry as store
from tracker.store.mlflow.compare import Page
from tracker.store.mlflow.rows import Registered, Version

MOST_MODELS, MOST_VERSIONS = 1000, 200_000


class Asked(msgspec.Struct, frozen=True):
    """Every request about a registered model, or a version of one."""

    name: str = ""
    version: str | int = ""
    new_name: str = ""
    description: str | None = None
    tags: tuple[shapes.Pair, ...] = ()
    stages: tuple[str, ...] = ()
    stage: str = ""
    archive_existing_versions: bool = False
    alias: str = ""
    key: str = ""
    value: str | float | bool | None = ""
    source: str | None = None
    run_id: str | None = None
    run_link: str | None = None
    model_id: str | None = None

    @property
    def model(self) -> str:
        """The registered model's name.

        Raises:
            UsageError: none is given.
        """
        shapes.must(self.name, "name")
        return self.name

    @property
    def number(self) -> int:
        """The version's number.

        Raises:
            UsageError: it is none.
        """
        text = str(self.version)
        shapes.must(text, "version")
        if not text.isascii() or not text.isdigit() or not 0 < len(text) < 10:
            raise UsageError(f"Model version must be an integer, got {clip(text)!r}.", remedy="Give its number.")
        return int(text)


class Search(msgspec.Struct, frozen=True):
    filter: str = ""
    max_results: int = 100
    order_by: tuple[str, ...] = ()
    page_token: str | None = None


class SearchVersions(Search, frozen=True):
    max_results: int = 10_000


class Alias(msgspec.Struct, frozen=True):
    alias: str
    version: str


class VersionOut(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    version: str
    creation_timestamp: int
    last_updated_timestamp: int
    current_stage: str
    status: str
    user_id: str | None = None
    description: str | None = None
    source: str | None = None
    run_id: str | None = None
    run_link: str | None = None
    model_id: str | None = None
    tags: tuple[Said, ...] = ()
    aliases: tuple[str, ...] = ()


class ModelOut(msgspec.Struct, frozen=True, omit_defaults=True):
    name: str
    creation_timestamp: int
    last_updated_timestamp: int
    description: str | None = None
    latest_versions: tuple[VersionOut, ...] = ()
    tags: tuple[Said, ...] = ()
    aliases: tuple[Alias, ...] = ()


class OneModel(msgspec.Struct, frozen=True):
    registered_model: ModelOut


class Models(msgspec.Struct, frozen=True):
    registered_models: tuple[ModelOut, ...]
    next_page_token: str | msgspec.UnsetType = msgspec.UNSET


class OneVersion(msgspec.Struct, frozen=True):
    model_version: VersionOut


class Versions(msgspec.Struct, frozen=True):
    model_versions: tuple[VersionOut, ...]
    next_page_token: str | msgspec.UnsetType = msgspec.UNSET


class Address(msgspec.Struct, frozen=True):
    artifact_uri: str


def _version(row: Version) -> VersionOut:
    return VersionOut(
        name=row.name,
        version=str(row.version),
        creation_timestamp=row.created_at // 1000,
        last_updated_timestamp=row.updated_at // 1000,
        current_stage=row.stage,
        status="READY",
        user_id=row.user_id,
        description=row.description,
        source=row.source,
        run_id=row.run_id,
        run_link=row.run_link,
        model_id=row.model_id,
        tags=shapes.said(row.tags),
        aliases=row.aliases,
    )


def _model(row: Registered) -> ModelOut:
    return ModelOut(
        name=row.name,
        creation_timestamp=row.created_at // 1000,
        last_updated_timestamp=row.updated_at // 1000,
        description=row.description,
        latest_versions=tuple(map(_version, row.latest)),
        tags=shapes.said(row.tags),
        aliases=tuple(Alias(alias, str(version)) for alias, version in row.aliases),
    )


def create(ask: Ask) -> OneModel:
    """A new registered model."""
    asked = ask.parsed(Asked)

    def write(connection: Connection) -> Registered:
        tags = shapes.pairs(asked.tags)
        store.create(connection, asked.model, asked.description, tags, by=ask.author.handle, now=ask.now)
        return store.get(connection, asked.model)

    return OneModel(_model(ask.write(write)))


def get(ask: Ask) -> OneModel:
    """A registered model."""
    name = ask.parsed(Asked).model
    return OneModel(_model(ask.read(lambda connection: store.get(connection, name))))


def find(ask: Ask) -> Models:
    """Registered models that fit a filter."""
    asked = ask.parsed(Search)
    page = Page.of(asked.max_results, MOST_MODELS, asked.page_token)
    found, token = ask.read(lambda connection: store.search(connection, asked.filter, asked.order_by, page))
    return Models(tuple(map(_model, found)), token or msgspec.UNSET)


def update(ask: Ask) -> OneModel:
    """Another description."""
    asked = ask.parsed(Asked)
    ask.write(lambda c: store.change(c, asked.model, description=asked.description, now=ask.now))
    return get_again(ask, asked.model)


def get_again(ask: Ask, name: str) -> OneModel:
    """The model as it is now."""
    return OneModel(_model(ask.read(lambda connection: store.get(connection, name))))


def _lead(ask: Ask, connection: Connection, name: str) -> str:
    """The model's name, if whoever asks may rename and remove it: who registered it, or an instructor."""
    owner = store.owner(connection, name)
    if owner not in (None, ask.author.handle) and not ask.author.leads:
        raise NotAllowed(f"The registered model {clip(name)!r} is {owner}'s.", remedy="Ask them, or an instructor.")
    return name


def rename(ask: Ask) -> OneModel:
    """Another name."""
    asked = ask.parsed(Asked)
    ask.write(lambda c: store.rename(c, _lead(ask, c, asked.model), asked.new_name, now=ask.now))
    return get_again(ask, asked.new_name)


def delete(ask: Ask) -> Empty:
    """Forget a registered model and its versions; runs and logged models stay."""
    name = ask.parsed(Asked).model
    ask.write(lambda connection: store.remove(connection, _lead(ask, connection, name)))
    return EMPTY


def latest(ask: Ask) -> Versions:
    """The newest version in each stage."""
    asked = ask.parsed(Asked)
    found = ask.read(lambda connection: store.latest(connection, asked.model, asked.stages))
    return Versions(tuple(map(_version, found)))


def set_tag(ask: Ask) -> Empty:
    """A tag of a registered model."""
    asked = ask.parsed(Asked)
    tags = shapes.pairs([shapes.Pair(asked.key, asked.value)])
    ask.write(lambda c: store.set_tags(c, store.get(c, asked.model).name, 0, tags))
    return EMPTY


def delete_tag(ask: Ask) -> Empty:
    """Remove it."""
    asked = ask.parsed(Asked)
    ask.write(lambda c: store.delete_tag(c, store.get(c, asked.model).name, 0, asked.key))
    return EMPTY


def set_alias(ask: Ask) -> Empty:
    """Have an alias stand for a version."""
    asked = ask.parsed(Asked)
    ask.write(lambda c: store.set_alias(c, asked.model, asked.alias, asked.number, now=ask.now))
    return EMPTY


def delete_alias(ask: Ask) -> Empty:
    """Forget an alias."""
    asked = ask.parsed(Asked)
    ask.write(lambda connection: store.delete_alias(connection, asked.model, asked.alias))
    return EMPTY


def by_alias(ask: Ask) -> OneVersion:
    """The version that an alias stands for."""
    asked = ask.parsed(Asked)
    return OneVersion(_version(ask.read(lambda connection: store.by_alias(connection, asked.model, asked.alias))))


def create_version(ask: Ask) -> OneVersion:
    """One more version of a registered model."""
    asked = ask.parsed(Asked)
    _check_source(asked.source or "")

    def write(connection: Connection) -> Version:
        model_id = asked.model_id or _model_id(asked.source)
        storage = shapes.model_root(models.get(connection, model_id)) if model_id else asked.source
        new = Version(
            *(asked.model, 0, "None", asked.description, asked.source, storage, asked.run_id, asked.run_link),
            model_id=model_id,
            user_id=ask.author.handle,
            created_at=ask.now,
            updated_at=ask.now,
        )
        return store.add_version(connection, new, shapes.pairs(asked.tags))

    return OneVersion(_version(ask.write(write)))


def _check_source(source: str) -> None:
    """Go on with an address that is nobody's own disk, and leads nowhere else.

    Raises:
        UsageError: it is none.
    """
    shapes.must(source, "source")
    scheme, colon, path = source.partition(":")
    if not colon or len(scheme) < 2 or scheme.lower() == "file" or ".." in unquote(unquote(path)).split("/"):
        raise UsageError(
            f"Invalid model version source: {clip(source)!r}.", remedy="Log the model, and register its models:/ URI."
        )


def _model_id(source: str | None) -> str | None:
    """The logged model that a source `models:/m-…` names."""
    name = (source or "").removeprefix("models:/")
    return name if name != source and name.startswith("m-") and "/" not in name else None


def get_version(ask: Ask) -> OneVersion:
    """A version."""
    asked = ask.parsed(Asked)
    return OneVersion(_version(ask.read(lambda connection: store.get_version(connection, asked.model, asked.number))))


def find_versions(ask: Ask) -> Versions:
    """Versions that fit a filter."""
    asked = ask.parsed(SearchVersions)
    page = Page.of(asked.max_results, MOST_VERSIONS, asked.page_token)
    found, token = ask.read(lambda connection: store.search_versions(connection, asked.filter, asked.order_by, page))
    return Versions(tuple(map(_version, found)), token or msgspec.UNSET)


def update_version(ask: Ask) -> OneVersion:
    """Another description."""
    asked = ask.parsed(Asked)
    changed = ask.write(
        lambda c: store.change_version(c, asked.model, asked.number, now=ask.now, description=asked.description)
    )
    return OneVersion(_version(changed))


def delete_version(ask: Ask) -> Empty:
    """Forget a version; its number is not given again."""
    asked = ask.parsed(Asked)
    ask.write(lambda c: store.remove_version(c, _lead(ask, c, asked.model), asked.number, now=ask.now))
    return EMPTY


def transition(ask: Ask) -> OneVersion:
    """Bring a version to a stage."""
    asked = ask.parsed(Asked)
    archive = asked.archive_existing_versions
    moved = ask.write(lambda c: store.move(c, asked.model, asked.number, asked.stage, archive=archive, now=ask.now))
    return OneVersion(_version(moved))


def download_uri(ask: Ask) -> Address:
    """Where a version's files are."""
    asked = ask.parsed(Asked)
    found = ask.read(lambda connection: store.get_version(connection, asked.model, asked.number))
    return Address(found.storage or found.source or "")


def set_version_tag(ask: Ask) -> Empty:
    """A tag of a version."""
    asked = ask.parsed(Asked)
    tags = shapes.pairs([shapes.Pair(asked.key, asked.value)])
    ask.write(lambda c: store.set_tags(c, store.get_version(c, asked.model, asked.number).name, asked.number, tags))
    return EMPTY


def delete_version_tag(ask: Ask) -> Empty:
    """Remove it."""
    asked = ask.parsed(Asked)

    def write(connection: Connection) -> None:
        found = store.get_version(connection, asked.model, asked.number)
        store.delete_tag(connection, found.name, found.version, asked.key)

    ask.write(write)
    return EMPTY

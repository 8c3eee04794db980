"""The model registry: registered models, their numbered versions, tags and aliases."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from tracker.errors import Clash, NotFound, UsageError
from tracker.ids import clip
from tracker.store.mlflow.compare import Page, holds, keyed
from tracker.store.mlflow.language import REGISTERED, VERSIONS, Clause, parse_filter, parse_order
from tracker.store.mlflow.rows import Registered, Version
from tracker.store.mlflow.values import check_key
from tracker.store.sql import portions, upsert
from tracker.store.tables import mlflow as t

STAGES = ("None", "Staging", "Production", "Archived")
MAX_TAG = 100_000
PROMPT = "mlflow.prompt.is_prompt"
_ALIAS = re.compile(r"[\w-]{1,255}")
_RESERVED = re.compile(r"latest|v\d+", re.IGNORECASE)
_n, _v, _g, _a = t.registered.c, t.versions.c, t.registry_tags.c, t.aliases.c
Words = Sequence[tuple[str, str]]


def create(connection: Connection, name: str, description: str | None, tags: Words, *, by: str, now: int) -> None:
    """A new registered model.

    Raises:
        UsageError: a name or tag that cannot be.
        Clash: the name is taken.
    """
    _check_name(name)
    if connection.scalar(select(_n.name).where(_n.name == name)) is not None:
        raise Clash(f"Registered Model (name={clip(name)}) already exists.", remedy="Take another name.")
    row = {"name": name, "description": description, "created_at": now, "updated_at": now, "created_by": by}
    connection.execute(t.registered.insert(), {**row, "versions": 0})
    set_tags(connection, name, 0, tags)


def get(connection: Connection, name: str) -> Registered:
    """The registered model.

    Raises:
        NotFound: there is none.
    """
    found = _read(connection, [name])
    if not found:
        raise NotFound(f"Registered Model with name={clip(name)} not found.", remedy="Register it first.")
    return found[0]


def change(connection: Connection, name: str, *, description: str | None, now: int) -> None:
    """Another description. Raises as `get`."""
    get(connection, name)
    connection.execute(update(t.registered).where(_n.name == name).values(description=description, updated_at=now))


def rename(connection: Connection, name: str, new: str, *, now: int) -> None:
    """Another name, for its versions too. Raises as `get` and `create`."""
    _check_name(new)
    get(connection, name)
    if new != name and connection.scalar(select(_n.name).where(_n.name == new)) is not None:
        raise Clash(f"Registered Model (name={clip(new)}) already exists.", remedy="Take another name.")
    connection.execute(update(t.registered).where(_n.name == name).values(name=new, updated_at=now))
    for table in (t.versions, t.registry_tags, t.aliases):
        connection.execute(update(table).where(table.c.name == name).values(name=new))


def remove(connection: Connection, name: str) -> None:
    """Forget a registered model and its versions; runs, logged models and files stay. Raises as `get`."""
    get(connection, name)
    for table in (t.versions, t.registry_tags, t.aliases, t.registered):
        connection.execute(delete(table).where(table.c.name == name))


def owner(connection: Connection, name: str) -> str | None:
    """Who registered it first."""
    found: str | None = connection.scalar(select(_n.created_by).where(_n.name == name))
    return found


def add_version(connection: Connection, version: Version, tags: Words) -> Version:
    """One more version, its number given here. Raises as `get`."""
    get(connection, version.name)
    number = (connection.scalar(select(_n.versions).where(_n.name == version.name)) or 0) + 1
    row = {name: getattr(version, name) for name in version.__struct_fields__ if name in _v}
    connection.execute(t.versions.insert(), {**row, "version": number})
    moved = update(t.registered).where(_n.name == version.name)
    connection.execute(moved.values(versions=number, updated_at=version.created_at))
    set_tags(connection, version.name, number, tags)
    return get_version(connection, version.name, number)


def get_version(connection: Connection, name: str, version: int) -> Version:
    """The version.

    Raises:
        NotFound: there is none.
    """
    found = _read_versions(connection, and_(_v.name == name, _v.version == version))
    if not found:
        raise NotFound(
            f"Model Version (name={clip(name)}, version={version}) not found.", remedy="Look at its versions."
        )
    return found[0]


def change_version(connection: Connection, name: str, version: int, *, now: int, **values: str | None) -> Version:
    """Another description or stage. Raises as `get_version`."""
    get_version(connection, name, version)
    mine = and_(_v.name == name, _v.version == version)
    connection.execute(update(t.versions).where(mine).values(**values, updated_at=now))
    connection.execute(update(t.registered).where(_n.name == name).values(updated_at=now))
    return get_version(connection, name, version)


def move(connection: Connection, name: str, version: int, stage: str, *, archive: bool, now: int) -> Version:
    """Bring a version to a stage; with `archive`, what stood there is archived. Raises as `get_version`."""
    wanted = stage_of(stage)
    get_version(connection, name, version)
    if archive:
        if wanted not in ("Staging", "Production"):
            raise UsageError(f"Versions in {wanted} cannot be archived.", remedy="Archive for Staging or Production.")
        others = and_(_v.name == name, _v.version != version, _v.stage == wanted)
        connection.execute(update(t.versions).where(others).values(stage="Archived", updated_at=now))
    return change_version(connection, name, version, now=now, stage=wanted)


def stage_of(text: str) -> str:
    """The stage's own name.

    Raises:
        UsageError: there is none of that name.
    """
    for stage in STAGES:
        if stage.lower() == text.lower():
            return stage
    raise UsageError(f"Invalid Model Version stage: {clip(text)}.", remedy=f"Use one of {', '.join(STAGES)}.")


def remove_version(connection: Connection, name: str, version: int, *, now: int) -> None:
    """Forget a version; its number is not given again. Raises as `get_version`."""
    get_version(connection, name, version)
    connection.execute(delete(t.versions).where(_v.name == name, _v.version == version))
    connection.execute(delete(t.registry_tags).where(_g.name == name, _g.version == version))
    connection.execute(delete(t.aliases).where(_a.name == name, _a.version == version))
    connection.execute(update(t.registered).where(_n.name == name).values(updated_at=now))


def latest(connection: Connection, name: str, stages: Sequence[str]) -> tuple[Version, ...]:
    """The newest version in each of these stages, or in each that there is."""
    wanted = {stage_of(stage) for stage in stages} or set(STAGES)
    return tuple(version for version in get(connection, name).latest if version.stage in wanted)


def set_tags(connection: Connection, name: str, version: int, tags: Words) -> None:
    """Set tags of a version, or (version 0) of the model.

    Raises:
        UsageError: one that cannot be.
    """
    for key, value in tags:
        check_key(key, "tag")
        if len(value) > MAX_TAG:
            raise UsageError(f"The tag {clip(key)!r} is too long.", remedy=f"At most {MAX_TAG:,} characters.")
    rows = [{"name": name, "version": version, "key": key, "value": value} for key, value in tags]
    upsert(connection, t.registry_tags, ("name", "version", "key"), rows)


def delete_tag(connection: Connection, name: str, version: int, key: str) -> None:
    """Remove a tag; one that is not set may be removed too."""
    mine = and_(_g.name == name, _g.version == version, _g.key == key)
    connection.execute(delete(t.registry_tags).where(mine))


def set_alias(connection: Connection, name: str, alias: str, version: int, *, now: int) -> None:
    """Have an alias stand for a version.

    Raises:
        NotFound: no such model or version.
        UsageError: no alias can be called so.
    """
    if not _ALIAS.fullmatch(alias) or _RESERVED.fullmatch(alias):
        raise UsageError(
            f"Invalid alias name: {clip(alias)!r}.", remedy="Use letters, digits, dashes; not latest or v1."
        )
    get_version(connection, name, version)
    upsert(connection, t.aliases, ("name", "alias"), [{"name": name, "alias": alias, "version": version}])
    connection.execute(update(t.registered).where(_n.name == name).values(updated_at=now))


def delete_alias(connection: Connection, name: str, alias: str) -> None:
    """Forget an alias. Raises as `get`."""
    get(connection, name)
    connection.execute(delete(t.aliases).where(_a.name == name, _a.alias == alias))


def by_alias(connection: Connection, name: str, alias: str) -> Version:
    """The version that an alias stands for; the newest of all for "latest".

    Raises:
        NotFound: no such model.
        UsageError: no such alias.
    """
    get(connection, name)
    if alias.lower() == "latest":
        query = select(_v.version).where(_v.name == name).order_by(_v.version.desc()).limit(1)
    else:
        query = select(_a.version).where(_a.name == name, _a.alias == alias)
    version = connection.scalar(query)
    if version is None:
        raise UsageError(f"Registered model alias {clip(alias)} not found.", remedy="Look at the model's aliases.")
    return get_version(connection, name, version)


_MODEL_COLUMNS: dict[str, ColumnElement[Any]] = {
    "name": _n.name,
    "creation_timestamp": _n.created_at // 1000,
    "last_updated_timestamp": _n.updated_at // 1000,
}
_VERSION_COLUMNS: dict[str, ColumnElement[Any]] = {
    "name": _v.name,
    "run_id": _v.run_id,
    "source_path": _v.source,
    "source": _v.source,
    "version_number": _v.version,
    "creation_timestamp": _v.created_at // 1000,
    "last_updated_timestamp": _v.updated_at // 1000,
}


def search(
    connection: Connection, text: str | None, order_by: Sequence[str], page: Page
) -> tuple[tuple[Registered, ...], str | None]:
    """Registered models that fit the filter, by name or as is asked, and the next page's token."""
    query = select(_n.name)
    for clause in parse_filter(text, REGISTERED):
        own = and_(_g.name == _n.name, _g.version == 0)
        query = query.where(_fits(connection, clause, _MODEL_COLUMNS, own))
    for order in parse_order(order_by, REGISTERED):
        column = _MODEL_COLUMNS[order.key]
        query = query.order_by(column.desc() if order.descending else column)
    names = connection.scalars(query.order_by(_n.name).limit(page.limit + 1).offset(page.offset)).all()
    return _read(connection, names[: page.limit]), page.next_token(len(names))


def search_versions(
    connection: Connection, text: str | None, order_by: Sequence[str], page: Page
) -> tuple[tuple[Version, ...], str | None]:
    """Versions that fit the filter, the last touched first or as is asked, and the next page's token."""
    query = select(_v.id)
    for clause in parse_filter(text, VERSIONS):
        own = and_(_g.name == _v.name, _g.version == _v.version)
        query = query.where(_fits(connection, clause, _VERSION_COLUMNS, own))
    for order in parse_order(order_by, VERSIONS):
        column = _VERSION_COLUMNS[order.key]
        query = query.order_by(column.desc() if order.descending else column)
    query = query.order_by(_v.updated_at.desc(), _v.name, _v.version.desc())
    ids = connection.scalars(query.limit(page.limit + 1).offset(page.offset)).all()
    found: dict[int, Version] = {}
    for some in portions(ids[: page.limit]):
        numbers = connection.execute(select(_v.id, _v.name, _v.version).where(_v.id.in_(some))).all()
        places = {(row.name, row.version): row.id for row in numbers}
        found |= {places[each.name, each.version]: each for each in _read_versions(connection, _v.id.in_(some))}
    return tuple(found[id] for id in ids[: page.limit]), page.next_token(len(ids))


def _fits(
    connection: Connection, clause: Clause, columns: dict[str, ColumnElement[Any]], own: ColumnElement[bool]
) -> ColumnElement[bool]:
    if clause.kind == "attribute":
        return holds(connection, columns[clause.key], clause)
    rows = select(_g.key).where(own, _g.key == clause.key)
    if clause.key == PROMPT and clause.op == "!=":  # clients add it to leave prompts out: what has no such tag is none
        return ~rows.where(_g.value == clause.value).exists()
    return keyed(connection, rows, _g.value, clause)


def _read(connection: Connection, names: Sequence[str]) -> tuple[Registered, ...]:
    """These models, in this order."""
    found: dict[str, Registered] = {}
    for some in portions(names):
        tags = _tags(connection, and_(_g.name.in_(some), _g.version == 0))
        aliases: dict[str, list[tuple[str, int]]] = {}
        for row in connection.execute(select(t.aliases).where(_a.name.in_(some)).order_by(_a.alias)):
            aliases.setdefault(row.name, []).append((row.alias, row.version))
        newest: dict[tuple[str, str], Version] = {}
        for version in _read_versions(connection, _v.name.in_(some)):
            newest[version.name, version.stage] = version
        for row in connection.execute(select(t.registered).where(_n.name.in_(some))):
            latest = tuple(version for (name, _), version in newest.items() if name == row.name)
            found[row.name] = Registered(
                *(row.name, row.description, row.created_at, row.updated_at),
                tags=tuple(tags.get((row.name, 0), ())),
                aliases=tuple(aliases.get(row.name, ())),
                latest=latest,
            )
    return tuple(found[name] for name in names if name in found)


def _read_versions(connection: Connection, which: ColumnElement[bool]) -> tuple[Version, ...]:
    """These versions, by name and number."""
    rows = connection.execute(select(t.versions).where(which).order_by(_v.name, _v.version)).mappings().all()
    names = sorted({row["name"] for row in rows})
    tags: dict[tuple[str, int], list[tuple[str, str]]] = {}
    aliases: dict[tuple[str, int], list[str]] = {}
    for some in portions(names):
        tags |= _tags(connection, and_(_g.name.in_(some), _g.version > 0))
        for held in connection.execute(select(t.aliases).where(_a.name.in_(some)).order_by(_a.alias)):
            aliases.setdefault((held.name, held.version), []).append(held.alias)
    return tuple(
        Version(
            **{key: row[key] for key in row if key != "id"},
            tags=tuple(tags.get((row["name"], row["version"]), ())),
            aliases=tuple(aliases.get((row["name"], row["version"]), ())),
        )
        for row in rows
    )


def _tags(connection: Connection, which: ColumnElement[bool]) -> dict[tuple[str, int], list[tuple[str, str]]]:
    found: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for row in connection.execute(select(t.registry_tags).where(which).order_by(_g.key)):
        found.setdefault((row.name, row.version), []).append((row.key, row.value))
    return found


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > 256 or any(sign in name for sign in "/:"):
        raise UsageError(f"Invalid model name {clip(name)!r}.", remedy="Names have no slash and no colon.")

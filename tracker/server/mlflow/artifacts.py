"""The artifact proxy: bytes in and out, streamed, and lists. No size is too large; memory does not grow with it."""

from __future__ import annotations

import mimetypes
from typing import BinaryIO, cast

import msgspec
from sqlalchemy import Connection
from starlette.responses import Response, StreamingResponse

from tracker.errors import NotAllowed, NotFound, UsageError
from tracker.server.mlflow import shapes
from tracker.server.mlflow.asking import Ask
from tracker.server.mlflow.shapes import EMPTY, Empty
from tracker.server.wire import Body, pieces
from tracker.store.mlflow import files, models
from tracker.store.mlflow.files import Place
from tracker.store.mlflow.pen import look_up, pick_up
from tracker.store.mlflow.rows import File

NO_LIMIT = 1 << 62
_manifest = msgspec.json.Decoder(dict[str, str])
# It is nothing a browser may run, and changes under its name.
_HEADERS = {"Content-Security-Policy": "default-src 'none'; sandbox", "Content-Disposition": "attachment"}


class Listed(msgspec.Struct, frozen=True, omit_defaults=True):
    path: str
    is_dir: bool | msgspec.UnsetType = msgspec.UNSET
    file_size: int | msgspec.UnsetType = msgspec.UNSET


class Listing(msgspec.Struct, frozen=True):
    files: tuple[Listed, ...]
    root_uri: str | msgspec.UnsetType = msgspec.UNSET


class ServerInfo(msgspec.Struct, frozen=True):
    """What this server can do beyond the calls themselves: one PUT takes a file of any size, so there are no parts."""

    store_type: str = "SqlStore"
    workspaces_enabled: bool = False
    trace_archival_enabled: bool = False
    multipart_uploads_enabled: bool = False
    multipart_downloads_enabled: bool = False


def server_info(ask: Ask) -> ServerInfo:
    """What a client asks before it sends a large file."""
    return ServerInfo()


def _place(ask: Ask) -> Place:
    """The path of the address.

    Raises:
        UsageError: a path that plays tricks, encoded or not.
    """
    raw = bytes(ask.request.scope.get("raw_path") or b"").lower()
    if b"%2f" in raw or b"%5c" in raw or b"%00" in raw:
        raise UsageError("Invalid path: it holds an encoded slash.", remedy="Use a plain relative path.")
    return files.locate(ask.names[0])


def put(ask: Ask) -> Empty:
    """Keep the body's bytes at a path."""
    place = _place(ask)
    if not place.path:
        raise UsageError("An artifact needs a name.", remedy="Give a path behind /artifacts/.")
    ask.read(lambda connection: _may_write(ask, connection, place))  # before the bytes come
    media_type = _type(place.path)
    body = Body(ask.request, NO_LIMIT)
    digest, size = ask.desk.context.blobs.receive(cast(BinaryIO, body))
    ask.desk.context.telemetry.blob_bytes.inc(size)
    file = File(place.path, digest, size, media_type)

    def write(connection: Connection) -> None:
        _may_write(ask, connection, place)
        pen = pick_up(connection, place.root, ask.author, ask.now) if place.of_run else None
        files.put(connection, place, file, pen, ask.now)

    ask.write(write)
    return EMPTY


def _may_write(ask: Ask, connection: Connection, place: Place) -> None:
    if place.of_run:
        look_up(connection, place.root, ask.author, ask.now)
    elif place.root:
        owner = models.get(connection, place.root).created_by
        if owner not in (None, ask.author.handle):
            raise NotAllowed(f"The logged model {place.root} is {owner}'s.", remedy="Log a model of your own.")


def get(ask: Ask) -> Response:
    """The bytes at a path."""
    place = _place(ask)
    _may_read(ask, place)
    try:
        file = ask.read(lambda connection: files.get(connection, place))
    except NotFound:
        native = {file.path: file for file in _recorded(ask, place)}
        if place.path not in native:
            raise
        file = native[place.path]
    headers = {**_HEADERS, "Content-Length": str(file.size)}
    return StreamingResponse(pieces(ask.desk.context.blobs.open(file.digest)), 200, headers, file.media_type)


def _may_read(ask: Ask, place: Place) -> None:
    """Raises NotAllowed where what is there is closed to who asks."""
    if place.of_run:
        ask.sees.must_open(place.root)
    elif place.root:
        ask.must_open_model(ask.read(lambda connection: models.get(connection, place.root)))


def _recorded(ask: Ask, place: Place) -> list[File]:
    """The files of a run that no MLflow client wrote to, as its record has them; a folder's one by one. A name that
    would lead a client out of the folder it downloads to is left out."""
    if not place.of_run:
        return []
    blobs = ask.desk.context.blobs
    found: list[File] = []
    for each in ask.read(lambda connection: files.recorded(connection, place.root)):
        if not blobs.has(each.digest):
            continue
        if not each.folder:
            found.append(File(each.name, each.digest, each.size, each.media_type))
            continue
        with blobs.open(each.digest) as stream:
            manifest = _manifest.decode(stream.read())
        there = ((path, digest) for path, digest in manifest.items() if blobs.has(digest))
        found += [File(f"{each.name}/{path}", digest, blobs.size(digest), _type(path)) for path, digest in there]
    return [file for file in found if files.is_path(file.path)]


def _type(path: str) -> str:
    return mimetypes.guess_type(path)[0] or "application/octet-stream"


def delete(ask: Ask) -> Empty:
    """Forget a path; the run's record keeps what it was told."""
    place = _place(ask)

    def write(connection: Connection) -> None:
        _may_write(ask, connection, place)
        if place.path or place.root:
            files.remove(connection, place)

    ask.write(write)
    return EMPTY


def _entries(ask: Ask, place: Place, prefix: str) -> tuple[Listed, ...]:
    below = f"{place.path}/" if place.path else ""
    native = tuple(file for file in _recorded(ask, place) if file.path.startswith(below))
    held = native or ask.read(lambda connection: files.tree(connection, place))
    found = files.listed(held, place)
    return tuple(
        Listed(prefix + each.name, each.size is None, msgspec.UNSET if each.size is None else each.size)
        for each in found
    )


def folder(ask: Ask) -> Listing | Empty:
    """What stands in a folder, names relative to it."""
    path = (ask.query.get("path") or "").rstrip("/")
    _may_read(ask, files.locate(path))
    found = _entries(ask, files.locate(path), "")
    return Listing(found) if found else EMPTY


def of_run(ask: Ask) -> Listing:
    """What stands in a folder of a run, names relative to the run's root."""
    asked = ask.parsed(shapes.Named).id
    path = (ask.query.get("path") or "").rstrip("/")
    files.check_path(path)
    run = ask.run(asked)
    return Listing(_entries(ask, Place(asked, path), f"{path}/" if path else ""), shapes.run_info(run).artifact_uri)


def of_model(ask: Ask) -> Listing:
    """What stands in a folder of a logged model, names relative to the model's root."""
    path = (ask.query.get("artifact_directory_path") or "").rstrip("/")
    files.check_path(path)
    model = ask.read(lambda connection: models.get(connection, ask.names[0]))
    ask.must_open_model(model)
    return Listing(_entries(ask, Place(model.id, path), f"{path}/" if path else ""), shapes.model_root(model))

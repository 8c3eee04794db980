"""The door: one route for all of MLflow's addresses. It reads a request, has it answered on a worker thread, and
tells what went wrong as MLflow's clients understand it; a refusal is noted in the run it was about, too."""

from __future__ import annotations

import re
from random import Random
from urllib.parse import unquote

import msgspec
from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from tracker.errors import NotAllowed, RunciteError, Unavailable
from tracker.ids import is_run_id
from tracker.server.config import Context
from tracker.server.mlflow import faults, shapes, table
from tracker.server.mlflow.asking import Ask, Desk
from tracker.server.wire import TooLarge
from tracker.store.mlflow import models
from tracker.store.mlflow.pen import pick_up

VERSION = "3.17.2"
"""The version of MLflow whose server this one stands in for."""

_BEFORE = r"(?:/x/([0-9a-f]{32}))?(?:/t/([^/]+))?"
_API = re.compile(_BEFORE + r"/(?:ajax-)?api/[23]\.0/((?:mlflow|mlflow-artifacts)/.*)")
_PLAIN = re.compile(_BEFORE + r"/(health|version)")
_PREFIX = re.compile(r"(?:/x/[0-9a-f]{32})?/t/([^/]+)/?|/x/[0-9a-f]{32}/?")


class Door(BaseRoute):
    """MLflow's addresses, with or without a project's prefix, and nothing else."""

    def __init__(self, context: Context, rng: Random) -> None:
        self.desk = Desk(context, rng)
        self.path = "mlflow"

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path = scope.get("path", "")
        if scope["type"] == "http" and (_API.fullmatch(path) or _PLAIN.fullmatch(path) or _PREFIX.fullmatch(path)):
            return Match.FULL, {"route": self}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await self._answer(request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path = request.scope["path"]
        if plain := _PLAIN.fullmatch(path):
            return Response("OK" if plain[3] == "health" else VERSION, media_type="text/plain")
        if prefix := _PREFIX.fullmatch(path):
            return RedirectResponse(f"/projects/{prefix[1]}" if prefix[1] else "/", 307)
        matched = _API.fullmatch(path)
        assert matched is not None
        place = (matched[1], unquote(matched[2]) if matched[2] else None)
        path = matched[3]
        try:
            streamed = path.startswith("mlflow-artifacts/")
            body = b"" if streamed or request.method == "GET" else await self._body(request)
        except RunciteError as error:
            return _told(error)
        return await to_thread.run_sync(self._called, request, *place, path, body)

    async def _body(self, request: Request) -> bytes:
        limit = self.desk.context.config.max_body
        pieces, size = [], 0
        try:
            async for piece in request.stream():
                size += len(piece)
                if size > limit:
                    raise TooLarge(f"The request is larger than {limit:,} bytes.", remedy="Send less at once.")
                pieces.append(piece)
        except ClientDisconnect:
            raise Unavailable("The client went away in the middle of the request.") from None
        return b"".join(pieces)

    def _called(self, request: Request, nonce: str | None, project: str | None, path: str, body: bytes) -> Response:
        try:
            author = self.desk.author(request)
        except RunciteError as error:
            return _told(error)
        found = table.find(request.method, path)
        names = found[1] if found else ()
        now = self.desk.context.clock()
        ask = Ask(self.desk, author, request, request.method, nonce, project, names, request.query_params, body, now)
        try:
            if found is None:
                raise faults.NoEndpoint(f"Not Found: {request.method} {path}.", remedy="This server does not have it.")
            answered = found[0](ask)
        except RunciteError as error:
            _note(ask, path, error)
            return _told(error)
        if isinstance(answered, Response):
            return answered
        return Response(msgspec.json.encode(answered), media_type="application/json")


def _told(error: RunciteError) -> Response:
    status, headers, body = faults.told(error)
    return Response(body, status, headers, "application/json")


class _Source(shapes.Named, frozen=True):
    """What names a run in any request."""

    source_run_id: str = ""


def _about(ask: Ask, path: str) -> str:
    """The run that a request is about.

    Raises:
        RunciteError: none that could be told.
    """
    if path.startswith("mlflow-artifacts/"):
        return next((part for name in ask.names for part in name.split("/") if is_run_id(part)), "")
    if path.startswith("mlflow/logged-models/") and ask.names:
        model = ask.read(lambda connection: models.get(connection, ask.names[0]))
        return model.run_id or ""
    named = ask.parsed(_Source)
    return named.source_run_id or named.id


def _note(ask: Ask, path: str, error: RunciteError) -> None:
    """Note in the run that something about it was refused: the client may swallow what it is told."""
    if ask.method == "GET" or isinstance(error, Unavailable | NotAllowed):
        return
    try:
        run_id = _about(ask, path)
        message = f"{path.removeprefix('mlflow/')} was refused: {error.message}"
        ask.write(lambda connection: pick_up(connection, run_id, ask.author, ask.now, deleted=None).refuse(message))
    except RunciteError:
        return  # no run to note it in

"""The addresses that an app calls: /api/METHOD, uploads, private files and response_urls."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from bot.sandbox.args import Args
from bot.sandbox.consent import page
from bot.sandbox.core import Core
from bot.sandbox.faults import Fault
from bot.sandbox.gestures import respond
from bot.sandbox.methods import METHODS, call
from bot.sandbox.people import TEAM
from bot.sandbox.shapes import ApiError, Json
from bot.sandbox.uploads import receive
from bot.sandbox.wire import cut


def routes(core: Core) -> list[BaseRoute]:
    """What stands at the stand-in's addresses for apps."""

    async def api(request: Request) -> Response:
        return await _api(core, request)

    async def consent(request: Request) -> Response:
        try:
            return HTMLResponse(page(core, Args(request.query_params)))
        except ApiError as error:
            return PlainTextResponse(error.code, 400)

    async def upload(request: Request) -> Response:
        return await _upload(_holder(core, request.path_params["file"]), request)

    async def private(request: Request) -> Response:
        return _private(core, request)

    async def hook(request: Request) -> Response:
        team = request.path_params["key"].partition("/")[0]
        return await _hook(core.workspaces.get(team, core), request)

    return [
        Route("/api/{method:path}", api, methods=["GET", "POST"]),
        Route("/oauth/v2/authorize", consent),
        Route("/upload/v1/{file}", upload, methods=["POST", "PUT"]),
        Route("/files-pri/{file}/{name:path}", private),
        Route("/actions/{key:path}", hook, methods=["POST"]),
        WebSocketRoute("/link/", core.sockets.endpoint),
    ]


def _home(core: Core, token: str) -> Core:
    """The workspace that a token belongs to."""
    return next((each for each in core.workspaces.values() if token in each.tokens), core)


def _holder(core: Core, file: str) -> Core:
    """The workspace that a file is uploaded to."""
    return next((each for each in core.workspaces.values() if file in each.files.by_id), core)


async def _api(core: Core, request: Request) -> Response:
    method = request.path_params["method"]
    values = _own(request, await _values(request))
    token = _token(request, values)
    core = _home(core, token)
    args = Args({key: value for key, value in values.items() if key != "token"})

    async def run() -> Response:
        if waited := _too_fast(core, method, args):
            return _ratelimited(waited)
        with core.workspace.lock:
            answer = call(core, method, token, args)
        return _answer(core, answer, _scopes(core, method, token))

    response = await _with_faults(core, request, method, run)
    body = msgspec.json.decode(response.body) if response.status_code in (200, 429) else None
    core.recording.add("call", method=method, args=args.values, status=response.status_code, answer=body)
    return response


def _answer(core: Core, answer: Json, headers: dict[str, str]) -> Response:
    """An answer with the workspace's own ID: inside, each of them takes itself for the first."""
    body = msgspec.json.encode(answer)
    if not {"access_token", "authed_user"} & answer.keys():
        body = body.replace(TEAM.encode(), core.team.encode())
    return Response(body, media_type="application/json", headers=headers)


def _own(request: Request, values: Json) -> Json:
    """The values of a call, with the app's ID and secret where they came in the header."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return values
    try:
        name, _, secret = base64.b64decode(given).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return values
    return values | {"client_id": name, "client_secret": secret}


async def _with_faults(core: Core, request: Request, method: str, run: Callable[[], Awaitable[Response]]) -> Response:
    fault = core.faults.take_call(method) or Fault(method, "delay", seconds=0)
    if fault.kind == "ratelimited":
        return _ratelimited(max(1, round(fault.seconds)))
    if fault.kind == "http_500":
        return PlainTextResponse("Internal Server Error", 500)
    if fault.kind == "error":
        if fault.code in ("fatal_error", "internal_error"):
            await run()
        return JSONResponse({"ok": False, "error": fault.code})
    if fault.kind == "delay" and fault.seconds:
        await asyncio.sleep(fault.seconds)
    if fault.kind == "drop":
        cut(request.scope)
        return PlainTextResponse("", 502)
    response = await run()
    if fault.kind == "delay_after_commit":
        await asyncio.sleep(fault.seconds)
    if fault.kind == "drop_after_commit":
        cut(request.scope)
        return PlainTextResponse("", 502)
    return response


def _too_fast(core: Core, method: str, args: Args) -> int:
    listed = METHODS.get(method)
    if listed is None:
        return 0
    if listed.posts and (waited := core.rates.wait_for_post(args.text("channel"))):
        return waited
    return core.rates.wait_for_call(method, listed.tier)


def _ratelimited(seconds: int) -> Response:
    return JSONResponse({"ok": False, "error": "ratelimited"}, 429, headers={"Retry-After": str(seconds)})


async def _values(request: Request) -> dict[str, Any]:
    values: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        body = await request.body()
        try:
            decoded = msgspec.json.decode(body) if body else {}
        except msgspec.MsgspecError:
            decoded = {}
        values |= decoded if isinstance(decoded, dict) else {}
    elif kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        async with request.form(max_part_size=4_000_000) as form:
            values |= {key: value for key, value in form.multi_items() if isinstance(value, str)}
    return values


def _token(request: Request, values: Json) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token else str(values.get("token", ""))


def _scopes(core: Core, method: str, token: str) -> dict[str, str]:
    caller, listed = core.tokens.get(token), METHODS.get(method)
    headers = {"x-slack-req-id": "stand-in"}
    if caller is not None:
        headers["x-oauth-scopes"] = ",".join(caller.scopes)
    if listed is not None:
        headers["x-accepted-oauth-scopes"] = ",".join(listed.scopes)
    return headers


async def _upload(core: Core, request: Request) -> Response:
    data = await _uploaded(request)

    async def run() -> Response:
        try:
            return PlainTextResponse(receive(core, request.path_params["file"], data))
        except ApiError as error:
            return PlainTextResponse(error.code, 400)

    response = await _with_faults(core, request, "upload", run)
    core.recording.add("upload", file=request.path_params["file"], bytes=len(data), status=response.status_code)
    return response


async def _uploaded(request: Request) -> bytes:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.body()
    async with request.form() as form:
        for value in form.values():
            if not isinstance(value, str):
                return await value.read()
    return b""


def _private(core: Core, request: Request) -> Response:
    """A file's bytes, for whoever holds a token. Without one, Slack shows a page to log in: so no bytes here."""
    caller = core.tokens.get(_token(request, {}))
    try:
        file = core.files.get(request.path_params["file"].rpartition("-")[2])
    except ApiError:
        return PlainTextResponse("file_not_found", 404)
    if caller is None or caller.state or "files:read" not in caller.scopes:
        return PlainTextResponse("<html>Sign in to see this file.</html>", 200, media_type="text/html")
    return Response(file.data or b"", media_type=file.mimetype)


async def _hook(core: Core, request: Request) -> Response:
    values = await _values(request)
    if "payload" in values:
        values = Args(values).json("payload") or {}
    key = request.path_params["key"].replace(core.team, TEAM, 1)

    async def run() -> Response:
        try:
            respond(core, key, Args(values))
            return PlainTextResponse("ok")
        except ApiError as error:
            status = 404 if error.code in ("used_url", "expired_url", "no_active_hooks", "invalid_blocks") else 400
            return PlainTextResponse(error.code, status)

    response = await _with_faults(core, request, "response_url", run)
    core.recording.add("response", args=values, status=response.status_code, answer=bytes(response.body).decode())
    return response

"""The addresses of the page and of whoever drives the stand-in: /sandbox/… in JSON, and the page itself."""

from __future__ import annotations

import asyncio
import base64
import mimetypes
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib import resources
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.sandbox import gestures
from bot.sandbox.core import Core
from bot.sandbox.faults import Fault
from bot.sandbox.look import look
from bot.sandbox.shapes import ApiError, Json
from tracker.errors import UsageError

Action = Callable[[Core, Json], Awaitable[Json]]
_PAGE = resources.files("bot.sandbox") / "page"
_SAFE = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def routes(core: Core) -> list[BaseRoute]:
    """What stands at the stand-in's addresses for people."""

    async def act(request: Request) -> Response:
        return await _act(core, request)

    async def seen(request: Request) -> Response:
        query = request.query_params
        try:
            return JSONResponse(look(core, query.get("user", ""), query.get("channel", "")), headers=_SAFE)
        except ApiError as error:
            return JSONResponse(error.body(), 404)

    async def stream(request: Request) -> Response:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(_changes(core, request), media_type="text/event-stream", headers=headers)

    async def recording(request: Request) -> Response:
        lines = b"\n".join(map(msgspec.json.encode, core.recording.entries(request.query_params.get("kind"))))
        return Response(lines + b"\n", media_type="application/jsonl")

    async def file(request: Request) -> Response:
        return _file(core, request.path_params["file"])

    async def faults(request: Request) -> Response:
        return JSONResponse({"faults": core.faults.shown(), "down": core.faults.down})

    return [
        Route("/", _page),
        Route("/page/{name}", _page),
        Route("/archives/{rest:path}", _to_page),
        Route("/sandbox/state", seen),
        Route("/sandbox/stream", stream),
        Route("/sandbox/recording", recording),
        Route("/sandbox/faults", faults),
        Route("/sandbox/files/{file}", file),
        Route("/sandbox/{action}", act, methods=["POST"]),
    ]


async def _page(request: Request) -> Response:
    name = request.path_params.get("name", "index.html")
    found = _PAGE / name
    if "/" in name or name.startswith(".") or not found.is_file():
        return PlainTextResponse("There is no such page.", 404)
    return Response(found.read_bytes(), media_type=mimetypes.guess_type(name)[0], headers=_SAFE)


async def _to_page(request: Request) -> Response:
    channel = request.path_params["rest"].partition("/")[0]
    return RedirectResponse(f"/#{channel}")


def _file(core: Core, name: str) -> Response:
    """A file's bytes for the page, which a person looks at who is logged in to the workspace."""
    try:
        file = core.files.get(name)
    except ApiError:
        return PlainTextResponse("file_not_found", 404)
    kind = file.mimetype if file.mimetype.startswith("image/") and "svg" not in file.mimetype else "text/plain"
    return Response(file.data or b"", media_type=kind, headers={**_SAFE, "Cache-Control": "max-age=3600"})


async def _changes(core: Core, request: Request) -> AsyncIterator[str]:
    """Server-Sent Events: the workspace's version, each time it rises."""
    told = -1
    while not core.stopping and not await request.is_disconnected():
        if told != core.workspace.version:
            told = core.workspace.version
            yield f"data: {told}\n\n"
        await asyncio.sleep(0.05)


async def _act(core: Core, request: Request) -> Response:
    action = _ACTIONS.get(request.path_params["action"])
    if action is None:
        return JSONResponse({"ok": False, "error": "unknown_action"}, 404)
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("//")[2] != request.headers.get("host"):
        return JSONResponse({"ok": False, "error": "foreign_origin"}, 403)
    if not request.headers.get("content-type", "").startswith("application/json"):
        return JSONResponse({"ok": False, "error": "json_expected"}, 415)
    try:
        values = msgspec.json.decode(await request.body(), type=dict[str, Any])
        return JSONResponse({"ok": True, **await action(core, values)})
    except ApiError as error:
        return JSONResponse(error.body(), 400)
    except (KeyError, TypeError, ValueError, UsageError) as error:
        return JSONResponse({"ok": False, "error": "invalid_arguments", "message": str(error)}, 400)


async def _post(core: Core, said: Json) -> Json:
    files = [(str(one["name"]), base64.b64decode(one["base64"])) for one in said.get("files", [])]
    message = gestures.say(
        core,
        said["user"],
        said["channel"],
        said.get("text", ""),
        thread=said.get("thread_ts"),
        broadcast=bool(said.get("broadcast")),
        files=files,
        raw=said.get("raw"),
    )
    return {"ts": message["ts"]}


async def _edit(core: Core, said: Json) -> Json:
    gestures.revise(core, said["user"], said["channel"], said["ts"], said["text"])
    return {}


async def _delete(core: Core, said: Json) -> Json:
    gestures.withdraw(core, said["user"], said["channel"], said["ts"])
    return {}


async def _command(core: Core, said: Json) -> Json:
    name, _, text = str(said["line"]).partition(" ")
    answer = await gestures.command(core, said["user"], said["channel"], name, text.strip())
    return {"answer": answer.payload, "text": answer.text, "failed": answer.error}


async def _click(core: Core, said: Json) -> Json:
    answer = await gestures.click(core, said["user"], said["where"], said["action_id"], said.get("value"))
    return {"failed": answer.error}


async def _shortcut(core: Core, said: Json) -> Json:
    answer = await gestures.shortcut(core, said["user"], said["channel"], said["ts"], said["callback_id"])
    return {"failed": answer.error}


async def _submit(core: Core, said: Json) -> Json:
    answer = await gestures.submit(core, said["user"], said["view"], said.get("values", {}))
    return {"failed": answer.error}


async def _close(core: Core, said: Json) -> Json:
    core.modals.pop(str(said["view"]), None)
    core.workspace.tell(str(said["user"]))
    return {}


async def _home(core: Core, said: Json) -> Json:
    gestures.open_home(core, said["user"], said.get("tab", "home"))
    return {}


async def _react(core: Core, said: Json) -> Json:
    workspace = core.workspace
    who = workspace.person(said["user"]).id
    workspace.react(workspace.channel(said["channel"]), said["ts"], who, said["name"], add=said.get("add", True))
    return {}


async def _fault(core: Core, said: Json) -> Json:
    core.faults.add(Fault(**said))
    return {"faults": core.faults.shown()}


async def _break(core: Core, said: Json) -> Json:
    """Bigger things: `down` for seconds, `heal`, `revoke`, `restore`, `disconnect` with a reason."""
    if "down" in said:
        core.faults.go_down(float(said["down"]))
        await core.sockets.cut()
    if said.get("heal"):
        core.faults.clear()
    if "disconnect" in said:
        await core.sockets.disconnect(str(said["disconnect"]))
    bot = next(caller for caller in core.tokens.values() if caller.is_bot)
    if "revoke" in said:
        bot.state = str(said["revoke"])
    if said.get("restore"):
        bot.state = ""
    return {"down": core.faults.down}


_ACTIONS: dict[str, Action] = {
    "break": _break,
    "click": _click,
    "close": _close,
    "command": _command,
    "delete": _delete,
    "edit": _edit,
    "fault": _fault,
    "home": _home,
    "post": _post,
    "react": _react,
    "shortcut": _shortcut,
    "submit": _submit,
}

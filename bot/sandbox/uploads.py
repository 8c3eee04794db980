"""The methods files.*: the upload in three steps, as files_upload_v2 walks them, and looking at a file."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.sandbox.args import Args
from bot.sandbox.blocks import checked_blocks
from bot.sandbox.chat import signed
from bot.sandbox.core import Core
from bot.sandbox.files import StoredFile
from bot.sandbox.grants import Caller
from bot.sandbox.people import Channel
from bot.sandbox.shapes import SECOND, ApiError, Json
from bot.sandbox.words import from_app


def get_upload_url(core: Core, caller: Caller, args: Args) -> Json:
    """files.getUploadURLExternal: step one."""
    name, length = args.need("filename"), args.number("length", 0)
    if length <= 0:
        raise ApiError("invalid_arguments", response_metadata={"messages": ["[ERROR] missing required field: length"]})
    file = core.files.announce(name, length, caller.user, args.text("alt_txt"))
    return {"ok": True, "upload_url": f"{core.base()}/upload/v1/{file.id}", "file_id": file.id}


def receive(core: Core, file_id: str, data: bytes) -> str:
    """Step two: the bytes. Returns what Slack says.

    Raises:
        ApiError: `file_not_found`; `invalid_arguments` when the length is not the announced one.
    """
    file = core.files.get(file_id)
    if len(data) != file.length:
        raise ApiError("invalid_arguments")
    file.data = data
    return f"OK - {len(data)}"


def complete(core: Core, caller: Caller, args: Args) -> Json:
    """files.completeUploadExternal: step three, once; processing and sharing follow after the answer."""
    named = args.json("files")
    if not isinstance(named, list) or not named or any(not isinstance(one, dict) for one in named):
        raise ApiError("invalid_arguments", response_metadata={"messages": ["[ERROR] missing required field: files"]})
    if args.has("initial_comment") and args.has("blocks"):
        raise ApiError("invalid_arguments")
    files = [_uploaded(core, one, caller) for one in named]
    targets = [name for name in (args.text("channel_id") or args.text("channels")).split(",") if name]
    channels = [core.writable(name, caller) for name in targets]
    thread = args.text("thread_ts") or None
    if thread and any(thread not in channel.messages for channel in channels):
        raise ApiError("thread_not_found")
    body: Json = signed(core, caller) | {"text": from_app(args.text("initial_comment"))}
    if blocks := args.json("blocks", "invalid_blocks_format"):
        body["blocks"] = checked_blocks(blocks, "message", core.files.wrong_with)
    for file, one in zip(files, named, strict=True):
        file.completed = True
        file.title = str(one.get("title") or file.name)
        file.ready_at = core.clock() + int(core.habits.processing * SECOND)
    core.office.spawn(_process(core, files, channels, body, thread))
    return {"ok": True, "files": [core.files.shown(file) for file in files]}


def info(core: Core, caller: Caller, args: Args) -> Json:
    """files.info."""
    file = core.files.get(args.need("file", "file_not_found"))
    if not file.completed:
        raise ApiError("file_not_found")
    return {"ok": True, "file": core.files.shown(file), "comments": [], "response_metadata": {"next_cursor": ""}}


def remove(core: Core, caller: Caller, args: Args) -> Json:
    """files.delete: the caller's own."""
    file = core.files.get(args.need("file", "file_not_found"))
    if file.user != caller.user:
        raise ApiError("cant_delete_file")
    file.deleted, file.data = True, None
    return {"ok": True}


def _uploaded(core: Core, named: Json, caller: Caller) -> StoredFile:
    file = core.files.get(str(named.get("id", "")))
    if file.completed or file.data is None or file.user != caller.user:
        raise ApiError("file_not_found")
    return file


async def _process(
    core: Core, files: list[StoredFile], channels: list[Channel], body: Json, thread: str | None
) -> None:
    await asyncio.sleep(core.habits.processing)
    shareable = [file for file in files if not (file.alt and core.habits.alt_text_bug)]
    for channel in channels if shareable else ():
        share(core, channel, shareable, body, thread)
    core.workspace.tell("")


def share(core: Core, channel: Channel, files: list[StoredFile], body: Json, thread: str | None) -> Json:
    """Post the message that shows the files."""
    with core.workspace.lock:
        shown: list[Any] = [core.files.shown(file) for file in files]
        said: Json = {**body, "subtype": "file_share", "upload": False, "files": shown}
        message = core.workspace.post(channel, said, thread=thread)
        for file in files:
            core.files.shared(file, channel, message["ts"])
        return message

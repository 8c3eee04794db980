"""The methods chat.* and reactions.*: posting, changing, taking back."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from bot.sandbox import limits
from bot.sandbox.args import Args
from bot.sandbox.blocks import checked_blocks
from bot.sandbox.core import Core
from bot.sandbox.grants import Caller
from bot.sandbox.people import APP, BOT, TEAM, Channel
from bot.sandbox.shapes import ApiError, Json
from bot.sandbox.words import from_app, links_of

_EMOJI_NAME = re.compile(r"[a-z0-9_+'\-]+(?:::skin-tone-[2-6])?")


_UNSAID = "This content can't be displayed."


def post_message(core: Core, caller: Caller, args: Args) -> Json:
    """chat.postMessage."""
    channel = core.writable(args.need("channel", "channel_not_found"), caller)
    body = authored(core, args)
    if metadata := _metadata(args):
        body["metadata"] = metadata
    body |= signed(core, caller)
    if name := args.text("username"):
        body |= {"subtype": "bot_message", "username": name}
    thread = args.text("thread_ts") or None
    message = core.workspace.post(channel, body, thread=thread, broadcast=args.flag("reply_broadcast"))
    answer: Json = {"ok": True, "channel": channel.id, "ts": message["ts"]}
    answer["message"] = core.workspace.shown(channel, message, metadata=True)
    if len(args.text("text")) > limits.MESSAGE_TEXT_CUT_AT:
        answer |= {"warning": "message_truncated", "response_metadata": {"warnings": ["message_truncated"]}}
    return answer


def update(core: Core, caller: Caller, args: Args) -> Json:
    """chat.update: own messages only; text without blocks takes the blocks away; metadata stays unless given."""
    channel = core.readable(args.need("channel", "channel_not_found"), caller)
    ts = args.need("ts", "message_not_found")
    message = core.workspace.message(channel, ts)
    if message.get("user") != caller.user or message.get("subtype") == "tombstone":
        raise ApiError("cant_update_message")
    if channel.archived:
        raise ApiError("is_inactive")
    if len(args.text("text")) > limits.UPDATE_TEXT_MAX_LENGTH:
        raise ApiError("msg_too_long")
    files = args.json("file_ids")
    body = authored(core, args, empty_ok=bool(files))
    if files is not None:
        body["files"] = [core.files.shown(core.files.get(str(name))) for name in files]
    if args.has("metadata"):
        body["metadata"] = _metadata(args)
    drop: tuple[str, ...] = ("blocks",) if "blocks" not in body and "text" in body else ()
    drop += ("attachments",) if args.has("attachments") and "attachments" not in body else ()
    edited_by = "" if "blocks" in body else caller.user
    after = core.workspace.edit(channel, ts, body, drop=drop, edited_by=edited_by)
    shown = core.workspace.shown(channel, after, metadata=True)
    return {"ok": True, "channel": channel.id, "ts": ts, "text": after.get("text", ""), "message": shown}


def delete(core: Core, caller: Caller, args: Args) -> Json:
    """chat.delete: the app's own; anybody's with the user token of an admin."""
    channel = core.readable(args.need("channel", "channel_not_found"), caller)
    ts = args.need("ts", "message_not_found")
    message = core.workspace.message(channel, ts)
    if message.get("subtype") == "tombstone":
        raise ApiError("message_not_found")
    admin = caller.kind == "user" and core.workspace.person(caller.user).admin
    if (message.get("user") != caller.user or "username" in message) and not admin:
        raise ApiError("cant_delete_message")
    core.workspace.delete(channel, ts)
    return {"ok": True, "channel": channel.id, "ts": ts}


def post_ephemeral(core: Core, caller: Caller, args: Args) -> Json:
    """chat.postEphemeral: to one member of the channel, and nowhere kept."""
    channel = core.writable(args.need("channel", "channel_not_found"), caller)
    user = args.need("user", "user_not_in_channel")
    if user not in channel.members:
        raise ApiError("user_not_in_channel")
    body = authored(core, args) | signed(core, caller)
    if thread := args.text("thread_ts"):
        body["thread_ts"] = thread
    whispered = core.workspace.whisper(channel, user, body)
    return {"ok": True, "message_ts": whispered["ts"]}


def permalink(core: Core, caller: Caller, args: Args) -> Json:
    """chat.getPermalink."""
    channel = core.readable(args.need("channel", "channel_not_found"), caller)
    ts = args.need("message_ts", "message_not_found")
    core.workspace.message(channel, ts)
    link = f"{core.base()}/archives/{channel.id}/p{ts.replace('.', '')}"
    return {"ok": True, "channel": channel.id, "permalink": link}


def unfurl(core: Core, caller: Caller, args: Args) -> Json:
    """chat.unfurl: previews for the registered links of a message; a second call replaces the first's."""
    unfurls = args.json("unfurls", "invalid_unfurls_format")
    if unfurls is None:
        raise ApiError("missing_unfurls")
    if not isinstance(unfurls, dict) or any(not isinstance(value, dict) for value in unfurls.values()):
        raise ApiError("invalid_unfurls_format")
    if args.has("unfurl_id"):
        if not args.has("source"):
            raise ApiError("missing_source")
        name, _, rest = args.text("unfurl_id").partition(".")
        ts = rest.rpartition(".")[0]
    else:
        name, ts = args.need("channel", "cannot_find_message"), args.need("ts", "cannot_find_message")
    try:
        channel = core.workspace.channel(name)
        message = core.workspace.message(channel, ts)
    except ApiError:
        raise ApiError("cannot_find_message") from None
    written = links_of(str(message.get("text", "")))
    if any(url not in written for url in unfurls):
        raise ApiError("cannot_unfurl_url")
    previews = [_preview(core, number, url, value) for number, (url, value) in enumerate(unfurls.items(), 1)]
    others = [one for one in message.get("attachments", []) if not one.get("is_app_unfurl")]
    core.workspace.edit(channel, ts, {"attachments": [*others, *previews]})
    return {"ok": True}


def add_reaction(core: Core, caller: Caller, args: Args) -> Json:
    """reactions.add."""
    return _react(core, caller, args, add=True)


def remove_reaction(core: Core, caller: Caller, args: Args) -> Json:
    """reactions.remove."""
    return _react(core, caller, args, add=False)


def get_reactions(core: Core, caller: Caller, args: Args) -> Json:
    """reactions.get."""
    channel = core.readable(args.need("channel", "channel_not_found"), caller)
    message = core.workspace.message(channel, args.need("timestamp", "message_not_found"))
    shown = core.workspace.shown(channel, message)
    return {"ok": True, "type": "message", "channel": channel.id, "message": shown}


def _react(core: Core, caller: Caller, args: Args, *, add: bool) -> Json:
    name = args.need("name", "invalid_name").strip(":")
    if not _EMOJI_NAME.fullmatch(name):
        raise ApiError("invalid_name")
    if not args.has("timestamp"):
        raise ApiError("no_item_specified")
    channel = core.joined(args.need("channel", "channel_not_found"), caller)
    core.workspace.react(channel, args.text("timestamp"), caller.user, name, add=add)
    return {"ok": True}


def authored(core: Core, args: Args, *, empty_ok: bool = False) -> Json:
    """What an app wrote: text, blocks and attachments, checked and as Slack stores them.

    Raises:
        ApiError: `no_text`, `markdown_text_conflict`, `too_many_attachments`, and what blocks are refused for.
    """
    body: Json = {}
    text, markdown = args.text("text"), args.text("markdown_text")
    if markdown and (text or args.has("blocks")):
        raise ApiError("markdown_text_conflict")
    if len(markdown) > limits.MARKDOWN_TOTAL_TEXT_MAX_LENGTH:
        raise ApiError("msg_too_long")
    blocks = args.json("blocks", "invalid_blocks_format")
    attachments = args.json("attachments", "invalid_attachments")
    if blocks:
        body["blocks"] = checked_blocks(blocks, "message", core.files.wrong_with)
    if markdown:
        body["blocks"] = [{"type": "markdown", "text": markdown, "block_id": "b0000"}]
    if attachments:
        body["attachments"] = _attachments(core, attachments)
    if not text.strip() and not body and not empty_ok:
        raise ApiError("no_text")
    if text or body:
        shown = text or markdown or (_UNSAID if "blocks" in body else "")
        body["text"] = from_app(shown[: limits.MESSAGE_TEXT_CUT_AT])
    return body


def signed(core: Core, caller: Caller) -> Json:
    """Who speaks: the app's user with its profile, or the person whose token it is."""
    if not caller.is_bot:
        return {"user": caller.user}
    name = core.workspace.person(caller.user).name
    profile = {"id": BOT, "name": name, "app_id": APP, "team_id": TEAM, "icons": {}, "updated": 0, "deleted": False}
    return {"user": caller.user, "bot_id": BOT, "app_id": APP, "bot_profile": profile}


def _attachments(core: Core, value: Any) -> list[Json]:
    if not isinstance(value, list) or any(not isinstance(one, dict) for one in value):
        raise ApiError("invalid_attachments")
    if len(value) > limits.MESSAGE_ATTACHMENTS_MAX_ITEMS:
        raise ApiError("too_many_attachments")
    checked = []
    for number, one in enumerate(value, 1):
        kept: Json = {"id": number, "fallback": "[no preview available]", **one}
        if one.get("blocks"):
            kept["blocks"] = checked_blocks(one["blocks"], "message", core.files.wrong_with)
        checked.append(kept)
    return checked


def _preview(core: Core, number: int, url: str, value: Json) -> Json:
    preview: Json = {"fallback": "[no preview available]", **value, "id": number}
    if value.get("blocks"):
        preview["blocks"] = checked_blocks(value["blocks"], "message", core.files.wrong_with)
    return preview | {
        "from_url": url,
        "original_url": url,
        "app_unfurl_url": url,
        "is_app_unfurl": True,
        "app_id": APP,
        "bot_id": BOT,
    }


def _metadata(args: Args) -> Json | None:
    value = args.json("metadata", "invalid_metadata_format")
    if value is None:
        return None
    if not isinstance(value, dict) or "event_type" not in value:
        raise ApiError("invalid_metadata_format")
    payload = value.get("event_payload")
    if not isinstance(payload, dict):
        raise ApiError("invalid_metadata_schema")
    if len(msgspec.json.encode(value)) > limits.METADATA_BYTES:
        raise ApiError("metadata_too_large")
    return {"event_type": str(value["event_type"]), "event_payload": payload}


def post_now(core: Core, channel: Channel, caller: Caller, args: Args) -> Json:
    """A message of the app's that comes by response_url: same checks, no membership asked."""
    return core.workspace.post(channel, authored(core, args) | signed(core, caller))

"""The methods that look: auth, team, users, conversations, and the history of a channel or a thread."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from bot.sandbox.args import Args
from bot.sandbox.core import Core
from bot.sandbox.grants import Caller
from bot.sandbox.people import APP, BOT, BOT_USER, TEAM, TEAM_DOMAIN, TEAM_NAME, Channel
from bot.sandbox.shapes import ApiError, Json


def api_test(core: Core, caller: Caller, args: Args) -> Json:
    """api.test."""
    if args.has("error"):
        raise ApiError(args.text("error"), args=args.values)
    return {"ok": True, "args": args.values}


def auth_test(core: Core, caller: Caller, args: Args) -> Json:
    """auth.test."""
    person = core.workspace.person(caller.user)
    who: Json = {
        "ok": True,
        "url": f"{core.base()}/",
        "team": TEAM_NAME,
        "user": person.handle,
        "team_id": TEAM,
        "user_id": person.id,
        "is_enterprise_install": False,
    }
    return who | ({"bot_id": BOT} if caller.is_bot else {})


def auth_revoke(core: Core, caller: Caller, args: Args) -> Json:
    """auth.revoke."""
    if args.flag("test"):
        return {"ok": True, "revoked": False}
    caller.state = "token_revoked"
    return {"ok": True, "revoked": True}


def open_connection(core: Core, caller: Caller, args: Args) -> Json:
    """apps.connections.open: an address for one Socket Mode connection."""
    if caller.kind != "app":
        raise ApiError("not_allowed_token_type")
    place = core.base().replace("http", "ws", 1)
    return {"ok": True, "url": f"{place}/link/?ticket={core.sockets.ticket()}&app_id={APP}"}


def team_info(core: Core, caller: Caller, args: Args) -> Json:
    """team.info."""
    team = {"id": TEAM, "name": TEAM_NAME, "domain": TEAM_DOMAIN, "url": f"{core.base()}/", "email_domain": ""}
    return {"ok": True, "team": team}


def bot_info(core: Core, caller: Caller, args: Args) -> Json:
    """bots.info."""
    if args.text("bot") not in ("", BOT):
        raise ApiError("bot_not_found")
    name = core.workspace.person(BOT_USER).name
    bot = {"id": BOT, "deleted": False, "name": name, "updated": 0, "app_id": APP, "user_id": BOT_USER, "icons": {}}
    return {"ok": True, "bot": bot}


def user_info(core: Core, caller: Caller, args: Args) -> Json:
    """users.info."""
    name = args.need("user", "user_not_found")
    if name not in core.workspace.people:
        raise ApiError("user_not_found")
    return {"ok": True, "user": core.workspace.people[name].shown(locale=args.flag("include_locale"))}


def user_by_email(core: Core, caller: Caller, args: Args) -> Json:
    """users.lookupByEmail."""
    handle, _, domain = args.need("email", "users_not_found").partition("@")
    for person in core.workspace.people.values():
        if person.handle == handle and domain == "example.org" and not person.is_bot:
            return {"ok": True, "user": person.shown()}
    raise ApiError("users_not_found")


def list_users(core: Core, caller: Caller, args: Args) -> Json:
    """users.list, by pages."""
    everybody = [person.shown() for person in core.workspace.people.values()]
    page, cursor = _page(everybody, args, 1000)
    return {"ok": True, "members": page, "cache_ts": core.clock() // 1_000_000} | cursor


def conversation_info(core: Core, caller: Caller, args: Args) -> Json:
    """conversations.info."""
    channel = core.readable(args.need("channel", "channel_not_found"), caller)
    return {"ok": True, "channel": channel.shown(caller.user)}


def list_conversations(core: Core, caller: Caller, args: Args) -> Json:
    """conversations.list and users.conversations, by pages; private ones only to members."""
    wanted = (args.text("types") or "public_channel").split(",")
    kinds = {"public_channel": "channel", "private_channel": "group", "im": "im"}
    sought = {kinds[name.strip()] for name in wanted if name.strip() in kinds}
    with core.workspace.lock:
        found = [
            channel.shown(caller.user)
            for channel in core.workspace.channels.values()
            if channel.kind in sought
            and (channel.kind == "channel" or caller.user in channel.members)
            and not (args.flag("exclude_archived") and channel.archived)
        ]
    page, cursor = _page(found, args, 1000)
    return {"ok": True, "channels": page} | cursor


def own_conversations(core: Core, caller: Caller, args: Args) -> Json:
    """users.conversations: those the caller is in."""
    answer = list_conversations(core, caller, args)
    answer["channels"] = [one for one in answer["channels"] if one.get("is_member", True)]
    return answer


def members(core: Core, caller: Caller, args: Args) -> Json:
    """conversations.members, by pages."""
    channel = core.readable(args.need("channel", "channel_not_found"), caller)
    page, cursor = _page(channel.members, args, 1000)
    return {"ok": True, "members": page} | cursor


def join(core: Core, caller: Caller, args: Args) -> Json:
    """conversations.join: public channels only."""
    channel = core.readable(args.need("channel", "channel_not_found"), caller)
    if channel.kind != "channel":
        raise ApiError("method_not_supported_for_channel_type")
    if channel.archived:
        raise ApiError("is_archived")
    already = caller.user in channel.members
    core.workspace.join(channel, caller.user)
    answer: Json = {"ok": True, "channel": channel.shown(caller.user)}
    return answer | ({"warning": "already_in_channel"} if already else {})


def open_direct(core: Core, caller: Caller, args: Args) -> Json:
    """conversations.open, with one user."""
    if args.has("channel"):
        return {"ok": True, "channel": {"id": core.readable(args.text("channel"), caller).id}}
    users = args.need("users", "users_list_not_supplied").split(",")
    if len(users) > 1:
        raise ApiError("not_enough_users" if not users[0] else "too_many_users")
    if users[0] not in core.workspace.people:
        raise ApiError("user_not_found")
    channel = core.workspace.direct(users[0])
    return {"ok": True, "channel": channel.shown(caller.user) if args.flag("return_im") else {"id": channel.id}}


def history(core: Core, caller: Caller, args: Args) -> Json:
    """conversations.history: newest first, replies left out unless they were broadcast."""
    channel = _reading(core, caller, args)
    with core.workspace.lock:
        top = [
            message
            for message in channel.messages.values()
            if message.get("thread_ts", message["ts"]) == message["ts"] or message.get("subtype") == "thread_broadcast"
        ]
    found, more = _between(top, args)
    return _told(core, channel, found, args, more=more) | {"pin_count": 0}


def replies(core: Core, caller: Caller, args: Args) -> Json:
    """conversations.replies: the parent and its replies, oldest first."""
    channel = _reading(core, caller, args)
    ts = args.need("ts", "thread_not_found")
    with core.workspace.lock:
        if ts not in channel.messages:
            raise ApiError("thread_not_found")
        thread = str(channel.messages[ts].get("thread_ts", ts))
        names = [thread, *channel.threads.get(thread, [])]
        found = [channel.messages[name] for name in names if name in channel.messages]
    parent = [message for message in found if message["ts"] == thread]
    rest, more = _between([message for message in found if message["ts"] != thread], args, newest_first=False)
    return _told(core, channel, [*parent, *rest], args, more=more)


def _reading(core: Core, caller: Caller, args: Args) -> Channel:
    channel = core.joined(args.need("channel", "channel_not_found"), caller)
    needed = {"channel": "channels:history", "group": "groups:history"}.get(channel.kind, "im:history")
    if needed not in caller.scopes:
        raise ApiError("missing_scope", needed=needed, provided=",".join(caller.scopes))
    return channel


def _between(found: list[Json], args: Args, *, newest_first: bool = True) -> tuple[list[Json], bool]:
    oldest, latest = float(args.text("oldest") or 0), float(args.text("latest") or "inf")
    inclusive = args.flag("inclusive")
    chosen = [
        message
        for message in found
        if oldest < float(message["ts"]) < latest or (inclusive and float(message["ts"]) in (oldest, latest))
    ]
    if newest_first:
        chosen.reverse()
    start = _cursor(args)
    limit = max(1, min(args.number("limit", 100), 1000))
    return chosen[start : start + limit], len(chosen) > start + limit


def _told(core: Core, channel: Channel, found: Sequence[Json], args: Args, *, more: bool) -> Json:
    metadata = args.flag("include_all_metadata")
    shown = [core.workspace.shown(channel, message, metadata=metadata) for message in found]
    answer: Json = {"ok": True, "messages": shown, "has_more": more}
    if more:
        nearest = _cursor(args) + max(1, min(args.number("limit", 100), 1000))
        answer["response_metadata"] = {"next_cursor": base64.b64encode(f"at:{nearest}".encode()).decode()}
    return answer


def _page(found: Sequence[Any], args: Args, most: int) -> tuple[list[Any], Json]:
    start = _cursor(args)
    limit = max(1, min(args.number("limit", 100) or most, most))
    after = start + limit
    following = base64.b64encode(f"at:{after}".encode()).decode() if len(found) > after else ""
    return list(found[start:after]), {"response_metadata": {"next_cursor": following}}


def _cursor(args: Args) -> int:
    if not args.has("cursor"):
        return 0
    try:
        kind, _, at = base64.b64decode(args.text("cursor")).decode().partition(":")
        if kind == "at":
            return int(at)
    except ValueError:
        pass
    raise ApiError("invalid_cursor")

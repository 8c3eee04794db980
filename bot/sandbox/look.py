"""What one person sees of the workspace, as the page draws it."""

from __future__ import annotations

from bot.sandbox.core import Core
from bot.sandbox.people import APP, BOT_USER, COMMANDS, TEAM_NAME, Channel
from bot.sandbox.shapes import Json
from bot.sandbox.words import EMOJI

NEWEST = 200


def look(core: Core, user: str, channel_name: str) -> Json:
    """The sidebar, and the newest of a channel with its threads, for `user` (the first member, if none is named).

    Raises:
        ApiError: `user_not_found`, `channel_not_found`.
    """
    workspace = core.workspace
    with workspace.lock:
        people = list(workspace.people.values())
        viewer = workspace.person(user) if user else people[0]
        workspace.direct(viewer.id)
        everything = workspace.channels.values()
        mine = [channel for channel in everything if channel.kind == "channel" or viewer.id in channel.members]
        shown = workspace.channel(channel_name) if channel_name else mine[0]
        if shown not in mine:
            shown = mine[0]
        return {
            "version": workspace.version,
            "team": TEAM_NAME,
            "app": {"id": APP, "user": BOT_USER, "connections": core.sockets.count, "url": core.office.route.url},
            "viewer": viewer.id,
            "people": [
                {"id": person.id, "handle": person.handle, "name": person.name, "bot": person.is_bot}
                for person in people
            ],
            "channels": [_sidebar(channel, viewer.id) for channel in mine],
            "channel": {**_sidebar(shown, viewer.id), "topic": shown.topic, "members": len(shown.members)},
            "messages": _messages(core, shown, viewer.id),
            "home": core.homes.get(viewer.id),
            "modals": [view for view in core.modals.values() if view["to"] == viewer.id],
            "down": core.faults.down,
            "commands": [{"line": line, "hint": hint} for line, hint in COMMANDS],
            "emoji": {name: sign for sign, name in EMOJI.items()},
        }


def _sidebar(channel: Channel, viewer: str) -> Json:
    newest = next(reversed(channel.messages), "")
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "joined": viewer in channel.members,
        "archived": channel.archived,
        "newest": newest,
    }


def _messages(core: Core, channel: Channel, viewer: str) -> list[Json]:
    workspace = core.workspace
    top: list[Json] = []
    by_ts: dict[str, Json] = {}
    for message in list(channel.messages.values())[-5 * NEWEST :]:
        parent = message.get("thread_ts", message["ts"])
        if parent == message["ts"] or message.get("subtype") == "thread_broadcast":
            shown = workspace.shown(channel, message) | {"replies": []}
            top.append(shown)
            by_ts.setdefault(message["ts"], shown)
        if parent != message["ts"] and parent in by_ts:
            by_ts[parent]["replies"].append(workspace.shown(channel, message))
    for whispered in workspace.ephemerals:
        if whispered["channel"] == channel.id and whispered["to"] == viewer:
            message = {**whispered["message"], "replies": []}
            parent = message.get("thread_ts")
            if parent in by_ts:
                by_ts[parent]["replies"].append(message)
            else:
                top.append(message)
    top.sort(key=lambda message: str(message["ts"]))
    return top[-NEWEST:]

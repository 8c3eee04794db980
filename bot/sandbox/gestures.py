"""What people do: type, edit, delete, react, give a command, press a button, open the app's Home."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any

from bot.sandbox import news, views
from bot.sandbox.args import Args
from bot.sandbox.chat import authored, post_now, signed
from bot.sandbox.core import Core
from bot.sandbox.office import Answer
from bot.sandbox.people import APP, BOT_USER, TEAM, TEAM_DOMAIN, Channel
from bot.sandbox.shapes import ApiError, Json
from bot.sandbox.uploads import share
from bot.sandbox.words import from_person, links_of


def say(
    core: Core,
    user: str,
    channel_name: str,
    text: str,
    *,
    thread: str | None = None,
    broadcast: bool = False,
    files: Sequence[tuple[str, bytes]] = (),
    raw: Json | None = None,
) -> Json:
    """A person posts. `text` is what they typed; `raw` goes over the message as it is (blocks, a subtype, …).

    Raises:
        ApiError: `user_not_found`, `channel_not_found`, `not_in_channel`, `is_archived`, `thread_not_found`.
    """
    person, channel = core.workspace.person(user), core.workspace.channel(channel_name)
    if person.id not in channel.members:
        raise ApiError("not_in_channel")
    wire, blocks = from_person(text, core.workspace.names())
    body: Json = {"user": person.id, "text": wire, "client_msg_id": str(uuid.uuid4())}
    if blocks:
        body["blocks"] = [{**blocks[0], "block_id": "typed"}]
    body |= raw or {}
    if files:
        stored = [core.files.put(name, data, person.id) for name, data in files]
        message = share(core, channel, stored, body, thread)
    else:
        message = core.workspace.post(channel, body, thread=thread, broadcast=broadcast)
    foreign = [url for url in links_of(wire) if not news.domain_of(url, core.workspace.unfurl_domains)]
    if foreign and core.habits.link_previews and not url_is_local(foreign[0]):
        core.office.spawn(_preview(core, channel, message["ts"], foreign[0]))
    return message


def url_is_local(url: str) -> bool:
    """Whether a link leads to this machine, where Slack could fetch no preview."""
    return url.split("/")[2].split(":")[0] in ("localhost", "127.0.0.1", "[::1]")


def revise(core: Core, user: str, channel_name: str, ts: str, text: str) -> Json:
    """A person edits their own message.

    Raises:
        ApiError: `cant_update_message`, `message_not_found`.
    """
    person, channel = core.workspace.person(user), core.workspace.channel(channel_name)
    message = core.workspace.message(channel, ts)
    if message.get("user") != person.id or "bot_id" in message:
        raise ApiError("cant_update_message")
    wire, blocks = from_person(text, core.workspace.names())
    body: Json = {"text": wire}
    if blocks:
        body["blocks"] = [{**blocks[0], "block_id": "typed"}]
    return core.workspace.edit(channel, ts, body, edited_by=person.id)


def withdraw(core: Core, user: str, channel_name: str, ts: str) -> None:
    """A person deletes their own message, an admin anybody's.

    Raises:
        ApiError: `cant_delete_message`, `message_not_found`.
    """
    person, channel = core.workspace.person(user), core.workspace.channel(channel_name)
    if core.workspace.message(channel, ts).get("user") != person.id and not person.admin:
        raise ApiError("cant_delete_message")
    core.workspace.delete(channel, ts)


async def command(core: Core, user: str, channel_name: str, name: str, text: str) -> Answer:
    """A person gives a slash command; what the app answers at once is shown to them, or to all.

    Raises:
        ApiError: `user_not_found`, `channel_not_found`.
    """
    person, channel = core.workspace.person(user), core.workspace.channel(channel_name)
    hook = core.hooks.make(channel.id, person.id)
    payload: Json = {
        "token": "deprecated-verification-token",
        "team_id": TEAM,
        "team_domain": TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": {"group": "privategroup", "im": "directmessage"}.get(channel.kind, channel.name),
        "user_id": person.id,
        "user_name": person.handle,
        "command": name,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": core.base() + hook,
        "trigger_id": core.hooks.trigger(person.id),
    }
    answer = await core.office.ask("slash_commands", payload)
    if answer.error:
        told = f"{name} failed with the error `{answer.error}`"
        core.workspace.whisper(channel, person.id, {"user": "USLACKBOT", "text": told})
    elif answer.payload is not None or answer.text:
        values = answer.payload if answer.payload is not None else {"text": answer.text}
        if values.get("text") or values.get("blocks") or values.get("attachments"):
            try:
                _put(core, channel, person.id, Args(values))
            except ApiError as error:
                told = f"{name} failed with the error `{error.code}`"
                core.workspace.whisper(channel, person.id, {"user": "USLACKBOT", "text": told})
    return answer


async def click(core: Core, user: str, where: Json, action_id: str, value: Any = None) -> Answer:
    """A person presses a button, or chooses: `where` is {channel, ts} or {home: true} or {view: ID}.

    Raises:
        ApiError: `message_not_found`, `no_such_action` for an action that is not shown there.
    """
    person = core.workspace.person(user)
    payload: Json = {
        "type": "block_actions",
        "user": {"id": person.id, "username": person.handle, "name": person.handle, "team_id": TEAM},
        "api_app_id": APP,
        "token": "deprecated-verification-token",
        "team": {"id": TEAM, "domain": TEAM_DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": core.hooks.trigger(person.id),
    }
    if "channel" in where:
        channel = core.workspace.channel(str(where["channel"]))
        message, whispered = _shown_to(core, channel, person.id, str(where["ts"]))
        blocks = _all_blocks(message)
        thread = message.get("thread_ts")
        hook = core.hooks.make(channel.id, person.id, ts=message["ts"], whispered=whispered, thread=thread)
        payload |= {
            "container": {
                "type": "message",
                "message_ts": message["ts"],
                "channel_id": channel.id,
                "is_ephemeral": whispered,
            },
            "channel": {"id": channel.id, "name": channel.name or "directmessage"},
            "message": message,
            "state": {"values": {}},
            "response_url": core.base() + hook,
        }
    else:
        view = core.homes.get(person.id) if where.get("home") else core.modals.get(str(where.get("view")))
        if view is None:
            raise ApiError("not_found")
        blocks = view["blocks"]
        payload |= {"container": {"type": "view", "view_id": view["id"]}, "view": view}
    payload["actions"] = [_action(blocks, action_id, value, core.workspace.now())]
    return await core.office.ask("interactive", payload)


async def shortcut(core: Core, user: str, channel_name: str, ts: str, callback_id: str) -> Answer:
    """A person uses a message shortcut of the app on a message."""
    person, channel = core.workspace.person(user), core.workspace.channel(channel_name)
    message = core.workspace.message(channel, ts)
    payload: Json = {
        "type": "message_action",
        "callback_id": callback_id,
        "token": "deprecated-verification-token",
        "trigger_id": core.hooks.trigger(person.id),
        "response_url": core.base() + core.hooks.make(channel.id, person.id),
        "user": {"id": person.id, "username": person.handle, "name": person.handle, "team_id": TEAM},
        "team": {"id": TEAM, "domain": TEAM_DOMAIN},
        "channel": {"id": channel.id, "name": channel.name or "directmessage"},
        "message": message,
        "message_ts": ts,
        "action_ts": core.workspace.now(),
        "is_enterprise_install": False,
        "enterprise": None,
    }
    return await core.office.ask("interactive", payload)


async def submit(core: Core, user: str, view_id: str, values: Json) -> Answer:
    """A person submits a modal. `values` is the state: {block_id: {action_id: {type, value}}}.

    The app's answer closes it, or shows errors, another view, or clears them all (`response_action`).
    """
    person, view = core.workspace.person(user), core.modals.get(view_id)
    if view is None or view["to"] != person.id:
        raise ApiError("not_found")
    told = {key: value for key, value in view.items() if key != "to"} | {"state": {"values": values}}
    payload: Json = {
        "type": "view_submission",
        "team": {"id": TEAM, "domain": TEAM_DOMAIN},
        "user": {"id": person.id, "username": person.handle, "name": person.handle, "team_id": TEAM},
        "api_app_id": APP,
        "token": "deprecated-verification-token",
        "trigger_id": core.hooks.trigger(person.id),
        "view": told,
        "response_urls": [],
        "is_enterprise_install": False,
        "enterprise": None,
    }
    answer = await core.office.ask("interactive", payload)
    said = answer.payload or {}
    if answer.error:
        core.modals[view_id] = {**view, "errors": {"": "We had some trouble connecting. Try again?"}}
    elif said.get("response_action") == "errors":
        core.modals[view_id] = {**view, "errors": said.get("errors", {})}
    elif said.get("response_action") in ("update", "push"):
        views.replaced(core, view, said.get("view"))
    else:
        core.modals.pop(view_id, None)
    core.workspace.tell(person.id)
    return answer


def open_home(core: Core, user: str, tab: str = "home") -> None:
    """A person opens the app's Home, or its messages."""
    person = core.workspace.person(user)
    channel = core.workspace.direct(person.id)
    view = core.homes.get(person.id) if tab == "home" else None
    core.office.submit(news.home_opened(person.id, channel.id, tab, view, core.workspace.now()))


def respond(core: Core, key: str, args: Args) -> None:
    """What the app sends to a response_url.

    Raises:
        ApiError: `used_url`, `expired_url`, `no_active_hooks`, and what the message is refused for.
    """
    hook = core.hooks.use(key)
    channel = core.workspace.channel(hook.channel)
    if args.flag("delete_original") and hook.ts is not None:
        _forget(core, channel, hook.ts)
    elif args.flag("replace_original") and hook.ts is not None:
        body = authored(core, args)
        if not _rewrite(core, hook.ts, body):
            core.workspace.edit(channel, hook.ts, body, drop=() if "blocks" in body else ("blocks",))
    else:
        shown = _put(core, channel, hook.user, args)
        if hook.ts is None:
            hook.ts = shown["ts"]


def _put(core: Core, channel: Channel, user: str, args: Args) -> Json:
    caller = next(caller for caller in core.tokens.values() if caller.is_bot)
    if args.text("response_type") == "in_channel":
        return post_now(core, channel, caller, args)
    return core.workspace.whisper(channel, user, authored(core, args) | signed(core, caller))


def _rewrite(core: Core, ts: str, body: Json) -> bool:
    with core.workspace.lock:
        for whispered in core.workspace.ephemerals:
            if whispered["message"]["ts"] == ts:
                kept = {key: value for key, value in whispered["message"].items() if key != "blocks"}
                whispered["message"] = kept | body
                core.workspace.tell(whispered["channel"])
                return True
    return False


def _forget(core: Core, channel: Channel, ts: str) -> None:
    with core.workspace.lock:
        before = len(core.workspace.ephemerals)
        kept = [one for one in core.workspace.ephemerals if one["message"]["ts"] != ts]
        core.workspace.ephemerals[:] = kept
    if len(kept) == before:
        core.workspace.delete(channel, ts)
    else:
        core.workspace.tell(channel.id)


def _shown_to(core: Core, channel: Channel, user: str, ts: str) -> tuple[Json, bool]:
    with core.workspace.lock:
        for whispered in core.workspace.ephemerals:
            if whispered["message"]["ts"] == ts and whispered["to"] == user:
                return whispered["message"], True
        return core.workspace.shown(channel, core.workspace.message(channel, ts)), False


def _all_blocks(message: Json) -> list[Json]:
    attached = [block for one in message.get("attachments", []) for block in one.get("blocks", [])]
    return [*message.get("blocks", []), *attached]


def _action(blocks: list[Json], action_id: str, value: Any, ts: str) -> Json:
    for block in blocks:
        parts = [*block.get("elements", []), block.get("accessory"), block.get("element")]
        for element in parts:
            if isinstance(element, dict) and element.get("action_id") == action_id:
                action: Json = {
                    "type": element["type"],
                    "action_id": action_id,
                    "block_id": block.get("block_id", ""),
                    "action_ts": ts,
                }
                if element["type"] == "button":
                    return action | {key: element[key] for key in ("text", "value", "url", "style") if key in element}
                chosen = [one for one in element.get("options", []) if one.get("value") == value]
                return action | ({"selected_option": chosen[0]} if chosen else {"value": value})
    raise ApiError("no_such_action")


async def _preview(core: Core, channel: Channel, ts: str, url: str) -> None:
    """Slack's own link preview: a `message_changed` whose text is what it was."""
    await asyncio.sleep(core.habits.preview_after)
    host = url.split("/")[2]
    preview: Json = {
        "id": 1,
        "from_url": url,
        "original_url": url,
        "service_name": host,
        "title": host,
        "title_link": url,
        "text": "A preview that Slack made by itself.",
        "fallback": f"{host}: a preview",
    }
    with core.workspace.lock:
        message = channel.messages.get(ts)
        if message is not None and message.get("subtype") != "tombstone" and message.get("user") != BOT_USER:
            core.workspace.edit(channel, ts, {"attachments": [*message.get("attachments", []), preview]})

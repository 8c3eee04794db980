"""Buttons, message shortcuts, forms and links to runs: the letters they make, and what these say. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from tracker.store.mailbox import Letter

Json = Mapping[str, Any]

GESTURES = {"block_actions": "click", "message_action": "shortcut", "view_submission": "form"}
"""What people do with buttons, shortcuts and forms, and the kind of letter that it makes."""


def gesture_letter(body: Json) -> Letter | None:
    """The letter of a gesture. A button that only opens a link needs no letter."""
    kind = GESTURES[str(body["type"])]
    if kind == "click" and all("url" in action for action in body.get("actions") or ()):
        return None
    if kind == "form":
        key = f"form:{team_of(body)}:{body['view'].get('id')}"
    else:
        key = f"{kind}:{team_of(body)}:{body.get('trigger_id') or digest(body)}"
    return Letter(key, kind, key, key, kept(body))


def links_letter(body: Json, event: Json, event_id: str) -> Letter | None:
    """The letter of links to runs. Nothing is shown of runs where people of other organisations read along."""
    if body.get("is_ext_shared_channel") or not event.get("links"):
        return None
    key = f"links:{body.get('team_id')}:{event.get('channel')}:{event.get('message_ts')}"
    return Letter(key, "links", event_id, event_id, kept(body))


def team_of(body: Json) -> str:
    """The workspace that a gesture was made in."""
    team = body.get("team")
    return str((team or {}).get("id") or body.get("team_id") or "")


class Gesture(msgspec.Struct, frozen=True):
    """A button, a shortcut or a form: who, where, and what it says. `values` are a form's, by action."""

    team: str
    user: str
    channel: str
    name: str
    value: str
    respond_to: str
    trigger: str
    note: str = ""
    values: dict[str, str] = {}


def gesture_in(body: Json) -> Gesture:
    """The gesture of a letter of the kinds `click`, `shortcut` and `form`."""
    view: Json = body.get("view") or {}
    action: Json = (body.get("actions") or [{}])[0]
    return Gesture(
        team=team_of(body),
        user=str((body.get("user") or {}).get("id", "")),
        channel=str((body.get("channel") or {}).get("id", "")),
        name=str(action.get("action_id") or body.get("callback_id") or view.get("callback_id") or ""),
        value=str(action.get("value") or ""),
        respond_to=str(body.get("response_url") or ""),
        trigger=str(body.get("trigger_id") or ""),
        note=str(view.get("private_metadata") or ""),
        values=dict(_values(view)),
    )


def _values(view: Json) -> Iterator[tuple[str, str]]:
    for actions in ((view.get("state") or {}).get("values") or {}).values():
        for name, given in actions.items():
            chosen = given.get("selected_option") or {}
            found = given.get("selected_conversation") or chosen.get("value") or given.get("value")
            yield name, str(found or "")


def links_in(body: Json) -> tuple[str, str, str, str, tuple[str, ...]]:
    """Of a letter of the kind `links`: channel, ts, the unfurl's ID and source, and the addresses."""
    event = body["event"]
    links = tuple(dict.fromkeys(str(link["url"]) for link in event["links"]))
    names = ("channel", "message_ts", "unfurl_id", "source")
    channel, ts, unfurl, source = (str(event.get(name) or "") for name in names)
    return channel, ts, unfurl, source, links


def kept(body: Json) -> bytes:
    """The request as it came, without Slack's old shared token."""
    return msgspec.json.encode({name: value for name, value in body.items() if name != "token"})


def digest(value: object) -> str:
    """A digest of any JSON value."""
    return hashlib.sha256(msgspec.json.encode(value, order="sorted")).hexdigest()

"""The Events API's inner events, built from what happened. Pure: nothing here knows who will hear of it."""

from __future__ import annotations

from urllib.parse import urlsplit

from bot.sandbox.people import APP, TEAM, Channel
from bot.sandbox.shapes import Json

_UNSAID = {"metadata", "reply_count", "reply_users", "reply_users_count", "latest_reply", "is_locked", "subscribed"}


def said(message: Json) -> Json:
    """A message without what events do not carry."""
    return {key: value for key, value in message.items() if key not in _UNSAID}


def posted(channel: Channel, message: Json) -> Json:
    """`message`, told apart by the message's own `subtype`."""
    return said(message) | {"channel": channel.id, "channel_type": channel.kind, "event_ts": message["ts"]}


def mentioned(channel: Channel, message: Json) -> Json:
    """`app_mention`, which comes in addition to `message`, with the same `ts`."""
    event = said(message) | {"type": "app_mention", "channel": channel.id, "event_ts": message["ts"]}
    event.pop("subtype", None)
    return event


def changed(channel: Channel, message: Json, previous: Json, ts: str) -> Json:
    """`message_changed`: an edit, an unfurl, or a tombstone in place of a deleted parent."""
    return {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "message": {**said(message), "source_team": TEAM, "user_team": TEAM},
        "previous_message": said(previous),
        "channel": channel.id,
        "channel_type": channel.kind,
        "ts": ts,
        "event_ts": ts,
    }


def deleted(channel: Channel, previous: Json, ts: str) -> Json:
    """`message_deleted`."""
    return {
        "type": "message",
        "subtype": "message_deleted",
        "hidden": True,
        "deleted_ts": previous["ts"],
        "previous_message": said(previous),
        "channel": channel.id,
        "channel_type": channel.kind,
        "ts": ts,
        "event_ts": ts,
    }


def links_shared(channel: Channel, message: Json, urls: list[str], domains: list[str], *, member: bool) -> Json:
    """`link_shared`, for the links of registered domains in a person's message."""
    links = [{"domain": domain_of(url, domains), "url": url} for url in urls]
    event: Json = {
        "type": "link_shared",
        "user": message["user"],
        "channel": channel.id,
        "message_ts": message["ts"],
        "links": links,
        "source": "conversations_history",
        "unfurl_id": f"{channel.id}.{message['ts']}.{APP}",
        "is_bot_user_member": member,
        "event_ts": message["ts"],
    }
    if "thread_ts" in message:
        event["thread_ts"] = message["thread_ts"]
    return event


def domain_of(url: str, domains: list[str]) -> str:
    """The registered domain that `url` falls under, or "". A domain may carry a port, for loopback addresses."""
    place = urlsplit(url)
    for domain in domains:
        if domain in (place.netloc, place.hostname) or (place.hostname or "").endswith(f".{domain}"):
            return domain
    return ""


def joined(channel: Channel, user: str, inviter: str | None, ts: str) -> Json:
    """`member_joined_channel`; also sent for the app's own user, when it is invited."""
    kind = {"channel": "C", "group": "G"}.get(channel.kind, "C")
    event: Json = {
        "type": "member_joined_channel",
        "user": user,
        "channel": channel.id,
        "channel_type": kind,
        "team": TEAM,
        "event_ts": ts,
    }
    return event | ({"inviter": inviter} if inviter else {})


def home_opened(user: str, channel: str, tab: str, view: Json | None, ts: str) -> Json:
    """`app_home_opened`; with the view, once one was published."""
    event: Json = {"type": "app_home_opened", "user": user, "channel": channel, "tab": tab, "event_ts": ts}
    return event | ({"view": view} if view is not None else {})


def reacted(kind: str, channel: Channel, message: Json, user: str, name: str, ts: str) -> Json:
    """`reaction_added` or `reaction_removed`."""
    return {
        "type": kind,
        "user": user,
        "reaction": name,
        "item_user": message.get("user", ""),
        "item": {"type": "message", "channel": channel.id, "ts": message["ts"]},
        "event_ts": ts,
    }


def subscription_of(event: Json) -> str:
    """The name under which an app subscribes to `event`: messages are told apart by their kind of channel."""
    kind = str(event["type"])
    if kind != "message":
        return kind
    return {"channel": "message.channels", "group": "message.groups"}.get(
        str(event.get("channel_type")), f"message.{event.get('channel_type')}"
    )


SCOPE_OF = {
    "app_mention": "app_mentions:read",
    "link_shared": "links:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "member_joined_channel": "channels:read",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
}

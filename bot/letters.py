"""What Slack sends, told apart: which of it is mail, about what, and who speaks. Pure.

An event about a message comes in many shapes. Here they become three: a post (as it was written), an edit,
and a deletion. A post that mentions the bot arrives twice, as a message and as a mention, and is one letter;
so is a gesture that Slack delivers under two ts with one client's ID. Events without news (a link's preview
was added, the bot's own messages) are no mail. Buttons, message shortcuts and forms are letters of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from bot.gestures import GESTURES, Json, digest, gesture_letter, kept, links_letter, team_of
from tracker.learning import learned
from tracker.store.mailbox import Letter

_CONTENT = frozenset({None, "file_share", "thread_broadcast", "me_message", "bot_message"})
_DEEP = 12
_ENDS = frozenset({"app_uninstalled", "tokens_revoked"})


class Said(msgspec.Struct, frozen=True):
    """A message: where, when and by whom, its text, and its version (the ts of the edit, "" as written).

    `digest` is that of the content: text, or what blocks say where there is none, and files.
    """

    team: str
    channel: str
    ts: str
    thread: str | None
    user: str
    text: str
    version: str
    digest: str
    broadcast: bool
    called: bool
    direct: bool

    @property
    def in_thread(self) -> bool:
        """Whether it stands in a thread only."""
        return self.thread not in (None, self.ts) and not self.broadcast

    @property
    def root(self) -> str:
        """The ts of the thread that a reply goes to."""
        return self.thread or self.ts

    @property
    def posted_at(self) -> int:
        """Microseconds since 1970."""
        return at_of(self.ts)


def at_of(ts: str) -> int:
    """The moment of a ts, in microseconds since 1970; 0 for none."""
    seconds, _, fraction = ts.partition(".")
    return int(seconds or "0") * 1_000_000 + int(fraction[:6].ljust(6, "0") or "0")


class Command(msgspec.Struct, frozen=True):
    """A slash command: who typed which words where, and the address for the answer."""

    team: str
    user: str
    channel: str
    text: str
    respond_to: str
    trigger: str


class _Message(msgspec.Struct):
    """The fields of a message that are looked at, and their types."""

    type: str | None = None
    subtype: str | None = None
    channel: str | None = None
    ts: str | None = None
    deleted_ts: str | None = None
    event_ts: str | None = None
    thread_ts: str | None = None
    user: str | None = None
    text: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    client_msg_id: str | None = None
    bot_profile: dict[str, Any] | None = None
    edited: dict[str, Any] | None = None
    files: list[dict[str, Any]] | None = None
    message: _Message | None = None
    previous_message: _Message | None = None


class _Envelope(msgspec.Struct):
    event: _Message
    team_id: str | None = None
    api_app_id: str | None = None
    event_id: str | None = None
    authorizations: list[dict[str, Any]] | None = None


def letter_of(body: Json) -> Letter | None:
    """The letter that a request of Slack's makes; None for one that needs nothing but an answer.

    Raises:
        msgspec.ValidationError: a message event whose fields are of other types than Slack's ever were.
    """
    if "command" in body:
        return _command_letter(body)
    if body.get("type") in GESTURES:
        return gesture_letter(body)
    event = body.get("event")
    if body.get("type") != "event_callback" or not isinstance(event, dict):
        return None
    if event.get("type") in {"message", "app_mention"}:
        msgspec.convert(body, learned(_Envelope))
    team = str(body.get("team_id", ""))
    event_id = f"event:{body.get('event_id') or digest(event)}"
    if event.get("type") == "app_home_opened":
        if event.get("tab", "home") != "home" or not event.get("user"):
            return None
        lane = f"home:{team}:{event.get('user')}"
        return Letter(lane, "home", event_id, event_id, kept(body))
    if event.get("type") in _ENDS:
        return Letter(f"install:{team}", "leave", event_id, event_id, kept(body))
    if event.get("type") == "link_shared":
        return links_letter(body, event, event_id)
    if event.get("type") not in {"message", "app_mention"}:
        return None
    found = _message_kind(event)
    if found is None:
        return None
    kind, message, version = found
    if _is_own(message, body) or _is_stranger(message, body) or not _is_ts(message.get("ts")):
        return None
    place = f"{team}:{event.get('channel')}:{message['ts']}"
    client = None
    if kind == "post" and message.get("client_msg_id"):
        client = f"{team}:{event.get('channel')}:{message['client_msg_id']}"
    subject = f"{kind}:{place}:{version}" if kind == "edit" else f"{kind}:{place}"
    return Letter(f"post:{place}", kind, event_id, subject, kept(body), client)


def said_in(body: Json) -> Said:
    """The message of a letter of the kinds `post` and `edit`."""
    event = body["event"]
    found = _message_kind(event)
    assert found is not None
    _, message, version = found
    text = _text(message)
    bot = _bot_user(body)
    return Said(
        team=str(body.get("team_id", "")),
        channel=str(event["channel"]),
        ts=str(message["ts"]),
        thread=message.get("thread_ts"),
        user=str(message.get("user") or message.get("bot_id") or ""),
        text=text,
        version=version,
        digest=digest([text, [file.get("id") for file in message.get("files") or ()]]),
        broadcast=message.get("subtype") == "thread_broadcast",
        called=bool(bot) and f"<@{bot}>" in text,
        direct=event.get("channel_type") == "im",
    )


def place_of(body: Json) -> tuple[str, str, str]:
    """Team, channel and ts of the message that a letter is about."""
    event = body["event"]
    found = _message_kind(event)
    assert found is not None
    return str(body.get("team_id", "")), str(event["channel"]), str(found[1]["ts"])


def command_in(body: Json) -> Command:
    """The command of a letter of the kind `command`."""
    return Command(
        team=str(body.get("team_id", "")),
        user=str(body.get("user_id", "")),
        channel=str(body.get("channel_id", "")),
        text=str(body.get("text") or ""),
        respond_to=str(body.get("response_url", "")),
        trigger=str(body.get("trigger_id", "")),
    )


def decoded(body: bytes) -> Json:
    """A stored letter's body."""
    found: Json = msgspec.json.decode(body)
    return found


def _command_letter(body: Json) -> Letter:
    key = f"command:{body.get('team_id')}:{body.get('trigger_id') or digest(body)}"
    return Letter(key, "command", key, key, kept(body))


def said_at(body: Json) -> Said:
    """The message that a shortcut was used on."""
    message: Json = body["message"]
    channel: Json = body.get("channel") or {}
    event = {**message, "channel": channel.get("id", ""), "subtype": None}
    return said_in({"team_id": team_of(body), "event": event})


def _message_kind(event: Json) -> tuple[str, Json, str] | None:
    """What a message event is: its kind, the message it is about, and the version."""
    subtype = event.get("subtype")
    if subtype in _CONTENT:
        return "post", event, ""
    if subtype == "message_deleted":
        previous = event.get("previous_message") or {}
        return "delete", {**previous, "ts": event.get("deleted_ts") or previous.get("ts")}, ""
    message = event.get("message")
    if subtype != "message_changed" or not isinstance(message, dict):
        return None
    if message.get("subtype") == "tombstone":
        return "delete", {**message, "bot_id": None, "app_id": None}, ""
    if message.get("subtype") not in _CONTENT or _same(message, event.get("previous_message")):
        return None
    return "edit", message, str((message.get("edited") or {}).get("ts") or event.get("ts") or event.get("event_ts"))


def _same(message: Json, previous: object) -> bool:
    """Whether the content is what it was: Slack only added a preview, or found out the language."""
    if not isinstance(previous, dict):
        return False
    return _text(message) == _text(previous) and _files(message) == _files(previous)


def _files(message: Json) -> list[Any]:
    return [file.get("id") for file in message.get("files") or ()]


def _is_own(message: Json, body: Json) -> bool:
    """Whether the app itself wrote it."""
    app = body.get("api_app_id")
    own_app = (message.get("bot_profile") or {}).get("app_id") or message.get("app_id")
    return (app is not None and own_app == app) or (bool(_bot_user(body)) and message.get("user") == _bot_user(body))


def _is_stranger(message: Json, body: Json) -> bool:
    """Whether somebody of another organisation wrote it, in a channel that is shared with them."""
    home = message.get("user_team") or message.get("source_team") or message.get("team")
    return bool(body.get("is_ext_shared_channel")) and home not in (None, body.get("team_id"))


def _bot_user(body: Json) -> str | None:
    for each in body.get("authorizations") or ():
        if each.get("is_bot", True) and each.get("user_id"):
            return str(each["user_id"])
    return None


def _is_ts(value: object) -> bool:
    whole, _, fraction = str(value).partition(".")
    return whole.isdigit() and fraction.isdigit()


def _text(message: Json) -> str:
    """What the message says: its text, or what its blocks say where there is none.

    A person's text and blocks say the same. A bot's text may be but the fallback of what stands in its blocks and
    attachments, so of those everything counts that the text leaves out.
    """
    said = message.get("text")
    text = said if isinstance(said, str) and said.strip() else ""
    if text and not message.get("bot_id"):
        return text
    pieces = [*_pieces(message.get("blocks"), 0), *(_attached(message) if message.get("bot_id") else ())]
    for piece in pieces:
        if piece and _bare(piece) not in _bare(text):
            text = f"{text}\n{piece}" if text else piece
    return text


def _attached(message: Json) -> Iterator[str]:
    """The texts of a bot's own attachments; previews and forwarded messages are others' words."""
    attachments = message.get("attachments")
    for each in attachments if isinstance(attachments, list) else ():
        if not isinstance(each, dict) or _OTHERS & each.keys():
            continue
        for name in ("pretext", "title", "text"):
            yield str(each.get(name) or "")
        for field in each.get("fields") or ():
            if isinstance(field, dict):
                yield f"{field.get('title') or ''} {field.get('value') or ''}".strip()
        yield from _pieces(each.get("blocks"), 0)


_OTHERS = frozenset({"from_url", "original_url", "is_msg_unfurl", "is_share", "is_app_unfurl"})


def _bare(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def _pieces(value: object, depth: int) -> Iterator[str]:
    """The texts of blocks, in their order."""
    if depth > _DEEP:
        return
    if isinstance(value, list):
        if value and all(isinstance(each, dict) and each.get("type") in _INLINE for each in value):
            yield "".join(_inline(each) for each in value)
            return
        for each in value:
            yield from _pieces(each, depth + 1)
    elif isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        elif "elements" in value or "fields" in value or "text" in value:
            for name in ("text", "fields", "elements"):
                yield from _pieces(value.get(name), depth + 1)


_INLINE = frozenset({"text", "link", "user", "emoji", "channel", "broadcast", "date"})


def _inline(piece: Json) -> str:
    if piece["type"] == "user":
        return f"<@{piece.get('user_id')}>"
    if piece["type"] == "emoji":
        return f":{piece.get('name')}:"
    return str(piece.get("text") or piece.get("url") or piece.get("fallback") or "")

"""The workspace: its channels and what is said in them. Every change is told: to the page, and to the app as events."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from bot.sandbox import news
from bot.sandbox.people import BOT_USER, TEAM, Channel, Person, channels, people
from bot.sandbox.shapes import ApiError, Json, stamp
from bot.sandbox.words import links_of


class Workspace:
    """What everybody sees. All methods may be called from any thread.

    `on_event` gets each inner event that the app's bot is near enough to hear; `on_change` the ID of a channel (or
    of a user, for their Home) in which something changed.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.clock = clock
        self.people: dict[str, Person] = {person.id: person for person in people()}
        self.channels: dict[str, Channel] = {channel.id: channel for channel in channels()}
        self.ephemerals: list[Json] = []
        self.unfurl_domains: list[str] = []
        self.version = 0
        self.on_event: Callable[[Json], None] = lambda event: None
        self.on_change: Callable[[str], None] = lambda where: None
        self._last = 0

    def tell(self, where: str) -> None:
        """Say that something changed at a channel, or at a user's Home."""
        with self.lock:
            self.version += 1
            self.changed.notify_all()
        self.on_change(where)

    def now(self) -> str:
        """A new `ts`, later than every one before it."""
        with self.lock:
            self._last = max(self.clock(), self._last + 1)
            return stamp(self._last)

    def names(self) -> dict[str, str]:
        """What may be typed after `@`, and `#channel`, with the ID that it means."""
        named = {person.handle: person.id for person in self.people.values()}
        named |= {person.name.lower(): person.id for person in self.people.values()}
        return named | {f"#{channel.name}": channel.id for channel in self.channels.values() if channel.name}

    def channel(self, name: str) -> Channel:
        """A channel by ID, by name, or by `#name`.

        Raises:
            ApiError: `channel_not_found`.
        """
        with self.lock:
            if name in self.channels:
                return self.channels[name]
            for channel in self.channels.values():
                if channel.name and channel.name == name.removeprefix("#"):
                    return channel
        raise ApiError("channel_not_found")

    def person(self, name: str) -> Person:
        """A person by ID or handle.

        Raises:
            ApiError: `user_not_found`.
        """
        with self.lock:
            for person in self.people.values():
                if name in (person.id, person.handle, f"@{person.handle}"):
                    return person
        raise ApiError("user_not_found")

    def direct(self, user: str) -> Channel:
        """The direct conversation of a user with the app, opened if it was not there."""
        with self.lock:
            name = f"D0{user[2:]}"
            if name not in self.channels:
                self.channels[name] = Channel(name, "", "im", [user, BOT_USER])
            return self.channels[name]

    def message(self, channel: Channel, ts: str) -> Json:
        """A message as it stands.

        Raises:
            ApiError: `message_not_found`.
        """
        with self.lock:
            if ts not in channel.messages:
                raise ApiError("message_not_found")
            return channel.messages[ts]

    def shown(self, channel: Channel, message: Json, *, metadata: bool = False) -> Json:
        """A message as history gives it: with its thread's counts, and its metadata where that was asked for."""
        with self.lock:
            shown = dict(message)
            if not metadata:
                shown.pop("metadata", None)
            if replies := channel.threads.get(message["ts"]):
                users = list(dict.fromkeys(str(channel.messages[ts].get("user")) for ts in replies))
                shown |= {
                    "thread_ts": message["ts"],
                    "reply_count": len(replies),
                    "reply_users_count": len(users),
                    "reply_users": users,
                    "latest_reply": replies[-1],
                    "is_locked": False,
                    "subscribed": BOT_USER in users or message.get("user") == BOT_USER,
                }
            return shown

    def post(self, channel: Channel, body: Json, *, thread: str | None = None, broadcast: bool = False) -> Json:
        """Put a message into a channel or a thread, and tell of it.

        Raises:
            ApiError: `thread_not_found`, `is_archived`.
        """
        with self.lock:
            if channel.archived:
                raise ApiError("is_archived")
            message: Json = {"type": "message", **body, "ts": self.now(), "team": TEAM}
            if thread is not None:
                if thread not in channel.messages:
                    raise ApiError("thread_not_found")
                parent = channel.messages[thread]
                thread = str(parent.get("thread_ts", thread))
                parent = channel.messages.get(thread, parent)
                message |= {"thread_ts": thread, "parent_user_id": parent.get("user", "")}
                if broadcast:
                    message |= {"subtype": "thread_broadcast", "root": news.said(self.shown(channel, parent))}
                channel.threads.setdefault(thread, []).append(message["ts"])
            channel.messages[message["ts"]] = message
            self._hear(channel, news.posted(channel, message))
            if message.get("user") != BOT_USER:
                self._hear_of_people(channel, message, before="")
        self.tell(channel.id)
        return message

    def edit(self, channel: Channel, ts: str, body: Json, *, drop: tuple[str, ...] = (), edited_by: str = "") -> Json:
        """Change a message: `body` over what it holds, without the keys of `drop`."""
        with self.lock:
            before = self.message(channel, ts)
            after = {key: value for key, value in before.items() if key not in drop} | body
            now = self.now()
            if edited_by:
                after["edited"] = {"user": edited_by, "ts": now}
            channel.messages[ts] = after
            self._hear(channel, news.changed(channel, after, before, now))
            if edited_by and edited_by != BOT_USER:
                self._hear_of_people(channel, after, before=str(before.get("text", "")))
        self.tell(channel.id)
        return after

    def delete(self, channel: Channel, ts: str) -> None:
        """Take a message away. A parent with replies leaves a tombstone, which goes with the last of them."""
        with self.lock:
            before = self.message(channel, ts)
            now = self.now()
            if channel.threads.get(ts) and before.get("subtype") != "tombstone":
                tombstone: Json = {
                    "type": "message",
                    "subtype": "tombstone",
                    "text": "This message was deleted.",
                    "user": "USLACKBOT",
                    "hidden": True,
                    "ts": ts,
                    "thread_ts": ts,
                }
                channel.messages[ts] = tombstone
                self._hear(channel, news.changed(channel, self.shown(channel, tombstone), before, now))
            else:
                del channel.messages[ts]
                self._hear(channel, news.deleted(channel, before, now))
                self._leave_thread(channel, before)
        self.tell(channel.id)

    def _leave_thread(self, channel: Channel, message: Json) -> None:
        parent = message.get("thread_ts")
        replies = channel.threads.get(str(parent), [])
        if message["ts"] in replies:
            replies.remove(message["ts"])
        if parent and not replies:
            channel.threads.pop(str(parent), None)
            if channel.messages.get(str(parent), {}).get("subtype") == "tombstone":
                tombstone = channel.messages.pop(str(parent))
                self._hear(channel, news.deleted(channel, tombstone, self.now()))

    def whisper(self, channel: Channel, user: str, body: Json) -> Json:
        """Show something to one user only. It is no message: it cannot be found, edited or deleted by the API."""
        with self.lock:
            ephemeral: Json = {"type": "message", "is_ephemeral": True, **body, "ts": self.now()}
            self.ephemerals.append({"channel": channel.id, "to": user, "message": ephemeral})
        self.tell(channel.id)
        return ephemeral

    def react(self, channel: Channel, ts: str, user: str, name: str, *, add: bool) -> None:
        """Add or take back a reaction.

        Raises:
            ApiError: `already_reacted`, `no_reaction`, `message_not_found`.
        """
        with self.lock:
            message = self.message(channel, ts)
            found = {reaction["name"]: list(reaction["users"]) for reaction in message.get("reactions", [])}
            users = found.setdefault(name, [])
            if add == (user in users):
                raise ApiError("already_reacted" if add else "no_reaction")
            users.append(user) if add else users.remove(user)
            kept: list[Json] = [{"name": n, "users": u, "count": len(u)} for n, u in found.items() if u]
            changed: Json = {**message, "reactions": kept}
            if not kept:
                del changed["reactions"]
            channel.messages[ts] = changed
            kind = "reaction_added" if add else "reaction_removed"
            self._hear(channel, news.reacted(kind, channel, message, user, name, self.now()))
        self.tell(channel.id)

    def join(self, channel: Channel, user: str, inviter: str | None = None) -> None:
        """Make a user a member of a channel, and say so there."""
        with self.lock:
            if user in channel.members:
                return
            channel.members.append(user)
            body: Json = {"subtype": "channel_join", "user": user, "text": f"<@{user}> has joined the channel"}
            if inviter:
                body["inviter"] = inviter
            self.post(channel, body)
            self._hear(channel, news.joined(channel, user, inviter, self.now()))

    def leave(self, channel: Channel, user: str) -> None:
        """Take a user out of a channel."""
        with self.lock:
            channel.members.remove(user)
        self.tell(channel.id)

    def _hear_of_people(self, channel: Channel, message: Json, *, before: str) -> None:
        """What a person's message sets off beside itself: a mention, links of registered domains."""
        text = str(message.get("text", ""))
        if f"<@{BOT_USER}>" in text and f"<@{BOT_USER}>" not in before and channel.kind != "im":
            self._hear(channel, news.mentioned(channel, message))
        fresh = [url for url in links_of(text) if url not in links_of(before)]
        ours = [url for url in fresh if news.domain_of(url, self.unfurl_domains)]
        if ours:
            member = BOT_USER in channel.members
            self.on_event(news.links_shared(channel, message, ours, self.unfurl_domains, member=member))

    def _hear(self, channel: Channel, event: Json) -> None:
        if BOT_USER in channel.members:
            self.on_event(event)

    def wait_until(self, predicate: Callable[[], Any], timeout: float = 10.0) -> bool:
        """Wait until `predicate()` holds, looking again at each change. Whether it came to hold."""
        deadline = time.monotonic() + timeout
        while not predicate():
            if time.monotonic() >= deadline:
                return False
            with self.changed:
                self.changed.wait(0.05)
        return True

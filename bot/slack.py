"""The door to Slack: every call the bot makes, and what its answers mean; and what the app must be allowed.

A call ends in one of four ways: it came about; Slack declined it (`Declined`, trying again won't help); it
cannot be now (`NotNow`: it surely did not come about); or nobody knows (`Unsure`: the connection broke
after the call was sent, or Slack says that something went wrong inside). No call is repeated here: an answer
that was lost after Slack had acted would make two messages of one.
"""

from __future__ import annotations

import http.client
import logging
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.error import URLError

import httpx
import msgspec
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from tracker.client.transport import checks
from tracker.errors import Refused, Unavailable

log = logging.getLogger("runcite.bot")

SCOPES: dict[str, str] = {
    "app_mentions:read": "see posts that mention the bot",
    "channels:history": "see posts in public channels the bot was invited to, and find its own replies again",
    "channels:read": "know a public channel's name, to tell a results channel",
    "chat:write": "reply to posts, update and remove its own replies",
    "commands": "the command /results",
    "files:read": "see when an uploaded chart is ready to be shown",
    "files:write": "upload charts",
    "groups:history": "the same as channels:history in private channels",
    "groups:read": "the same as channels:read in private channels",
    "im:history": "see posts that somebody sends to the bot directly, to try them first",
    "im:write": "open the conversation that an export is handed over in",
    "links:read": "see links to runs, to show what stands there",
    "links:write": "show it beside the link",
    "users:read": "know the name, language and home workspace of who asks",
}
"""The bot's scopes, and what each is for."""

EVENTS: tuple[str, ...] = (
    *("app_home_opened", "app_mention", "app_uninstalled", "link_shared", "message.channels", "message.groups"),
    *("message.im", "tokens_revoked"),
)
"""The events the bot subscribes to."""

COMMANDS: dict[str, tuple[str, str]] = {
    "/results": (
        "Runs behind results: a run, the board, a comparison",
        "[RUN_ID | board | compare A B | importance | mine | post | reproduce RUN | login | help]",
    ),
}
"""Each command: what it does, and the hint on its words."""

SHORTCUTS: dict[str, tuple[str, str]] = {
    "check_post": ("Check this post", "What Runcite says to a post, shown to you alone"),
}
"""Each message shortcut by its callback: its name, and what it does."""

METADATA = "runcite_reply"
"""The type of the metadata that the bot's replies carry."""

_UNSURE = frozenset({"fatal_error", "internal_error", "service_unavailable", "request_timeout"})
_LATER = frozenset({"ratelimited", "rate_limited"})
_NAMELESS = frozenset({"channel_not_found", "missing_scope", "method_not_supported_for_channel_type"})
_PATIENT = 30.0
_MOST_KNOWN = 10_000


class Declined(Refused):
    """Slack says no. `code` is its error."""

    def __init__(self, method: str, code: str, detail: str = "") -> None:
        super().__init__(f"Slack declined {method}: {code}{f' ({detail})' if detail else ''}.")
        self.code = code


class NotNow(Unavailable):
    """The call did not come about, and may later."""


class Unsure(Unavailable):
    """The call may have come about, or not."""


class Unheard(Unsure):
    """The call went out whole, and nothing came back in time: as far as anybody can tell, Slack has it."""


class Identity(msgspec.Struct, frozen=True):
    """Who the bot is in its workspace."""

    team: str
    bot_user: str
    bot_id: str


class Person(msgspec.Struct, frozen=True):
    """A Slack user as far as the bot asks. `home` is the workspace they belong to; a guest is no full member of it."""

    id: str
    home: str
    name: str
    handle: str
    guest: bool
    bot: bool
    locale: str = ""


class Renewed(msgspec.Struct, frozen=True):
    """A token in place of one that expires, and the refresh token for the next. Neither shows in a repr."""

    token: str
    refresh_token: str
    expires_in: int

    def __repr__(self) -> str:
        return f"Renewed(expires_in={self.expires_in})"


def renewed(client: WebClient, client_id: str, client_secret: str, refresh_token: str) -> Renewed:
    """The next token of an installation. The one before works on for a while; the refresh token does not."""
    try:
        said = client.oauth_v2_access(
            client_id=client_id,
            client_secret=client_secret,
            grant_type="refresh_token",
            refresh_token=refresh_token,
        )
    except SlackApiError as error:
        raise _meaning("oauth.v2.access", error.response) from None
    except (OSError, http.client.HTTPException, SlackClientError) as error:
        raise _broken("oauth.v2.access", error) from None
    return Renewed(str(said["access_token"]), str(said["refresh_token"]), int(said["expires_in"]))


class Slack:
    """The Web API under one bot token. Safe to use from several threads."""

    def __init__(self, token: str | None, api_url: str, *, timeout: int = 8, admin: str | None = None) -> None:
        self.client = WebClient(token=token, base_url=api_url, timeout=timeout, retry_handlers=[])
        self._admin = admin
        # One client, for what proves who Slack is; a connection for each call, since one that Slack closes while it is
        # used again leaves it unsure whether an answer arrived, and it would be repeated.
        alone = httpx.Limits(max_keepalive_connections=0)
        self._http = httpx.Client(timeout=timeout, limits=alone, verify=checks(api_url))
        self._channels: dict[str, str | None] = {}
        self._languages: dict[str, str] = {}

    def identity(self) -> Identity:
        """Who the bot is."""
        said = self._call("auth.test", {})
        return Identity(str(said["team_id"]), str(said["user_id"]), str(said.get("bot_id", "")))

    def channel_name(self, channel: str) -> str | None:
        """A channel's name; None for a direct conversation, or one the bot cannot see. Asked for once."""
        if channel not in self._channels:
            try:
                found = self._call("conversations.info", {"channel": channel})["channel"]
            except Declined as error:
                if error.code not in _NAMELESS:
                    raise NotNow(f"The channel's name is not to be had: {error.code}.") from None
                log.info("The channel %s has no name for the bot: %s", channel, error.code)
                found = {}
            self._channels[channel] = found.get("name")
        return self._channels[channel]

    def language(self, user: str) -> str:
        """The language a user reads Slack in, `en` or `zh`; `en` while Slack cannot say. Asked for once."""
        if user not in self._languages:
            try:
                locale = self.person(user).locale
            except (Declined, Unavailable) as error:
                log.info("The language of %s is not known: %s", user, error.message)
                return "en"
            if len(self._languages) >= _MOST_KNOWN:
                self._languages.clear()
            self._languages[user] = "zh" if locale.lower().startswith("zh") else "en"
        return self._languages[user]

    def person(self, user: str) -> Person:
        """A user of the workspace, or a stranger in a shared channel."""
        said = self._call("users.info", {"user": user, "include_locale": True})["user"]
        profile = said.get("profile") or {}
        return Person(
            id=user,
            home=str(said.get("team_id", "")),
            name=str(profile.get("real_name") or said.get("real_name") or said.get("name", "")),
            handle=str(said.get("name", "")),
            guest=bool(said.get("is_restricted") or said.get("is_ultra_restricted") or said.get("is_stranger")),
            bot=bool(said.get("is_bot")),
            locale=str(said.get("locale", "")),
        )

    def post(
        self,
        channel: str,
        thread: str | None,
        text: str,
        blocks: Sequence[Mapping[str, Any]],
        metadata: Mapping[str, str],
    ) -> str:
        """Post into a thread, or into the channel, and return the ts. `metadata` lets it be known again."""
        said = self._call(
            "chat.postMessage",
            {
                "channel": channel,
                **({"thread_ts": thread} if thread else {}),
                "text": text,
                "blocks": list(blocks),
                "unfurl_links": False,
                "unfurl_media": False,
                "metadata": {"event_type": METADATA, "event_payload": dict(metadata)},
            },
        )
        return str(said["ts"])

    def find_reply(self, channel: str, thread: str, key: str) -> str | None:
        """The ts of the message in a thread that carries `key` in its metadata; None where there is none."""
        return self._find("conversations.replies", {"channel": channel, "ts": thread}, key)

    def find_message(self, channel: str, key: str, *, since: int) -> str | None:
        """The ts of the message in a channel, written since then (microseconds), that carries `key`."""
        return self._find("conversations.history", {"channel": channel, "oldest": f"{since // 1_000_000 - 5}"}, key)

    def _find(self, method: str, where: Mapping[str, str], key: str) -> str | None:
        cursor = ""
        while True:
            try:
                said = self._call(method, {**where, "include_all_metadata": True, "limit": 200, "cursor": cursor})
            except Declined as error:
                if error.code in {"thread_not_found", "message_not_found"}:
                    return None
                raise
            for message in said.get("messages", ()):
                carried = message.get("metadata") or {}
                if carried.get("event_type") == METADATA and carried.get("event_payload", {}).get("key") == key:
                    return str(message["ts"])
            cursor = (said.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None

    def update(self, channel: str, ts: str, text: str, blocks: Sequence[Mapping[str, Any]]) -> None:
        """Rewrite a message of the bot's own; saying the same again changes nothing."""
        self._call("chat.update", {"channel": channel, "ts": ts, "text": text, "blocks": list(blocks)})

    def remove(self, channel: str, ts: str) -> None:
        """Delete a message of the bot's own; one that is gone already is fine."""
        try:
            self._call("chat.delete", {"channel": channel, "ts": ts})
        except Declined as error:
            if error.code != "message_not_found":
                raise

    def take_away(self, channel: str, ts: str) -> None:
        """Delete a member's message with the admin's own token; one that is gone already is fine."""
        assert self._admin is not None
        try:
            self._call("chat.delete", {"channel": channel, "ts": ts}, token=self._admin)
        except Declined as error:
            if error.code != "message_not_found":
                raise

    def whisper(
        self, channel: str, user: str, thread: str | None, text: str, blocks: Sequence[Mapping[str, Any]]
    ) -> str:
        """Show a message to one member of a channel only. It cannot be changed or found again."""
        told = {"channel": channel, "user": user, "text": text, "blocks": list(blocks)}
        said = self._call("chat.postEphemeral", {**told, **({"thread_ts": thread} if thread else {})})
        return str(said.get("message_ts", ""))

    def open_direct(self, user: str) -> str:
        """The ID of the bot's conversation with a user."""
        return str(self._call("conversations.open", {"users": user})["channel"]["id"])

    def open_view(self, trigger: str, view: Mapping[str, Any]) -> None:
        """Open a form for who made the gesture behind a trigger."""
        self._call("views.open", {"trigger_id": trigger, "view": dict(view)})

    def unfurl(self, channel: str, ts: str, unfurl: str, source: str, unfurls: Mapping[str, Any]) -> None:
        """Show previews for links of a message; those of an earlier call are replaced."""
        where = {"unfurl_id": unfurl, "source": source} if unfurl and source else {"channel": channel, "ts": ts}
        self._call("chat.unfurl", {**where, "unfurls": dict(unfurls)})

    def begin_upload(self, name: str, size: int) -> tuple[str, str]:
        """The first step of an upload: the address for the bytes, and the file's ID."""
        said = self._call("files.getUploadURLExternal", {"filename": name, "length": size})
        return str(said["upload_url"]), str(said["file_id"])

    def send_bytes(self, address: str, data: bytes) -> None:
        """The second step: the bytes themselves."""
        self._post(address, data, "application/octet-stream")

    def finish_upload(self, file: str, title: str, channel: str = "") -> None:
        """The third step, which can be done once: the file is kept, and shared with the channel, if any."""
        where = {"channel_id": channel} if channel else {}
        self._call("files.completeUploadExternal", {"files": [{"id": file, "title": title}], **where})

    def is_ready(self, file: str) -> bool:
        """Whether an uploaded file can be shown by now."""
        return bool(self._call("files.info", {"file": file})["file"].get("mimetype"))

    def publish_home(self, user: str, blocks: Sequence[Mapping[str, Any]]) -> None:
        """Show a person their Home."""
        self._call("views.publish", {"user_id": user, "view": {"type": "home", "blocks": list(blocks)}})

    def respond(self, address: str, body: Mapping[str, Any]) -> None:
        """Answer a command at the address that came with it."""
        self._post(address, msgspec.json.encode(body), "application/json; charset=utf-8")

    def _post(self, address: str, data: bytes, kind: str) -> None:
        """A POST outside the Web API: uploaded bytes, or the answer to a command."""
        try:
            answer = self._http.post(address, content=data, headers={"Content-Type": kind})
        except httpx.InvalidURL:
            raise Declined("POST", "no_address") from None
        except httpx.HTTPError as error:
            raise _broken("POST", error) from None
        if answer.status_code == 429:
            raise NotNow("Slack asks to wait.", retry_after=_retry_after(answer.headers))
        if answer.status_code >= 500:
            raise Unsure(f"Slack failed: HTTP {answer.status_code}.")
        if answer.status_code >= 300:
            raise Declined("POST", f"http_{answer.status_code}", answer.text[:200])

    def _call(self, method: str, arguments: Mapping[str, Any], *, token: str | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            answer = (
                self.client.api_call(method, json=dict(arguments), headers=headers)
                if "blocks" in arguments or method in _JSON
                else (self.client.api_call(method, params=_form(arguments), headers=headers))
            )
        except SlackApiError as error:
            raise _meaning(method, error.response) from None
        except (OSError, http.client.HTTPException, SlackClientError) as error:
            raise _broken(method, error) from None
        data = answer.data
        assert isinstance(data, dict)
        return data


_JSON = frozenset(
    (
        *("chat.postMessage", "chat.update", "chat.unfurl", "views.publish", "views.open"),
        "files.completeUploadExternal",
    )
)


def _form(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value != ""}


def _meaning(method: str, response: Any) -> Exception:
    """What an answer that is no success means."""
    data = getattr(response, "data", response)
    data = data if isinstance(data, dict) else {}
    status = getattr(response, "status_code", None) or data.get("status") or 200
    headers = getattr(response, "headers", None) or data.get("headers") or {}
    code = str(data.get("error") or f"http_{status}")
    if status == 429 or code in _LATER:
        return NotNow(f"Slack asks to wait with {method}.", retry_after=_retry_after(headers))
    if status >= 500 or code in _UNSURE or "error" not in data:
        return Unsure(f"Slack failed at {method}: {code}.")
    details = data.get("errors") or (data.get("response_metadata") or {}).get("messages") or ()
    return Declined(method, code, "; ".join(map(str, details))[:300] or str(data.get("needed", "")))


def _retry_after(headers: Mapping[str, Any]) -> float:
    for name, value in headers.items():
        if name.lower() == "retry-after":
            said = value[0] if isinstance(value, list) else value
            return float(said) if str(said).replace(".", "", 1).isdigit() else _PATIENT
    return _PATIENT


def _broken(method: str, error: Exception) -> Unavailable:
    reason = error.reason if isinstance(error, URLError) else error
    said = f"{method}: {reason or type(error).__name__}"
    if isinstance(reason, ConnectionRefusedError | httpx.ConnectError):
        return NotNow(f"Slack cannot be reached for {said}.")
    if isinstance(error, TimeoutError | httpx.ReadTimeout):  # one on the way there would be wrapped, or another
        return Unheard(f"Slack did not answer in time to {said}.")
    return Unsure(f"The connection broke at {said}.")

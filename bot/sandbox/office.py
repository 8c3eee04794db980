"""The post office: events, commands and clicks, on their way to the app, signed over HTTP or through Socket Mode."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import ssl
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec

from bot.sandbox.faults import Faults
from bot.sandbox.news import SCOPE_OF, subscription_of
from bot.sandbox.people import APP, BOT_USER, EVENTS, SCOPES, TEAM
from bot.sandbox.recording import Recording
from bot.sandbox.shapes import SECOND, Json
from bot.sandbox.sockets import Sockets

RETRY_AFTER = (0.0, 60.0, 300.0)
_SHOWN = {"http_timeout": "operation_timeout", "connection_failed": "dispatch_failed", "http_error": "dispatch_failed"}


@dataclass(frozen=True)
class Answer:
    """What the app said. `error` is Slack's word for why it said nothing, or nothing good."""

    error: str = ""
    text: str = ""
    payload: Json | None = None
    no_retry: bool = False


@dataclass
class Route:
    """Where the app is, and how patient Slack is with it. Times in seconds; `scale` shortens the waits of retries."""

    signing_secret: str
    url: str | None = None
    limit: float = 3.0
    scale: float = 1.0
    scopes: tuple[str, ...] = SCOPES
    events: tuple[str, ...] = EVENTS


class Office:
    """Delivers. `submit` may be called from any thread once `open` ran in the server's loop."""

    def __init__(self, route: Route, sockets: Sockets, faults: Faults, record: Recording, clock: Callable[[], int]):
        self.route = route
        self.sockets = sockets
        self.team = TEAM
        self._faults = faults
        self._record = record
        self._clock = clock
        self._held: Json | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._http: httpx.AsyncClient | None = None

    async def open(self) -> None:
        self._loop = asyncio.get_running_loop()
        # The app is on this machine, where nothing is encrypted: to read the list of authorities takes long.
        nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._http = httpx.AsyncClient(
            trust_env=False, follow_redirects=False, limits=httpx.Limits(max_connections=400), verify=nobody
        )

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.aclose()

    def submit(self, event: Json) -> None:
        """Send an inner event to the app, if it subscribed to it and holds the scope."""
        name = subscription_of(event)
        if name not in self.route.events or SCOPE_OF.get(name, self.route.scopes[0]) not in self.route.scopes:
            return
        self.spawn(self._deliver_with_faults(self.envelope(event)))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` in the server's loop."""
        loop = self._loop
        if loop is None or loop.is_closed():
            work.close()
            return

        def start() -> None:
            task = loop.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        loop.call_soon_threadsafe(start)

    def envelope(self, event: Json) -> Json:
        """The outer event, with an ID of its own."""
        return {
            "token": "deprecated-verification-token",
            "team_id": TEAM,
            "context_team_id": TEAM,
            "context_enterprise_id": None,
            "api_app_id": APP,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev0{secrets.token_hex(5).upper()}",
            "event_time": self._clock() // SECOND,
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": TEAM,
                    "user_id": BOT_USER,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": f"4-{secrets.token_hex(12)}",
        }

    async def _deliver_with_faults(self, envelope: Json) -> None:
        fault = self._faults.take_event(str(envelope["event"]["type"]))
        kind = fault.kind if fault else ""
        if kind == "lose":
            self._record.add("event", envelope=envelope, attempt=0, status="lost")
            return
        if kind == "out_of_order":
            self._held = envelope
            return
        if kind == "twice_at_once":
            await asyncio.gather(self.deliver(envelope), self.deliver(envelope))
            return
        await self.deliver(envelope)
        if kind == "duplicate":
            await self.deliver(envelope)
        if self._held is not None:
            held, self._held = self._held, None
            await self.deliver(held)

    async def deliver(self, envelope: Json) -> None:
        """Deliver an event, with up to three retries; what was said goes into the recording."""
        reason = ""
        for attempt in range(1 + len(RETRY_AFTER)):
            if attempt:
                await asyncio.sleep(RETRY_AFTER[attempt - 1] * self.route.scale)
            if self._faults.down:
                answer = Answer("connection_failed")
            elif self.route.url is None:
                if attempt == 0 and not self.sockets.count:
                    self._record.add("event", envelope=envelope, attempt=0, status="lost")
                    return
                answer = await self._by_socket("events_api", envelope, attempt, reason and "timeout")
            else:
                answer = await self._by_http(envelope, attempt, reason)
            self._record.add("event", envelope=envelope, attempt=attempt, status=answer.error or "delivered")
            if not answer.error or answer.no_retry:
                return
            reason = answer.error

    async def ask(self, kind: str, payload: Json) -> Answer:
        """Send a slash command or an interaction, once, and wait for what the app says within the limit."""
        if self._faults.down:
            answer = Answer("dispatch_failed")
        elif self.route.url is None:
            answer = await self._by_socket(kind, payload, 0, "")
        else:
            form = payload if kind == "slash_commands" else {"payload": msgspec.json.encode(payload).decode()}
            body = urlencode({key: str(value) for key, value in form.items()}).encode()
            answer = await self._post(body, {"content-type": "application/x-www-form-urlencoded"})
        self._record.add("ask", type=kind, payload=payload, status=answer.error or "answered", text=answer.text)
        return Answer(_SHOWN.get(answer.error, answer.error), answer.text, answer.payload)

    async def verify_url(self, url: str) -> bool:
        """The handshake for a new request URL: a signed challenge that must come back."""
        challenge = secrets.token_urlsafe(24)
        body = msgspec.json.encode({"type": "url_verification", "token": "deprecated", "challenge": challenge})
        before, self.route.url = self.route.url, url
        answer = await self._post(body, {"content-type": "application/json"})
        self.route.url = before
        payload = answer.payload or {}
        return not answer.error and challenge in (answer.text.strip(), payload.get("challenge"))

    async def _by_http(self, envelope: Json, attempt: int, reason: str) -> Answer:
        headers = {"content-type": "application/json"}
        if attempt:
            headers |= {"x-slack-retry-num": str(attempt), "x-slack-retry-reason": reason}
        return await self._post(msgspec.json.encode(envelope), headers)

    async def _post(self, body: bytes, headers: dict[str, str]) -> Answer:
        body = body.replace(TEAM.encode(), self.team.encode())
        at = str(self._clock() // SECOND)
        signed = {
            **headers,
            "user-agent": "Slackbot 1.0 (stand-in)",
            "x-slack-request-timestamp": at,
            "x-slack-signature": signature(self.route.signing_secret, at, body),
        }
        if self._http is None or self.route.url is None:
            return Answer("connection_failed")
        try:
            request = self._http.post(self.route.url, content=body, headers=signed, timeout=self.route.limit)
            response = await asyncio.wait_for(request, self.route.limit)
        except (TimeoutError, httpx.TimeoutException):
            return Answer("http_timeout")
        except httpx.HTTPError:
            return Answer("connection_failed")
        if not response.is_success:
            return Answer("http_error", response.text, no_retry=response.headers.get("x-slack-no-retry") == "1")
        return Answer("", response.text, _object(response.content))

    async def _by_socket(self, kind: str, payload: Json, attempt: int, reason: str) -> Answer:
        event = str(payload.get("event_id") or secrets.token_hex(16))
        envelope: Json = {
            "envelope_id": str(uuid.uuid5(uuid.NAMESPACE_OID, event)),
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        answer = await self.sockets.ask(envelope, self.route.limit)
        if answer is None:
            return Answer("http_timeout" if self.sockets.count else "connection_failed")
        said = answer.get("payload")
        return Answer("", str(said.get("text", "")) if isinstance(said, dict) else "", said)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's request signature, version 0: HMAC-SHA256 over `v0:timestamp:body`."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def _object(body: bytes) -> Json | None:
    try:
        value = msgspec.json.decode(body)
    except msgspec.MsgspecError:
        return None
    return value if isinstance(value, dict) else None

"""`Sandbox`: the whole stand-in as one object, served from a thread of its own on a loopback port."""

from __future__ import annotations

import asyncio
import copy
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from starlette.applications import Starlette

from bot.sandbox import gestures
from bot.sandbox.consent import leave
from bot.sandbox.control import routes as control_routes
from bot.sandbox.core import Core, Habits, Keys, build, sister
from bot.sandbox.faults import Fault
from bot.sandbox.files import StoredFile
from bot.sandbox.office import Answer, Route
from bot.sandbox.people import BOT_USER
from bot.sandbox.shapes import Json
from bot.sandbox.web import routes as web_routes
from bot.sandbox.wire import CutProtocol, Outage
from tracker.errors import Unavailable

T = TypeVar("T")


def micros() -> int:
    """The time now, in microseconds since 1970 UTC."""
    return time.time_ns() // 1000


class Sandbox:
    """A local stand-in for Slack, for `runcite demo` and the tests.

    Give `api_url` to the bot as `SLACK_API_URL` and the tokens beside it. Events come by Socket Mode as long as no
    request URL is set; `connect(url)` sets one. Everything may be called from any thread between `start` and `stop`
    (or inside `with`). `events_url` is not verified; `time_scale` shortens the waits of retries, `answer_limit` is
    the patience with the app in seconds, `record_to` a file of JSON lines. `sisters` are the team IDs of more
    workspaces at the same address, where the app is not installed yet; `of(team)` is what people do there, over HTTP.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        host: str = "127.0.0.1",
        events_url: str | None = None,
        time_scale: float = 1.0,
        answer_limit: float = 3.0,
        rate_limits: bool = False,
        habits: Habits | None = None,
        unfurl_domains: Sequence[str] = (),
        sisters: Sequence[str] = (),
        record_to: Path | None = None,
        clock: Callable[[], int] = micros,
    ) -> None:
        keys = Keys()
        self.bot_token, self.app_token, self.admin_token = keys.bot, keys.app, keys.admin
        self.signing_secret = keys.signing
        self.bot_user = BOT_USER
        self._host, self._port = host, port
        route = Route(keys.signing, events_url, answer_limit, time_scale)
        self.core: Core = build(
            clock,
            lambda: self.url,
            route,
            habits or Habits(),
            keys,
            rate_limits=rate_limits,
            record_to=record_to,
        )
        self.core.workspace.unfurl_domains = list(unfurl_domains)
        for team in sisters:
            sister(self.core, team)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    # The server

    @property
    def url(self) -> str:
        """The page, e.g. `http://127.0.0.1:43210`."""
        return f"http://{self._host}:{self._port}"

    @property
    def api_url(self) -> str:
        """What `SLACK_API_URL` is set to; ends in a slash, as the SDK wants it."""
        return f"{self.url}/api/"

    def start(self) -> Sandbox:
        """Serve. Returns itself once connections are taken.

        Raises:
            Unavailable: the port could not be had.
        """
        app = Starlette(routes=[*web_routes(self.core), *control_routes(self.core)])
        config = uvicorn.Config(
            Outage(app, lambda: self.core.faults.down),
            host=self._host,
            port=self._port,
            http=CutProtocol,
            ws="websockets-sansio",
            log_level="critical",
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        up = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(up,), name="slack-stand-in", daemon=True)
        self._thread.start()
        while not up.wait(0.01):
            if not self._thread.is_alive():
                raise Unavailable(f"Port {self._port} is taken.", remedy="Give the stand-in another with --port.")
        return self

    def stop(self) -> None:
        """Close every connection and the recording. Twice is harmless."""
        if self._server is not None and self._thread is not None:
            self.core.stopping = True
            self._server.should_exit = True
            self._thread.join(10)
            self._server = None
        self.core.recording.close()

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def _serve(self, up: threading.Event) -> None:
        try:
            asyncio.run(self._main(up))
        except SystemExit:
            return

    async def _main(self, up: threading.Event) -> None:
        server = self._server
        if server is None:
            return
        self._loop = asyncio.get_running_loop()
        for each in self.core.workspaces.values():
            await each.office.open()
        serving = asyncio.create_task(server.serve())
        while not server.started and not serving.done():
            await asyncio.sleep(0.005)
        if server.started:
            self._port = server.servers[0].sockets[0].getsockname()[1]
            up.set()
        await serving
        for each in self.core.workspaces.values():
            await each.office.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        if self._loop is None:
            work.close()
            raise Unavailable("The stand-in is not running.", remedy="Call start() first.")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    # The app

    def connect(self, url: str) -> bool:
        """Deliver to this request URL from now on, if it passes Slack's handshake. Whether it did."""
        passed = self._run(self.core.office.verify_url(url))
        if passed:
            self.core.office.route.url = url
        return passed

    def use_sockets(self) -> None:
        """Deliver by Socket Mode from now on."""
        self.core.office.route.url = None

    @property
    def connections(self) -> int:
        """How many Socket Mode connections are up."""
        return self.core.sockets.count

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the app's connections to reconnect (`refresh_requested`), warn them, or say `link_disabled`."""
        self._run(self.core.sockets.disconnect(reason))

    def cut_sockets(self) -> None:
        """Break the app's connections without a word."""
        self._run(self.core.sockets.cut())

    def revoke(self, token: str | None = None, state: str = "token_revoked") -> None:
        """End a token (the bot's, if none is given): `token_revoked`, `account_inactive` or `token_expired`."""
        self.core.tokens[token or self.bot_token].state = state

    def restore(self, token: str | None = None) -> None:
        """Make a token valid again."""
        self.core.tokens[token or self.bot_token].state = ""

    def of(self, team: str) -> Sandbox:
        """Another workspace at this address, to be used while this one runs."""
        found = copy.copy(self)
        found.core = self.core.workspaces[team]
        return found

    def uninstall(self) -> None:
        """Take the app out of the workspace."""
        leave(self.core)

    # What people do

    def post(
        self,
        user: str,
        channel: str,
        text: str,
        *,
        thread: str | None = None,
        broadcast: bool = False,
        files: Sequence[tuple[str, bytes]] = (),
        raw: Json | None = None,
    ) -> str:
        """Post as `user` (ID or handle) and return the message's `ts`. `raw` overrides what Slack would send."""
        said = gestures.say(self.core, user, channel, text, thread=thread, broadcast=broadcast, files=files, raw=raw)
        return str(said["ts"])

    def edit(self, user: str, channel: str, ts: str, text: str) -> None:
        """Edit a message as its author."""
        gestures.revise(self.core, user, channel, ts, text)

    def delete(self, user: str, channel: str, ts: str) -> None:
        """Delete a message as its author; a parent with replies leaves a tombstone."""
        gestures.withdraw(self.core, user, channel, ts)

    def command(self, user: str, channel: str, line: str) -> Answer:
        """Give a slash command, e.g. `/results board`. Returns what the app said at once."""
        name, _, text = line.partition(" ")
        return self._run(gestures.command(self.core, user, channel, name, text.strip()))

    def click(self, user: str, action_id: str, channel: str = "", ts: str = "", *, view: str = "") -> Answer:
        """Press a button in a message, in a modal (`view`), or, with neither, in the app's Home."""
        where: Json = {"channel": channel, "ts": ts} if channel else {"view": view} if view else {"home": True}
        return self._run(gestures.click(self.core, user, where, action_id))

    def shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> Answer:
        """Use a message shortcut."""
        return self._run(gestures.shortcut(self.core, user, channel, ts, callback_id))

    def submit(self, user: str, view_id: str, values: Json) -> Answer:
        """Submit a modal."""
        return self._run(gestures.submit(self.core, user, view_id, values))

    def open_home(self, user: str, tab: str = "home") -> None:
        """Open the app's Home tab (or its `messages`)."""
        gestures.open_home(self.core, user, tab)

    def react(self, user: str, channel: str, ts: str, name: str, *, add: bool = True) -> None:
        """Add or take back a reaction."""
        workspace = self.core.workspace
        workspace.react(workspace.channel(channel), ts, workspace.person(user).id, name, add=add)

    def invite(self, channel: str, user: str = BOT_USER, by: str = "ines") -> None:
        """Make a user, or the app's bot, a member of a channel."""
        workspace = self.core.workspace
        workspace.join(workspace.channel(channel), workspace.person(user).id, workspace.person(by).id)

    def remove(self, channel: str, user: str = BOT_USER) -> None:
        """Take a user, or the app's bot, out of a channel."""
        workspace = self.core.workspace
        workspace.leave(workspace.channel(channel), workspace.person(user).id)

    def archive(self, channel: str, archived: bool = True) -> None:
        """Archive a channel, or bring it back."""
        self.core.workspace.channel(channel).archived = archived
        self.core.workspace.tell(channel)

    # What can be seen

    def user_id(self, handle: str) -> str:
        """The ID of `ada`, `ben`, `chen`, `dana`, `emil`, `ines` (the instructor) or `runcite` (the app)."""
        return self.core.workspace.person(handle).id

    def channel_id(self, name: str) -> str:
        """The ID of `#results`, `#general` or `#milestone-1-team` (private)."""
        return self.core.workspace.channel(name).id

    def direct(self, user: str) -> str:
        """The ID of a user's direct conversation with the app."""
        return self.core.workspace.direct(self.user_id(user)).id

    def messages(self, channel: str) -> list[Json]:
        """A channel's messages, oldest first, replies excepted."""
        workspace = self.core.workspace
        with workspace.lock:
            found = workspace.channel(channel)
            return [
                workspace.shown(found, message, metadata=True)
                for message in found.messages.values()
                if message.get("thread_ts", message["ts"]) == message["ts"]
            ]

    def thread(self, channel: str, ts: str) -> list[Json]:
        """The replies to a message, oldest first."""
        workspace = self.core.workspace
        with workspace.lock:
            found = workspace.channel(channel)
            return [workspace.shown(found, found.messages[one], metadata=True) for one in found.threads.get(ts, [])]

    def ephemerals(self, user: str, channel: str | None = None) -> list[Json]:
        """What only `user` was shown."""
        workspace = self.core.workspace
        with workspace.lock:
            who = workspace.person(user).id
            where = workspace.channel(channel).id if channel else None
            return [
                dict(one["message"])
                for one in workspace.ephemerals
                if one["to"] == who and where in (None, one["channel"])
            ]

    def reactions(self, channel: str, ts: str) -> dict[str, list[str]]:
        """Who reacted to a message, by emoji."""
        workspace = self.core.workspace
        message = workspace.message(workspace.channel(channel), ts)
        return {one["name"]: list(one["users"]) for one in message.get("reactions", [])}

    def home(self, user: str) -> Json | None:
        """The Home that the app published for `user`."""
        return self.core.homes.get(self.core.workspace.person(user).id)

    def modals(self, user: str) -> list[Json]:
        """The modals that `user` has open."""
        who = self.core.workspace.person(user).id
        return [view for view in self.core.modals.values() if view["to"] == who]

    def files(self) -> list[StoredFile]:
        """Every uploaded file that was not deleted."""
        return [file for file in self.core.files.by_id.values() if not file.deleted]

    def recorded(self, kind: str | None = None, method: str | None = None) -> list[Json]:
        """What passed: `call` (of one `method`), `upload`, `event`, `ask`, `response`, or all of it."""
        found = self.core.recording.entries(kind)
        return [entry for entry in found if method is None or entry.get("method") == method]

    def wait_until(self, predicate: Callable[[], Any], timeout: float = 10.0) -> bool:
        """Wait until `predicate()` holds. Whether it came to hold within `timeout` seconds."""
        return self.core.workspace.wait_until(predicate, timeout)

    # What goes wrong

    def fault(
        self, method: str, kind: str, times: int = 1, *, seconds: float = 1.0, code: str = "internal_error"
    ) -> None:
        """Make the next `times` calls of a method (or events of a type) fail; see `Fault` for the kinds."""
        self.core.faults.add(Fault(method, kind, times, seconds, code))

    def go_down(self, seconds: float) -> None:
        """For so long no call is answered, and Socket Mode is cut."""
        self.core.faults.go_down(seconds)
        self.cut_sockets()

    def heal(self) -> None:
        """Take everything off the fault board."""
        self.core.faults.clear()

    def send_event(self, event: Json) -> None:
        """Deliver any inner event, as it is."""
        self.core.office.spawn(self.core.office.deliver(self.core.office.envelope(event)))

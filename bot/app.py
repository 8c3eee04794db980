"""The bot put together: Bolt for the signature and the transports, the ear, the workers.

Everything is passed on explicitly. Bolt would take a missing token, secret or client ID from the environment;
here it finds none missing, and its OAuth has no part in the way of a request.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable
from dataclasses import replace

from fastapi import FastAPI
from slack_bolt import App
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler
from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.builtin import SocketModeClient
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from bot.desk import Desk
from bot.installs import INSTALL_PATH, REDIRECT_PATH, Installs
from bot.listeners import Ear
from bot.settings import BotSettings
from bot.slack import Slack
from bot.worker import Bell, Workers
from tracker.errors import InvalidSettings, Unavailable
from tracker.server.app import create_app, now_in_microseconds
from tracker.server.config import DEFAULT_HOST, DEFAULT_PORT, ServerConfig
from tracker.server.serving import Server
from tracker.server.shelf import Shelf
from tracker.store.database import Database, open_database
from tracker.store.migrate import upgrade

log = logging.getLogger("runcite.bot")

EVENTS_PATH = "/slack/events"
READY_PATH = "/slack/readyz"
LONGEST_BODY = 2 << 20
LONGEST_FRAME = 1 << 18
"""What is read from the socket at once: with less, the SDK may take a part of a long message for the whole."""


class Bot:
    """One bot: `start` it, mount it into a server for events over HTTP, `stop` it."""

    def __init__(self, desk: Desk, team: str | None = None) -> None:
        self.desk = desk
        settings = desk.settings
        bell = Bell()
        self._flow = desk.installs.flow() if desk.installs is not None else None
        logger = logging.getLogger("runcite.bolt")
        self.bolt = App(
            name="runcite",
            logger=logger,
            client=desk.slack.client if desk.installs is None else desk.installs.client,
            oauth_flow=self._flow,
            signing_secret=settings.signing_secret or "",
            token_verification_enabled=False,
            ignoring_self_events_enabled=False,
            request_verification_enabled=True,
            before_authorize=Ear(desk.db, desk.clock, bell, team, desk.reach),
        )
        self._workers = Workers(desk, bell, settings.workers)
        self._socket: SocketModeHandler | None = None

    def start(self) -> None:
        """Start the workers, and open the socket in Socket Mode.

        Raises:
            InvalidSettings: Slack does not take the app's token.
            Unavailable: Slack cannot be reached.
        """
        self._workers.start()
        settings = self.desk.settings
        if settings.app_token is None:
            return
        self._socket = SocketModeHandler(
            self.bolt,
            settings.app_token,
            ping_interval=settings.patience.ping,
            receive_buffer_size=LONGEST_FRAME,
        )
        try:
            self._socket.client.connect()
        except SlackApiError as error:
            self.stop()
            code = error.response.get("error", "no answer")
            raise InvalidSettings(
                f"Slack does not take SLACK_APP_TOKEN: {code}.", remedy="It needs the scope connections:write."
            ) from None
        except (OSError, SlackClientError) as error:
            self.stop()
            raise Unavailable(f"Slack cannot be reached: {error}.", remedy="Try again shortly.") from None

    def stop(self) -> None:
        """Close the socket, and let every worker end what it is at."""
        if self._socket is not None:
            _hang_up(self._socket.client)
        self._workers.stop()

    @property
    def ready(self) -> bool:
        """Whether workers work and, in Socket Mode, the socket is open."""
        connected = self._socket is None or self._socket.client.is_connected()
        return self._workers.alive and connected

    def mount(self, app: FastAPI) -> None:
        """Take events, commands and clicks at `/slack/events`; say at `/slack/readyz` whether the bot is at work."""

        async def events(request: Request) -> Response:
            length = request.headers.get("content-length", "0")
            if not length.isdigit() or int(length) > LONGEST_BODY:
                return Response(status_code=413)
            body = await request.body()
            if not _is_text(body):
                return Response(status_code=400)
            answer = await run_in_threadpool(self.bolt.dispatch, to_bolt_request(request, body))
            return to_starlette_response(answer)

        def readyz() -> Response:
            return Response("ok\n" if self.ready else "not at work\n", 200 if self.ready else 503)

        async def install(request: Request) -> Response:
            assert self._flow is not None
            begun = to_bolt_request(request, b"")
            step = self._flow.handle_callback if request.url.path == REDIRECT_PATH else self._flow.handle_installation
            return to_starlette_response(await run_in_threadpool(step, begun))

        if self._flow is not None:
            for path in (INSTALL_PATH, REDIRECT_PATH):
                app.add_api_route(path, install, methods=["GET"], include_in_schema=False)
        app.add_api_route(EVENTS_PATH, events, methods=["POST"], include_in_schema=False)
        app.add_api_route(READY_PATH, readyz, methods=["GET"], include_in_schema=False)


def _hang_up(client: SocketModeClient) -> None:
    """Close the socket at once: its reader would only notice when its wait for the next frame is over."""
    client.auto_reconnect_enabled = False
    session = client.current_session
    if session is not None and session.sock is not None:
        with contextlib.suppress(OSError):
            session.sock.shutdown(socket.SHUT_RDWR)
    try:
        client.close()
    except AttributeError:  # its reader closed the socket between the client's look at it and its lock
        client.close()


def _is_text(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def create_bot(
    settings: BotSettings,
    db: Database,
    *,
    clock: Callable[[], int] = now_in_microseconds,
    reach: Callable[[str], None] | None = None,
    team: str | None = None,
    kept: Shelf | None = None,
) -> Bot:
    """A bot over an open, migrated database. Nothing is called or started yet. `kept` are a server's costly answers."""
    slack = Slack(settings.token or None, settings.api_url, timeout=settings.patience.call, admin=settings.admin_token)
    installs = Installs(settings, db, clock) if settings.many else None
    desk = Desk(settings, db, slack, clock, installs=installs, kept=kept or Shelf())
    return Bot(desk if reach is None else replace(desk, reach=reach), team)


class Running:
    """A server and a bot at work. `url` is where the server is; `stop` ends both."""

    def __init__(self, url: str, bot: Bot, server: Server, listening: socket.socket) -> None:
        self.url = url
        self.bot = bot
        self._server = server
        self._thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listening]}, name="runcite-server", daemon=True
        )

    def start(self) -> None:
        """Serve, and return when requests are taken and the bot is at work."""
        self._thread.start()
        while not self._server.up.wait(0.05):
            if not self._thread.is_alive():
                raise Unavailable("The server did not start.", remedy="Its log says why.")
        self.bot.start()

    def stop(self) -> None:
        """End the bot, then the server; safe to call again."""
        if self._thread.is_alive():
            self.bot.stop()
            self._server.should_exit = True
            self._thread.join()
            self.bot.desk.db.close()

    @property
    def alive(self) -> bool:
        """Whether the server serves."""
        return self._thread.is_alive()


def serve(
    settings: BotSettings,
    *,
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    public_url: str = "",
    require_login: bool = False,
    with_pages: bool = True,
    clock: Callable[[], int] = now_in_microseconds,
    reach: Callable[[str], None] | None = None,
    team: str | None = None,
) -> Running:
    """Start the bot with the server and its pages (or, without `with_pages`, with its own events only) in this process.

    It is at work when this returns. `port` 0 takes a free one. Replies link to the pages at `settings.pages`,
    or else at this server's own address.

    Raises:
        Unavailable: the database or Slack cannot be reached, or the port is taken.
        InvalidSettings: Slack does not take the tokens.
    """
    listening = _listen(host, port)
    port = listening.getsockname()[1]
    server = ServerConfig.of(
        settings.tracker, host=host, port=port, public_url=public_url.rstrip("/"), require_login=require_login
    )
    if with_pages and not settings.pages:
        settings = replace(settings, pages=server.public_url)
    db = open_database(server.url)
    upgrade(db)
    kept = Shelf()
    bot = create_bot(settings, db, clock=clock, reach=reach, team=team, kept=kept)
    if with_pages:
        app = create_app(server, clock=clock, extend=[bot.mount], shelf=kept)
    else:
        app = FastAPI(openapi_url=None)
        bot.mount(app)
    running = Running(f"http://{f'[{host}]' if ':' in host else host}:{port}", bot, Server(app), listening)
    running.start()
    return running


def _listen(host: str, port: int) -> socket.socket:
    """The socket, bound here, so that a port that is taken is one line."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise Unavailable(
            f"Cannot listen on {host}:{port}: {(error.strerror or str(error)).lower()}.",
            remedy="Give another port with --port.",
        ) from None

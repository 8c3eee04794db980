"""The bot's commands that serve: `runcite up` and `runcite bot`."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from typing import Annotated

import typer

from bot.app import Running, serve
from bot.settings import load_bot
from tracker.errors import UsageError
from tracker.server.config import DEFAULT_HOST, DEFAULT_PORT
from tracker.settings import load

BOT_PORT = 8766

Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")]


def up(
    host: Host = DEFAULT_HOST,
    port: Port = DEFAULT_PORT,
    public_url: Annotated[str, typer.Option(help="The address people reach it under, where that is another.")] = "",
    require_login: Annotated[bool, typer.Option("--require-login", help="Ask for a log-in on loopback too.")] = False,
) -> None:
    """Start server, pages and bot in one process. It ends with Ctrl-C or SIGTERM."""
    _needs_database()
    _log()
    running = serve(load_bot(), host=host, port=port, public_url=public_url, require_login=require_login)
    _say(f"Runcite serves at {running.bot.desk.pages or running.url}, and the bot listens{_how(running)}.")
    _until_told(running)


def bot(host: Host = DEFAULT_HOST, port: Port = BOT_PORT) -> None:
    """Start the bot alone, against the database of a server elsewhere. It ends with Ctrl-C or SIGTERM."""
    _needs_database()
    _log()
    running = serve(load_bot(), host=host, port=port, with_pages=False)
    _say(f"The bot listens{_how(running)}.")
    _until_told(running)


def _needs_database() -> None:
    settings = load()
    if settings.remote:
        raise UsageError(
            f"RUNCITE_URL is a server ({settings.url}); the bot works on the database itself.",
            remedy="Set RUNCITE_URL to the server's own database.",
        )


def _log() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _how(running: Running) -> str:
    settings = running.bot.desk.settings
    return " in Socket Mode" if settings.socket_mode else f" at {running.url}/slack/events"


def _until_told(running: Running) -> None:
    """Wait for Ctrl-C or SIGTERM, then end in order."""
    told = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.set())
    while not told.wait(0.5):
        if not running.alive:
            break
    running.stop()

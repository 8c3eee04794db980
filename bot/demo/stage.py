"""The stage: the stand-in for Slack, and the real server, pages and bot connected to it, all on loopback."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.app import EVENTS_PATH, serve
from bot.demo.cast import INSTRUCTOR, PLAYERS
from bot.demo.story import CHANNEL
from bot.sandbox import Sandbox
from bot.sandbox.people import TEAM, people
from bot.settings import BotSettings
from tracker.errors import Unavailable
from tracker.server.app import now_in_microseconds
from tracker.server.config import DEFAULT_HOST
from tracker.settings import Settings
from tracker.store import members
from tracker.store.database import Database, open_database
from tracker.store.migrate import upgrade


@dataclass(frozen=True)
class Setup:
    """What stands when the stage is set: the addresses, the database, and each member's environment."""

    sandbox: Sandbox
    url: str
    db: Database
    environments: Mapping[str, Mapping[str, str]]


@contextmanager
def set_up(folder: Path, *, port: int, channel_port: int, sockets: bool) -> Iterator[Setup]:
    """Everything the demo needs, until the block ends. Each member has a home, a token and a Slack user.

    Raises:
        Unavailable: a port is taken, or the bot does not answer Slack's handshake.
    """
    central = Settings(home=folder, url=f"sqlite:///{folder / 'runcite.db'}", artifacts=str(folder / "artifacts"))
    port = port or _free_port()
    db = open_database(central.url)
    try:
        upgrade(db)
        tokens = _enrol(db)
        with Sandbox(port=channel_port) as sandbox:
            bot = BotSettings(
                tracker=central,
                token=sandbox.bot_token,
                signing_secret=sandbox.signing_secret,
                app_token=sandbox.app_token if sockets else None,
                api_url=sandbox.api_url,
                pages=f"http://{DEFAULT_HOST}:{port}",
                strict=(CHANNEL,),
            )
            running = serve(bot, host=DEFAULT_HOST, port=port)
            try:
                if not sockets and not sandbox.connect(running.url + EVENTS_PATH):
                    raise Unavailable("The bot does not answer the handshake.", remedy="Run the demo again.")
                yield Setup(sandbox, running.url, db, _environments(folder, running.url, tokens))
            finally:
                running.stop()
    finally:
        db.close()


def _enrol(db: Database) -> dict[str, str]:
    """Every player as a member with a token, bound to the Slack user of the same handle."""
    now = now_in_microseconds()
    users = {person.handle: person.id for person in people()}
    tokens = {}
    for player in (*PLAYERS, INSTRUCTOR):
        members.add_member(db, player.handle, "instructor" if player is INSTRUCTOR else "member", player.name, now=now)
        tokens[player.handle] = members.issue_token(db, player.handle, now=now, label="demo")
        members.bind_slack(db, player.handle, TEAM, users[player.handle], now=now)
    return tokens


def _environments(folder: Path, url: str, tokens: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {
        player.handle: {
            "RUNCITE_URL": url,
            "RUNCITE_TOKEN": tokens[player.handle],
            "RUNCITE_HOME": str(folder / "laptops" / player.handle),
        }
        for player in PLAYERS
    }


def _free_port() -> int:
    """A port that nobody listens on: the pages' address must be known before the server that serves them."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

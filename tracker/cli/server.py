"""`runcite server`: API and pages."""

from __future__ import annotations

import logging
import socket
from typing import Annotated

import typer

from tracker.cli.tables import line
from tracker.errors import Unavailable, UsageError
from tracker.server.app import create_app
from tracker.server.config import DEFAULT_HOST, DEFAULT_PORT, ServerConfig
from tracker.server.serving import Server
from tracker.settings import load
from tracker.store import members
from tracker.store.database import open_database

app = typer.Typer(add_completion=False)


@app.command()
def server(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = DEFAULT_HOST,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = DEFAULT_PORT,
    public_url: Annotated[str, typer.Option(help="The address people reach it under, where that is another.")] = "",
    require_login: Annotated[bool, typer.Option("--require-login", help="Ask for a log-in on loopback too.")] = False,
) -> None:
    """Start the server: API and pages. It ends with Ctrl-C or SIGTERM."""
    settings = load()
    if settings.remote:
        raise UsageError(
            f"RUNCITE_URL is a server already ({settings.url}); a server needs a database.",
            remedy="Type: RUNCITE_URL=sqlite:///runcite.db runcite server",
        )
    listening = _listen(host, port)
    port = listening.getsockname()[1]
    config = ServerConfig.of(
        settings, host=host, port=port, public_url=public_url.rstrip("/"), require_login=require_login
    )
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with listening:
        application = create_app(config)
        line(f"Runcite serves at {config.public_url}", style="bold")
        if config.require_login:
            _first_steps(config)
        else:
            line("No log-in is asked: only this machine can reach it.", style="dim")
        Server(application).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """The socket, bound here, so that a port that is taken is one line.

    Raises:
        Unavailable: it cannot be bound.
    """
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise Unavailable(
            f"Cannot listen on {host}:{port}: {(error.strerror or str(error)).lower()}.",
            remedy="Type: runcite server --port 0",
        ) from None


def _first_steps(config: ServerConfig) -> None:
    """Say how the first member gets in, as long as there is none."""
    db = open_database(config.url)
    try:
        if not members.list_members(db):
            line("Nobody can log in yet. Type: runcite members add YOU --role admin")
    finally:
        db.close()

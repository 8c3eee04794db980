"""`runcite login`: keep a server's token on this machine."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

import typer

from tracker.cli.remote import Remote
from tracker.cli.tables import line
from tracker.errors import NotLoggedIn, UsageError
from tracker.settings import keep_login, load

app = typer.Typer(add_completion=False)


@app.command()
def login(
    url: Annotated[str, typer.Argument(help="The server, for instance https://runcite.example.org.")],
    token: Annotated[str, typer.Option("--token", help="The token; asked for where it is not given.")] = "",
    keep_url: Annotated[bool, typer.Option("--keep-url", help="Keep the token only; runs go where they went.")] = False,
) -> None:
    """Keep a server's token on this machine, and send runs there from now on."""
    address = url.strip().rstrip("/")
    if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).netloc:
        raise UsageError(f"{url!r} is no server's address.", remedy="It looks like https://runcite.example.org.")
    given = (token or typer.prompt("Token", hide_input=True)).strip()
    settings = load()
    try:
        with Remote(address, given) as server:
            standing = server.me()
    except NotLoggedIn:
        raise NotLoggedIn(
            f"{address} does not know this token; nothing was kept.",
            remedy="Ask an admin for another one: runcite members token HANDLE",
        ) from None
    path = keep_login(settings.home, address, given, default=not keep_url)
    member = standing.member
    line(f"You are {member.handle} ({member.role}) at {address}.")
    line(f"The token is kept in {path}.", style="dim")
    now = load()
    if not keep_url and now.url != address:
        line(f"Runs still go to {now.url.rpartition('@')[2]}: RUNCITE_URL or a nearer runcite.toml says so.")

"""The bot's commands: `runcite up`, `runcite bot`, `runcite claims`."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from bot.app import Running, serve
from bot.claims import Reading, read_post
from bot.settings import load_bot
from tracker.errors import NotFound, UsageError
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


def claims(
    text: Annotated[str, typer.Argument(help="A post, as Slack delivers it; - reads it from standard input.")] = "-",
    jsonl: Annotated[Path | None, typer.Option(help="A file of posts, one JSON object a line.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """What the bot sees in a text, and why."""
    if jsonl is not None:
        _predict(jsonl)
        return
    reading = read_post(sys.stdin.read() if text == "-" else text)
    if as_json:
        sys.stdout.write(msgspec.json.encode(reading).decode() + "\n")
        return
    for line in _seen(reading):
        _say(line)


class _Labelled(msgspec.Struct):
    """A line of a file of posts."""

    id: str
    text: str


def _predict(path: Path) -> None:
    """One prediction a line, in the scorer's form."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        posts = [msgspec.json.decode(line, type=_Labelled) for line in lines if line.strip()]
    except OSError as error:
        raise NotFound(
            f"{path} cannot be read: {error.strerror}.", remedy="Give the path of a file of posts."
        ) from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no file of posts: {error}.", remedy="Each line needs an id and a text.") from None
    for post in posts:
        reading = read_post(post.text)
        prediction = {
            "id": post.id,
            "is_result_post": reading.is_result_post,
            "claims": [{"metric": claim.metric, "value": claim.value} for claim in reading.claims],
            "run_ids": list(reading.run_ids),
        }
        sys.stdout.write(msgspec.json.encode(prediction).decode() + "\n")


def _seen(reading: Reading) -> list[str]:
    kind = "a result post" if reading.is_result_post else "no result post"
    lines = [f"It is {kind} (sure to {reading.confidence:.0%})."]
    for claim in reading.claims:
        about = " ".join(part for part in (claim.split, claim.aggregate, claim.metric) if part)
        lines.append(f"claim     {about} {claim.comparator} {claim.value:g} (written {claim.as_written!r})")
    lines += [f"change    {delta.metric} {delta.value:+g} (written {delta.as_written!r})" for delta in reading.deltas]
    lines += [f"run       {run_id}" for run_id in reading.run_ids]
    lines += [f"near miss {miss.as_written!r}: {miss.why}" for miss in reading.near_misses]
    lines += [
        f"{reason.as_written:>9} {reason.kind} ({reason.confidence:.0%}): {', '.join(reason.cues)}"
        for reason in reading.reasons
    ]
    return lines


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

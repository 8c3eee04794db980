"""A team at work: a real database with real runs, a local Slack, and the real bot between them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from sqlalchemy import text

from bot.app import Running, serve
from bot.sandbox import Sandbox
from bot.settings import SECOND, BotSettings, Patience
from tracker.events import Batch, Body, Captured, Column, Event, Finished, Metrics, Started
from tracker.ids import mint
from tracker.record import Role
from tracker.server.app import now_in_microseconds
from tracker.settings import Settings
from tracker.snapshot import ChangedFile, Code, Command, Git, Machine, Package, Python, Scalar, Seeds, Snapshot
from tracker.store import ingest, members
from tracker.store.database import Database, open_database
from tracker.store.series import Points, encode

QUICK = Patience(
    call=4,
    ping=0.2,
    settle=SECOND // 20,
    first_retry=SECOND // 20,
    last_retry=SECOND,
    poll=SECOND // 50,
    idle=SECOND // 3,
)
"""The bot's patience in tests: everything comes sooner."""

TEAM = "T0RUNCITE"
USERS = {"ada": "U0ADA00001", "ben": "U0BEN00001", "chen": "U0CHEN0001", "dana": "U0DANA0001"}
CURVE = (0.5, 0.85, 0.9023, 0.899)
"""The best is 0.9023 at step 2, the last 0.899."""

Json = dict[str, Any]


def snapshot(*, dirty: bool = False) -> Snapshot:
    git = Git("3f2a1bc9e0d1" + "0" * 28, "main", "https://github.com/team/digits.git", True, "Tune the schedule")
    changed = (ChangedFile("train.py", "modified", "1" * 64, 10),) if dirty else ()
    return Snapshot(
        Code(git, "train.py", changed),
        Python("3.11.7", "CPython", "/usr/bin/python", (Package("numpy", "2.4.0"), Package("torch", "2.13.0"))),
        Machine("m1", "lab-03", "Debian GNU/Linux 12", "6.1", "x86_64", "AMD EPYC 7763", 16, 64_000_000_000),
        Command(("python", "train.py", "--lr", "0.001"), "/home/ada/digits"),
        Seeds(7),
    )


def batch(
    run_id: str,
    *,
    project: str = "milestone-1",
    name: str | None = None,
    config: dict[str, Scalar] | None = None,
    seed: int | None = 7,
    values: dict[str, Sequence[float]] | None = None,
    end: str | None = "finished",
    dirty: bool = False,
    now: int = 0,
) -> Batch:
    """A whole run as the shipper sends it."""
    nonce = hashlib.sha256(run_id.encode()).hexdigest()[:16]
    config = {"lr": 0.001, "optimizer": "adam", "width": 64} if config is None else config
    bodies: list[Body] = [Started(project, nonce, name=name, config=config, seed=seed), Captured(snapshot(dirty=dirty))]
    columns = []
    for metric, series in (values or {"val/accuracy": CURVE, "train/loss": (2.0, 1.0, 0.5, 0.4)}).items():
        steps = np.arange(len(series), dtype=np.int64)
        data = encode(Points(steps, np.array(series, dtype=np.float64), now + steps * SECOND))
        columns.append(data)
        bodies.append(Metrics((Column(metric, len(series), hashlib.sha256(data).hexdigest()),)))
    if end == "failed":
        bodies.append(Finished("failed", 12.5, reason="ValueError: <!channel> *boom*", exit_code=1))
    elif end:
        bodies.append(Finished("finished", 12.5))
    events = tuple(Event(number, now + number, number * 100, body) for number, body in enumerate(bodies, 1))
    return Batch(run_id, "s-1", nonce, events, tuple(columns))


class Team:
    """Members, runs, a Slack and a bot. `bot()` starts one, over HTTP or by Socket Mode."""

    def __init__(self, url: str, folder: Path, sandbox: Sandbox) -> None:
        self.url = url
        self.folder = folder
        self.sandbox = sandbox
        self.db: Database = open_database(url)
        self.running: list[Running] = []
        self._rng = Random(5)
        for handle in ("ada", "ben"):
            self.member(handle)

    def member(self, handle: str, role: Role = "member", *, bound: bool = True) -> None:
        now = now_in_microseconds()
        members.add_member(self.db, handle, role, now=now)
        if bound:
            members.bind_slack(self.db, handle, TEAM, USERS[handle], now)

    def run(self, member: str = "ada", *, run_id: str | None = None, **said: Any) -> str:
        """Register a run; its ID."""
        run_id = run_id or mint(self._rng)
        now = now_in_microseconds()
        (ack,) = ingest.append(self.db, [batch(run_id, now=now, **said)], member=member, now=now)
        assert ack.state == "held", ack
        return run_id

    def finish(self, run_id: str, member: str = "ada") -> str:
        """End a run that is still going."""
        now = now_in_microseconds()
        whole = batch(run_id)
        last = whole.events[-1]
        rest = Batch(run_id, whole.segment, whole.nonce, (last,))
        (ack,) = ingest.append(self.db, [rest], member=member, now=now)
        return ack.state

    def settings(self, *, http: bool = False, **changes: Any) -> BotSettings:
        sandbox = self.sandbox
        given: Json = {
            "tracker": Settings(self.folder, self.url, str(self.folder / "artifacts")),
            "token": sandbox.bot_token,
            "signing_secret": sandbox.signing_secret,
            "app_token": None if http else sandbox.app_token,
            "api_url": sandbox.api_url,
            "pages": "https://runcite.example.org",
            "strict": ("results", "*-results"),
            "workers": 2,
            "patience": QUICK,
        }
        return BotSettings(**(given | changes))

    def bot(self, *, http: bool = False, reach: Callable[[str], None] | None = None, **changes: Any) -> Running:
        """A bot at work; without pages, which have tests of their own."""
        running = serve(self.settings(http=http, **changes), port=0, with_pages=False, reach=reach)
        self.running.append(running)
        if http:
            assert self.sandbox.connect(f"{running.url}/slack/events")
        else:
            assert self.sandbox.wait_until(lambda: self.sandbox.connections > 0)
        return running

    def close(self) -> None:
        for running in self.running:
            running.stop()
        self.db.close()

    # What people see.

    def post(self, words: str, *, user: str = "ada", channel: str = "results", **more: Any) -> str:
        return self.sandbox.post(user, channel, words, **more)

    def replies(self, ts: str, channel: str = "results") -> list[Json]:
        """The bot's replies to a post."""
        return [each for each in self.sandbox.thread(channel, ts) if each.get("bot_id")]

    def reply(self, ts: str, channel: str = "results", *, has: str = "", chart: bool = False) -> Json:
        """The one reply, once it is there (with its chart, if there is to be one, and with `has` in its text)."""

        def there() -> bool:
            found = self.replies(ts, channel)
            return bool(found) and has in found[0]["text"] and (not chart or "image" in kinds(found[0]))

        assert self.sandbox.wait_until(there, 15), (self.replies(ts, channel), self.sandbox.recorded("call")[-3:])
        (found,) = self.replies(ts, channel)
        return found

    def quiet(self) -> None:
        """Wait until nothing is left to do."""
        assert self.sandbox.wait_until(lambda: self._idle(), 15)

    def _idle(self) -> bool:
        """Nothing is unread, and no effect waits but second looks, which come later."""
        with self.db.read() as connection:
            unread = connection.scalar(text("SELECT count(*) FROM inbox WHERE done_at IS NULL"))
            waits = connection.scalar(text("SELECT count(*) FROM outbox WHERE state = 'waiting' AND kind <> 'recheck'"))
            held = connection.scalar(text("SELECT count(*) FROM lanes WHERE leased_until IS NOT NULL"))
        return not unread and not waits and not held


def kinds(message: Json) -> list[str]:
    """The types of a message's blocks."""
    return [block["type"] for block in message.get("blocks", ())]


def words(message: Json) -> str:
    """Every text in a message's blocks."""
    found: list[str] = []

    def walk(value: object) -> None:
        if isinstance(value, dict):
            for key, each in value.items():
                if key in {"text", "alt_text"} and isinstance(each, str):
                    found.append(each)
                else:
                    walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)

    walk(message.get("blocks", []))
    return "\n".join(found)

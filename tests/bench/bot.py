"""How fast the bot acknowledges and answers under Slack's limits, what a chart costs, and that memory stays flat."""

from __future__ import annotations

import asyncio
import io
import itertools
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import httpx
import msgspec
import numpy as np
import psutil
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bot.sandbox import Sandbox
from bot.sandbox.office import Answer, signature
from bot.sandbox.people import APP, BOT_USER, TEAM, Channel
from tests.bench.rows import Row, quantile
from tests.bot.team import batch
from tracker.charts import Bar, Curve, ReplyChart, reply_chart
from tracker.ids import mint
from tracker.server.app import now_in_microseconds
from tracker.store import ingest, members
from tracker.store.database import Database, open_database
from tracker.store.migrate import upgrade

POSTS, SECONDS, CHANNELS = 200, 10.0, 40
MANY = 4_000
RUNS = 60
METRIC = "val/accuracy"


def measure() -> Iterator[Row]:
    """The bot's rows."""
    yield from _charts()
    with tempfile.TemporaryDirectory() as name, Sandbox(rate_limits=True, answer_limit=10.0) as sandbox:
        sandbox.core.habits.link_previews = False
        folder = Path(name)
        url = f"sqlite:///{folder / 'bench.db'}"
        db = open_database(url)
        upgrade(db)
        runs = _register(db)
        bot = _start(folder, url, sandbox)
        try:
            yield from _burst(sandbox, bot, runs)
            yield from _memory(sandbox, bot, runs)
        finally:
            bot.terminate()
            bot.wait(20)
            db.close()


def _register(db: Database) -> list[str]:
    """A project of finished runs, each of which recorded 0.9023 in 500 points."""
    rng, runs = Random(7), []
    members.add_member(db, "ada", now=1)
    curve = tuple(float(value) for value in np.linspace(0.5, 0.9023, 500))
    for number in range(RUNS):
        run_id, now = mint(rng), now_in_microseconds()
        said = batch(run_id, config={"lr": rng.random(), "width": 64}, seed=number, values={METRIC: curve}, now=now)
        (ack,) = ingest.append(db, [said], member="ada", now=now)
        assert ack.state == "held", ack
        runs.append(run_id)
    return runs


def _start(folder: Path, url: str, sandbox: Sandbox) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "RUNCITE_HOME": str(folder),
        "RUNCITE_URL": url,
        "SLACK_BOT_TOKEN": sandbox.bot_token,
        "SLACK_SIGNING_SECRET": sandbox.signing_secret,
        "SLACK_API_URL": sandbox.api_url,
        "RUNCITE_STRICT_CHANNELS": "results",
    }
    environment.pop("SLACK_APP_TOKEN", None)
    port = _free_port()
    command = [str(Path(sys.executable).with_name("runcite")), "bot", "--port", str(port)]
    log = (folder / "bot.log").open("wb")
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    for _ in range(600):
        if process.poll() is not None:
            sys.exit((folder / "bot.log").read_text()[-2000:])
        try:
            if sandbox.connect(f"http://127.0.0.1:{port}/slack/events"):
                break
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    return process


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def _burst(sandbox: Sandbox, bot: subprocess.Popen[bytes], runs: list[str]) -> Iterator[Row]:
    """200 posts in 10 seconds, spread over channels, as Slack takes one reply a second in each."""
    workspace = sandbox.core.workspace
    everybody = [person.id for person in workspace.people.values() if not person.is_bot]
    names = [f"team-{number}" for number in range(CHANNELS)]
    for number, name in enumerate(names):
        workspace.channels[f"C0BENCH{number:03}"] = Channel(
            f"C0BENCH{number:03}", name, "channel", [*everybody, BOT_USER]
        )
    office, took = sandbox.core.office, []
    plain = office._by_http

    async def timed(*arguments: Any) -> Answer:
        began = time.perf_counter()
        answer = await plain(*arguments)
        took.append(time.perf_counter() - began)
        return answer

    office._by_http = timed  # type: ignore[method-assign]
    stamps = []
    before = _busy(bot.pid), _busy(os.getpid())
    began = time.monotonic()
    for number in range(POSTS):
        name = names[number % CHANNELS]
        stamps.append((name, sandbox.post("ada", name, f"val accuracy 90.23 % with {runs[number % RUNS]}")))
        time.sleep(max(0.0, began + (number + 1) * SECONDS / POSTS - time.monotonic()))
    sandbox.wait_until(lambda: all(sandbox.thread(*each) for each in stamps), 60)
    waits = [float(reply[0]["ts"]) - float(ts) for name, ts in stamps if (reply := sandbox.thread(name, ts))]
    bots, slacks = _busy(bot.pid) - before[0], _busy(os.getpid()) - before[1]
    office._by_http = plain  # type: ignore[method-assign]
    floor = _floor(sandbox)
    said = f"{POSTS} posts in {SECONDS:.0f} s over {CHANNELS} channels"
    ack, verdict = (
        quantile([int(each * 1e9) for each in took], 0.99) / 1e6,
        quantile([int(each * 1e9) for each in waits], 0.95) / 1e6,
    )
    yield Row(f"acknowledged, p99, {said}", "≤ 100 ms", f"{ack:.0f} ms", f"an empty answer {floor:.0f} ms", ack <= 100)
    yield Row("verdict in the thread, p95", "≤ 1 s", f"{verdict:.0f} ms", "", verdict <= 1000)
    told = f"{1000 * bots / POSTS:.0f} ms"
    yield Row("processor's time a post", "", told, f"the stand-in beside it {1000 * slacks / POSTS:.0f} ms", None)
    once = sum(len(sandbox.thread(*each)) == 1 for each in stamps)
    yield Row("posts with one reply", f"{POSTS}", f"{once}", "", once == POSTS)


def _busy(pid: int) -> float:
    """Seconds of the processor's time that a process has had."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _floor(sandbox: Sandbox) -> float:
    """The same way to the bot and back, p99, with nothing to store."""
    url = str(sandbox.core.office.route.url).replace("events", "readyz")

    async def ask() -> list[int]:
        found = []
        async with httpx.AsyncClient() as client:
            for _ in range(200):
                began = time.perf_counter_ns()
                await client.get(url)
                found.append(time.perf_counter_ns() - began)
        return found

    return quantile(asyncio.run(ask()), 0.99) / 1e6


def _memory(sandbox: Sandbox, bot: subprocess.Popen[bytes], runs: list[str]) -> Iterator[Row]:
    """Posts sent as Slack sends them, mostly chatter; the bot's memory in the middle and at the end."""
    url = str(sandbox.core.office.route.url)
    numbers = itertools.count(1)
    base = now_in_microseconds() // 1_000_000
    process = psutil.Process(bot.pid)
    marks: dict[int, int] = {}

    def send(number: int) -> None:
        text = "gpu 3 is at 91 %, see you at 12:45" if number % 20 else f"look at {runs[number % RUNS]} some day"
        ts = f"{base}.{number:06}"
        event = {"type": "message", "channel": "C0BENCH000", "ts": ts, "user": "U0ADA00001", "text": text}
        authorized = [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}]
        body = msgspec.json.encode(
            {
                "type": "event_callback",
                "team_id": TEAM,
                "api_app_id": APP,
                "event_id": f"Ev{number}",
                "event": event,
                "authorizations": authorized,
            }
        )
        at = str(int(time.time()))
        headers = {
            "content-type": "application/json",
            "x-slack-request-timestamp": at,
            "x-slack-signature": signature(sandbox.signing_secret, at, body),
        }
        assert client.post(url, content=body, headers=headers).status_code == 200
        done = next(numbers)
        if done in (MANY // 5, MANY):
            marks[done] = process.memory_info().rss

    began = time.monotonic()
    with httpx.Client(timeout=30) as client, ThreadPoolExecutor(4) as pool:
        list(pool.map(send, range(1, MANY + 1)))
    took = time.monotonic() - began
    first, last = marks[MANY // 5] / 2**20, marks[MANY] / 2**20
    flat = last - first < 20
    told = f"{first:.0f} → {last:.0f} MiB ({MANY / took:.0f} a second)"
    yield Row(f"memory from {MANY // 5:,} to {MANY:,} posts", "< 20 MiB more", told, "", flat)


def _charts() -> Iterator[Row]:
    """The reply's chart of 20 runs × 500 points, warm, beside the same curves by plain matplotlib."""
    rng = np.random.default_rng(1)
    steps = np.arange(500.0)
    curves = [
        Curve(f"r-{number:08}", "ada", steps, 0.9 - 0.4 * np.exp(-steps / 90) + rng.normal(0, 0.004, 500))
        for number in range(20)
    ]
    bars = tuple(Bar("ada", each.run_id, 0.9 - n / 100, n + 1, cited=n == 3) for n, each in enumerate(curves))
    chart = ReplyChart(
        "bench",
        "val/accuracy",
        "max",
        "best",
        "ada",
        0.87,
        curves[3],
        tuple(c for n, c in enumerate(curves) if n != 3),
        bars,
        20,
    )
    reply_chart(chart)
    ours, plain = [], []
    for _ in range(7):
        began = time.perf_counter_ns()
        reply_chart(chart)
        ours.append(time.perf_counter_ns() - began)
        began = time.perf_counter_ns()
        _plainly(curves)
        plain.append(time.perf_counter_ns() - began)
    mine, theirs = min(ours) / 1e6, min(plain) / 1e6
    yield Row(
        "a reply's chart, 20 runs × 500 points",
        "≤ 150 ms warm",
        f"{mine:.0f} ms",
        f"plain matplotlib {theirs:.0f} ms",
        mine <= 150,
    )


def _plainly(curves: list[Curve]) -> None:
    """What matplotlib takes when it is left to lay everything out."""
    figure = Figure(figsize=(8, 4.5), dpi=120)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for curve in curves:
        axes.plot(curve.steps, curve.values, label=curve.run_id)
    axes.legend()
    figure.tight_layout()
    figure.savefig(io.BytesIO(), format="png")

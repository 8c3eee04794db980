"""Promise 7: one reply, whatever dies between any two lines.

For every boundary of the bot's work a real process is killed there with SIGKILL, and another one started
over the same database: in the end there is one reply to the post, and it is right.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.sandbox import Sandbox

from .team import Team, kinds

BOUNDARIES = (
    "arrived",
    "stored",
    "leased",
    "judged",
    "decided",
    "reply:noted",
    "reply:posted",
    "reply:done",
    "chart:drawn",
    "chart:begun",
    "chart:bytes",
    "chart:finished",
    "chart:shown",
    "chart:done",
    "worked",
    "released",
)
"""Every boundary that a post's way from Slack to its reply with a chart passes, in order."""


class Nursery:
    """Starts bots that die where they are told."""

    def __init__(self, team: Team, keeper: subprocess.Popen[str]) -> None:
        self.team = team
        self._keeper = keeper
        self._alive: int | None = None
        self._ahead = 0
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]

    def start(self, boundary: str = "", *, http: bool = True) -> None:
        sandbox = self.team.sandbox
        environment = {
            "RUNCITE_HOME": str(self.team.folder),
            "RUNCITE_URL": self.team.url,
            "SLACK_BOT_TOKEN": sandbox.bot_token,
            "SLACK_API_URL": sandbox.api_url,
        }
        if http:
            environment["SLACK_SIGNING_SECRET"] = sandbox.signing_secret
            sandbox.core.office.route.url = f"http://127.0.0.1:{self.port}/slack/events"
        else:
            environment["SLACK_APP_TOKEN"] = sandbox.app_token
        assert self._keeper.stdin is not None
        assert self._keeper.stdout is not None
        order = {"environment": environment, "port": self.port, "boundary": boundary, "ahead": self._ahead}
        self._ahead += 60
        self._keeper.stdin.write(json.dumps(order) + "\n")
        self._keeper.stdin.flush()
        self._alive = int(self._keeper.stdout.readline())
        assert self.team.sandbox.wait_until(self._up if http else lambda: sandbox.connections > 0)

    def _up(self) -> bool:
        with socket.socket() as knock:
            return knock.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def alive(self) -> bool:
        if self._alive is None:
            return False
        try:
            os.kill(self._alive, 0)
        except ProcessLookupError:
            return False
        return True

    def kill(self) -> None:
        if self._alive is not None and self.alive:
            os.kill(self._alive, signal.SIGKILL)
            assert self.team.sandbox.wait_until(lambda: not self.alive)

    def must_die(self) -> None:
        assert self.team.sandbox.wait_until(lambda: not self.alive, 10), "the boundary was not reached"


@pytest.fixture(scope="module")
def keeper() -> Iterator[subprocess.Popen[str]]:
    """The process that forks bots, warm."""
    script = Path(__file__).with_name("mortal.py")
    process = subprocess.Popen(
        [sys.executable, str(script)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.communicate()


@pytest.fixture
def slack() -> Iterator[Sandbox]:
    """A local Slack that repeats what was not acknowledged at once, after 0.6 s and after 3 s."""
    with Sandbox(time_scale=0.01, answer_limit=1.0) as running:
        running.core.habits.processing = 0.05
        yield running


@pytest.fixture
def nursery(team: Team, keeper: subprocess.Popen[str]) -> Iterator[Nursery]:
    found = Nursery(team, keeper)
    yield found
    found.kill()


def crash_at(nursery: Nursery, boundary: str, act: Callable[[], str], *, http: bool = True) -> str:
    """Do something that leads a bot to its boundary, and start another one when it has died."""
    nursery.start(boundary, http=http)
    ts = act()
    nursery.must_die()
    nursery.start(http=http)
    return ts


def one_reply(team: Team, ts: str) -> None:
    """One reply, accepted, with its chart, and Slack was never asked to post another."""
    reply = team.reply(ts, has="Accepted", chart=True)
    assert kinds(reply).count("image") == 1
    team.quiet()
    assert len(team.replies(ts)) == 1
    assert len(team.sandbox.recorded("call", "chat.postMessage")) == 1


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_a_process_killed_at_any_boundary_leaves_one_right_reply(nursery: Nursery, boundary: str) -> None:
    run = nursery.team.run()
    ts = crash_at(nursery, boundary, lambda: nursery.team.post(f"val accuracy 90.2 % {run}"))
    one_reply(nursery.team, ts)


@pytest.mark.parametrize("boundary", [each for each in BOUNDARIES if not each.startswith("chart:")])
def test_the_same_in_socket_mode(nursery: Nursery, boundary: str) -> None:
    run = nursery.team.run()
    ts = crash_at(nursery, boundary, lambda: nursery.team.post(f"val accuracy 90.2 % {run}"), http=False)
    one_reply(nursery.team, ts)


@pytest.mark.parametrize("boundary", ["stored", "decided", "revise:sent", "chart:finished"])
def test_an_edit_on_which_the_bot_dies_ends_in_one_right_reply(nursery: Nursery, boundary: str) -> None:
    team = nursery.team
    run = team.run()
    nursery.start()
    ts = team.post(f"val accuracy 95 % {run}")
    team.reply(ts, has="Not accepted")
    team.quiet()
    nursery.kill()

    def edit() -> str:
        team.sandbox.edit("ada", "results", ts, f"val accuracy 90.2 % {run}")
        return ts

    crash_at(nursery, boundary, edit)
    one_reply(team, ts)


def test_a_deletion_on_which_the_bot_dies_leaves_no_reply(nursery: Nursery) -> None:
    team = nursery.team
    nursery.start()
    ts = team.post(f"val accuracy 90.2 % {team.run()}")
    team.reply(ts, chart=True)
    team.quiet()
    nursery.kill()

    def delete() -> str:
        team.sandbox.delete("ada", "results", ts)
        return ts

    crash_at(nursery, "remove:sent", delete)
    assert team.sandbox.wait_until(lambda: not team.replies(ts))
    team.quiet()


@pytest.mark.parametrize("boundary", ["decided", "respond:noted", "respond:sent"])
def test_a_command_on_which_the_bot_dies_is_answered_to_the_channel_at_most_once(
    nursery: Nursery, boundary: str
) -> None:
    """What may have been said to all is repeated to the asker only."""
    team = nursery.team
    run = team.run()

    def ask() -> str:
        team.sandbox.command("ada", "results", f"/results {run}")
        return ""

    crash_at(nursery, boundary, ask)
    team.quiet()
    public = [message for message in team.sandbox.messages("results") if run in message["text"]]
    private = team.sandbox.ephemerals("ada")
    assert (len(public), len(private)) == {"decided": (1, 0), "respond:noted": (0, 1), "respond:sent": (1, 1)}[boundary]

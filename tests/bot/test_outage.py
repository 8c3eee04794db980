"""The database goes away in the middle of the work, and comes back: nothing is lost, and nothing done twice."""

from __future__ import annotations

import contextlib
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from bot.sandbox import Sandbox
from bot.settings import SECOND

from .team import QUICK, Team, kinds


class Wire:
    """A way to a PostgreSQL server that can be cut and mended: its socket's folder is `folder`."""

    def __init__(self, server: str) -> None:
        self.folder = tempfile.mkdtemp(prefix="wire-", dir="/tmp")
        self.cut_at_last = threading.Event()
        self._server = server
        self._up = True
        self._lock = threading.Lock()
        self._ends: list[socket.socket] = []
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(f"{self.folder}/.s.PGSQL.5432")
        self._door.listen(64)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                here, _ = self._door.accept()
            except OSError:
                return
            with self._lock:
                if not self._up:
                    here.close()
                    continue
                there = socket.socket(socket.AF_UNIX)
                there.connect(f"{self._server}/.s.PGSQL.5432")
                self._ends += [here, there]
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=_pump, args=(one, other), daemon=True).start()

    def cut(self) -> None:
        """From now on every connection is broken, and none is taken."""
        with self._lock:
            self._up = False
            for end in self._ends:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            self._ends.clear()
        self.cut_at_last.set()

    def mend(self) -> None:
        with self._lock:
            self._up = True

    def close(self) -> None:
        self.cut()
        self._door.close()
        shutil.rmtree(self.folder)


def _pump(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := one.recv(65_536):
            other.sendall(piece)
    for end in (one, other):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
    one.close()


@pytest.fixture
def dialect() -> str:
    return "postgresql"


@pytest.fixture
def wire(database_url: str) -> Iterator[Wire]:
    found = Wire(str(make_url(database_url).query["host"]))
    yield found
    found.close()


@pytest.fixture
def team(slack: Sandbox, database_url: str, wire: Wire, tmp_path: Path) -> Iterator[Team]:
    """A team whose bot reaches the database by the wire, and whose members reach it directly."""
    found = Team(database_url, tmp_path, slack)
    through = make_url(database_url).update_query_dict({"host": wire.folder})
    found.url = through.render_as_string(hide_password=False)
    yield found
    wire.mend()
    found.close()


@pytest.mark.parametrize("boundary", ["leased", "judged", "reply:noted", "reply:posted", "chart:finished"])
def test_a_database_that_goes_away_anywhere_costs_nothing_but_time(team: Team, wire: Wire, boundary: str) -> None:
    gone = threading.Event()

    def reach(name: str) -> None:
        if name == boundary and not gone.is_set():
            gone.set()
            wire.cut()

    team.bot(http=True, reach=reach, patience=replace(QUICK, lease=2 * SECOND))
    run = team.run()
    ts = team.post(f"val accuracy 90.2 % {run}")
    assert wire.cut_at_last.wait(20), "the boundary was not reached"
    meanwhile = team.post("val accuracy 91 %")
    assert team.sandbox.wait_until(
        lambda: any(each["status"] == "http_error" for each in team.sandbox.recorded("event")), 20
    )
    wire.mend()
    reply = team.reply(ts, has="Accepted", chart=True)
    assert kinds(reply).count("image") == 1
    team.quiet()
    assert len(team.replies(ts)) == 1
    posted = [each for each in team.sandbox.recorded("call", "chat.postMessage") if each["args"]["thread_ts"] == ts]
    assert len(posted) == 1, "Slack was asked for it once"
    assert len(team.replies(meanwhile)) <= 1, "what was not stored comes again, or was given up by Slack"

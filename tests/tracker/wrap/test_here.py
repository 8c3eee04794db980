"""The door for MLflow's clients, before there is a server behind it."""

from __future__ import annotations

import contextlib
import socket
import time
from pathlib import Path
from threading import Event

import pytest

from tracker.client.folders import Folder
from tracker.errors import UsageError
from tracker.settings import Settings
from tracker.snapshot import Snapshot
from tracker.store.mlflow.rows import Exit
from tracker.wrap.here import Here, Make


def knock(here: Here) -> None:
    socket.create_connection(("127.0.0.1", int(here.uri.rpartition(":")[2])), 5).close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, url=f"sqlite:///{tmp_path / 'runcite.db'}", artifacts="")


def test_a_server_that_is_not_installed_is_missed_by_who_knocks_and_told_at_the_end(settings, tmp_path) -> None:
    def missing() -> Make:
        raise UsageError("This needs the package fastapi, which is not installed.")

    here = Here(settings, missing)
    here.begin("n" * 32, Snapshot(), Folder(tmp_path))
    with contextlib.suppress(ConnectionError):  # the door may close while this knock is under way
        knock(here)
    deadline = time.monotonic() + 20
    with pytest.raises(ConnectionError):
        while time.monotonic() < deadline:
            knock(here)
    with pytest.raises(UsageError, match="fastapi"):
        here.end("n" * 32, Exit(0))
    here.close()


def test_a_command_that_is_gone_while_the_server_loads_leaves_no_door_open(settings, tmp_path) -> None:
    asked, loaded = Event(), Event()

    def slow() -> Make:
        asked.set()
        loaded.wait(20)
        return lambda *given: _Never()

    here = Here(settings, slow)
    here.begin("n" * 32, Snapshot(), Folder(tmp_path))
    knock(here)
    assert asked.wait(20)
    here._closed.set()
    loaded.set()
    assert here.end("n" * 32, Exit(signal="SIGKILL")) == ()
    here.close()


class _Never:
    """A door that must not be opened."""

    def serve(self, *given: object) -> None:
        raise AssertionError("served")

    def shut(self) -> None:
        raise AssertionError("shut")

    def end(self, nonce: str, how: Exit) -> tuple[str, ...]:
        return ("r-served",)

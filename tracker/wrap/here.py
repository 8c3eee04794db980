"""The database at hand, as `exec` needs it: a door for MLflow's clients on loopback that opens when somebody knocks.

A command that never logs to MLflow costs a listening socket and nothing more: the server is loaded at the first knock.
"""

from __future__ import annotations

import base64
import os
import select
import socket
import threading
from collections.abc import Callable
from typing import Protocol

from tracker.client.folders import Folder
from tracker.errors import RunciteError
from tracker.settings import PREFIX, Settings
from tracker.snapshot import Snapshot
from tracker.store.mlflow.rows import Exit
from tracker.wrap.child import deaf


class Served(Protocol):
    """`tracker.wrap.door.Door`."""

    def serve(self, listening: socket.socket, nonce: str, snapshot: Snapshot, folder: Folder) -> None:
        """Serve until it is shut."""

    def shut(self) -> None:
        """Have it end."""

    def end(self, nonce: str, how: Exit) -> tuple[str, ...]:
        """Tell how the command ended; the runs that it opened."""


Make = Callable[[Settings, bytes, str, str], Served]


class Here:
    """The settings' database. `uri` and `token` are what the command's MLflow client needs; `door` gives what makes a
    door, and is asked for it at the first knock."""

    def __init__(self, settings: Settings, door: Callable[[], Make]) -> None:
        self._settings = settings
        self._find = door
        self._failure: RunciteError | None = None
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._secret = os.urandom(32)
        self.uri = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.token = PREFIX + base64.urlsafe_b64encode(self._secret).decode().rstrip("=")
        self._door: Served | None = None
        self._given: tuple[str, Snapshot, Folder] | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._wait, daemon=True)

    def begin(self, nonce: str, snapshot: Snapshot, folder: Folder) -> None:
        """Keep the snapshot for whoever knocks."""
        self._given = (nonce, snapshot, folder)
        with deaf():
            self._thread.start()

    def end(self, nonce: str, how: Exit) -> tuple[str, ...]:
        """Tell how the command ended; the runs that it opened. Raises RunciteError where that cannot be kept."""
        self._shut()
        if self._failure is not None:
            raise self._failure
        return () if self._door is None else self._door.end(nonce, how)

    def close(self) -> None:
        """Shut the door."""
        self._shut()
        self._listening.close()

    def _shut(self) -> None:
        self._closed.set()
        if self._door is not None:
            self._door.shut()
        if self._thread.is_alive():
            self._thread.join(15)

    def _wait(self) -> None:
        """Wait for a knock; then serve."""
        while not self._closed.is_set():
            if select.select([self._listening], [], [], 0.2)[0]:
                break
        else:
            return
        assert self._given is not None
        try:
            door = self._find()(self._settings, self._secret, self.token, self.uri)
        except RunciteError as error:
            self._failure = error
            self._listening.close()  # who knocks is refused at once, and need not wait for an answer
            return
        if not self._closed.is_set():  # the command may be gone while the server was being loaded
            self._door = door
            door.serve(self._listening, *self._given)

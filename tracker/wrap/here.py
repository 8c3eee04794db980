"""The database at hand, as `exec` needs it: a door for MLflow's clients on loopback that opens when somebody knocks.

A command that never logs to MLflow costs a listening socket and nothing more.
"""

from __future__ import annotations

import base64
import os
import select
import socket
import threading
import time

import uvicorn

from tracker.client.folders import Folder
from tracker.server.app import create_app
from tracker.server.config import ServerConfig
from tracker.settings import Settings
from tracker.snapshot import Snapshot
from tracker.store import members
from tracker.store.blobs import open_blobs
from tracker.store.database import open_database
from tracker.store.migrate import upgrade
from tracker.store.mlflow import execs
from tracker.store.mlflow.pen import Author, author_of
from tracker.store.mlflow.rows import Exit

DAY = 24 * 3600 * 1_000_000


class Here:
    """The settings' database. `uri` and `token` are what the command's MLflow client needs."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._secret = os.urandom(32)
        self.uri = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.token = members.PREFIX + base64.urlsafe_b64encode(self._secret).decode().rstrip("=")
        self._server: uvicorn.Server | None = None
        self._given: tuple[str, Snapshot, Folder] | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._wait, daemon=True)

    def begin(self, nonce: str, snapshot: Snapshot, folder: Folder) -> None:
        """Keep the snapshot for whoever knocks."""
        self._given = (nonce, snapshot, folder)
        self._thread.start()

    def end(self, nonce: str, how: Exit) -> tuple[str, ...]:
        """Tell how the command ended; the runs that it opened. Raises RunciteError where that cannot be kept."""
        if self._server is None:
            return ()
        self._shut()
        db = open_database(self._settings.url)
        try:
            author = self._author()
            with db.write() as connection:
                return execs.end(connection, nonce, how, author, _now())
        finally:
            members.revoke_secret(db, self.token, now=_now())
            db.close()

    def close(self) -> None:
        """Shut the door."""
        self._shut()
        self._listening.close()

    def _shut(self) -> None:
        self._closed.set()
        if self._server is not None:
            self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(15)

    def _wait(self) -> None:
        """Wait for a knock; then let the snapshot in first, and serve."""
        while not self._closed.is_set():
            if select.select([self._listening], [], [], 0.2)[0]:
                break
        else:
            return
        assert self._given is not None
        nonce, snapshot, folder = self._given
        db = open_database(self._settings.url)
        upgrade(db)
        author = self._author()
        members.issue_token(
            db,
            author.handle,
            now=_now(),
            label="exec",
            expires_at=_now() + 30 * DAY,
            random_bytes=lambda size: self._secret,
        )
        with db.write() as connection:
            execs.begin(connection, nonce, snapshot, author, _now())
        db.close()
        blobs = open_blobs(self._settings.artifacts)
        for digest, path in folder.staged():
            with path.open("rb") as file:
                blobs.put(digest, file)
        config = ServerConfig(self._settings.url, self._settings.artifacts, public_url=self.uri)
        told = uvicorn.Config(create_app(config), log_level="critical", ws="none", timeout_graceful_shutdown=5)
        self._server = uvicorn.Server(told)
        self._server.run(sockets=[self._listening])

    def _author(self) -> Author:
        db = open_database(self._settings.url)
        try:
            member = members.local_member(db, now=_now())
            return author_of(db, member)
        finally:
            db.close()


def _now() -> int:
    return time.time_ns() // 1000

"""The door that opens when a command's MLflow client knocks: a server of the database at hand, on loopback."""

from __future__ import annotations

import socket
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


class Door:
    """Lets the snapshot in first, then serves whoever has the token."""

    def __init__(self, settings: Settings, secret: bytes, token: str, uri: str) -> None:
        self._settings = settings
        self._secret = secret
        self._token = token
        config = ServerConfig(settings.url, settings.artifacts, public_url=uri)
        told = uvicorn.Config(create_app(config), log_level="critical", ws="none", timeout_graceful_shutdown=5)
        self._server = uvicorn.Server(told)

    def serve(self, listening: socket.socket, nonce: str, snapshot: Snapshot, folder: Folder) -> None:
        """Serve until it is shut."""
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
        self._server.run(sockets=[listening])

    def shut(self) -> None:
        """Have it end."""
        self._server.should_exit = True

    def end(self, nonce: str, how: Exit) -> tuple[str, ...]:
        """Tell how the command ended; the runs that it opened. Raises RunciteError where that cannot be kept."""
        db = open_database(self._settings.url)
        try:
            author = self._author()
            with db.write() as connection:
                return execs.end(connection, nonce, how, author, _now())
        finally:
            members.revoke_secret(db, self._token, now=_now())
            db.close()

    def _author(self) -> Author:
        db = open_database(self._settings.url)
        try:
            member = members.local_member(db, now=_now())
            return author_of(db, member)
        finally:
            db.close()


def _now() -> int:
    return time.time_ns() // 1000

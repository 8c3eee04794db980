"""A real server on a loopback port, over a real SQLite file, with members, and runs sent as a shipper sends them."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import httpx
import msgspec
import numpy as np
import pytest
from fastapi import FastAPI

from tracker.events import Ack, ArtifactLogged, Batch, Body, Captured, Column, Event, Finished, Metrics, Started
from tracker.ids import mint
from tracker.record import Role
from tracker.server.app import create_app
from tracker.server.config import Context, ServerConfig
from tracker.server.serving import Server
from tracker.snapshot import Code, Command, Git, Machine, Package, Python, Scalar, Seeds, Snapshot
from tracker.store import members
from tracker.store.series import Points, encode

START = 1_795_442_400_000_000
MSGPACK = {"Content-Type": "application/msgpack", "Accept": "application/msgpack"}


class House:
    """One server and its database."""

    def __init__(self, folder: Path) -> None:
        self.now = START
        self.folder = folder
        self.config = ServerConfig(f"sqlite:///{folder / 'runcite.db'}", str(folder / "artifacts"))
        self.url = ""
        self.app = FastAPI()
        self._rng = Random(11)
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def context(self) -> Context:
        context = self.app.state.context
        assert isinstance(context, Context)
        return context

    def start(self, *, extend: Sequence[Callable[[FastAPI], None]] = (), **changes: Any) -> House:
        """Serve; `changes` are the config's."""
        listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self.config = replace(self.config, public_url=self.url, **changes)
        self.app = create_app(self.config, clock=lambda: self.now, extend=extend)
        self._server = Server(self.app)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listening]}, daemon=True)
        self._thread.start()
        assert self._server.up.wait(20)
        return self

    def stop(self) -> None:
        if self._server and self._thread:
            self._server.should_exit = True
            self._thread.join(20)
            self._server = None

    def token(self, handle: str, role: Role = "member") -> str:
        """A token of that member, who is added where they are not there yet."""
        db = self.context.db
        if handle not in {member.handle for member in members.list_members(db)}:
            members.add_member(db, handle, role, now=self.now)
        return members.issue_token(db, handle, now=self.now, label="test")

    def client(self, token: str | None = None, **headers: str) -> httpx.Client:
        """A program's client, or, with Accept: text/html, a browser's."""
        told = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.url, headers=told | headers, timeout=20)

    def send(self, client: httpx.Client, *batches: Batch) -> list[Ack]:
        """Send batches as the shipper does."""
        answer = client.post("/api/v1/batches", content=msgspec.msgpack.encode(batches), headers=MSGPACK)
        assert answer.status_code == 200, answer.text
        return msgspec.msgpack.decode(answer.content, type=list[Ack])

    def run(self, client: httpx.Client, *, project: str = "milestone-1", **said: Any) -> str:
        """A whole run, sent; its ID."""
        batch = self.batch(project=project, **said)
        (ack,) = self.send(client, batch)
        assert ack.state == "held", ack
        return batch.run_id

    def batch(
        self,
        *,
        project: str = "milestone-1",
        name: str | None = None,
        config: dict[str, Scalar] | None = None,
        seed: int | None = 7,
        values: dict[str, Sequence[float]] | None = None,
        end: str | None = "finished",
        artifacts: Sequence[ArtifactLogged] = (),
        run_id: str | None = None,
        tags: tuple[str, ...] = (),
        note: str = "",
        captured: Snapshot | None = None,
    ) -> Batch:
        """A run's first segment, from its start to its end."""
        nonce = f"{self._rng.getrandbits(64):016x}"
        config = {"lr": 0.001, "optimizer": "adam"} if config is None else config
        started = Started(project, nonce, name=name, config=config, seed=seed, tags=tags, note=note)
        bodies: list[Body] = [started, Captured(snapshot() if captured is None else captured)]
        columns = []
        if values is None:
            values = {"val/accuracy": [0.5, 0.9133, 0.91], "train/loss": [2.0, 1.0, 0.5]}
        for metric, series in values.items():
            count = len(series)
            points = Points(
                np.arange(count, dtype=np.int64),
                np.array(series, dtype=np.float64),
                START + np.arange(count, dtype=np.int64) * 1_000_000,
            )
            data = encode(points)
            columns.append(data)
            bodies.append(Metrics((Column(metric, count, hashlib.sha256(data).hexdigest()),)))
        bodies.extend(artifacts)
        if end == "failed":
            bodies.append(
                Finished("failed", 12.5, reason="ValueError: <b>no</b>", traceback="Traceback …", exit_code=1)
            )
        elif end:
            bodies.append(Finished("finished", 12.5))
        events = tuple(Event(i, START + i, i * 100, body) for i, body in enumerate(bodies, 1))
        return Batch(run_id or mint(self._rng), "s-1", nonce, events, tuple(columns))

    def ended(self, batch: Batch) -> Batch:
        """The rest of a run that `batch` began: its end."""
        number = batch.events[-1].number + 1
        return Batch(
            batch.run_id,
            batch.segment,
            batch.nonce,
            (Event(number, self.now, number * 100, Finished("finished", 3.0)),),
        )


def snapshot() -> Snapshot:
    git = Git("3f2a1bc9e0d1" + "0" * 28, "main", "https://github.com/team/digits.git", True, "Tune <the> schedule")
    return Snapshot(
        Code(git, "train.py"),
        Python("3.11.7", "CPython", "/usr/bin/python", (Package("numpy", "2.4.0"), Package("torch", "2.13.0"))),
        Machine("m1", "lab-03", "Debian GNU/Linux 12", "6.1", "x86_64", "AMD EPYC 7763", 16, 64_000_000_000),
        Command(("python", "train.py", "--lr", "0.001"), "/home/ada/digits"),
        Seeds(7),
    )


@pytest.fixture(scope="module")
def shared_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for a whole file, for tests that leave nothing behind; no log-in is asked."""
    made = House(tmp_path_factory.mktemp("house")).start(require_login=False)
    yield made
    made.stop()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.stop()

"""A small real HTTP server that keeps what writers send, and can be told to misbehave; and runs in real processes."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from tracker.client.launch import locked
from tracker.client.transport import Place
from tracker.events import Ack, Batch, Event, Finished, Joined, Metrics, Started
from tracker.settings import Settings
from tracker.store import series

ROOT = Path(__file__).parents[3]


class Store:
    """Batches by (run, segment, number), as the real store keys them. `faults` are taken one a request:
    a status, "half" (an answer cut short), "late" (taken, then no answer), "slow" (no answer in time). A request that
    holds a batch of the run `fatal` is refused whole."""

    def __init__(self) -> None:
        self.events: dict[tuple[str, str], dict[int, Event]] = {}
        self.columns: dict[str, bytes] = {}
        self.nonces: dict[str, str] = {}
        self.blobs: dict[str, bytes] = {}
        self.named_before_sent: list[str] = []
        self.heartbeats: list[str] = []
        self.faults: deque[str] = deque()
        self.requests: list[str] = []
        self.tokens: set[str] = set()
        self.changed = threading.Condition()
        self.retry_after = "0"
        self.fatal = ""

    def cursor(self, run_id: str, segment: str, nonce: str) -> Ack:
        held = self.events.get((run_id, segment), {})
        if segment == "main" and self.nonces.get(run_id, nonce) != nonce:
            return Ack(run_id, segment, 0, 0, "clash")
        if not held:
            return Ack(run_id, segment, 0, 0, "unknown" if run_id not in self.nonces else "held")
        return Ack(run_id, segment, len(held), held[len(held)].offset)

    def append(self, batch: Batch) -> Ack:
        key = (batch.run_id, batch.segment)
        first = batch.events[0].body
        if batch.segment == "main":
            if self.nonces.setdefault(batch.run_id, batch.nonce) != batch.nonce:
                return Ack(*key, 0, 0, "clash")
        elif batch.run_id not in self.nonces:
            return Ack(*key, 0, 0, "unknown")
        held = self.events.setdefault(key, {})
        if not held and batch.events[0].number == 1:
            assert isinstance(first, Started | Joined)
        columns = iter(batch.columns)
        for event in batch.events:
            digests = [column.digest for column in event.body.columns] if isinstance(event.body, Metrics) else []
            data = [next(columns) for _ in digests]
            if event.number in held:
                if held[event.number] != event:
                    break
                continue
            if event.number != len(held) + 1:
                break
            if self.ended(batch.run_id) is not None:
                return Ack(*key, len(held), held[len(held)].offset if held else 0, "sealed", "the run has ended")
            assert [hashlib.sha256(one).hexdigest() for one in data] == digests
            self.columns.update(zip(digests, data, strict=True))
            held[event.number] = event
            digest = getattr(event.body, "digest", None)
            if digest and not hasattr(event.body, "source") and digest not in self.blobs:
                self.named_before_sent.append(digest)
        return self.cursor(batch.run_id, batch.segment, batch.nonce)

    # what tests ask

    def bodies(self, run_id: str, segment: str = "main") -> list[Any]:
        held = self.events.get((run_id, segment), {})
        return [held[number].body for number in sorted(held)]

    def runs(self) -> list[str]:
        return list(self.nonces)

    def segments(self, run_id: str) -> list[str]:
        return sorted(segment for run, segment in self.events if run == run_id)

    def ended(self, run_id: str, segment: str = "main") -> Finished | None:
        bodies = self.bodies(run_id, segment)
        return bodies[-1] if bodies and isinstance(bodies[-1], Finished) else None

    def history(self, run_id: str, metric: str, segment: str = "main") -> list[tuple[int, float]]:
        found: list[tuple[int, float]] = []
        for body in self.bodies(run_id, segment):
            for column in body.columns if isinstance(body, Metrics) else ():
                if column.name == metric:
                    points = series.decode(self.columns[column.digest])
                    assert len(points.steps) == column.count
                    assert np.all(np.asarray(points.times) > 1_500_000_000_000_000)
                    found += zip(np.asarray(points.steps).tolist(), np.asarray(points.values).tolist(), strict=True)
        return found

    def wait(self, met: Callable[[], object], seconds: float = 20.0) -> None:
        """Wait until `met()`, looking again whenever something arrives."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while not met():
                left = deadline - time.monotonic()
                assert left > 0, f"not met; requests: {self.requests[-20:]}"
                self.changed.wait(min(left, 0.2))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes: the second need not wait for an acknowledgement
    server: _Server

    def log_message(self, *args: object) -> None:
        pass

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def _answer(self, body: bytes = b"{}", status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _handle(self) -> None:
        store = self.server.store
        body = self._body()
        with store.changed:
            store.requests.append(f"{self.command} {self.path}")
            fault = store.faults.popleft() if store.faults else ""
            if store.tokens and self.headers.get("Authorization", "").removeprefix("Bearer ") not in store.tokens:
                fault = "401"
            if fault == "slow":
                self.server.stopping.wait(30)
            if self.path.endswith("/batches") and store.fatal and store.fatal.encode() in body:
                fault = "400"
            if fault in {"", "half", "late"}:
                status, answer = self._work(store, body)
            store.changed.notify_all()
        if fault == "half":
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer) + 10))
            self.end_headers()
            self.wfile.write(answer[: len(answer) // 2])
        if fault in {"half", "late", "slow"}:
            self.close_connection = True
        elif fault:
            self._answer(b'{"error": "fault", "message": "As told."}', int(fault), Retry_After=store.retry_after)
        else:
            self._answer(answer, status)

    def _work(self, store: Store, body: bytes) -> tuple[int, bytes]:
        path = self.path.removeprefix("/api/v1/")
        if path == "batches":
            batches = msgspec.msgpack.decode(body, type=tuple[Batch, ...])
            return 200, msgspec.msgpack.encode([store.append(batch) for batch in batches])
        if path == "cursors":
            places = msgspec.msgpack.decode(body, type=tuple[Place, ...])
            return 200, msgspec.msgpack.encode([store.cursor(p.run_id, p.segment, p.nonce) for p in places])
        if path == "heartbeats":
            store.heartbeats += msgspec.json.decode(body)["runs"]
            return 200, b"{}"
        if path == "blobs/missing":
            digests = msgspec.json.decode(body)["digests"]
            return 200, msgspec.json.encode({"missing": [digest for digest in digests if digest not in store.blobs]})
        if path.startswith("blobs/") and self.command == "PUT":
            digest = path.removeprefix("blobs/")
            if hashlib.sha256(body).hexdigest() != digest:
                return 400, b'{"error": "usage", "message": "These are other bytes."}'
            store.blobs[digest] = body
            return 201, b"{}"
        return 404, b'{"error": "not-found", "message": "There is nothing here."}'

    do_GET = do_POST = do_PUT = do_HEAD = _handle


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, store: Store, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.store = store
        self.stopping = threading.Event()


class StoreServer:
    """The store behind HTTP on loopback; may be stopped, and started again on the same port."""

    def __init__(self) -> None:
        self.store = Store()
        self._server: _Server | None = None
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._server = _Server(self.store, self.port)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.stopping.set()
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class Lab:
    """A home of its own, and scripts run in real processes with it."""

    def __init__(self, path: Path, url: str) -> None:
        self.path = path
        self.home = path / "home"
        self.url = url
        self.settings = Settings(home=self.home, url=url, artifacts=str(self.home / "artifacts"), token="rc_test")
        self._launched = False

    def start(self, script: str, *, shipper: str = "off", **environ: str) -> subprocess.Popen[str]:
        """Run a script in the lab's folder; `run` is what it should print to tell its run ID."""
        env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
            "RUNCITE_HOME": str(self.home),
            "RUNCITE_URL": self.url,
            "RUNCITE_TOKEN": "rc_test",
            "RUNCITE_SHIPPER": shipper,
            "RUNCITE_OUTPUT": "off",
        } | environ
        (self.path / "work").mkdir(exist_ok=True)
        self._launched = self._launched or shipper == "on"
        return subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(script)],
            cwd=self.path / "work",
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, script: str, *, shipper: str = "off", **environ: str) -> tuple[str, str, int]:
        """Run a script to its end: stdout, stderr, return code."""
        process = self.start(script, shipper=shipper, **environ)
        out, err = process.communicate(timeout=60)
        return out, err, process.returncode

    def end_shipper(self) -> None:
        """End the shipper of this home, if one is still at work."""
        lock = self.home / "shipper.lock"
        give_up = time.monotonic() + 10
        while self._launched and time.monotonic() < give_up and not (lock.exists() and lock.read_text()):
            time.sleep(0.02)  # it was launched, and has not said who it is yet
        free = locked(lock) if lock.exists() else -1
        if free is None:
            os.kill(int(lock.read_text()), signal.SIGKILL)
        elif free >= 0:
            os.close(free)

    def observed(self) -> None:
        """Wait until no observer is at work any more: from here on the home's files are still."""
        deadline = time.monotonic() + 20
        while any(self.home.glob("journals/*/origin")):
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def journals(self) -> list[Path]:
        return sorted(self.home.glob("journals/*/*.journal"))


@pytest.fixture
def server() -> Iterator[StoreServer]:
    running = StoreServer()
    yield running
    running.stop()


@pytest.fixture
def store(server: StoreServer) -> Store:
    return server.store


@pytest.fixture
def lab(tmp_path: Path, server: StoreServer) -> Iterator[Lab]:
    made = Lab(tmp_path, server.url)
    yield made
    made.end_shipper()

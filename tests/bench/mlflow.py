"""MLflow's protocol: what a call costs with the real client, what with bare HTTP, and what many clients get together.

The server runs in a process of its own. There are two floors: the same client against a server that answers at once
and does nothing, which is what the client costs by itself, and a request that our server answers without the database
(`/health`), which is what HTTP and machine cost. `RUNCITE_TEST_MLFLOW_URI` names a server of MLflow's own to measure
beside ours.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psutil

from tests.bench.rows import Row

CALLS = 300
CLIENTS = 4
P = "/api/2.0/mlflow"


def measure() -> Iterator[Row]:
    """The rows of the table."""
    with _server() as (uri, pid):
        floor, least = _seconds(health := _health(uri), CALLS), _spent(pid, health)
        bare, own = _seconds(logger := _logger(uri), CALLS), _spent(pid, logger)
        with _nothing() as idle:
            alone, client = _client(idle), _client(uri)
        together = _together(uri)
    theirs = os.environ.get("RUNCITE_TEST_MLFLOW_URI")
    beside = f", MLflow's own server {_shown(_client(theirs))}" if theirs else ""
    yield Row("log_metric, MLflow's client", "1.14 ms", _shown(client), f"nothing behind it {_shown(alone)}{beside}")
    yield Row("log-metric, bare HTTP, one connection", "", _milliseconds(bare), f"/health {_milliseconds(floor)}")
    yield Row(
        "the server's processor time of that", "about 1 ms", _milliseconds(own), f"/health {_milliseconds(least)}"
    )
    yield Row(f"log-metric, {CLIENTS} clients together", "", _milliseconds(together), "per call, over all clients")


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def _shown(measured: tuple[float, float]) -> str:
    middle, spent = measured
    return f"{_milliseconds(middle)} ({_milliseconds(spent)} of the client's CPU)"


def _seconds(call: Callable[[int], object], count: int) -> float:
    """Seconds of one call, the middle one of `count` in a row."""
    times = []
    for index in range(count):
        began = time.perf_counter()
        call(index)
        times.append(time.perf_counter() - began)
    return sorted(times)[count // 2]


def _spent(pid: int, call: Callable[[int], object]) -> float:
    """Seconds of processor time that a call costs the server, whatever else the machine does."""
    process = psutil.Process(pid)
    before = process.cpu_times()
    for index in range(CALLS, 2 * CALLS):
        call(index)
    after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) / CALLS


def _asker(uri: str) -> Callable[[str, str, object], dict[str, object]]:
    address = urlsplit(uri)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)

    def ask(method: str, path: str, body: object) -> dict[str, object]:
        connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 200, text
        return json.loads(text) if text[:1] == b"{" else {}

    return ask


def _health(uri: str) -> Callable[[int], object]:
    ask = _asker(uri)
    return lambda index: ask("GET", "/health", None)


def _logger(uri: str) -> Callable[[int], object]:
    ask = _asker(uri)
    made: dict[str, dict[str, dict[str, str]]] = ask("POST", f"{P}/runs/create", {"experiment_id": "0"})  # type: ignore[assignment]
    run_id = made["run"]["info"]["run_id"]
    point = {"run_id": run_id, "key": "m", "value": 0.5}
    return lambda index: ask("POST", f"{P}/runs/log-metric", point | {"timestamp": index, "step": index})


_CLIENT = """
import sys, time, mlflow
from mlflow.entities import Metric
client = mlflow.MlflowClient(sys.argv[1])
run_id = client.create_run("0").info.run_id
store = client._tracking_client.store
store.log_metric(run_id, Metric("m", 0.5, 0, 0))
times = []
spent = time.process_time()
for step in range(1, int(sys.argv[2]) + 1):
    began = time.perf_counter()
    store.log_metric(run_id, Metric("m", 0.5, step, step))
    times.append(time.perf_counter() - began)
print(sorted(times)[len(times) // 2], (time.process_time() - spent) / len(times))
"""


def _client(uri: str) -> tuple[float, float]:
    """Seconds of one call of the real client, the middle one, and what the client's own process spends on one."""
    told = subprocess.run([sys.executable, "-c", _CLIENT, uri, str(CALLS)], capture_output=True, text=True, check=True)
    middle, spent = map(float, told.stdout.split()[-2:])
    return middle, spent


@contextmanager
def _nothing() -> Iterator[str]:
    """A server in a process of its own that takes whatever comes and answers at once: where it is."""
    server = subprocess.Popen([sys.executable, "-m", "tests.bench.mlflow"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait(20)
        server.stdout.close()


_INFO = {"run_id": "r-00000000", "experiment_id": "0", "status": "RUNNING", "start_time": 1, "artifact_uri": "x"}


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    body = json.dumps({"run": {"info": {**_INFO, "lifecycle_stage": "active"}, "data": {}}}).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    try:
        while True:
            asked = (await reader.readuntil(b"\r\n\r\n")).lower()
            _, _, length = asked.partition(b"content-length:")
            await reader.readexactly(int(length.split(b"\r\n")[0] or b"0"))
            writer.write(head + body)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _answer_all() -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def _together(uri: str) -> float:
    """Seconds of one call where several processes log at once, over all of them."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "tests.bench.mlflow", uri]
    clients = [subprocess.Popen(command) for _ in range(CLIENTS)]
    for client in clients:
        assert client.wait() == 0
    return (time.perf_counter() - began) / (CLIENTS * CALLS)


@contextmanager
def _server() -> Iterator[tuple[str, int]]:
    """Our server in a process of its own: where it is, and the process."""
    with tempfile.TemporaryDirectory() as home:
        env = {
            **os.environ,
            "RUNCITE_HOME": home,
            "RUNCITE_URL": f"sqlite:///{home}/runcite.db",
            "PYTHONUNBUFFERED": "1",
        }
        command = [sys.executable, "-m", "tracker.cli", "server", "--port", "0"]
        server = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        try:
            yield (
                next(word for line in server.stdout for word in line.split() if word.startswith("http://")),
                server.pid,
            )
        finally:
            server.terminate()
            server.wait(20)
            server.stdout.close()


def main() -> None:
    """With an address, one client of several: log, and say nothing. Without one, the server that does nothing."""
    if len(sys.argv) > 1:
        _seconds(_logger(sys.argv[1]), CALLS)
    else:
        asyncio.run(_answer_all())


if __name__ == "__main__":
    main()

"""Two servers on one PostgreSQL share nothing but it: a run goes through both, and one is killed in the middle."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tracker.client.transport import HttpTransport
from tracker.errors import Unavailable
from tracker.events import Batch, Finished, Started
from tracker.store import members, queries
from tracker.store.database import Database
from tracker.store.verify import verify_run

PATIENCE = 60


@contextlib.contextmanager
def replica(url: str, folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server in a process of its own: its address, and the process."""
    environ = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    environ |= {"RUNCITE_URL": url, "RUNCITE_HOME": str(folder), "RUNCITE_SHIPPER": "off"}
    command = [sys.executable, "-m", "tracker.cli", "server", "--port", "0"]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout
    try:
        yield process.stdout.readline().split()[-1], process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def waits_for_a_lock(database: Database) -> bool:
    with database.read() as connection:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return bool(connection.scalar(text(asked)))


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_a_replica_that_dies_in_the_middle_of_a_batch_loses_and_doubles_nothing(
    database: Database, database_url: str, pen: Callable[..., Any], tmp_path: Path
) -> None:
    members.add_member(database, "ada", now=1)
    token = members.issue_token(database, "ada", now=1)
    one = pen()

    def step(number: int) -> Batch:
        body, columns = one.metrics(number, loss=[float(number)] * 100)
        return one.batch(body, columns=columns)

    with contextlib.ExitStack() as opened:
        (first, process), (second, _) = [
            opened.enter_context(replica(database_url, tmp_path / name)) for name in ("first", "second")
        ]
        a, b = (opened.enter_context(HttpTransport(address, token, timeout=PATIENCE)) for address in (first, second))
        sent = [one.batch(Started("p", "n"))]
        assert a.send(sent)[0].state == "held"
        for number in range(6):  # each batch goes to both, in turns: whoever is second says that it is held
            sent.append(step(100 * number))
            for transport in (a, b) if number % 2 else (b, a):
                assert transport.send([sent[-1]])[0].number == number + 2
        _killed_in_the_middle(database, a, process, step(600), sent)
        (ack,) = b.send([sent[-1]])
        assert (ack.state, ack.number) == ("held", 8)
        assert [ack.number for ack in b.send([*sent, one.batch(Finished("finished", 1.0))])] == [8] * 8 + [9]
    record = queries.get_record(database, one.run_id, now=one.now)
    assert (record.state, record.events, record.metrics["loss"].count) == ("finished", 9, 700)
    assert len(queries.get_history(database, one.run_id, "loss")) == 700
    assert verify_run(database, one.run_id) == ()


def _killed_in_the_middle(
    database: Database, transport: HttpTransport, process: subprocess.Popen[str], batch: Batch, sent: list[Batch]
) -> None:
    """The server has written the batch's chunks and summaries, and waits to write its events, when it is killed."""
    sent.append(batch)
    lost: list[Unavailable] = []

    def send() -> None:
        try:
            transport.send([batch])
        except Unavailable as error:
            lost.append(error)

    with database.write() as connection:
        connection.execute(text("LOCK TABLE events IN SHARE MODE"))
        sending = threading.Thread(target=send)
        sending.start()
        until = time.monotonic() + PATIENCE
        while not waits_for_a_lock(database):
            assert time.monotonic() < until
            time.sleep(0.05)
        process.kill()
        sending.join()
    assert lost

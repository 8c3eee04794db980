"""The whole road without a server: a run, the shipper, and the database in the home."""

import threading
import time

import pytest

from tracker.shipper import sync
from tracker.shipper.embedded import EmbeddedStore
from tracker.store import queries
from tracker.store.blobs import open_blobs
from tracker.store.database import open_database

SCRIPT = """
import sys, tracker
with tracker.start_run("digits", {"lr": 0.1}, seed=3) as run:
    for i in range(100):
        run.log({"loss": 1 / (i + 1), "acc": i / 100}, step=i)
    open("model.pt", "wb").write(b"weights")
    run.log_artifact("model.pt", kind="model")
    run.log_dataset("digits", b"data")
    print(run.id, flush=True)
    if len(sys.argv) > 1: raise ValueError("no luck")
"""


@pytest.fixture
def local(lab):
    lab.url = f"sqlite:///{lab.home / 'runcite.db'}"
    lab.settings = type(lab.settings)(home=lab.home, url=lab.url, artifacts=str(lab.home / "artifacts"))
    return lab


def now() -> int:
    return time.time_ns() // 1000


def test_a_run_becomes_a_record(local) -> None:
    run_id = local.run(SCRIPT, RUNCITE_OUTPUT="on")[0].strip()
    assert sync(local.settings).delivered == (run_id,)
    db = open_database(local.url)
    record = queries.get_record(db, run_id, now=now())
    assert (record.project, record.state, record.seed, record.config) == ("digits", "finished", 3, {"lr": 0.1})
    assert record.metrics["acc"].max == 0.99 and record.metrics["loss"].count == 100
    assert record.snapshot.machine is not None and record.snapshot.python.packages
    artifact, output = sorted(record.artifacts, key=lambda one: one.name)
    assert (output.name, output.type) == ("output.log.gz", "output")
    assert artifact.stored and open_blobs(local.settings.artifacts).has(artifact.digest)
    assert list(queries.get_history(db, run_id, "acc").steps) == list(range(100))
    assert not local.journals()
    db.close()


def test_the_shipper_delivers_to_the_home_by_itself(local) -> None:
    out, err, _ = local.run(SCRIPT, shipper="on")
    run_id = out.strip()
    assert f"runcite show {run_id}" in err
    deadline = time.monotonic() + 30
    while local.journals():
        assert time.monotonic() < deadline, (local.home / "shipper.log").read_text()
        threading.Event().wait(0.05)
    db = open_database(local.url)
    assert queries.get_record(db, run_id, now=now()).sealed
    db.close()


def test_the_embedded_store_takes_everything_twice_and_holds_it_once(local) -> None:
    run_id = local.run(SCRIPT)[0].strip()
    sent = []

    class Twice(EmbeddedStore):
        def send(self, batches):
            first = super().send(batches)
            sent.extend(batches)
            assert super().send(batches) == first
            return first

    def connect(destination):
        return Twice(destination.url, destination.artifacts, now)

    assert sync(local.settings, connect=connect).delivered == (run_id,)
    db = open_database(local.url)
    record = queries.get_record(db, run_id, now=now())
    assert record.metrics["loss"].count == 100 and record.events == sum(len(batch.events) for batch in sent)
    db.close()

"""A clock that is set back while a run is recorded."""

import time
from random import Random

import tracker
from tracker.shipper.loop import Shipper
from tracker.shipper.sinks import connector
from tracker.store import queries
from tracker.store.database import open_database

HOUR = 3600 * 1_000_000_000


def test_a_clock_set_back_loses_nothing_and_no_time_runs_backwards(lab) -> None:
    settings = type(lab.settings)(
        home=lab.home, url=f"sqlite:///{lab.home / 'runcite.db'}", artifacts=str(lab.home / "artifacts"), shipper=False
    )
    back = 0

    def clock() -> int:
        return time.time_ns() - back

    def micros() -> int:
        return clock() // 1000

    run = tracker.start_run("p", settings=settings, now_ns=clock)
    for step in range(300):
        run.log({"loss": float(step)}, step=step)
        if step == 100:
            back = HOUR
    run.finish()
    shipper = Shipper(lab.home, connector(micros), micros, Random(1), lambda line: None)
    deadline = time.monotonic() + 30
    while not shipper.delivered:
        assert time.monotonic() < deadline
        shipper.round()
    shipper.close()
    db = open_database(settings.url)
    record = queries.get_record(db, run.id, now=micros())
    history = queries.get_history(db, run.id, "loss")
    db.close()
    assert record.state == "finished" and record.sealed
    assert list(history.steps) == list(range(300)), "order is the order of logging, whatever the clock says"
    assert record.end is not None and 0 <= record.end.runtime < 60

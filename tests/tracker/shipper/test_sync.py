"""A journal's way to the store: by hand, and how often the shipper looks."""

import time
from random import Random

from tracker.shipper import sync
from tracker.shipper.loop import Shipper
from tracker.shipper.service import next_pause
from tracker.shipper.sinks import connector

SCRIPT = """
import tracker
with tracker.start_run("p", {"lr": 0.1, "net": {"layers": [1, 2]}}, seed=3, tags=["t"]) as run:
    for i in range(1000):
        run.log({"loss": i / 2}, step=i)
        if i % 100 == 0:
            run.log({"acc": i, "nan": float("nan")}, step=i)
    print(run.id)
"""


def micros() -> int:
    return time.time_ns() // 1000


def test_a_run_arrives_whole_and_its_journal_goes(lab, store) -> None:
    out, err, code = lab.run(SCRIPT)
    run_id = out.strip()
    assert code == 0, err
    report = sync(lab.settings)
    assert report.delivered == (run_id,), (report, store.requests)
    assert store.history(run_id, "loss") == [(i, i / 2) for i in range(1000)]
    assert [step for step, _ in store.history(run_id, "acc")] == list(range(0, 1000, 100))
    assert store.ended(run_id).state == "finished"
    assert store.segments(run_id) == ["main", "observer"]
    assert not lab.journals()
    assert not store.named_before_sent


def test_a_shipper_with_nothing_to_do_looks_less_and_less_often_and_at_once_when_something_moves():
    pauses = [next_pause(0.0, moved=True, alive=True)]
    for _ in range(20):
        pauses.append(next_pause(pauses[-1], moved=False, alive=False))
    assert pauses == sorted(pauses) and pauses[-1] == pauses[-2] >= 10 * pauses[0]
    watched = next_pause(pauses[-1], moved=False, alive=True)
    assert pauses[0] < watched < pauses[-1], "a living run is followed closely"
    assert next_pause(pauses[-1], moved=True, alive=False) == pauses[0]


def test_a_round_says_whether_anything_moved(lab, store):
    lab.run("import tracker\nwith tracker.start_run('p') as run: run.log({'x': 1})")
    lab.observed()
    shipper = Shipper(lab.home, connector(micros), micros, Random(1), lambda line: None)
    rounds = 0
    while not shipper.delivered:
        assert shipper.round() and (rounds := rounds + 1) < 50
    assert not shipper.round()
    shipper.close()

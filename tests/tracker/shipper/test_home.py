"""A home and its shipper: never two of them, never another machine's, and gone when there is nothing to do."""

import os

import msgspec

from tracker.client.folders import Folder
from tracker.client.frames import START, header, owner_frame, read_owner, walk
from tracker.client.launch import locked
from tracker.shipper import sync
from tracker.shipper.service import serve

TRAIN = """
import tracker
with tracker.start_run("p", {"lr": 0.1}, seed=3) as run:
    for i in range(400):
        run.log({"loss": i / 2}, step=i)
    print(run.id)
"""
WHOLE = [(i, i / 2) for i in range(400)]


def test_a_run_of_another_machine_is_left_to_its_own_shipper(lab, store):
    lab.run(TRAIN)
    folder = Folder(next(lab.home.glob("journals/*")))
    path = folder.segment("main")
    seed = folder.seed("main")
    data = path.read_bytes()
    first = next(walk(data, START, seed))
    owner = msgspec.structs.replace(read_owner(first.payload), host="another")
    path.write_bytes(header(seed) + owner_frame(owner, seed) + data[first.end :])
    report = sync(lab.settings, seconds=2)
    assert list(report.waiting.values()) == ["it was recorded on another machine"]
    assert not store.events
    for journal in lab.journals():
        os.utime(journal, (1, 1))  # that machine has not been heard of for long: what it left is delivered from here
    sync(lab.settings, seconds=5)
    assert store.history(store.runs()[0], "loss") == WHOLE


def test_two_shippers_never_work_for_one_home(lab, store):
    lab.run(TRAIN)
    held = locked(lab.home / "shipper.lock")
    assert held is not None and locked(lab.home / "shipper.lock") is None
    serve(lab.home, idle_seconds=0.0)
    assert not store.requests, "a second shipper leaves at once"
    os.close(held)
    sync(lab.settings)
    assert store.history(store.runs()[0], "loss") == WHOLE


def test_a_worker_that_leaves_past_atexit_has_an_end_all_the_same(lab, store):
    out, err, code = lab.run(
        """
        import multiprocessing, tracker
        run = tracker.start_run("p")
        child = multiprocessing.get_context("fork").Process(target=lambda: run.log({"x": 1}))
        child.start()
        child.join()
        run.finish()
        print(run.id)
        """
    )
    assert code == 0, err
    sync(lab.settings)
    (worker,) = (name for name in store.segments(out.strip()) if name.startswith("worker"))
    ended = store.ended(out.strip(), worker)
    assert ended is not None and (ended.state, ended.witness) == ("finished", "process")


def test_the_shipper_comes_with_the_first_run_survives_it_and_goes(lab, store):
    out, err, code = lab.run(TRAIN, shipper="on")
    run_id = out.strip()
    store.wait(lambda: store.ended(run_id))
    assert store.history(run_id, "loss") == WHOLE
    assert code == 0 and f"{lab.url}/runs/{run_id}" in err

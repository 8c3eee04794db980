"""Nothing lost and nothing twice, whatever dies or answers badly."""

import os
import re
import shutil
import signal
import time
from random import Random

import pytest

from tracker.client.folders import Folder
from tracker.client.frames import START, Owner, frame_at, walk
from tracker.client.process import Exit
from tracker.client.transport import HttpTransport
from tracker.errors import NotLoggedIn, Refused, Unavailable
from tracker.events import ArtifactLogged, Finished, Noticed, Started
from tracker.shipper import sync
from tracker.shipper.deaths import witness
from tracker.shipper.loop import Shipper
from tracker.shipper.sinks import connector

STEPS = 200
TRAIN = """
import tracker
with tracker.start_run("p", {"lr": 0.1}, seed=3) as run:
    for i in range(200):
        run.log({"loss": i / 2}, step=i)
    open("model.pt", "wb").write(b"weights")
    run.log_artifact("model.pt", kind="model")
    for i in range(200, 400):
        run.log({"loss": i / 2}, step=i)
    print(run.id)
"""
WHOLE = [(i, i / 2) for i in range(400)]
HANG = """
import os, sys, tracker, time
run = tracker.start_run("p")
for i in range(100):
    run.log({"loss": i}, step=i)
print(run.id, flush=True)
{then}
"""


def hang(then: str) -> str:
    """A run of a hundred steps that tells its ID and then does `then`."""
    return HANG.replace("{then}", then)


def micros() -> int:
    return time.time_ns() // 1000


@pytest.fixture
def shipper(lab):
    said: list[str] = []
    made = Shipper(lab.home, connector(micros), micros, Random(5), said.append)
    made.said = said
    yield made
    made.close()


def ship_until(shipper, met, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, shipper.said
        for sink in shipper.sinks.values():
            sink.retry_now()
        shipper.round()
        time.sleep(0.01)


# A blob that is refused for good (404 to one of the questions about it) is given up, and said: not here.
FAULTS = [
    (fault, number)
    for fault in ("500", "503", "429", "half", "late", "404")
    for number in range(6)
    if fault != "404" or number not in {1, 2}
]


@pytest.mark.parametrize(("fault", "request_number"), FAULTS)
def test_an_answer_that_fails_at_any_request_loses_nothing_and_repeats_nothing(
    lab, store, shipper, fault, request_number
):
    run_id = lab.run(TRAIN)[0].strip()
    store.faults.extend([""] * request_number + [fault])
    ship_until(shipper, lambda: shipper.delivered)
    assert store.history(run_id, "loss") == WHOLE
    assert store.ended(run_id).state == "finished"
    artifact = next(body for body in store.bodies(run_id) if isinstance(body, ArtifactLogged))
    assert store.blobs[artifact.digest] == b"weights"
    assert not store.named_before_sent
    assert not lab.journals()


def test_a_week_without_a_server_and_then_everything_arrives(lab, server, store):
    server.stop()
    runs = [lab.run(TRAIN)[0].strip() for _ in range(2)]
    report = sync(lab.settings, seconds=1.0)
    assert not report.delivered and set(report.waiting) == set(runs)
    assert "can't be reached" in report.waiting[runs[0]]
    for path in (*lab.journals(), *lab.home.glob("journals/*")):
        os.utime(path, (1, 1))  # nothing was written there for long
    server.start()
    assert set(sync(lab.settings).delivered) == set(runs)
    assert all(store.history(run_id, "loss") == WHOLE for run_id in runs)


def test_a_shipper_killed_between_any_two_requests_is_replaced_by_one_that_goes_on(lab, store):
    run_id = lab.run(TRAIN)[0].strip()
    done, rounds = False, 0
    while not done and rounds < 40:
        fresh = Shipper(lab.home, connector(micros), micros, Random(rounds), lambda line: None)
        before = len(store.requests)
        store.faults.clear()
        store.faults.extend([""] * (1 + rounds % 4) + ["late"])
        while len(store.requests) - before <= rounds % 4 + 1 and not fresh.delivered:
            fresh.round()
        done = bool(fresh.delivered)
        fresh.close()
        store.faults.clear()
        rounds += 1
    assert rounds > 2 and store.history(run_id, "loss") == WHOLE
    assert [type(body) for body in store.bodies(run_id)].count(Started) == 1


def test_sending_everything_again_changes_nothing(lab, store):
    run_id = lab.run(TRAIN)[0].strip()
    folder = next(lab.home.glob("journals/*"))
    lab.observed()
    copy = shutil.copytree(folder, lab.path / "copy")
    sync(lab.settings)
    events = {key: dict(held) for key, held in store.events.items()}
    copy.rename(folder)
    assert sync(lab.settings).delivered == (run_id,)
    assert store.events == events


def test_a_folder_half_removed_is_removed_and_the_shipper_is_not_kept_by_it(lab, store):
    run_id = lab.run(TRAIN)[0].strip()
    folder = next(lab.home.glob("journals/*"))
    lab.observed()
    copy = shutil.copytree(folder, lab.path / "copy")
    assert sync(lab.settings).delivered == (run_id,)
    (copy / "main.journal").unlink()
    copy.rename(folder)
    half = lab.home / "journals" / ".removed-r-00000000-00000000"
    half.mkdir()
    (half / "main.journal").write_bytes(b"")
    sync(lab.settings, seconds=5.0)
    assert not list((lab.home / "journals").iterdir())


def test_a_killed_run_arrives_and_its_death_is_seen(lab, store, shipper):
    process = lab.start(hang("time.sleep(60)"))
    run_id = process.stdout.readline().strip()
    ship_until(shipper, lambda: store.history(run_id, "loss"))
    process.kill()
    process.wait()
    ship_until(shipper, lambda: shipper.delivered)
    ended = store.ended(run_id)
    assert (ended.state, ended.witness) == ("failed", "shipper")
    assert len(store.history(run_id, "loss")) == 100
    process.communicate()


@pytest.mark.parametrize(
    ("then", "sign", "code"),
    [
        ("os.kill(os.getpid(), 15); time.sleep(60)", "SIGTERM", None),
        ("os.kill(os.getpid(), 9)", "SIGKILL", None),
        ("os.abort()", "SIGABRT", None),
        ("os._exit(7)", None, 7),
    ],
)
def test_how_a_process_ended_is_read_from_the_kernel(lab, store, shipper, then, sign, code):
    process = lab.start(hang("sys.stdin.readline(); " + then))
    run_id = process.stdout.readline().strip()
    ship_until(shipper, lambda: store.history(run_id, "loss"))
    process.stdin.write("\n")
    process.stdin.flush()
    ship_until(shipper, lambda: shipper.delivered)  # its parent has not asked for it yet
    process.communicate()
    ended = store.ended(run_id)
    assert (ended.signal, ended.exit_code, ended.state) == (sign, code, "failed"), ended


def test_the_end_of_a_process_that_is_gone_altogether_is_known_where_the_kernel_keeps_it(lab, store, shipper):
    process = lab.start(hang("sys.stdin.readline(); os.kill(os.getpid(), 15); time.sleep(60)"))
    run_id = process.stdout.readline().strip()
    ship_until(shipper, lambda: store.history(run_id, "loss"))
    process.communicate("\n")
    ship_until(shipper, lambda: shipper.delivered)
    release = tuple(int(part) for part in re.findall(r"\d+", os.uname().release)[:2])
    assert store.ended(run_id).signal == ("SIGTERM" if release >= (6, 15) else None)


def test_an_out_of_memory_kill_is_told_from_another_kill(tmp_path):
    events = tmp_path / "memory.events"
    owner = Owner("r-00000000", "main", "n", 1, "host", 1_000_000, cgroup=str(tmp_path), oom_kills=2)
    events.write_text("low 0\noom 3\noom_kill 2\n")
    assert not witness(owner, Exit(None, signal.SIGKILL), now=2_000_000).out_of_memory
    events.write_text("low 0\noom 4\noom_kill 3\n")
    killed = witness(owner, Exit(None, signal.SIGKILL), now=2_000_000)
    assert (killed.out_of_memory, killed.runtime, killed.signal) == (True, 1.0, "SIGKILL")
    assert not witness(owner, Exit(None, signal.SIGTERM), now=2_000_000).out_of_memory
    unseen = witness(owner, None, now=2_000_000)
    assert not unseen.out_of_memory and "out-of-memory" in unseen.reason


def test_a_run_killed_before_any_shipper_came_is_told_without_a_guess(lab, store):
    process = lab.start(hang("os.kill(os.getpid(), 9)"))
    run_id = process.communicate()[0].strip()
    assert sync(lab.settings).delivered == (run_id,)
    ended = store.ended(run_id)
    assert (ended.state, ended.witness, ended.signal, ended.exit_code) == ("failed", "shipper", None, None)
    assert "could not be seen" in ended.reason


def test_a_torn_tail_is_cut_and_the_end_is_written_behind_what_is_sound(lab, store):
    process = lab.start(hang("os.kill(os.getpid(), 9)"))
    run_id = process.communicate()[0].strip()
    path = next(path for path in lab.journals() if path.stem == "main")
    seed = Folder(path.parent).seed("main")
    data = path.read_bytes()
    frames = list(walk(data, START, seed))
    path.write_bytes(data[: frames[-1].end - 3] + b"\xff" * 40 + bytes(100))
    assert sync(lab.settings).delivered == (run_id,)
    assert [step for step, _ in store.history(run_id, "loss")] == list(range(99))
    assert store.ended(run_id).witness == "shipper"


def test_a_power_cut_that_took_what_the_store_has_already_costs_nothing(lab, store, monkeypatch):
    process = lab.start(hang("os.kill(os.getpid(), 9)"))
    run_id = process.communicate()[0].strip()
    lab.observed()
    copy = shutil.copytree(lab.home, lab.path / "copy")
    path = next(path for path in lab.journals() if path.stem == "main")
    first = Shipper(lab.home, connector(micros), micros, Random(1), lambda line: None)
    first.round()
    first.close()
    assert len(store.history(run_id, "loss")) == 100
    shutil.rmtree(lab.home)
    copy.rename(lab.home)
    seed = Folder(path.parent).seed("main")
    data = path.read_bytes()
    rows = [frame for frame in walk(data, START, seed) if frame.kind >= 8]
    path.write_bytes(data[: rows[60].start])
    monkeypatch.setattr("tracker.client.process.boot", lambda: "after the power cut")
    assert sync(lab.settings).delivered == (run_id,)
    assert [step for step, _ in store.history(run_id, "loss")] == list(range(100))
    assert store.ended(run_id).witness == "shipper"


def test_flipped_bits_cost_their_frame_and_the_loss_is_said(lab, store):
    run_id = lab.run(TRAIN)[0].strip()
    path = next(path for path in lab.journals() if path.stem == "main")
    seed = Folder(path.parent).seed("main")
    data = bytearray(path.read_bytes())
    rows = [frame for frame in walk(bytes(data), START, seed) if frame.kind >= 8]
    for index in (50, 300):
        data[rows[index].start + 20] ^= 4
    path.write_bytes(bytes(data))
    assert sync(lab.settings).delivered == (run_id,)
    assert store.history(run_id, "loss") == [point for point in WHOLE if point[0] not in {50, 300}]
    damage = [body for body in store.bodies(run_id) if isinstance(body, Noticed)]
    assert [body.code for body in damage] == ["journal-damaged"] * 2 and "32 bytes" in damage[0].message
    assert store.ended(run_id).state == "finished"


def test_a_damaged_header_costs_nothing(lab, store):
    run_id = lab.run(TRAIN)[0].strip()
    path = next(path for path in lab.journals() if path.stem == "main")
    data = bytearray(path.read_bytes())
    data[0:16] = os.urandom(16)
    path.write_bytes(bytes(data))
    assert sync(lab.settings).delivered == (run_id,)
    assert store.history(run_id, "loss") == WHOLE


@pytest.mark.parametrize("then", ["run.finish()", "os.kill(os.getpid(), 9)"])
def test_a_damaged_first_frame_costs_neither_run_nor_end(lab, store, then):
    run_id = lab.run(hang(then))[0].strip()
    lab.observed()
    path = next(path for path in lab.journals() if path.stem == "main")
    data = bytearray(path.read_bytes())
    data[START + 12] ^= 8
    path.write_bytes(bytes(data))
    os.utime(path, (1, 1))
    assert sync(lab.settings).delivered == (run_id,)
    assert len(store.history(run_id, "loss")) == 100
    assert store.ended(run_id).state == ("finished" if "finish" in then else "failed")
    assert "journal-damaged" in [body.code for body in store.bodies(run_id) if isinstance(body, Noticed)]


def test_a_damaged_first_event_costs_its_own_words_only(lab, store):
    run_id = lab.run(TRAIN)[0].strip()
    path = next(path for path in lab.journals() if path.stem == "main")
    data = bytearray(path.read_bytes())
    started = list(walk(bytes(data), START, Folder(path.parent).seed("main")))[1]
    data[started.start + 30] ^= 1
    path.write_bytes(bytes(data))
    assert sync(lab.settings).delivered == (run_id,)
    assert store.history(run_id, "loss") == WHOLE
    first, damage, *_ = store.bodies(run_id)
    assert first.project == "recovered" and damage.code == "journal-damaged"
    assert store.ended(run_id).state == "finished"


def test_a_half_written_frame_is_not_taken_while_its_writer_lives(lab, store, shipper):
    process = lab.start(hang("time.sleep(60)"))
    run_id = process.stdout.readline().strip()
    path = next(path for path in lab.journals() if path.stem == "main")
    seed = Folder(path.parent).seed("main")
    data = path.read_bytes()
    last = list(walk(data, START, seed))[-1]
    with path.open("r+b") as file:  # the next row, its second half not there yet
        file.seek(last.end)
        file.write(data[last.start : last.start + 16])
    ship_until(shipper, lambda: len(store.history(run_id, "loss")) == 100)
    for _ in range(20):
        shipper.round()
    assert len(store.history(run_id, "loss")) == 100
    assert frame_at(path.read_bytes(), last.end, seed) is None
    process.kill()
    process.communicate()
    ship_until(shipper, lambda: shipper.delivered)
    assert len(store.history(run_id, "loss")) == 100


def test_something_unreadable_is_given_time_to_become_whole_before_it_is_called_damage(lab, store, shipper):
    process = lab.start(hang("time.sleep(60)"))
    run_id = process.stdout.readline().strip()
    path = next(path for path in lab.journals() if path.stem == "main")
    data = path.read_bytes()
    last = list(walk(data, START, Folder(path.parent).seed("main")))[-1]
    row = data[last.start : last.end]
    with path.open("r+b") as file:  # two rows, the first not whole yet
        file.seek(last.end)
        file.write(row[:20] + bytes(12) + row)
        file.flush()
        ship_until(shipper, lambda: len(store.history(run_id, "loss")) == 100)
        soon = time.monotonic() + 1.2
        ship_until(shipper, lambda: time.monotonic() > soon)
        file.seek(last.end)
        file.write(row)
    ship_until(shipper, lambda: len(store.history(run_id, "loss")) == 102)
    assert not [body for body in store.bodies(run_id) if isinstance(body, Noticed)]
    process.kill()
    process.communicate()


def test_a_store_that_went_back_to_its_backup_gets_again_what_it_lost(lab, store, shipper):
    process = lab.start(hang("sys.stdin.readline(); run.log({'loss': 100}, step=100); run.finish()"))
    run_id = process.stdout.readline().strip()
    ship_until(shipper, lambda: len(store.history(run_id, "loss")) == 100)
    held = store.events[run_id, "main"]
    for number in list(held):
        if number > 1:
            del held[number]
    process.communicate("\n", timeout=30)
    ship_until(shipper, lambda: shipper.delivered)
    assert [step for step, _ in store.history(run_id, "loss")] == list(range(101))


def test_an_id_that_is_taken_is_minted_again_and_the_process_follows(lab, store, shipper):
    process = lab.start(
        """
        import sys, tracker
        with tracker.start_run("p") as run:
            run.log({"loss": 1.0}, step=1)
            print(run.id, flush=True)
            sys.stdin.readline()
            print(run.id, flush=True)
        """
    )
    minted = process.stdout.readline().strip()
    store.nonces[minted] = "somebody else's"
    ship_until(shipper, lambda: len(store.runs()) == 2)
    renamed = next(run_id for run_id in store.runs() if run_id != minted)
    out, err = process.communicate("\n", timeout=30)
    assert out.strip() == renamed and renamed in err
    ship_until(shipper, lambda: shipper.delivered)
    assert store.history(renamed, "loss") == [(1, 1.0)] and not store.bodies(minted)
    assert store.segments(renamed) == ["main", "observer"]


def test_content_that_the_store_will_not_take_holds_up_nothing(lab, store, shipper):
    run_id = lab.run(TRAIN)[0].strip()
    folder = Folder(next(lab.home.glob("journals/*")))
    (folder.blobs / ("0" * 64)).write_bytes(b"not what the name says")
    ship_until(shipper, lambda: shipper.delivered)
    assert store.history(run_id, "loss") == WHOLE
    assert any("was not taken" in line for line in shipper.said)


def test_a_token_that_is_not_known_keeps_everything(lab, store):
    run_id = lab.run(TRAIN)[0].strip()
    store.tokens = {"rc_other"}
    report = sync(lab.settings, seconds=1.0)
    assert run_id in report.waiting and lab.journals() and not store.events
    store.tokens = {"rc_test"}
    assert sync(lab.settings).delivered == (run_id,)


def test_a_store_that_asks_for_patience_gets_it(lab, store, shipper):
    lab.run(TRAIN)
    store.faults.append("429")
    store.retry_after = "7"
    shipper.round()
    (sink,) = shipper.sinks.values()
    assert 5.0 < sink.wait() <= 7.5
    assert not sink.ready()


def test_an_error_says_what_it_was(server, store):
    with HttpTransport(server.url, "rc_x", timeout=0.3) as transport:
        kinds = {"401": NotLoggedIn, "500": Unavailable, "422": Refused, "half": Unavailable, "slow": Unavailable}
        for fault, kind in kinds.items():
            store.faults.append(fault)
            with pytest.raises(kind):
                transport.missing(["0" * 64])
    with pytest.raises(Unavailable, match="can't be reached"):
        HttpTransport("http://127.0.0.1:9", None, timeout=0.3).missing([])


def test_a_run_shorter_than_its_observer_gets_its_whole_snapshot_before_its_end(lab, store):
    run_id = lab.run("import tracker\nwith tracker.start_run('p') as run: print(run.id)")[0].strip()
    assert sync(lab.settings).delivered == (run_id,)
    order = [(key[1], number) for key, held in store.events.items() for number in held if key[0] == run_id]
    assert ("observer", 1) in order
    assert isinstance(store.bodies(run_id, "observer")[-1], Finished)
    assert store.requests.count("POST /api/v1/batches") > 1


def test_a_server_that_is_slow_never_holds_up_training(lab, store):
    store.faults.extend(["slow"] * 3)
    out, err, code = lab.run(
        """
        import time
        began = time.perf_counter()
        import tracker
        with tracker.start_run("p") as run:
            run.log({"x": 1})
        print(time.perf_counter() - began)
        """,
        shipper="on",
    )
    assert code == 0 and float(out) < 2.0, err


def test_an_interrupt_is_told_as_one(lab, store):
    process = lab.start(hang("try:\n    time.sleep(60)\nfinally:\n    run.__exit__(*sys.exc_info())"))
    run_id = process.stdout.readline().strip()
    process.send_signal(signal.SIGINT)
    process.communicate()
    assert sync(lab.settings).delivered == (run_id,)
    ended = store.ended(run_id)
    assert (ended.state, ended.signal) == ("failed", "SIGINT") and "KeyboardInterrupt" in ended.traceback


def test_one_run_that_cannot_be_taken_holds_up_no_other(lab, server, store):
    runs = [lab.run(TRAIN)[0].strip() for _ in range(2)]
    lab.observed()
    store.fatal = runs[0]
    report = sync(lab.settings, seconds=3.0)
    assert report.delivered == (runs[1],) and store.history(runs[1], "loss") == WHOLE
    assert "As told" in report.waiting[runs[0]]

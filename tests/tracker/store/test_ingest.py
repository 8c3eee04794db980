"""Batches come in any number of times, in any order, from several processes at once: each event is stored once."""

import hashlib
import math
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from tracker.errors import NotAllowed, NotFound, UsageError
from tracker.events import (
    ArtifactLogged,
    Batch,
    Captured,
    Column,
    Configured,
    DatasetLogged,
    Event,
    Finished,
    Joined,
    Metrics,
    Noticed,
    Started,
    Tagged,
    genesis,
    link,
)
from tracker.ids import mint
from tracker.record import Summary
from tracker.snapshot import Code, Git, LeftOut, Machine, Package, Python, Seeds, Snapshot
from tracker.store import ingest, queries
from tracker.store.checks import MAX_NAME
from tracker.store.database import Database
from tracker.store.members import add_member
from tracker.store.series import Points, encode
from tracker.store.tables import runs as t
from tracker.store.verify import verify_run

Pens = Callable[..., Any]
NOT_A_DIGEST = "0" * 64


def record_of(database: Database, pen: Any) -> Any:
    return queries.get_record(database, pen.run_id, now=pen.now)


def test_a_run_is_registered_and_read_back(database: Database, pen: Pens) -> None:
    one = pen()
    one.send(
        Started(
            "vision",
            "n",
            name="first",
            config={"lr": 0.1, "deep.on": True, "none": None},
            seed=2**64 - 1,
            tags=("b", "a"),
            note="hi",
            parent="r-0",
        )
    )
    one.log(0, val__accuracy=[0.5, 0.75], loss=[1.0, math.nan])
    one.log(2, val__accuracy=[0.25])
    one.send(DatasetLogged("digits", "d" * 64, 10, used_as="train"))
    one.send(ArtifactLogged("model.pt", "a" * 64, 5, type="model"), ArtifactLogged("model.pt", "b" * 64, 6))
    ack = one.send(Finished("failed", 3.5, reason="ValueError", exit_code=1))
    assert (ack.number, ack.offset, ack.state) == (7, 700, "held")
    record = record_of(database, one)
    assert (record.project, record.name, record.state, record.seed) == ("vision", "first", "failed", 2**64 - 1)
    assert record.config == {"lr": 0.1, "deep.on": True, "none": None}
    assert (record.tags, record.note, record.parent, record.events) == (("a", "b"), "hi", "r-0", 7)
    assert record.metrics["val/accuracy"] == Summary(
        3, 0, 0.25, 2, record.metrics["val/accuracy"].last_time, 0.25, 2, 0.75, 1
    )
    assert math.isnan(record.metrics["loss"].last)
    assert (record.metrics["loss"].nonfinite, record.metrics["loss"].max) == (1, 1.0)
    assert [(a.name, a.version, a.digest[0], a.type) for a in record.artifacts] == [
        ("model.pt", 1, "a", "model"),
        ("model.pt", 2, "b", "file"),
    ]
    assert record.datasets[0].used_as == "train"
    assert record.digests.data is not None
    assert record.end is not None
    assert (record.end.reason, record.end.exit_code, record.end.runtime) == ("ValueError", 1, 3.5)
    assert record.member is None
    assert verify_run(database, one.run_id) == ()


def test_the_chain_is_what_anyone_can_reckon(database: Database, pen: Pens) -> None:
    one = pen()
    batch = one.batch(Started("p", "n", config={"x": 1}), Tagged(add=("t",)), Finished("finished", 1.0))
    one.give(batch)
    head = genesis(one.run_id)
    for seq, (event, placed) in enumerate(zip(batch.events, queries.get_events(database, one.run_id), strict=True), 1):
        head = link(head, one.run_id, seq, "main", event)
        assert placed == queries.PlacedEvent(seq, "main", one.now, head.hex(), event)
    assert record_of(database, one).sealed == head.hex()


def test_sending_again_changes_nothing(database: Database, pen: Pens) -> None:
    one = pen()
    body, columns = one.metrics(0, loss=[1.0, 2.0])
    batches = [one.batch(Started("p", "n")), one.batch(body, columns=columns), one.batch(Finished("finished", 1.0))]
    for batch in batches:
        one.give(batch)
    before = record_of(database, one)
    for batch in [*batches, *reversed(batches)]:
        ack = one.give(batch)
        assert (ack.state, ack.number, ack.offset) == ("held", 3, 300)
    assert record_of(database, one) == before


def test_a_batch_that_overlaps_adds_only_what_is_new(database: Database, pen: Pens) -> None:
    one = pen()
    first = one.batch(Started("p", "n"), Tagged(add=("a",)))
    one.give(first)
    more = one.batch(Tagged(add=("b",)))
    assert one.give(msgspec.structs.replace(more, events=first.events + more.events)).number == 3
    assert record_of(database, one).events == 3


def test_a_gap_is_answered_with_the_stores_own_cursor(database: Database, pen: Pens) -> None:
    one = pen()
    one.send(Started("p", "n"))
    one.batch(Tagged(add=("lost",)))
    ack = one.send(Tagged(add=("b",)))
    assert (ack.state, ack.number, ack.offset) == ("held", 1, 100)
    assert record_of(database, one).tags == ()


def test_other_content_under_a_number_that_is_taken_is_not_taken(database: Database, pen: Pens) -> None:
    """A writer that cut its journal differently must go on from the store's offset, or values between get lost."""
    one = pen()
    one.send(Started("p", "n"))
    one.send(Tagged(add=("a",)))
    other = (Event(2, one.now, 150, Tagged(add=("other",))), Event(3, one.now, 250, Tagged(add=("more",))))
    ack = one.give(Batch(one.run_id, "main", "n", other))
    assert (ack.state, ack.number, ack.offset) == ("held", 2, 200)
    assert record_of(database, one).tags == ("a",)


def test_another_run_under_the_same_id_is_a_clash_even_when_ended(database: Database, pen: Pens) -> None:
    one = pen()
    one.send(Started("p", "n"))
    other = pen(one.run_id, nonce="another")
    assert other.send(Started("q", "another")).state == "clash"
    one.send(Finished("finished", 1.0))
    again = pen(one.run_id, nonce="another")
    assert again.send(Started("q", "another")).state == "clash"
    assert record_of(database, one).project == "p"


def test_a_worker_waits_for_the_first_segment(database: Database, pen: Pens) -> None:
    one = pen()
    worker = pen(one.run_id, segment="worker-1")
    joined = worker.batch(Joined("n", "worker", rank=1))
    assert worker.give(joined).state == "unknown"
    one.send(Started("p", "n"))
    assert worker.give(joined).state == "held"
    worker.log(0, loss=[1.0])
    assert worker.send(Finished("finished", 1.0)).state == "held"
    record = record_of(database, one)
    assert (record.state, record.metrics["loss"].count) == ("running", 1)
    stranger = pen(one.run_id, segment="worker-2", nonce="of another run")
    assert stranger.send(Joined("of another run", "worker")).state == "unknown"


def test_a_lost_first_segment_is_asked_for_from_its_beginning(database: Database, pen: Pens) -> None:
    one = pen()
    one.batch(Started("p", "n"))
    ack = one.send(Tagged(add=("a",)))
    assert (ack.state, ack.number, ack.offset) == ("held", 0, 0)


def test_an_ended_run_takes_nothing_more(database: Database, pen: Pens) -> None:
    one = pen()
    worker = pen(one.run_id, segment="worker")
    one.send(Started("p", "n"))
    worker.send(Joined("n", "worker"))
    one.send(Finished("finished", 1.0))
    sealed = record_of(database, one)
    ack = worker.send(Tagged(add=("late",)))
    assert (ack.state, ack.number) == ("sealed", 1)
    assert one.send(Tagged(add=("late",))).state == "sealed"
    assert pen(one.run_id, segment="another", nonce="n").send(Joined("n", "worker")).state == "sealed"
    assert record_of(database, one) == sealed


def test_an_ended_run_is_resumed_behind_its_seal_and_sealed_anew(database: Database, pen: Pens) -> None:
    """Nothing that was sealed changes: config and snapshot stay, what was open then stays closed."""
    first, other = (Snapshot(code=Code(None, entry)) for entry in ("train.py", "other.py"))
    one, worker = pen(), pen(segment="worker")
    worker.run_id = one.run_id
    one.send(Started("p", "n", config={"lr": 1}), Captured(first))
    worker.send(Joined("n", "worker"))
    one.send(Finished("failed", 1.0, reason="Interrupted"))
    sealed = record_of(database, one)
    assert (sealed.sealed, sealed.state) == (sealed.seals[-1].digest, "failed")
    for part in (2, 3):
        resumed = pen(one.run_id, segment=f"resume-{part}", nonce=f"m{part}")
        python = Python("3.11.7", "cpython", "/usr/bin/python3")
        resumed.send(Joined(resumed.nonce, "resume"), Captured(msgspec.structs.replace(other, python=python)))
        open_again = record_of(database, one)
        assert (open_again.state, open_again.end, len(open_again.seals)) == ("running", None, part - 1)
        assert pen(one.run_id, segment=f"w{part}", nonce=resumed.nonce).send(Joined(resumed.nonce, "worker")).number
        assert worker.send(Tagged(add=("late",))).state == "sealed"
        worker.number -= 1
        assert one.send(Tagged(add=("late",))).state == "sealed"
        one.number -= 1
        assert pen(one.run_id, segment=f"late-{part}").send(Joined("n", "worker")).state == "sealed"
        resumed.send(Configured({"lr": 2, f"more{part}": 3}))
        resumed.log(0, loss=[1.0])
        resumed.send(Finished("finished", 2.0))
    record = record_of(database, one)
    assert (record.state, record.config) == ("finished", {"lr": 1, "more2": 3, "more3": 3})
    assert (record.snapshot, record.digests.code) == (sealed.snapshot, sealed.digests.code)
    assert record.seals[:1] == sealed.seals
    assert [seal.seq for seal in record.seals] == [4, 10, 16]
    events = queries.get_events(database, one.run_id)
    assert [events[seal.seq - 1].link for seal in record.seals] == [seal.digest for seal in record.seals]
    assert (record.sealed, record.seals[-1].at) == (events[-1].link, events[-1].received_at)
    assert verify_run(database, one.run_id) == ()


def test_only_its_owner_resumes_an_ended_run(database: Database, pen: Pens) -> None:
    for handle in ("ada", "ben"):
        add_member(database, handle, now=0)
    one = pen(member="ada")
    one.send(Started("p", "n"), Finished("finished", 1.0))
    before = record_of(database, one)
    with pytest.raises(NotAllowed):
        pen(one.run_id, segment="resume", nonce="m", member="ben").send(Joined("m", "resume"))
    assert record_of(database, one) == before
    assert pen(one.run_id, segment="resume", nonce="m", member="ada").send(Joined("m", "resume")).state == "held"


def test_a_resumed_run_ends_with_the_segment_that_resumed_it(database: Database, pen: Pens) -> None:
    """The machine died; elsewhere the run went on. What the first segment's witness says later seals nothing."""
    one = pen()
    one.send(Started("p", "n", config={"lr": 1}))
    resumed = pen(one.run_id, segment="resume-1", nonce="m")
    resumed.send(Joined("m", "resume"), Configured({"lr": 2, "more": 3}))
    observer = pen(one.run_id, segment="observer", nonce="m")
    assert observer.send(Joined("m", "worker")).state == "held"
    one.send(Finished("failed", 1.0, witness="shipper"))
    assert record_of(database, one).state == "running"
    resumed.send(Finished("finished", 9.0))
    record = record_of(database, one)
    assert (record.state, record.end.runtime, record.sealed is not None) == ("finished", 9.0, True)
    assert record.config == {"lr": 1, "more": 3}
    assert verify_run(database, one.run_id) == ()


def test_config_is_written_once(database: Database, pen: Pens) -> None:
    one = pen()
    one.send(Started("p", "n", config={"lr": 0.1, "flag": True}))
    one.send(Configured({"lr": 0.1, "new": "x"}))
    assert record_of(database, one).notices == ()
    one.send(Configured({"lr": 0.2}), Configured({"flag": 1}))
    record = record_of(database, one)
    assert record.config == {"lr": 0.1, "flag": True, "new": "x"}
    assert [notice.code for notice in record.notices] == ["config-rewritten"] * 2
    assert "'lr'" in record.notices[0].message
    assert verify_run(database, one.run_id) == ()


def test_the_snapshot_comes_in_parts_and_none_is_replaced(database: Database, pen: Pens) -> None:
    one = pen()
    code = Code(Git("c" * 40, "main", None, True), "train.py")
    bare = Python("3.11.7", "cpython", "/usr/bin/python3")
    full = msgspec.structs.replace(bare, packages=(Package("numpy", "2.4"),))
    machine = Machine("m", "host", "linux", "6", "x86_64", "cpu", 4, 1 << 34)
    one.send(Started("p", "n"), Captured(Snapshot(python=bare, seeds=Seeds(stated=3))))
    assert record_of(database, one).digests.code is None
    one.send(Captured(Snapshot(code=code, machine=machine)), Captured(Snapshot(python=full, problems=("slow",))))
    one.send(Captured(Snapshot(code=Code(None, "other.py"))))
    record = record_of(database, one)
    assert record.snapshot == Snapshot(code, full, machine, None, Seeds(stated=3), (), ("slow",))
    assert record.digests.code is not None
    assert record.digests.environment is not None
    assert verify_run(database, one.run_id) == ()


def test_parts_of_snapshots_that_runs_share_are_stored_once(database: Database, pen: Pens) -> None:
    python = Python("3.11.7", "cpython", "/usr/bin/python3", (Package("numpy", "2.4"),))
    for _ in range(3):
        pen().send(Started("p", "n"), Captured(Snapshot(python=python)))
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(t.documents)) == 1


def test_replicates_share_their_digests_and_seeds_are_set_aside(
    database: Database, make_run: Callable[..., str]
) -> None:
    config = {"lr": 0.1, "seed": 1, "data.split_seed": 4, "model.random_state": 2}
    runs = [make_run(config=config | {"seed": n, "data.split_seed": n}, seed=n) for n in range(2)]
    a, b = (queries.get_record(database, run, now=0) for run in runs)
    assert a.digests == b.digests
    other = queries.get_record(database, make_run(config=config | {"lr": 0.2}), now=0)
    assert other.digests.config != a.digests.config


def test_members_write_only_their_own_runs(database: Database, pen: Pens, now: int) -> None:
    add_member(database, "ana", now=now)
    add_member(database, "ben", "admin", now=now)
    one = pen(member="ana")
    one.send(Started("p", "n"))
    assert record_of(database, one).member == "ana"
    bens = pen(one.run_id, segment="resume", nonce="m", member="ben")
    with pytest.raises(NotAllowed):
        bens.send(Joined("m", "resume"))
    theirs = pen(member="ben")
    mixed = [
        pen(one.run_id, segment="worker", member="ben").batch(Joined("n", "worker")),
        theirs.batch(Started("p", "n")),
    ]
    acks = ingest.append(database, mixed, member="ben", now=now)
    assert [ack.state for ack in acks] == ["refused", "held"]
    with pytest.raises(NotFound, match="nobody"):
        ingest.append(database, mixed, member="nobody", now=now)
    assert record_of(database, one).events == 1


def test_a_heartbeat_keeps_a_run_from_falling_silent(database: Database, pen: Pens, now: int) -> None:
    add_member(database, "ana", now=now)
    one, other = pen(member="ana"), pen()
    one.send(Started("p", "n"))
    other.send(Started("p", "n"))
    later = one.now + 61_000_000
    assert queries.get_record(database, one.run_id, now=one.now + 60_000_000).state == "running"
    assert queries.get_record(database, one.run_id, now=later).state == "silent"
    ingest.heartbeat(database, [one.run_id, "r-unknown"], member="ana", now=later)
    assert queries.get_record(database, one.run_id, now=later).state == "running"
    assert queries.get_record(database, other.run_id, now=later).state == "silent"
    ingest.heartbeat(database, [one.run_id], member="ana", now=5)
    assert queries.get_record(database, one.run_id, now=later).last_seen == later


def test_anothers_heartbeat_changes_nothing(database: Database, pen: Pens, now: int) -> None:
    for handle in ("ana", "ben"):
        add_member(database, handle, now=now)
    one = pen(member="ana")
    one.send(Started("p", "n"))
    ingest.heartbeat(database, [one.run_id], member="ben", now=one.now + 10**9)
    assert record_of(database, one).last_seen == one.now


def test_a_retraction_says_who_when_and_why_and_the_first_one_stands(database: Database, pen: Pens, now: int) -> None:
    for handle, role in (("ana", "member"), ("ben", "member"), ("dr", "instructor")):
        add_member(database, handle, role, now=now)  # type: ignore[arg-type]
    one = pen(member="ana")
    one.send(Started("p", "n"), Finished("finished", 1.0))
    sealed = record_of(database, one).sealed
    with pytest.raises(NotAllowed):
        ingest.retract(database, one.run_id, by="ben", why="I lost", now=now)
    with pytest.raises(UsageError, match="reason"):
        ingest.retract(database, one.run_id, by="ana", why="  ", now=now)
    with pytest.raises(NotFound):
        ingest.retract(database, mint_another(one.run_id), by="ana", why="wrong", now=now)
    ingest.retract(database, one.run_id, by="ana", why="trained on the test split", now=now + 1)
    ingest.retract(database, one.run_id, by="dr", why="other", now=now + 2)
    record = record_of(database, one)
    assert msgspec.structs.astuple(record.retracted) == ("ana", now + 1, "trained on the test split")
    assert record.sealed == sealed


def mint_another(run_id: str) -> str:
    from random import Random

    return next(found for found in iter(lambda: mint(Random(99)), "") if found != run_id)


def column(values: list[float], name: str = "loss", **wrong: Any) -> tuple[Column, bytes]:
    data = encode(Points(np.arange(len(values)), np.array(values), np.arange(len(values))))
    right = {"name": name, "count": len(values), "digest": hashlib.sha256(data).hexdigest()}
    return Column(**(right | wrong)), data


def bad_batches(run: str) -> list[tuple[str, Batch]]:
    def batch(*bodies: Any, columns: tuple[bytes, ...] = (), numbers: tuple[int, ...] = (), **more: Any) -> Batch:
        events = (Started("p", "n"), *bodies)
        placed = tuple(
            Event(number, more.get("at", 5), more.get("offset", 5), body)
            for number, body in zip(numbers or range(1, 99), events, strict=False)
        )
        return Batch(more.get("run", run), more.get("segment", "main"), "n", placed, columns)

    good, data = column([1.0, 2.0])
    return [
        ("another digest", batch(Metrics((column([1.0, 2.0], digest=NOT_A_DIGEST)[0],)), columns=(data,))),
        ("another count", batch(Metrics((column([1.0, 2.0], count=3)[0],)), columns=(data,))),
        ("no series", batch(Metrics((Column("x", 1, hashlib.sha256(b"junk").hexdigest()),)), columns=(b"junk",))),
        ("a column too few", batch(Metrics((good,)))),
        ("a column too many", batch(columns=(data,))),
        ("a metric twice", batch(Metrics((good, good)), columns=(data, data))),
        ("no metric", batch(Metrics(()))),
        ("too many points", batch(Metrics((column([1.0, 2.0], count=1 << 40)[0],)), columns=(data,))),
        ("an endless name", batch(Metrics((Column("x" * (MAX_NAME + 1), 2, good.digest),)), columns=(data,))),
        ("no name", batch(Metrics((Column("", 2, good.digest),)), columns=(data,))),
        ("started twice", batch(Started("p", "n"))),
        ("a time that is none", batch(at=1 << 63)),
        ("an offset that is none", batch(offset=-1)),
        ("numbers with a gap", batch(Tagged(), numbers=(1, 3))),
        ("number 0", batch(numbers=(0,))),
        ("an endless tag", batch(Tagged(add=("x" * 501,)))),
        ("an infinite config", batch(Configured({"x": math.inf}))),
        ("an endless key", batch(Configured({"k" * 501: 1}))),
        ("a lone surrogate", batch(Noticed("code", "\ud800"))),
        ("a size that is none", batch(ArtifactLogged("a", "a" * 64, 1 << 63))),
        ("an end that is no number", batch(Finished("finished", math.nan))),
        ("a word after the end", batch(Finished("finished", 1.0), Tagged(add=("x",)))),
        ("no run ID", batch(run="r-AAAAAAAA")),
        ("no segment", batch(segment="")),
        ("another nonce", Batch(run, "main", "n", (Event(1, 5, 5, Started("p", "m")),))),
        ("a beginning without a word", Batch(run, "main", "n", (Event(1, 5, 5, Tagged()),))),
        ("no event", Batch(run, "main", "n", ())),
    ]


@pytest.mark.parametrize("case", [name for name, _ in bad_batches("r-00000000")])
def test_what_cannot_be_stored_is_refused_whole_and_keeps_no_other_out(
    database: Database, pen: Pens, case: str, now: int
) -> None:
    one, other = pen(), pen()
    bad = dict(bad_batches(one.run_id))[case]
    acks = ingest.append(database, [bad, other.batch(Started("p", "n"))], member=None, now=now)
    assert [ack.state for ack in acks] == ["refused", "held"]
    assert acks[0].message
    assert case != "too many points" or "more than a batch may bring" in acks[0].message  # before anything is decoded
    assert (acks[0].number, acks[0].offset) == (0, 0)
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(t.runs)) == 1
        assert connection.scalar(select(func.count()).select_from(t.events)) == 1
        assert connection.scalar(select(func.count()).select_from(t.chunks)) == 0


def test_a_refusal_in_the_middle_says_where_the_store_stands(database: Database, pen: Pens) -> None:
    one = pen()
    one.send(Started("p", "n"))
    bad = msgspec.structs.replace(one.batch(Tagged(add=("a",)), Tagged(add=("x" * 501,))))
    ack = one.give(bad)
    assert (ack.state, ack.number, ack.offset) == ("refused", 1, 100)
    assert "event 3" in ack.message
    assert record_of(database, one).tags == ()


def test_odd_text_is_kept_as_far_as_databases_can(database: Database, pen: Pens) -> None:
    one = pen()
    odd = "a\0b <!channel> '\";-- 漢 \u202e"
    body, columns = one.metrics(0, **{odd: [1.0]})
    one.send(Started(odd, "n", name=odd, config={odd: odd, "long": "x" * 200_000}, tags=(odd,), note=odd))
    one.send(body, columns=columns)
    one.send(ArtifactLogged(odd, "a" * 64, 1), Noticed("code", odd), Finished("failed", 1.0, traceback=odd))
    record = record_of(database, one)
    shown = odd.replace("\0", "\ufffd")
    assert record.config == {odd: odd, "long": "x" * 200_000}
    assert (record.project, record.name, record.note, record.tags) == (shown, shown, shown, (shown,))
    assert list(record.metrics) == [shown.replace("__", "/")]
    assert record.end.traceback == odd


def test_a_config_of_200_kilobytes_in_many_keys_is_kept(database: Database, pen: Pens) -> None:
    one = pen()
    config = {f"layer.{n}.weight": f"value {n} " * 3 for n in range(5000)}
    assert one.send(Started("p", "n", config=config)).state == "held"
    assert record_of(database, one).config == config


def test_what_is_not_fully_known_has_no_digest(database: Database, pen: Pens) -> None:
    one = pen()
    code = Code(Git("c" * 40, "main", None, True), None, left_out=(LeftOut("big.bin", 1 << 40, "too large"),))
    one.send(Started("p", "n"), Captured(Snapshot(code=code)))
    digests = record_of(database, one).digests
    assert (digests.code, digests.data, digests.environment) == (None, None, None)


def test_an_artifact_says_whether_its_content_is_stored(database: Database, pen: Pens, now: int) -> None:
    one = pen()
    batch = one.batch(Started("p", "n"), ArtifactLogged("a", "a" * 64, 1), ArtifactLogged("b", "b" * 64, 1))
    ingest.append(database, [batch], member=None, now=now, has_blob=lambda digest: digest[0] == "a")
    assert [artifact.stored for artifact in record_of(database, one).artifacts] == [True, False]


def test_tags_come_and_go_and_the_note_is_rewritten(database: Database, pen: Pens) -> None:
    one = pen()
    one.send(Started("p", "n", tags=("a", "b")), Tagged(add=("c",), remove=("a",), note="first"))
    one.send(Tagged(remove=("b", "never")), Tagged(add=("b", "c"), note="second"))
    assert record_of(database, one).tags == ("b", "c")
    assert record_of(database, one).note == "second"
    assert verify_run(database, one.run_id) == ()


def test_the_cursor_is_where_the_store_stands(database: Database, pen: Pens) -> None:
    one = pen()
    assert msgspec.structs.astuple(ingest.cursor(database, one.run_id, "main", "n"))[2:5] == (0, 0, "held")
    one.send(Started("p", "n"), Tagged())
    assert msgspec.structs.astuple(ingest.cursor(database, one.run_id, "main", "n"))[2:5] == (2, 200, "held")
    assert ingest.cursor(database, one.run_id, "main", "another").number == 0


PROCESS = """
import sys
import msgspec
from tracker.events import Batch
from tracker.store.database import open_database
from tracker.store.ingest import append
url, path = sys.argv[1:]
batches = msgspec.msgpack.decode(open(path, "rb").read(), type=list[Batch])
db = open_database(url)
sys.stdin.read()
for batch in batches:
    ack = append(db, [batch], member=None, now=1)[0]
    assert ack.state == "held", ack
print(ack.number)
"""


def test_processes_that_append_to_one_run_at_once_all_get_through(
    database: Database, database_url: str, pen: Pens, tmp_path: Any
) -> None:
    """Two ship the same segment, two others a worker's each; every event is there once, and the chain holds."""
    one = pen()
    one.send(Started("p", "n"))
    journals = {}
    for name, segment in (("a", "main"), ("b", "main"), ("c", "worker-c"), ("d", "worker-d")):
        writer = pen(one.run_id, segment=segment)
        batches = [writer.batch(Started("p", "n") if segment == "main" else Joined("n", "worker"))]
        if segment == "main":
            batches[0] = Batch(one.run_id, "main", "n", (Event(1, one.now, 100, Started("p", "n")),))
        for step in range(20):
            body, columns = writer.metrics(step, loss=[step])
            batches.append(writer.batch(body, columns=columns))
        journals[name] = tmp_path / name
        journals[name].write_bytes(msgspec.msgpack.encode(batches))
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, database_url, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for path in journals.values()
    ]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.close()
        racer.stdin = None
    told = [racer.communicate(timeout=90) for racer in racers]
    assert [out.strip() for out, _ in told] == ["21"] * 4, told
    record = record_of(database, one)
    assert record.events == 3 * 21
    assert record.metrics["loss"].count == 60
    assert verify_run(database, one.run_id) == ()


CUTS = st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.integers(1, 10)), max_size=30)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1 << 60), cuts=CUTS)
def test_whatever_is_resent_in_whatever_order_each_event_is_there_once(
    database: Database, pen: Pens, seed: int, cuts: list[tuple[bool, int, int]]
) -> None:
    """A shipper that asks the cursor and cuts its batches anew each time, with others' batches arriving late."""
    one = pen(mint_from(seed))
    bodies = [Started("p", "n"), *(Tagged(add=(f"t{n}",)) for n in range(8)), Finished("finished", 1.0)]
    events = one.batch(*bodies).events
    held = ingest.cursor(database, one.run_id, "main", "n").number
    for late, start, size in [*cuts, (False, 10, 10)]:
        start = min(start, len(events) - 1 if late else held)
        part = events[start : start + size]
        if part:
            ack = one.give(Batch(one.run_id, "main", "n", part))
            assert ack.state == "held"
            assert ack.number == (max(held, start + len(part)) if start <= held else held)
            held = ack.number
    assert [placed.event for placed in queries.get_events(database, one.run_id)] == list(events)
    assert verify_run(database, one.run_id) == ()


def mint_from(seed: int) -> str:
    from random import Random

    return mint(Random(seed))

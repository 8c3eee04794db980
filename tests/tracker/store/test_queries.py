"""Records, histories, events, projects and boards as readers get them, in a constant number of statements."""

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from sqlalchemy import event, func, select

from tracker.errors import NotFound
from tracker.events import ArtifactLogged, Captured, DatasetLogged, Finished, Noticed, Reproduced, Started
from tracker.ids import ALPHABET, mint, neighbours
from tracker.record import BoardSpec, Rules
from tracker.snapshot import Code, Git, Machine, Package, Python, Snapshot
from tracker.store import history, queries
from tracker.store.database import Database
from tracker.store.ingest import retract
from tracker.store.members import add_member
from tracker.store.tables import runs as t

Pens = Callable[..., Any]
FULL = Captured(
    Snapshot(
        code=Code(Git("c" * 40, "main", None, True), "train.py"),
        python=Python("3.11.7", "cpython", "/usr/bin/python3", (Package("numpy", "2.4"),)),
    )
)


def count_of_statements(database: Database, ask: Callable[[], object]) -> int:
    seen = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    ask()
    event.remove(database.engine, "before_cursor_execute", note)
    return len([statement for statement in seen if statement.lstrip().startswith("SELECT")])


def test_a_page_of_runs_takes_as_many_statements_as_one_run(
    database: Database, make_run: Callable[..., str], now: int
) -> None:
    """No statement for each run, metric, artifact, tag or snapshot."""
    for n in range(50):
        more = (FULL, ArtifactLogged("m", "a" * 64, 1), DatasetLogged("d", "b" * 64, 1), Noticed("c", "m"))
        make_run(config={"lr": n}, metrics={"a": [n], "b": [n, n]}, seed=n, tags=("x", f"t{n}"), more=more)

    def page(limit: int, **ask: Any) -> Callable[[], object]:
        return lambda: queries.find_records(database, "project", limit=limit, now=now, **ask)

    assert count_of_statements(database, page(50)) == count_of_statements(database, page(1)) <= 12
    hard = {"where": "config.lr > 3 and (max('a') > 9 or tag = 'x')", "order_by": "-max('b')"}
    assert count_of_statements(database, page(40, **hard)) == count_of_statements(database, page(1, **hard)) <= 20
    found = queries.find_records(database, "project", limit=50, now=now)
    assert len(found) == 50
    assert found[0] == queries.get_record(database, found[0].id, now=now)


def test_an_unknown_run_comes_with_registered_ones_that_come_close(
    database: Database, make_run: Callable[..., str], now: int
) -> None:
    run = make_run()
    near = sorted(neighbours(run[2:]) - {run})
    assert not near  # one wrong symbol is always caught, so no valid ID is one symbol away
    wrong = "r-" + ALPHABET[(ALPHABET.index(run[2]) + 1) % 32] + run[3:]
    with pytest.raises(NotFound) as refusal:
        queries.get_record(database, wrong, now=now)
    assert refusal.value.suggestions == (run,)
    assert f"Did you mean {run}?" in str(refusal.value)
    with pytest.raises(NotFound) as refusal:
        queries.get_record(database, "r-00000000", now=now)
    assert refusal.value.suggestions == ()
    for ask in (queries.get_history, queries.get_events):
        with pytest.raises(NotFound):
            ask(database, "r-00000000", *(("loss",) if ask is queries.get_history else ()))  # type: ignore[operator]


def test_some_records_are_found_by_their_ids(database: Database, make_run: Callable[..., str], now: int) -> None:
    runs = [make_run() for _ in range(3)]
    found = queries.get_records(database, [runs[2], "r-00000000", runs[0], runs[0]], now=now)
    assert sorted(found) == sorted([runs[0], runs[2]])


def test_a_history_is_every_point_by_step(database: Database, pen: Pens) -> None:
    one = pen()
    one.send(Started("p", "n"))
    one.log(10, loss=[1.0, 2.0])
    one.log(0, loss=[3.0], other=[9.0])
    one.log(10, loss=[4.0])
    found = queries.get_history(database, one.run_id, "loss")
    assert found.steps.tolist() == [0, 10, 10, 11]
    assert found.values.tolist() == [3.0, 1.0, 4.0, 2.0]
    with pytest.raises(NotFound) as refusal:
        queries.get_history(database, one.run_id, "los")
    assert refusal.value.suggestions == ("loss",)


def test_histories_of_several_runs_come_at_once(database: Database, make_run: Callable[..., str], now: int) -> None:
    a = make_run("p", metrics={"loss": [1.0, 2.0]})
    b = make_run("q", metrics={"loss": [3.0]})
    c = make_run("p", metrics={"other": [3.0]})
    found = queries.get_histories(database, [a, b, c, "r-00000000"], "loss")
    assert {run: points.values.tolist() for run, points in found.items()} == {
        a: [1.0, 2.0],
        b: [3.0],
        c: [],
        "r-00000000": [],
    }
    one = count_of_statements(database, lambda: queries.get_histories(database, [a], "loss"))
    assert count_of_statements(database, lambda: queries.get_histories(database, [a, b, c], "loss")) == one


def test_a_long_history_can_be_had_short(database: Database, make_run: Callable[..., str]) -> None:
    values = np.sin(np.arange(5000) / 100)
    values[1234] = 7
    run = make_run(metrics={"loss": values})
    found = queries.get_history(database, run, "loss", buckets=50)
    assert len(found) <= 102
    assert found.values.max() == 7
    assert len(queries.get_histories(database, [run], "loss", buckets=50)[run]) == len(found)


@pytest.mark.parametrize("again", [1, 3])
def test_many_small_chunks_are_put_together_by_reading_and_stay_the_same(
    database: Database, pen: Pens, again: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "PIECE", 200)
    one = pen()
    one.send(Started("p", "n"))
    step = 0
    for _ in range(again):
        for _ in range(40):
            one.log(step, loss=[step / 7, step / 3])
            step += 2
        for _ in range(2):
            found = queries.get_history(database, one.run_id, "loss")
            assert found.steps.tolist() == list(range(step))
            assert found.values[::2].tolist() == [n / 7 for n in range(0, step, 2)]
    with database.read() as connection:
        loose, pieces = (connection.scalar(select(func.count()).select_from(table)) for table in (t.chunks, t.pieces))
        assert (loose, pieces) == (40 * again, {1: 1, 3: 2}[again])
        laid = history.read_histories(connection, [1], "loss")[1]
        assert not laid.chunks
    one.log(step, loss=[1.0])
    assert len(queries.get_history(database, one.run_id, "loss")) == step + 1


def test_two_that_put_the_same_history_together_do_no_harm(database: Database, pen: Pens) -> None:
    one = pen()
    one.send(Started("p", "n"))
    for step in range(40):
        one.log(step, loss=[step])
    with database.read() as connection:
        laid = history.read_histories(connection, [1], "loss")[1]
    assert history.put_together(database, laid)
    assert not history.put_together(database, laid)
    for step in range(40, 80):
        one.log(step, loss=[step])
    with database.read() as connection:
        grown = history.read_histories(connection, [1], "loss")[1]
    assert history.put_together(database, grown)
    assert not history.put_together(database, grown)
    assert queries.get_history(database, one.run_id, "loss").steps.tolist() == list(range(80))


def test_a_reader_does_not_wait_for_a_writer_to_put_a_history_together(database: Database, pen: Pens) -> None:
    one = pen()
    one.send(Started("p", "n"))
    for step in range(40):
        one.log(step, loss=[step])
    with database.write():
        assert len(queries.get_history(database, one.run_id, "loss")) == 40


def test_events_come_by_their_place(database: Database, pen: Pens) -> None:
    one = pen()
    one.send(Started("p", "n"), *(Noticed("code", str(n)) for n in range(5)))
    assert [placed.seq for placed in queries.get_events(database, one.run_id, after=2, limit=3)] == [3, 4, 5]
    assert queries.get_events(database, one.run_id, after=6) == ()


def test_replicates_are_runs_equal_but_for_the_seed(database: Database, make_run: Callable[..., str], now: int) -> None:
    a, b = (make_run(config={"lr": 1, "seed": n}, seed=n, more=(FULL,)) for n in range(2))
    make_run(config={"lr": 2}, more=(FULL,))
    make_run(config={"lr": 1}, more=(FULL, DatasetLogged("d", "b" * 64, 1)))
    unknown = make_run(config={"lr": 1})
    make_run("other", config={"lr": 1}, more=(FULL,))
    record = queries.get_record(database, a, now=now)
    assert [found.id for found in queries.replicates_of(database, record, now=now)] == [b]
    assert queries.replicates_of(database, queries.get_record(database, unknown, now=now), now=now) == ()


def test_projects_at_a_glance(database: Database, make_run: Callable[..., str], now: int) -> None:
    add_member(database, "ana", now=now)
    assert queries.list_projects(database) == ()
    make_run("a", metrics={"val/accuracy": [0.5, 0.75]}, member="ana")
    best = make_run("a", metrics={"val/accuracy": [0.9]})
    make_run("a", metrics={"val/accuracy": [0.99]}, state="failed")
    make_run("a", metrics={"val/accuracy": [0.95]}, state=None)
    make_run("b", metrics={"val/loss": [3.0, 2.0]})
    make_run("c")
    told = {project.name: msgspec.structs.astuple(project)[1:] for project in queries.list_projects(database, now=now)}
    seen = told["a"][3]
    assert told == {
        "a": (4, 1, 1, seen, "val/accuracy", 0.9),
        "b": (1, 0, 0, seen, "val/loss", 2.0),
        "c": (1, 0, 0, told["c"][3], None, None),
    }
    retract(database, best, by=None, why="wrong", now=now)
    later = now + 10**9
    (a,) = (project for project in queries.list_projects(database, now=later) if project.name == "a")
    assert (a.running, a.best) == (0, 0.75)


def test_a_board_is_sensible_until_it_is_set_and_keeps_who_set_it(
    database: Database, make_run: Callable[..., str], now: int
) -> None:
    make_run("empty")
    make_run("lossy", metrics={"train/loss": [1.0], "x": [1.0]})
    make_run("usual", metrics={"x": [1.0], "val/accuracy": [1.0]})
    assert queries.get_board(database, "empty") == BoardSpec("empty", "val/accuracy")
    assert queries.get_board(database, "lossy") == BoardSpec("lossy", "train/loss", "min")
    assert queries.get_board(database, "usual") == BoardSpec("usual", "val/accuracy")
    spec = BoardSpec("usual", "x", "min", "last", Rules(policy={"dirty": "warn"}, high=1.0))
    queries.set_board(database, spec, by="dr", now=now)
    queries.set_board(database, msgspec.structs.replace(spec, metric="y"), by="ana", now=now + 1)
    assert queries.get_board(database, "usual").metric == "y"
    settings = queries.board_settings(database, "usual")
    assert [(setting.spec.metric, setting.set_by, setting.set_at) for setting in settings] == [
        ("y", "ana", now + 1),
        ("x", "dr", now),
    ]
    assert settings[1].spec == spec
    for ask in (
        lambda: queries.get_board(database, "usua"),
        lambda: queries.set_board(database, BoardSpec("usua", "x"), by="x", now=1),
    ):
        with pytest.raises(NotFound) as refusal:
            ask()
        assert refusal.value.suggestions == ("usual",)


def test_a_badge_follows_from_who_reproduced_a_run_and_where(database: Database, pen: Pens, now: int) -> None:
    for handle in ("ana", "ben"):
        add_member(database, handle, now=now)

    def run(member: str, machine: str, reproduces: str | None = None, *evidence: str, state: str = "finished") -> str:
        writer = pen(member=member)
        box = Machine(machine, "h", "linux", "6", "x", "cpu", 1, 1)
        said = (Reproduced(reproduces or "", verdict, "the number held") for verdict in evidence)  # type: ignore[arg-type]
        writer.send(Started("p", "n", reproduces=reproduces), Captured(Snapshot(machine=box)), *said)
        writer.send(Finished(state, 1.0))  # type: ignore[arg-type]
        return str(writer.run_id)

    def badge() -> str:
        return queries.get_record(database, original, now=now).badge

    original = run("ana", "one")
    run("ben", "two", original)
    run("ben", "two", original, "exact", state="failed")
    run("ben", "two", mint_other(original), "exact")
    run("ben", "two", original, "differs")
    assert badge() == "self-reported"
    own = run("ana", "one", original, "exact")
    assert badge() == "reproduced by author"
    run("ben", "one", original, "within")
    assert badge() == "reproduced by member"
    elsewhere = run("ben", "two", original, "within")
    assert badge() == "reproduced elsewhere"
    retract(database, elsewhere, by="ben", why="used another data set", now=now)
    assert badge() == "reproduced by member"
    told = queries.get_record(database, original, now=now).reproductions
    assert [(each.verdict, each.by, each.elsewhere) for each in told] == [
        ("exact", "ben", True),
        ("differs", "ben", True),
        ("exact", "ana", False),
        ("within", "ben", False),
    ]
    evidence = queries.get_record(database, own, now=now).evidence
    assert evidence is not None and (evidence.original, evidence.verdict) == (original, "exact")


def mint_other(run_id: str) -> str:
    from random import Random

    rng = Random(5)
    return next(found for found in iter(lambda: mint(rng), "") if found != run_id)

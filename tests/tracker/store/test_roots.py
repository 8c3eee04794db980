"""One digest a day stands for all chains: taken once, told elsewhere, and no longer true after any edit."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from tracker.errors import NotFound, UsageError
from tracker.events import Finished, Joined, Started, Tagged, genesis, link_stored
from tracker.store import queries, roots
from tracker.store.database import Database, open_database
from tracker.store.verify import verify_run

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 5, day) for day in (18, 19, 20))
Pens = Callable[..., Any]


def flaws_of(database: Database) -> dict[str, list[str]]:
    return {root.day: [flaw.code for flaw in flaws] for root, flaws in roots.verify_roots(database) if flaws}


def test_a_root_is_what_anyone_can_reckon_from_the_heads(database: Database, make_run: Callable[..., str]) -> None:
    runs = [make_run() for _ in range(3)]
    root = roots.daily(database, MONDAY, 7)
    heads = sorted(
        (run, record.events, record.sealed) for run, record in queries.get_records(database, runs, now=0).items()
    )
    assert root == roots.Root("2026-05-18", roots.root_of("2026-05-18", "", heads), 1, "", 3, 7)


def test_a_root_is_taken_once_and_the_next_covers_what_moved_since(
    database: Database, pen: Pens, make_run: Callable[..., str]
) -> None:
    one = pen()
    one.send(Started("p", "n"))
    make_run()
    first = roots.daily(database, MONDAY, 1)
    one.send(Tagged(add=("a",)), Finished("finished", 1.0))
    assert roots.daily(database, MONDAY, 2) == first
    second = roots.daily(database, TUESDAY, 3)
    assert (second.number, second.previous, second.moved) == (2, first.digest, 1)
    quiet = roots.daily(database, WEDNESDAY, 4)
    assert (quiet.moved, quiet.digest) == (0, roots.root_of("2026-05-20", second.digest, []))
    assert roots.list_roots(database) == (quiet, second, first)
    assert roots.get_root(database, TUESDAY) == second
    assert flaws_of(database) == {}
    with pytest.raises(NotFound):
        roots.get_root(database, date(2026, 5, 1))
    with pytest.raises(UsageError, match="2026-05-20"):
        roots.daily(database, date(2026, 5, 1), 5)


def test_replicas_that_take_a_root_at_the_same_moment_take_one(
    database: Database, database_url: str, make_run: Callable[..., str]
) -> None:
    """Each replica has connections of its own, and asks behind a barrier; whoever comes second is told the first's."""
    replicas = [open_database(database_url) for _ in range(4)]
    together = threading.Barrier(len(replicas))

    def ask(replica: Database, day: date) -> roots.Root:
        together.wait(60)
        return roots.daily(replica, day, 1)

    with ThreadPoolExecutor(len(replicas)) as threads:
        for day in (MONDAY, TUESDAY, WEDNESDAY):
            make_run()
            told = list(threads.map(ask, replicas, [day] * len(replicas)))
            assert len(set(told)) == 1 and told[0].moved == 1
    for replica in replicas:
        replica.close()
    assert [root.day for root in roots.list_roots(database)] == [str(WEDNESDAY), str(TUESDAY), str(MONDAY)]
    assert flaws_of(database) == {}


def test_many_runs_are_covered_page_by_page(
    database: Database, make_run: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roots, "_PAGE", 2)
    for _ in range(5):
        make_run()
    assert roots.daily(database, MONDAY, 1).moved == 5
    assert flaws_of(database) == {}


def test_a_chain_that_was_forged_with_its_seals_is_found_and_named(database: Database, pen: Pens) -> None:
    """Every link, the head and the seals are made anew, so that the run itself fits; the root still tells."""
    one, other = pen(), pen()
    for each in (one, other):
        each.send(Started("p", "n", note="honest"), Finished("finished", 1.0))
    roots.daily(database, MONDAY, 1)
    again = pen(one.run_id, segment="resume", nonce="m")
    again.send(Joined("m", "resume"), Finished("finished", 2.0))
    roots.daily(database, TUESDAY, 2)
    with database.write() as connection:
        run, seals = connection.execute(
            text("SELECT r.id, d.seals FROM runs r JOIN details d ON d.run = r.id WHERE run_id = :run_id"),
            {"run_id": one.run_id},
        ).one()
        rows = connection.execute(
            text(
                "SELECT seq, body, link, s.segment FROM events e JOIN segments s ON s.id = e.segment WHERE e.run = :run"
                " ORDER BY seq"
            ),
            {"run": run},
        ).all()
        head = genesis(one.run_id)
        for seq, body, link, segment in rows:
            forged = body.replace(b"honest", b"forged")
            head = link_stored(head, one.run_id, seq, segment, forged)
            seals = seals.replace(link.hex().encode(), head.hex().encode())
            change = "UPDATE events SET body = :body, link = :link WHERE seq = :seq AND run = :run"
            connection.execute(text(change), {"body": forged, "link": head, "seq": seq, "run": run})
        values = {"head": head, "seals": seals, "run": run}
        connection.execute(text("UPDATE runs SET head = :head, note = 'forged' WHERE id = :run"), values)
        connection.execute(text("UPDATE details SET seals = :seals WHERE run = :run"), values)
    assert verify_run(database, one.run_id) == ()
    found = dict(roots.verify_roots(database))
    said = " ".join(flaw.sentence for flaws in found.values() for flaw in flaws)
    assert flaws_of(database) == {
        "2026-05-18": ["chain-changed", "root-changed"],
        "2026-05-19": ["chain-changed", "root-changed"],
    }
    assert one.run_id in said
    assert other.run_id not in said


@pytest.mark.parametrize(
    ("edit", "found"),
    [
        ("DELETE FROM rooted WHERE root = 1", {"2026-05-18": ["root-changed"]}),
        (
            "UPDATE roots SET digest = 'x' WHERE number = 1",
            {"2026-05-18": ["root-changed"], "2026-05-19": ["root-missing"]},
        ),
        ("DELETE FROM events WHERE seq = 2", {"2026-05-18": ["chain-changed", "root-changed"]}),
    ],
)
def test_an_edit_under_a_root_is_found(
    database: Database, make_run: Callable[..., str], edit: str, found: dict[str, list[str]]
) -> None:
    make_run()
    roots.daily(database, MONDAY, 1)
    roots.daily(database, TUESDAY, 2)
    with database.write() as connection:
        assert connection.execute(text(edit)).rowcount
    assert flaws_of(database) == found

"""The pulse: another one whenever a live page has something new to show, and the same while it has not."""

from collections.abc import Callable

import pytest

from tests.conftest import NOW, Pen
from tracker.errors import NotFound
from tracker.events import ArtifactLogged, DatasetLogged, Finished, Started, Tagged
from tracker.record import BoardSpec
from tracker.store import ingest, queries
from tracker.store.database import Database
from tracker.store.lineage import makers, users
from tracker.store.pulse import Pulse, project_pulse, run_pulse
from tracker.store.records import SILENT_AFTER


def test_a_run_s_pulse_counts_events_and_tells_the_state(database: Database, pen: Callable[..., Pen]) -> None:
    writer = pen()
    writer.send(Started("p", writer.nonce))
    assert run_pulse(database, writer.run_id, now=writer.now) == Pulse(1, "running")
    assert run_pulse(database, writer.run_id, now=writer.now + SILENT_AFTER + 1) == Pulse(1, "silent")
    writer.send(Finished("finished", 1.0))
    assert run_pulse(database, writer.run_id, now=writer.now) == Pulse(2, "finished")
    with pytest.raises(NotFound):
        run_pulse(database, "r-00000000", now=NOW)


def test_a_project_s_pulse_changes_with_everything_its_pages_show(database: Database, pen: Callable[..., Pen]) -> None:
    writer = pen()
    writer.send(Started("p", writer.nonce))
    seen = [project_pulse(database, "p", now=writer.now)]

    def changed(now: int = writer.now) -> None:
        seen.append(project_pulse(database, "p", now=now))
        assert seen[-1] not in seen[:-1]

    assert project_pulse(database, "p", now=writer.now + 1) == seen[0]
    changed(writer.now + SILENT_AFTER + 1_000_000)
    writer.send(Tagged(("x",)))
    changed()
    writer.send(Finished("finished", 1.0))
    changed()
    queries.set_board(database, BoardSpec("p", "loss", "min"), by="ada", now=NOW)
    changed()
    again = pen()
    again.send(Started("elsewhere", again.nonce, reproduces=writer.run_id), Finished("finished", 1.0))
    changed()
    ingest.retract(database, writer.run_id, by=None, why="wrong", now=NOW)
    changed()
    with pytest.raises(NotFound, match="no project"):
        project_pulse(database, "q", now=NOW)


def test_content_leads_from_the_run_that_made_it_to_those_that_used_it(
    database: Database, make_run: Callable[..., str]
) -> None:
    digest = "ab" * 32
    made = make_run("one", more=[ArtifactLogged("clean.npz", digest, 5), ArtifactLogged("clean.npz", "cd" * 32, 5)])
    used = make_run("two", more=[DatasetLogged("digits", digest, 5)])
    assert [(kin.run_id, kin.project, kin.name, kin.version) for kin in makers(database, digest)] == [
        (made, "one", "clean.npz", 1)
    ]
    assert [(kin.run_id, kin.project, kin.name, kin.version) for kin in users(database, digest)] == [
        (used, "two", "digits", None)
    ]
    assert users(database, "cd" * 32) == ()

"""An edit behind the store's back is found, and said which."""

import hashlib
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from tracker.errors import NotFound
from tracker.events import (
    ArtifactLogged,
    Captured,
    DatasetLogged,
    Finished,
    Joined,
    Started,
    Tagged,
    genesis,
    link_stored,
)
from tracker.snapshot import Code, Git, Snapshot
from tracker.store.blobs import open_blobs
from tracker.store.database import Database
from tracker.store.series import Points, decode, encode
from tracker.store.sql import upsert
from tracker.store.tables import metadata
from tracker.store.verify import verify, verify_run


@pytest.fixture
def run(database: Database, pen: Callable[..., Any]) -> str:
    """started, metrics, metrics, captured, artifact, data set, tagged, finished; and a worker's two in between."""
    one = pen()
    worker = pen(one.run_id, segment="worker")
    code = Code(Git("c" * 40, "main", None, True), "train.py")
    one.send(Started("p", "n", config={"lr": 0.1}, tags=("t",), note="note"))
    one.log(0, loss=[3.0, 2.0], accuracy=[0.5, 0.6])
    worker.send(Joined("n", "worker"))
    one.log(2, loss=[1.0])
    one.send(Captured(Snapshot(code=code)), ArtifactLogged("model", "a" * 64, 5), DatasetLogged("d", "b" * 64, 3))
    worker.send(Tagged(add=("w",)))
    one.send(Tagged(add=("x",)), Finished("finished", 2.0))
    return str(one.run_id)


def other_column(data: bytes) -> bytes:
    points = decode(data)
    return encode(Points(points.steps, points.values + 1, points.times))


SWAP = "(SELECT e.body FROM events e WHERE e.seq = 15 - events.seq AND e.run = events.run)"
BEHIND = "SELECT run, 11, segment, received_at, link, body FROM events WHERE seq = 10"
EDITS: dict[str, tuple[str, str]] = {
    "an event is changed": ("UPDATE events SET body = replaced(body, '0.1', '0.2') WHERE seq = 1", "event-changed"),
    "an event is dropped": ("DELETE FROM events WHERE seq = 5", "event-missing"),
    "the last event is dropped": ("DELETE FROM events WHERE seq = 10", "event-missing"),
    "the first event is dropped": ("DELETE FROM events WHERE seq = 1", "event-missing"),
    "an event is inserted behind the end": (f"INSERT INTO events {BEHIND}", "event-inserted"),
    "two events are swapped": (f"UPDATE events SET body = {SWAP} WHERE seq IN (7, 8)", "event-reordered"),
    "a link is changed": ("UPDATE events SET link = body WHERE seq = 4", "event-changed"),
    "the head is changed": ("UPDATE runs SET head = (SELECT link FROM events WHERE seq = 4)", "head-changed"),
    "a column is dropped": ("DELETE FROM chunks WHERE seq = 2 AND metric_id = 1", "column-missing"),
    "a column is inserted": (
        "INSERT INTO chunks SELECT run, metric_id, 7, count, data FROM chunks WHERE seq = 4",
        "column-inserted",
    ),
    "a column is another's": (
        "UPDATE chunks SET data = (SELECT data FROM chunks WHERE seq = 4) WHERE seq = 2",
        "column-changed",
    ),
    "a summary is rewritten": ("UPDATE summaries SET max = 0.99 WHERE max = 0.6", "summary-changed"),
    "a summary is dropped": ("DELETE FROM summaries WHERE max = 0.6", "summary-changed"),
    "the config is rewritten": ("UPDATE details SET config = replaced(config, '0.1', '0.2')", "record-changed"),
    "a digest is rewritten": ("UPDATE runs SET config_digest = 'x'", "record-changed"),
    "the code digest is rewritten": ("UPDATE runs SET code_digest = 'x'", "record-changed"),
    "the data digest is rewritten": ("UPDATE runs SET data_digest = 'x'", "record-changed"),
    "the snapshot is rewritten": ("UPDATE documents SET body = replaced(body, 'train', 'other')", "record-changed"),
    "a tag is added": ("INSERT INTO tags SELECT run, 'more' FROM tags WHERE tag = 'x'", "record-changed"),
    "the note is rewritten": ("UPDATE runs SET note = 'better'", "record-changed"),
    "the end is rewritten": ("UPDATE runs SET runtime = 1.0", "record-changed"),
    "the state is rewritten": ("UPDATE runs SET state = 'failed'", "record-changed"),
    "the seal is broken": ("UPDATE details SET seals = '[]'", "seal-missing"),
    "an artifact is swapped": ("UPDATE artifacts SET digest = 'c'", "record-changed"),
    "a data set is swapped": ("UPDATE datasets SET digest = 'c'", "record-changed"),
}
UNDO = {
    "events": "DELETE FROM events WHERE seq > 10",
    "chunks": "DELETE FROM chunks WHERE seq = 7",
    "tags": "DELETE FROM tags WHERE tag = 'more'",
}


def test_a_run_as_it_was_written_has_no_flaw(database: Database, run: str) -> None:
    assert verify_run(database, run) == ()
    assert list(verify(database)) == [(run, ())]
    assert list(verify(database, "another project")) == []
    with pytest.raises(NotFound):
        verify_run(database, "r-00000000")


def test_every_edit_is_found(database: Database, run: str, subtests: pytest.Subtests) -> None:
    """One edit after the other, each taken back."""
    sqlite = r"CAST(replace(CAST(\1 AS TEXT), '\2', '\3') AS BLOB)"
    postgresql = r"convert_to(replace(convert_from(\1, 'UTF8'), '\2', '\3'), 'UTF8')"
    replacing = sqlite if database.dialect == "sqlite" else postgresql
    for edit, (statement, expected) in EDITS.items():
        words = statement.split()
        table = metadata.tables[words[1] if words[0] == "UPDATE" else words[2]]
        with database.write() as connection:
            before = connection.execute(select(table)).mappings().all()
            done = connection.execute(text(re.sub(r"replaced\((\w+), '(.*?)', '(.*?)'\)", replacing, statement)))
            assert done.rowcount > 0, edit
        with subtests.test(edit):
            flaws = verify_run(database, run)
            assert expected in {flaw.code for flaw in flaws}, flaws
        with database.write() as connection:
            upsert(connection, table, [column.name for column in table.primary_key], before)
            if table.name in UNDO:
                connection.execute(text(UNDO[table.name]))
        assert verify_run(database, run) == (), edit


def test_a_value_that_is_changed_in_a_column_is_named(database: Database, run: str) -> None:
    with database.write() as connection:
        data = connection.scalar(text("SELECT data FROM chunks WHERE seq = 4"))
        connection.execute(text("UPDATE chunks SET data = :data WHERE seq = 4"), {"data": other_column(data)})
    flaws = verify_run(database, run)
    assert [(flaw.code, flaw.seq) for flaw in flaws] == [("column-changed", 4), ("summary-changed", None)]
    assert "'loss' of event 4" in flaws[0].sentence
    with database.write() as connection:
        connection.execute(text("UPDATE chunks SET data = :data WHERE seq = 4"), {"data": b"junk"})
    assert ("column-changed", 4) in [(flaw.code, flaw.seq) for flaw in verify_run(database, run)]


def test_a_forged_chain_does_not_end_in_the_seal(database: Database, run: str) -> None:
    """Whoever links every later event anew still has another head than the one that was sealed."""
    with database.write() as connection:
        rows = connection.execute(
            text("SELECT seq, body, s.segment FROM events e JOIN segments s ON s.id = e.segment ORDER BY seq")
        ).all()
        head = genesis(run)
        for seq, body, segment in rows:
            forged = body.replace(b"0.1", b"0.2")
            head = link_stored(head, run, seq, segment, forged)
            change = "UPDATE events SET body = :body, link = :link WHERE seq = :seq"
            connection.execute(text(change), {"body": forged, "link": head, "seq": seq})
        connection.execute(text("UPDATE runs SET head = :head"), {"head": head})
    flaws = verify_run(database, run)
    told = " ".join(flaw.sentence for flaw in flaws)
    assert ("seal-broken", 10) in {(flaw.code, flaw.seq) for flaw in flaws}
    assert "config" in told


def test_an_older_seal_still_closes_what_it_closed(database: Database, pen: Callable[..., Any], run: str) -> None:
    again = pen(run, segment="resume", nonce="m")
    again.send(Joined("m", "resume"), Tagged(add=("y",)), Finished("finished", 3.0))
    assert verify_run(database, run) == ()
    with database.read() as connection:
        (seals,) = connection.execute(text("SELECT seals FROM details")).one()
    for forged, expected in (
        (seals.replace(b'"seq":10', b'"seq":9'), ("seal-broken", 9)),
        (b"[" + seals.partition(b"},")[2], ("seal-broken", 13)),
    ):
        with database.write() as connection:
            connection.execute(text("UPDATE details SET seals = :seals"), {"seals": forged})
        assert expected in {(flaw.code, flaw.seq) for flaw in verify_run(database, run)}


def test_an_artifact_whose_content_was_swapped_or_is_gone_is_found(
    database: Database, pen: Callable[..., Any], tmp_path: Path
) -> None:
    blobs = open_blobs(str(tmp_path))
    one = pen()
    data = b"weights"
    digest = hashlib.sha256(data).hexdigest()
    blobs.put(digest, io.BytesIO(data))
    one.send(Started("p", "n"), ArtifactLogged("model", digest, len(data)), Finished("finished", 1.0))
    assert verify_run(database, one.run_id, blobs=blobs) == ()
    path = tmp_path / digest[:2] / digest
    path.write_bytes(b"others")
    assert [flaw.code for flaw in verify_run(database, one.run_id, blobs=blobs)] == ["artifact-changed"]
    path.unlink()
    assert [flaw.code for flaw in verify_run(database, one.run_id, blobs=blobs)] == ["artifact-missing"]

"""A store is saved while it is written, and comes back whole: every chain holds, every file is what it was."""

import hashlib
import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tracker.errors import Clash, Corrupt, NotFound, UsageError
from tracker.events import ArtifactLogged, Finished, Started, Tagged
from tracker.store import backup, queries
from tracker.store.blobs import open_blobs
from tracker.store.database import Database, open_database
from tracker.store.verify import verify

Pens = Callable[..., Any]


@pytest.fixture
def dialect() -> str:
    return "sqlite"


@pytest.fixture
def artifacts(tmp_path: Path) -> str:
    return str(tmp_path / "artifacts")


def with_model(pen: Pens, artifacts: str, data: bytes) -> str:
    """An ended run with an artifact."""
    one, digest = pen(), hashlib.sha256(data).hexdigest()
    open_blobs(artifacts).put(digest, io.BytesIO(data))
    one.send(Started("p", "n"), ArtifactLogged("model", digest, len(data)), Finished("finished", 1.0))
    return str(one.run_id)


def test_what_was_saved_comes_back_whole(
    database: Database, database_url: str, pen: Pens, artifacts: str, tmp_path: Path
) -> None:
    run_id = with_model(pen, artifacts, b"weights")
    told: list[tuple[int, int]] = []
    saved = tmp_path / "saved"
    made = backup.save(database_url, artifacts, saved, now=7, progress=lambda done, whole: told.append((done, whole)))
    assert (made.at, made.runs, made.files, made.size, told) == (7, 1, 1, 7, [(7, 7)])
    before = queries.get_record(database, run_id, now=0)
    url, elsewhere = f"sqlite:///{tmp_path / 'fresh' / 'runcite.db'}", str(tmp_path / "fresh" / "artifacts")
    assert backup.restore(saved, url, elsewhere) == made
    db = open_database(url)
    assert queries.get_record(db, run_id, now=0) == before
    assert list(verify(db, blobs=open_blobs(elsewhere))) == [(run_id, ())]
    db.close()
    with pytest.raises(Clash, match="already"):
        backup.restore(saved, url, elsewhere)


def test_saving_again_copies_only_what_is_new(database_url: str, pen: Pens, artifacts: str, tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    with_model(pen, artifacts, b"first")
    backup.save(database_url, artifacts, saved, now=1)
    copied = {path: path.stat().st_mtime_ns for path in (saved / "artifacts").rglob("*") if path.is_file()}
    with_model(pen, artifacts, b"second")
    made = backup.save(database_url, artifacts, saved, now=2)
    assert (made.runs, made.files) == (2, 2)
    assert {path: path.stat().st_mtime_ns for path in copied} == copied
    assert backup.read_note(saved) == made


def test_a_store_is_saved_while_it_is_written(
    database: Database, database_url: str, pen: Pens, artifacts: str, tmp_path: Path
) -> None:
    one, ended = pen(), threading.Event()
    one.send(Started("p", "n"))

    def write() -> None:
        while not ended.is_set():
            one.send(Tagged(add=("more",)))

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for number in range(3):
            backup.save(database_url, artifacts, tmp_path / str(number), now=1)
    finally:
        ended.set()
        writing.join()
    for number in range(3):
        db = open_database(f"sqlite:///{tmp_path / str(number) / backup.DATABASE}")
        assert list(verify(db)) == [(one.run_id, ())]
        db.close()


def test_a_spoilt_back_up_is_not_restored(database_url: str, pen: Pens, artifacts: str, tmp_path: Path) -> None:
    with_model(pen, artifacts, b"weights")
    saved, fresh = tmp_path / "saved", f"sqlite:///{tmp_path / 'fresh.db'}"
    backup.save(database_url, artifacts, saved, now=1)
    (model,) = (path for path in (saved / "artifacts").rglob("*") if path.is_file())
    model.chmod(0o644)
    model.write_bytes(b"another")
    with pytest.raises(Corrupt):
        backup.restore(saved, fresh, str(tmp_path / "elsewhere"))
    model.write_bytes(b"weights")
    with (saved / backup.DATABASE).open("ab") as file:
        file.write(b"x")
    with pytest.raises(Corrupt, match="not the one that was saved"):
        backup.restore(saved, fresh, str(tmp_path / "elsewhere"))
    assert not (tmp_path / "fresh.db").exists()


def test_an_artifact_that_was_swapped_is_not_saved(
    database_url: str, pen: Pens, artifacts: str, tmp_path: Path
) -> None:
    with_model(pen, artifacts, b"weights")
    (model,) = (path for path in Path(artifacts).rglob("*") if path.is_file())
    model.chmod(0o644)
    model.write_bytes(b"another")
    with pytest.raises(Corrupt):
        backup.save(database_url, artifacts, tmp_path / "saved", now=1)


def test_what_cannot_be_saved_here_says_how(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        backup.save("postgresql+psycopg://ada:secret@db.example/runs", "x", tmp_path, now=1)
    assert "pg_dump" in told.value.remedy and "--host=db.example" in told.value.remedy
    assert "secret" not in str(told.value)
    with pytest.raises(NotFound):
        backup.save(f"sqlite:///{tmp_path / 'none.db'}", "x", tmp_path, now=1)
    with pytest.raises(NotFound):
        backup.restore(tmp_path, f"sqlite:///{tmp_path / 'none.db'}", "x")

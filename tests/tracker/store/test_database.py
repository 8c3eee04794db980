"""Transactions on SQLite and PostgreSQL, and what goes wrong with databases as one clear line."""

import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tracker.errors import Corrupt, InvalidSettings, Unavailable
from tracker.store.database import BUSY_MS, Database, open_database
from tracker.store.members import add_member, list_members


def test_the_folder_of_an_embedded_database_is_made(tmp_path: Path) -> None:
    db = open_database(f"sqlite:///{tmp_path}/deep/down/runcite.db")
    with db.write() as connection:
        connection.execute(text("CREATE TABLE x (y INTEGER)"))
    assert (tmp_path / "deep" / "down" / "runcite.db").exists()
    db.close()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://x/y", "sqlite://", "postgresql+asyncpg://x/y", "https://x"])
def test_an_address_that_is_no_database_of_ours_is_refused(url: str) -> None:
    with pytest.raises(InvalidSettings):
        open_database(url)


def test_a_password_is_never_shown() -> None:
    db = open_database("postgresql+psycopg://ana:geheim@127.0.0.1:9/x")
    assert "geheim" not in db.url + repr(db)
    with pytest.raises(Unavailable) as refusal, db.read():
        pass
    assert "geheim" not in str(refusal.value)
    assert "\n" not in str(refusal.value)
    db.close()


def test_sqlite_is_set_up_to_lose_nothing(tmp_path: Path) -> None:
    db = open_database(f"sqlite:///{tmp_path}/a.db")
    with db.read() as connection:
        for pragma, expected in (
            ("journal_mode", "wal"),
            ("synchronous", 2),
            ("foreign_keys", 1),
            ("busy_timeout", 30_000),
        ):
            assert connection.scalar(text(f"PRAGMA {pragma}")) == expected
    db.close()


def test_an_error_rolls_everything_back(database: Database, now: int) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        connection.execute(text("INSERT INTO projects (name, created_at) VALUES ('p', 1)"))
        raise ZeroDivisionError
    with database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM projects")) == 0


def test_rows_that_point_nowhere_are_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(text("INSERT INTO keys (project_id, name) VALUES (99, 'k')"))


def test_a_reader_sees_one_state_throughout(database: Database, now: int) -> None:
    with database.read() as connection:
        before = connection.scalar(text("SELECT count(*) FROM members"))
        writer = threading.Thread(target=lambda: add_member(database, "ana", now=now))
        writer.start()
        writer.join()
        assert connection.scalar(text("SELECT count(*) FROM members")) == before == 0
    assert len(list_members(database)) == 1


def test_a_reader_cannot_write_on_postgresql(database: Database) -> None:
    if database.dialect != "postgresql":
        return
    with pytest.raises(Exception, match="read-only"), database.read() as connection:
        connection.execute(text("INSERT INTO projects (name, created_at) VALUES ('p', 1)"))


INCREMENT = """
import sys
from sqlalchemy import text
from tracker.store.database import open_database
db = open_database(sys.argv[1])
sys.stdin.read()
for _ in range(50):
    with db.write() as connection:
        lock = " FOR UPDATE" if db.dialect == "postgresql" else ""
        seen = connection.scalar(text("SELECT created_at FROM projects" + lock))
        connection.execute(text("UPDATE projects SET created_at = :to"), {"to": seen + 1})
"""


def test_writers_in_several_processes_wait_for_one_another(database: Database, database_url: str) -> None:
    """Read, then write, in one transaction: without the lock at its beginning SQLite would refuse half of them."""
    with database.write() as connection:
        connection.execute(text("INSERT INTO projects (name, created_at) VALUES ('p', 0)"))
    racers = [
        subprocess.Popen([sys.executable, "-c", INCREMENT, database_url], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.close()
        racer.stdin = None
    told = [racer.communicate(timeout=90)[1] for racer in racers]
    assert [racer.returncode for racer in racers] == [0, 0, 0], told
    with database.read() as connection:
        assert connection.scalar(text("SELECT created_at FROM projects")) == 150


def test_what_may_be_left_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    db = open_database(f"sqlite:///{tmp_path}/a.db")
    with db.write() as connection:
        connection.execute(text("CREATE TABLE x (y INTEGER)"))
        with db.try_write() as other:
            assert other is None
    elsewhere = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    elsewhere.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    with db.try_write() as other:
        assert other is None
    assert time.monotonic() - began < BUSY_MS / 2000
    elsewhere.execute("ROLLBACK")
    elsewhere.close()
    with db.try_write() as connection:
        assert connection is not None
        connection.execute(text("INSERT INTO x VALUES (1)"))
        assert connection.scalar(text("PRAGMA busy_timeout")) == 30_000
    with db.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM x")) == 1
    db.close()


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"this is no database at all" * 100)
    db = open_database(f"sqlite:///{tmp_path}/a.db")
    with pytest.raises(Corrupt, match="backup"), db.read():
        pass
    db.close()


def test_a_database_that_was_never_set_up_says_so(tmp_path: Path) -> None:
    db = open_database(f"sqlite:///{tmp_path}/a.db")
    with pytest.raises(Unavailable, match="not set up"):
        list_members(db)
    db.close()


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match="RUNCITE_HOME"):
        open_database(f"sqlite:///{tmp_path}/file/a.db")


def test_a_server_that_restarts_is_found_again(database: Database, now: int) -> None:
    """Every connection of the pool is dead; the next transaction must not be."""
    if database.dialect != "postgresql":
        return
    list_members(database)
    other = open_database(database.engine.url.render_as_string(hide_password=False))
    with other.write() as connection:
        ours = "pid <> pg_backend_pid() AND datname = current_database()"
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}"))
    other.close()
    assert list_members(database) == ()

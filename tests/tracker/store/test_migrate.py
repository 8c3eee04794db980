"""The schema comes by migrations, and equals the tables that the code knows."""

import importlib
import multiprocessing
import pkgutil
from collections.abc import Callable
from multiprocessing.synchronize import Barrier

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from tracker.errors import Unavailable
from tracker.store import tables
from tracker.store.database import Database, open_database
from tracker.store.migrate import FOLDER, head, is_current, revision, upgrade

for module in pkgutil.iter_modules(tables.__path__):
    importlib.import_module(f"{tables.__name__}.{module.name}")
metadata = tables.metadata

SCRIPTS = ScriptDirectory(str(FOLDER))
REVISIONS = [script.revision for script in reversed(list(SCRIPTS.walk_revisions()))]


def test_the_migrations_are_one_numbered_line() -> None:
    assert [f"{number:04}" for number in range(1, len(REVISIONS) + 1)] == REVISIONS
    assert SCRIPTS.get_heads() == [head()]


def _differences(db: Database) -> list[object]:
    with db.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def test_the_migrated_schema_is_the_tables(database: Database) -> None:
    assert _differences(database) == []
    with database.read() as connection:
        there = inspect(connection)
        for table in metadata.sorted_tables:
            unique = {tuple(found["column_names"]) for found in there.get_unique_constraints(table.name)}
            wanted = {
                tuple(column.name for column in constraint.columns)
                for constraint in table.constraints
                if type(constraint).__name__ == "UniqueConstraint"
            }
            assert wanted <= unique, table.name
            assert there.get_pk_constraint(table.name)["constrained_columns"] == [c.name for c in table.primary_key]
            checks = {found["name"] for found in there.get_check_constraints(table.name)}
            names = {c.name for c in table.constraints if type(c).__name__ == "CheckConstraint" and c.name}
            assert names <= checks, table.name


def test_every_released_schema_is_upgraded(dialect: str, empty_url: Callable[[str], str]) -> None:
    """One database goes from each to the next; from nothing to the last at once go those of all other tests."""
    db = open_database(empty_url(dialect))
    for release in REVISIONS:
        upgrade(db, release)
        assert revision(db) == release
    assert is_current(db)
    assert _differences(db) == []
    db.close()


def test_upgrading_again_changes_nothing(database: Database) -> None:
    upgrade(database)
    assert is_current(database)


def _race(url: str, barrier: Barrier) -> None:
    barrier.wait(60)
    upgrade(open_database(url))


def test_processes_that_upgrade_at_once_all_succeed(dialect: str, empty_url: Callable[[str], str]) -> None:
    url = empty_url(dialect)
    context = multiprocessing.get_context("fork")  # they have loaded everything already, and start as one
    barrier = context.Barrier(4)
    racers = [context.Process(target=_race, args=(url, barrier)) for _ in range(4)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(60)
    assert [racer.exitcode for racer in racers] == [0, 0, 0, 0]
    db = open_database(url)
    assert is_current(db)
    db.close()


def test_a_database_of_a_newer_version_is_left_alone(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert not is_current(database)
    with pytest.raises(Unavailable, match="newer Runcite"):
        upgrade(database)


def test_a_migration_that_fails_leaves_nothing_behind(dialect: str, empty_url: Callable[[str], str]) -> None:
    """A table in the way of the first migration: the rest of the schema must not stay."""
    db = open_database(empty_url(dialect))
    with db.write() as connection:
        connection.execute(text("CREATE TABLE summaries (x INTEGER)"))
    with pytest.raises(Exception, match="summaries"):
        upgrade(db)
    with db.read() as connection:
        assert inspect(connection).get_table_names() == ["summaries"]
    db.close()

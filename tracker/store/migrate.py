"""Migrations: the schema brought to this version's, by Alembic, from inside the package.

A migration is a file `NNNN_what.py` in `migrations/versions` whose revision is `NNNN`, each on top of the one
before: the newest file's number is the schema's version.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from tracker.errors import Unavailable
from tracker.store.database import Database

FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x52756E63697465  # "Runcite", the advisory lock's number


def head() -> str:
    """The revision of this version's schema."""
    return max(path.name[:4] for path in (FOLDER / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))


def revision(db: Database) -> str | None:
    """The revision the database stands at; None for one that was never migrated."""
    with db.read() as connection:
        return _revision(connection)


def is_current(db: Database) -> bool:
    """Whether the database's schema is this version's."""
    return revision(db) == head()


def upgrade(db: Database, to: str | None = None) -> None:
    """Bring the schema to this version's (or to the revision `to`), whole or not at all.

    Safe when several processes call it at once: one migrates, the others wait and find it done.

    Raises:
        Unavailable: the database was migrated by a newer version of Runcite.
    """
    target = to or head()
    if revision(db) == target:
        return
    with db.write() as connection:
        if db.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
        stands = _revision(connection)
        if stands is not None and stands > head():
            raise Unavailable(
                f"The database {db.url} was set up by a newer Runcite (schema {stands}, this one has {head()}).",
                remedy="Upgrade Runcite on this machine.",
            )
        if stands != target:
            _migrate(connection, target)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    stands: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return stands


def _migrate(connection: Connection, target: str) -> None:
    # Loading Alembic takes longer than most commands; a database that is up to date needs none of it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, target)

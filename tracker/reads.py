"""Read what is registered: from the local database or from a Runcite server, by the same calls.

    from tracker.reads import board, find_runs, get_run
    get_run("r-7K3M9QX2").metrics["val/accuracy"].max

Where the answers come from is what the settings say (`RUNCITE_URL`); types and errors are the same either way.
Every call raises Unavailable when the database or server cannot be reached, and NotLoggedIn when a server does
not know the token.
"""

from __future__ import annotations

import hashlib
import os
import time
from functools import lru_cache
from typing import TypeVar
from urllib.parse import quote

import msgspec
import numpy as np

from tracker import ids
from tracker.client.transport import HttpTransport
from tracker.errors import Corrupt, NotFound
from tracker.ids import clip
from tracker.record import Record
from tracker.rules.board import Lead, Ranking
from tracker.rules.compared import Compared
from tracker.rules.importance import Importance
from tracker.settings import Settings, load
from tracker.store import judging, migrate, queries
from tracker.store.blobs import open_blobs
from tracker.store.database import Database, open_database
from tracker.store.series import Points
from tracker.store.shown import Shown, everything

__all__ = [
    "Compared",
    "Importance",
    "Lead",
    "Points",
    "Ranking",
    "Run",
    "board",
    "compare",
    "find_runs",
    "get_run",
    "importance",
    "lead",
]

JUDGING_SECONDS = 300.0
_PAGE = 1000
T = TypeVar("T")


class Run(Record, frozen=True, dict=True):
    """A registered run as it stood when it was read: a `Record` that can also fetch the histories behind it."""

    def history(self, metric: str) -> Points:
        """Every point of a metric by step: `.steps`, `.values` and `.times` (microseconds since 1970), NumPy arrays.

        Raises:
            NotFound: the run has not logged such a metric.
        """
        settings: Settings = self.__dict__["settings"]
        if not settings.remote:
            return queries.get_history(_database(settings.url, os.getpid()), self.id, metric)
        found = _server(settings).get(f"runs/{self.id}/history", _History, {"metric": metric})
        return Points(
            np.array(found.steps, np.int64), np.array(found.values, np.float64), np.array(found.times, np.int64)
        )

    def artifact(self, name: str) -> bytes:
        """The content of the latest version of a file that the run logged, checked against its SHA-256.

        Raises:
            NotFound: the run has no such file, or its content was never stored.
            Corrupt: what is stored is not what was logged.
        """
        settings: Settings = self.__dict__["settings"]
        found = [each for each in self.artifacts if each.name == name and not each.folder]
        if not found:
            names = ", ".join(each.name for each in self.artifacts) or "none"
            raise NotFound(f"The run {self.id} has no file {clip(name)!r}.", remedy=f"It has: {names}.")
        digest = found[-1].digest
        if settings.remote:
            data = _server(settings).get_blob(digest)
        else:
            with open_blobs(settings.artifacts).open(digest) as stream:
                data = stream.read()
        if hashlib.sha256(data).hexdigest() != digest:
            raise Corrupt(f"{name} of {self.id} is not what was logged.", remedy="Type: runcite verify")
        return data


class _History(msgspec.Struct, frozen=True):
    steps: list[int]
    values: list[float]
    times: list[int]


def get_run(run_id: str, *, settings: Settings | None = None) -> Run:
    """The run registered under an ID, written in any case.

    Raises:
        InvalidRunID: it is no run ID, or a mistyped one.
        NotFound: nothing is registered under it; `suggestions` come close.
    """
    settings = settings or load()
    run_id = ids.parse(run_id)
    if settings.remote:
        return _run(settings, _server(settings).get(f"runs/{run_id}", Record))
    return _run(settings, queries.get_record(_database(settings.url, os.getpid()), run_id, now=_now()))


def find_runs(
    project: str | None = None,
    *,
    where: str | None = None,
    order_by: str | None = None,
    limit: int = 100,
    settings: Settings | None = None,
) -> list[Run]:
    """Runs of a project (of all, without one) that fit `where`, the newest first or as `order_by` says.

        find_runs("milestone-1", where="config.optimizer = 'adam' and max('val/accuracy') > 0.9",
                  order_by="-max('val/accuracy')", limit=10)

    The language of both is described in `tracker.store.where`.

    Raises:
        InvalidQuery: `where` or `order_by` cannot be understood, in one line that says why.
        NotFound: there is no such project.
    """
    settings = settings or load()
    if not settings.remote:
        db = _database(settings.url, os.getpid())
        found = queries.find_records(db, project, where=where, order_by=order_by, limit=limit, now=_now())
        return [_run(settings, record) for record in found]
    asked = {"project": project, "where": where, "order_by": order_by}
    given = {name: value for name, value in asked.items() if value is not None}
    runs: list[Run] = []
    while len(runs) < limit:
        size = min(_PAGE, limit - len(runs))
        page = _server(settings).get(
            "runs", tuple[Record, ...], given | {"limit": size, "offset": len(runs), "count": 0}
        )
        runs += [_run(settings, record) for record in page]
        if len(page) < size:
            break
    return runs


def board(project: str, *, where: str | None = None, settings: Settings | None = None) -> Ranking:
    """A project's leaderboard as it stands: by its own metric and direction, ties and replicates told.

    Raises:
        NotFound: there is no such project.
        InvalidQuery: `where` cannot be understood.
    """
    settings = settings or load()
    if settings.remote:
        return _judged(settings, f"projects/{quote(project, safe='')}/ranking", Ranking, where=where)
    return judging.ranking(_local(settings), project, where=where)


def lead(project: str, *, where: str | None = None, settings: Settings | None = None) -> tuple[Lead, ...]:
    """Who led a project's board when, the oldest lead first. Raises as `board` does."""
    settings = settings or load()
    if settings.remote:
        return _judged(settings, f"projects/{quote(project, safe='')}/lead", tuple[Lead, ...], where=where)
    return judging.lead(_local(settings), project, where=where)


def importance(
    project: str, *, metric: str | None = None, where: str | None = None, settings: Settings | None = None
) -> Importance:
    """Which hyperparameters moved the board's metric, or another one, and how sure that is. It takes seconds.

    Raises:
        NotFound: there is no such project.
        InvalidQuery: `where` cannot be understood.
        UsageError: there are too few runs (the message says how many more), or nothing varied.
    """
    settings = settings or load()
    if settings.remote:
        place = f"projects/{quote(project, safe='')}/importance"
        return _judged(settings, place, Importance, metric=metric, where=where)
    return judging.importance_of(_local(settings), project, metric=metric, where=where)


def compare(*run_ids: str, settings: Settings | None = None) -> Compared:
    """What differs between the first run and each of the others, and whether the difference is more than noise.

        compare("r-7K3M9QX2", "r-84G7ZWYG").verdict

    Raises:
        InvalidRunID: one is no run ID, or a mistyped one.
        NotFound: nothing is registered under one; `suggestions` come close.
        UsageError: fewer than two, or more than fit into one answer.
    """
    settings = settings or load()
    parsed = [ids.parse(run_id) for run_id in run_ids]
    if settings.remote:
        return _judged(settings, "comparison", Compared, runs=parsed)
    return judging.compared(_local(settings), parsed, blobs=open_blobs(settings.artifacts))


def close() -> None:
    """Let go of databases and connections; the next call opens them again."""
    for opened in (_database, _connection):
        opened.cache_clear()


def _run(settings: Settings, record: Record) -> Run:
    run = Run(**{name: getattr(record, name) for name in record.__struct_fields__})
    run.__dict__["settings"] = settings  # beside the fields: no part of what the run is equal to, or written as
    return run


@lru_cache(maxsize=4)
def _database(url: str, pid: int) -> Database:
    """The database at `url`, for this process: a child made by fork opens its own."""
    db = open_database(url)
    migrate.upgrade(db)
    return db


def _local(settings: Settings) -> Shown:
    """The whole database: who holds it may see what its boards conceal."""
    return everything(_database(settings.url, os.getpid()), _now())


def _server(settings: Settings) -> HttpTransport:
    return _connection(settings.url, settings.token, os.getpid())


@lru_cache(maxsize=4)
def _connection(url: str, token: str | None, pid: int) -> HttpTransport:
    return HttpTransport(url, token)


def _judged(settings: Settings, path: str, kind: type[T], **asked: object) -> T:
    """An answer that may take a busy server minutes; what is None is not asked."""
    given = {name: value for name, value in asked.items() if value is not None}
    return _server(settings).get(path, kind, given, seconds=JUDGING_SECONDS)


def _now() -> int:
    return time.time_ns() // 1000

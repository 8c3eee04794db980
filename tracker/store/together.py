"""Writes of many threads in few transactions: whoever gets the turn writes for all who wait.

A commit costs a sync of the disk, and a client that logs waits for it. Each write keeps its own fate: what one of
them raises undoes that one alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from tracker.errors import RunciteError
from tracker.store.database import Database

T = TypeVar("T")
AT_ONCE = 64
_FAULTS = (
    *(RunciteError, SQLAlchemyError, ArithmeticError, AssertionError, AttributeError),
    *(LookupError, RuntimeError, TypeError, ValueError, OSError),
)
"""What is raised in the thread whose write it was, and nowhere else."""


class _Slot(Generic[T]):
    """A write that waits, and what became of it."""

    def __init__(self, write: Callable[[Connection], T]) -> None:
        self.write = write
        self.result: T | None = None
        self.error: BaseException | None = None
        self.done = False


class Together:
    """Writes to one database from many threads."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._waiting: list[_Slot[Any]] = []
        self._guard = threading.Lock()
        self._turn = threading.Lock()

    def write(self, write: Callable[[Connection], T]) -> T:
        """What `write` gives back, once the transaction it ran in, with others' writes or alone, is committed.

        `write` may be run a second time, when the transaction of the first is lost for another one's sake.

        Raises: what `write` raises, and then nothing of it is kept; Unavailable as `Database.write`.
        """
        slot = _Slot(write)
        with self._guard:
            self._waiting.append(slot)
        with self._turn:
            if not slot.done:
                self._write_all(slot)
        if slot.error is not None:
            raise slot.error
        result: T = slot.result  # type: ignore[assignment]
        return result

    def _write_all(self, mine: _Slot[Any]) -> None:
        with self._guard:
            taken, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
            if mine not in taken:  # more waited than fit: they go first, as they came first
                self._waiting.remove(mine)
                taken.append(mine)
        if len(taken) > 1:
            try:
                with self.db.write() as connection:
                    for slot in taken:
                        self._attempt(connection, slot)
            except _FAULTS as error:
                for slot in taken:
                    slot.error = slot.error or error
        else:
            self._alone(mine)
        for slot in taken:
            slot.done = True

    def _attempt(self, connection: Connection, slot: _Slot[Any]) -> None:
        try:
            with connection.begin_nested():
                slot.result = slot.write(connection)
        except _FAULTS as error:
            slot.error = error

    def _alone(self, slot: _Slot[Any]) -> None:
        try:
            with self.db.write() as connection:
                slot.result = slot.write(connection)
        except _FAULTS as error:
            slot.error = error

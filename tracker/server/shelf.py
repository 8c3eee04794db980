"""A few answers that were costly to make, kept until what they were made from has changed.

Each replica has its own; nothing is lost when it is empty.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")
KEPT = 24
AGE = 5.0
"""An answer may be so many times as old as it took to make, though its mark has changed, up to"""
OLDEST = 60.0
"""so many seconds: else pages that are looked at would reckon without end while runs go on."""


@dataclass(frozen=True)
class Answer(Generic[T]):
    """A value and the mark of what it was made from; `made` and `cost` in seconds of the shelf's timer."""

    value: T
    mark: str
    made: float
    cost: float


class Shelf:
    """Answers by key; of one key, one is made at a time, and who asks meanwhile waits for it."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._kept: OrderedDict[str, Answer[Any]] = OrderedDict()
        self._making: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: str, mark: str, make: Callable[[], T]) -> Answer[T]:
        """The answer for `key` that was made from `mark`; made now where it is not there, or too old.

        Whatever `make` raises is raised, and nothing is kept then.
        """
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                found = self._kept.get(key)
                if found is not None:
                    self._kept.move_to_end(key)
            if found is not None and self._holds(found, mark):
                return cast(Answer[T], found)
            began = self._timer()
            value = make()
            answer = Answer(value, mark, self._timer(), self._timer() - began)
            with self._lock:
                self._kept[key] = answer
                while len(self._kept) > KEPT:
                    gone, _ = self._kept.popitem(last=False)
                    self._making.pop(gone, None)
        return answer

    def _holds(self, answer: Answer[Any], mark: str) -> bool:
        age = self._timer() - answer.made
        return answer.mark == mark or age < min(AGE * answer.cost, OLDEST)

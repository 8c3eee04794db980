"""What was worked out a moment ago, kept until something that it depends on changes, or a while has passed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Shelf(Generic[T]):
    """Values by a key, each as of a stamp. Safe to use from several threads.

    What is older than `kept` (microseconds) is made anew. All that is kept weighs `most` together, and at least
    the last value stays.
    """

    def __init__(self, *, kept: int, most: int, weigh: Callable[[T], int] = lambda _: 1) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[Hashable, int, T]] = OrderedDict()
        self._age, self._most, self._weigh = kept, most, weigh
        self._weight = 0

    def get(self, key: Hashable, stamp: Hashable, now: int, make: Callable[[], T]) -> T:
        """The value under `key` as of `stamp`; made, and kept, where there is none or it is not fresh."""
        with self._lock:
            found = self._kept.get(key)
        if found is not None and found[0] == stamp and abs(now - found[1]) < self._age:
            return found[2]
        made = make()
        with self._lock:
            self._forget(key)
            self._kept[key] = (stamp, now, made)
            self._weight += self._weigh(made)
            while self._weight > self._most and len(self._kept) > 1:
                self._forget(next(iter(self._kept)))
        return made

    def _forget(self, key: Hashable) -> None:
        if key in self._kept:
            self._weight -= self._weigh(self._kept.pop(key)[2])

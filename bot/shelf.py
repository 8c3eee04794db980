"""Boards that were ranked a moment ago: asked for with every post, and made anew only when something changed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from tracker.rules.board import Ranking

_MOST = 64
_KEPT = 10_000_000
"""Microseconds for which a board is taken as it was: runs fall silent by the clock alone."""


class Shelf:
    """Rankings by what they depend on. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[Hashable, int, Ranking]] = OrderedDict()

    def get(self, key: Hashable, stamp: Hashable, now: int, make: Callable[[], Ranking]) -> Ranking:
        """The ranking under `key` as of `stamp`; made, and kept, where there is none or it is not fresh."""
        with self._lock:
            found = self._kept.get(key)
        if found is not None and found[0] == stamp and abs(now - found[1]) < _KEPT:
            return found[2]
        made = make()
        with self._lock:
            self._kept[key] = (stamp, now, made)
            self._kept.move_to_end(key)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return made

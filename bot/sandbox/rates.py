"""Slack's rate limits: one message a second and channel with short bursts, and a number of calls a minute by method."""

from __future__ import annotations

import math
import threading
from collections import defaultdict
from collections.abc import Callable

from bot.sandbox.shapes import SECOND

BURST = 3
CALLS_A_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}
SPECIAL = 300


class Rates:
    """Counts calls. While `on` is False nothing is ever too much."""

    def __init__(self, clock: Callable[[], int], *, on: bool) -> None:
        self.on = on
        self._clock = clock
        self._lock = threading.Lock()
        self._calls: dict[str, list[int]] = defaultdict(list)
        self._tokens: dict[str, tuple[float, int]] = {}

    def wait_for_call(self, method: str, tier: int) -> int:
        """Seconds until `method` may be called, 0 for now (and then this call is counted). Tier 0 is special."""
        if not self.on:
            return 0
        with self._lock:
            now = self._clock()
            calls = [at for at in self._calls[method] if at > now - 60 * SECOND]
            self._calls[method] = calls
            if len(calls) >= CALLS_A_MINUTE.get(tier, SPECIAL):
                return max(1, math.ceil((calls[0] + 60 * SECOND - now) / SECOND))
            calls.append(now)
            return 0

    def wait_for_post(self, channel: str) -> int:
        """Seconds until a message may be posted to `channel`, 0 for now (and then it is counted)."""
        if not self.on:
            return 0
        with self._lock:
            now = self._clock()
            tokens, at = self._tokens.get(channel, (float(BURST), now))
            tokens = min(float(BURST), tokens + (now - at) / SECOND)
            if tokens < 1:
                self._tokens[channel] = (tokens, now)
                return max(1, math.ceil(1 - tokens))
            self._tokens[channel] = (tokens - 1, now)
            return 0

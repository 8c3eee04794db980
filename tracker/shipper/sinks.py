"""Where deliveries go: one transport for each destination, and how long it wants to be left alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random

from tracker.client.folders import Destination
from tracker.client.transport import HttpTransport, Transport
from tracker.errors import NotAllowed, RunciteError, Unavailable

try:
    from tracker.shipper.embedded import EmbeddedStore
except ImportError as error:  # an installation that only logs: databases need runcite[server]
    NO_STORE: str | None = str(error)
else:
    NO_STORE = None

FIRST_WAIT, LONGEST_WAIT, FORBIDDEN_WAIT = 0.5, 60.0, 30.0

Connect = Callable[[Destination], Transport]


def connector(clock: Callable[[], int]) -> Connect:
    """How a destination's transport is made."""

    def connect(destination: Destination) -> Transport:
        if destination.remote:
            return HttpTransport(destination.url, destination.token)
        if NO_STORE is not None:
            raise Unavailable(
                f"Runs can't be stored in a database by this installation ({NO_STORE}).",
                remedy="Install runcite[server], or set RUNCITE_URL to a Runcite server.",
            )
        return EmbeddedStore(destination.url, destination.artifacts, clock)

    return connect


class Sink:
    """A destination that answers, or that is left alone for a while after it failed."""

    def __init__(self, destination: Destination, connect: Connect, rng: Random) -> None:
        self.destination = destination
        self.failure = ""
        self.answered_at = time.monotonic()
        self._connect = connect
        self._rng = rng
        self._transport: Transport | None = None
        self._failures = 0
        self._not_before = 0.0

    def ready(self) -> bool:
        """Whether it may be asked now."""
        return time.monotonic() >= self._not_before

    def wait(self) -> float:
        """Seconds until it may be asked."""
        return max(0.0, self._not_before - time.monotonic())

    def transport(self) -> Transport:
        """Its transport, made when first needed.

        Raises:
            RunciteError: it can't be made now.
        """
        if self._transport is None:
            self._transport = self._connect(self.destination)
        return self._transport

    def succeeded(self) -> None:
        """It answered."""
        self._failures, self.failure, self.answered_at = 0, "", time.monotonic()

    def failed(self, error: RunciteError) -> None:
        """It did not. Waits grow, and are spread, up to a minute; what the store asks for is honoured."""
        self._failures += 1
        self.failure = str(error)
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(self._failures - 1, 10)) * (0.5 + self._rng.random() / 2)
        if isinstance(error, Unavailable) and error.retry_after is not None:
            wait = max(wait, min(error.retry_after, 3600.0))
        if isinstance(error, NotAllowed):
            wait = max(wait, FORBIDDEN_WAIT)
        self._not_before = time.monotonic() + wait
        self.close()

    def retry_now(self) -> None:
        """Forget the wait."""
        self._not_before = 0.0

    def close(self) -> None:
        """Let go of connections; the next use makes them anew."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()

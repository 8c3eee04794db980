"""Groups of batches on their way to a store, one behind the other."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from tracker.client.transport import Transport
from tracker.errors import NotLoggedIn, Refused, UsageError
from tracker.events import Ack, Batch
from tracker.shipper.delivery import Delivery
from tracker.shipper.segment import Segment

Group = Sequence[tuple[Delivery, Segment, Batch]]


class Post:
    """Sends groups, and takes the store's answers, on the caller's thread. A group that was handed over travels on
    a thread of its own, so that the next one is read while the store takes it; one is under way at a time."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._thread: ThreadPoolExecutor | None = None
        self._under_way: tuple[Group, Future[tuple[Ack, ...]]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self._thread is not None:
            self._thread.shutdown()  # whatever happened here, what is under way uses the transport until it is there

    def send(self, group: Group) -> None:
        """Send a group once the one before has arrived. Raises as `Transport.send`, for either."""
        self.wait()
        _take(group, _acks(self._transport, [batch for _, _, batch in group]))

    def hand_over(self, group: Group) -> None:
        """Have a group sent while the caller goes on. Raises what the one before met."""
        self.wait()
        self._thread = self._thread or ThreadPoolExecutor(1, "runcite-post")
        batches = [batch for _, _, batch in group]
        self._under_way = group, self._thread.submit(_acks, self._transport, batches)

    def wait(self) -> None:
        """Until the group that was handed over has arrived. Raises what it met."""
        if self._under_way is not None:
            (group, answer), self._under_way = self._under_way, None
            _take(group, answer.result())


def _take(group: Group, acks: Sequence[Ack]) -> None:
    for (delivery, segment, _), ack in zip(group, acks, strict=True):
        delivery.answered(segment, ack)


def _acks(transport: Transport, batches: Sequence[Batch]) -> tuple[Ack, ...]:
    """The store's answers; one batch that can't be taken does not hold up the others."""
    try:
        return transport.send(batches)
    except (Refused, UsageError) as error:
        if isinstance(error, NotLoggedIn):
            raise
        if len(batches) == 1:
            (batch,) = batches
            return (Ack(batch.run_id, batch.segment, 0, 0, "refused", error.message),)
        return tuple(ack for batch in batches for ack in _acks(transport, [batch]))

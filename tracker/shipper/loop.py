"""The shipper's round: look at every journal under a home, deliver what is new, bury the dead, clear what is done.

This module is the shield that "never loses" needs: whatever goes wrong with one run or one destination is logged
once, and the others go on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from tracker.client.folders import Destination, Folder
from tracker.client.transport import Transport
from tracker.errors import RunciteError, Unavailable
from tracker.events import Batch
from tracker.settings import load
from tracker.shipper.delivery import Delivery
from tracker.shipper.post import Post
from tracker.shipper.segment import Segment
from tracker.shipper.sinks import Connect, Sink
from tracker.shipper.telemetry import Sampler

HEARTBEAT_SECONDS = 10.0
SYNC_SECONDS = 1.0
GROUP_BYTES = 1 << 20
GROUP_SIZE = 64

Tell = Callable[[str], None]


class Shipper:
    """Delivers the journals of one home. `round` does what can be done now."""

    def __init__(
        self,
        home: Path,
        connect: Connect,
        clock: Callable[[], int],
        rng: Random,
        tell: Tell,
        sampler: Sampler | None = None,
    ) -> None:
        self.home = home
        self.deliveries: dict[str, Delivery] = {}
        self.delivered: list[str] = []
        self.sinks: dict[Destination, Sink] = {}
        self._connect = connect
        self._clock = clock
        self._rng = rng
        self._tell = tell
        self._sampler = sampler
        self._told: set[str] = set()
        for half in Folder.removing(home / "journals"):
            half.remove()
        self._heartbeat_at = 0.0
        self._synced_at = 0.0

    def say(self, line: str) -> None:
        """Log a line, once."""
        if line not in self._told:
            self._told = self._told if len(self._told) < 1000 else set()
            self._told.add(line)
            self._tell(line)

    def close(self) -> None:
        """Let go of everything."""
        for delivery in self.deliveries.values():
            delivery.close()
        for sink in self.sinks.values():
            sink.close()

    def pending(self) -> list[Delivery]:
        """What can still be delivered from here."""
        return [delivery for delivery in self.deliveries.values() if delivery.here and not delivery.stuck]

    def round(self) -> bool:
        """Look once at everything, and deliver what can be delivered. Whether anything was new, or was taken."""
        moved = self._find()
        self._keep_through_power_cuts()
        by_sink: dict[Destination, list[Delivery]] = {}
        for delivery in self.pending():
            by_sink.setdefault(self._destination(delivery), []).append(delivery)
        beat = time.monotonic() - self._heartbeat_at >= HEARTBEAT_SECONDS
        if beat:
            self._heartbeat_at = time.monotonic()
        for destination, deliveries in by_sink.items():
            sink = self.sinks.get(destination)
            if sink is None:
                sink = self.sinks[destination] = Sink(destination, self._connect, self._rng)
            if sink.ready():
                moved = self._serve(sink, deliveries, beat) or moved
        return moved

    def _find(self) -> bool:
        try:
            names = {path.name for path in (self.home / "journals").iterdir() if not path.name.startswith(".")}
        except OSError:
            names = set()
        for gone in set(self.deliveries) - names:
            self.deliveries.pop(gone).close()
        new = sorted(names - set(self.deliveries))
        for name in new:
            folder = Folder(self.home / "journals" / name)
            self.deliveries[name] = Delivery(folder, self._clock, self._rng, self.say)
        for delivery in self.deliveries.values():
            try:
                delivery.attend(self._sampler)
                delivery.refresh()  # finds the segment that attending may just have written, before anything is sent
            except Exception as error:
                self._shield(delivery, error)
        return bool(new)

    def _destination(self, delivery: Delivery) -> Destination:
        """Where a run goes; its token may have come, or changed, since it began."""
        known = delivery.destination or delivery.folder.destination()
        if known is None or (known.remote and known.token is None):
            try:
                settings = load({"RUNCITE_HOME": str(self.home)} | ({"RUNCITE_URL": known.url} if known else {}))
            except RunciteError as error:
                self.say(str(error))
            else:
                known = Destination(settings.url, settings.artifacts, settings.token)
        delivery.destination = known
        return known or Destination(f"sqlite:///{self.home / 'runcite.db'}", str(self.home / "artifacts"))

    def _keep_through_power_cuts(self) -> None:
        if time.monotonic() - self._synced_at < SYNC_SECONDS:
            return
        self._synced_at = time.monotonic()
        for delivery in self.deliveries.values():
            for segment in delivery.segments.values():
                try:
                    segment.tail.sync()
                except OSError as error:
                    self.say(f"{delivery.run_id}: the journal can't be flushed: {error}")

    def _serve(self, sink: Sink, deliveries: list[Delivery], beat: bool) -> bool:
        sent = False
        try:
            transport = sink.transport()
            self._place(transport, deliveries)
            sent = self._send(transport, deliveries)
            alive = [delivery.run_id for delivery in deliveries if delivery.alive]
            if beat and alive:
                transport.heartbeat(alive)
            if sent or beat:
                sink.succeeded()
        except RunciteError as error:
            self.say(f"{sink.destination.url.rpartition('@')[2]}: {error}")
            sink.failed(error)
        except Exception as error:
            self.say(f"{sink.destination.url.rpartition('@')[2]}: {type(error).__name__}: {error}")
            sink.failed(Unavailable(f"{type(error).__name__}: {error}"))
        for delivery in deliveries:
            if delivery.done:
                delivery.remove()
                self.deliveries.pop(delivery.folder.path.name, None)
                self.delivered.append(delivery.run_id)
                sent = True
        return sent

    def _place(self, transport: Transport, deliveries: list[Delivery]) -> None:
        asked = [(delivery, segment) for delivery in deliveries for segment in delivery.unplaced()]
        if not asked:
            return
        acks = transport.cursors([segment.place(delivery.run_id) for delivery, segment in asked])
        for (delivery, segment), ack in zip(asked, acks, strict=True):
            if ack.state in {"held", "sealed", "unknown"}:
                segment.go_to(ack.number, ack.offset)
            else:
                delivery.answered(segment, ack)

    def _send(self, transport: Transport, deliveries: list[Delivery]) -> bool:
        """Send what there is, in groups; whether the store answered anything."""
        group: list[tuple[Delivery, Segment, Batch]] = []
        size, sent = 0, False
        with Post(transport) as post:
            for delivery in deliveries:
                batches = list(delivery.batches())
                if batches or any(True for _ in delivery.folder.staged()):
                    delivery.upload(transport)
                for segment, batch in batches:
                    if size > GROUP_BYTES or len(group) >= GROUP_SIZE:  # something comes behind it: go on meanwhile
                        post.hand_over(group)
                        group, size, sent = [], 0, True
                    group.append((delivery, segment, batch))
                    size += sum(map(len, batch.columns)) + 1000 * len(batch.events)
            if group:
                post.send(group)
                sent = True
        for delivery in deliveries:
            delivery.forget_sent()
        return sent

    def _shield(self, delivery: Delivery, error: Exception) -> None:
        self.say(f"{delivery.run_id}: {type(error).__name__}: {error}")
        delivery.stuck = f"{type(error).__name__}: {error}"

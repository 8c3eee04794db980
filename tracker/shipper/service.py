"""The shipper as a process that comes and goes, and as `runcite sync`."""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import os
import time
from collections.abc import Callable
from pathlib import Path
from random import Random, SystemRandom

import msgspec

from tracker.client.launch import locked, make_way
from tracker.settings import Settings
from tracker.shipper.loop import Shipper
from tracker.shipper.sinks import Connect, connector
from tracker.shipper.telemetry import Sampler

IDLE_SECONDS = 10.0
TICK_SECONDS = 0.05
QUIET_SECONDS = 0.25
ASLEEP_SECONDS = 1.0
HOPELESS_SECONDS = 3600.0
LOG_BYTES = 1 << 20


class SyncReport(msgspec.Struct, frozen=True):
    """What `sync` did: the runs delivered whole, those still being recorded, and why others wait (by run ID)."""

    delivered: tuple[str, ...] = ()
    running: tuple[str, ...] = ()
    waiting: dict[str, str] = {}


def _micros() -> int:
    return time.time_ns() // 1000


def serve(home: Path, *, connect: Connect | None = None, idle_seconds: float = IDLE_SECONDS) -> None:
    """Ship the journals of `home` until there has been nothing to do for a while. Returns at once when another
    shipper is at work there."""
    make_way()
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = _log(home)
    rng = SystemRandom()
    while (lock := locked(home / "shipper.lock")) is not None:
        with contextlib.suppress(OSError):  # for people who look who it is
            os.ftruncate(lock, 0)
            os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        shipper = Shipper(home, connect or connector(_micros), _micros, rng, log, Sampler())
        try:
            _until_idle(shipper, idle_seconds)
        finally:
            shipper.close()
            os.close(lock)
        # A run that began while the lock was still held found a shipper; it must not be left alone now.
        if not _news(home, shipper):
            return


def _until_idle(shipper: Shipper, idle_seconds: float) -> None:
    busy_at = hopeful_at = time.monotonic()
    pause = TICK_SECONDS
    while True:
        moved = shipper.round()
        now = time.monotonic()
        pending = shipper.pending()
        if pending:
            busy_at = now
        if (
            not pending
            or any(delivery.alive for delivery in pending)
            or any(not s.failure for s in shipper.sinks.values())
        ):
            hopeful_at = now
        if now - busy_at > idle_seconds or now - hopeful_at > HOPELESS_SECONDS:
            return
        pause = next_pause(pause, moved=moved, alive=any(delivery.alive for delivery in pending))
        time.sleep(pause)


def next_pause(last: float, *, moved: bool, alive: bool) -> float:
    """How long to wait before looking again, in seconds: the shortest while something moves, then longer and longer,
    so that a shipper with nothing to do takes nothing from the training beside it."""
    if moved:
        return TICK_SECONDS
    return min(last * 1.5, QUIET_SECONDS if alive else ASLEEP_SECONDS)


def _news(home: Path, shipper: Shipper) -> bool:
    try:
        names = {path.name for path in (home / "journals").iterdir() if not path.name.startswith(".")}
    except OSError:
        return False
    return bool(names - set(shipper.deliveries))


def _log(home: Path) -> Callable[[str], None]:
    """A log file in the home, bounded: two of a megabyte. Lines never hold tokens."""
    logger = logging.getLogger("runcite.shipper")
    if not logger.handlers:
        try:
            handler: logging.Handler = logging.handlers.RotatingFileHandler(
                home / "shipper.log", maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8", delay=True
            )
        except OSError:
            handler = logging.NullHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(message)s"))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
        logging.raiseExceptions = False
    return logger.info


def sync(
    settings: Settings,
    *,
    seconds: float = 60.0,
    progress: Callable[[int, int], None] | None = None,
    connect: Connect | None = None,
    rng: Random | None = None,
) -> SyncReport:
    """Deliver every journal of this home now, waiting at most `seconds` for a store that asks for patience.

    `progress` is called with the runs delivered and those left. Runs that are still being recorded are brought up
    to date and stay.
    """
    deadline = time.monotonic() + seconds
    while (lock := locked(settings.home / "shipper.lock")) is None:
        if time.monotonic() > deadline or not _journals(settings.home):
            waiting = dict.fromkeys(_journals(settings.home), "a shipper is at work on it")
            return SyncReport(waiting=waiting)
        time.sleep(TICK_SECONDS)
    shipper = Shipper(settings.home, connect or connector(_micros), _micros, rng or SystemRandom(), lambda line: None)
    try:
        _until_sent(shipper, deadline, progress or (lambda done, left: None))
        return _report(shipper)
    finally:
        shipper.close()
        os.close(lock)


def _journals(home: Path) -> list[str]:
    try:
        paths = [path for path in (home / "journals").iterdir() if not path.name.startswith(".")]
        return sorted(path.name.rpartition("-")[0] for path in paths)
    except OSError:
        return []


def _until_sent(shipper: Shipper, deadline: float, progress: Callable[[int, int], None]) -> None:
    while True:
        shipper.round()
        left = [delivery for delivery in shipper.pending() if not delivery.alive]
        progress(len(shipper.delivered), len(left))
        failing = [sink for sink in shipper.sinks.values() if sink.failure]
        if not left or time.monotonic() > deadline or (failing and all(sink.wait() > 5 for sink in failing)):
            return
        time.sleep(TICK_SECONDS)


def _report(shipper: Shipper) -> SyncReport:
    waiting, running = {}, []
    failures = {sink.destination: sink.failure for sink in shipper.sinks.values()}
    for delivery in shipper.deliveries.values():
        if not delivery.here:
            waiting[delivery.run_id] = "it was recorded on another machine"
        elif delivery.stuck:
            waiting[delivery.run_id] = delivery.stuck
        elif delivery.destination is not None and failures.get(delivery.destination):
            waiting[delivery.run_id] = failures[delivery.destination]
        elif delivery.alive:
            running.append(delivery.run_id)
        else:
            waiting[delivery.run_id] = "there was not enough time"
    return SyncReport(tuple(shipper.delivered), tuple(running), waiting)

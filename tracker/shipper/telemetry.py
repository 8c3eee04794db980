"""How hard machine and training process work, seen from the shipper: the training loop pays nothing for it.

Each sample is a handful of series: percent of the machine's processors and memory, of one core for the process with
its children, and of each GPU. A GPU's driver is asked in a thread of its own: one that hangs costs its own values.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import psutil

from tracker.capture.machine import gpu_load

SECONDS = 10.0
"""Between two samples. A run shorter than this has none."""
MB = 1024 * 1024
_GONE = (psutil.Error, OSError, ValueError)


class Sampler:
    """Samples what all runs of this machine share, at most once in `seconds`, and what is one process's own."""

    def __init__(
        self,
        *,
        seconds: float = SECONDS,
        clock: Callable[[], float] = time.monotonic,
        ask_gpus: Callable[[], dict[str, float]] = gpu_load,
    ) -> None:
        self.seconds = seconds
        self._clock = clock
        self._ask_gpus = ask_gpus
        self._asked: threading.Thread | None = None
        self._gpus: tuple[float, dict[str, float]] = (0.0, {})
        self._machine: tuple[float, dict[str, float]] = (-seconds, {})
        psutil.cpu_percent()  # the first call only begins the interval

    def machine(self) -> dict[str, float]:
        """The machine's values, and those of its GPUs as far as the driver has answered."""
        now = self._clock()
        at, values = self._machine
        if now - at >= self.seconds / 2:
            values = {"system/cpu.percent": psutil.cpu_percent()}
            values["system/memory.percent"] = float(psutil.virtual_memory().percent)
            self._machine = (now, values)
            if self._asked is None or not self._asked.is_alive():
                self._asked = threading.Thread(target=self._look_at_gpus, daemon=True)
                self._asked.start()
        answered, gpus = self._gpus
        return values | gpus if now - answered < 3 * self.seconds else dict(values)

    def _look_at_gpus(self) -> None:
        found = self._ask_gpus()
        self._gpus = (self._clock(), found)


class Process:
    """The training process and its children, from one sample to the next."""

    def __init__(self, pid: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._pid = pid
        self._clock = clock
        self._used = 0.0
        self._at: float | None = None

    def values(self) -> dict[str, float]:
        """Percent of one core since the last sample, and resident memory; nothing of a process that is gone."""
        now, used, memory = self._clock(), 0.0, 0
        try:
            root = psutil.Process(self._pid)
            for process in (root, *root.children(recursive=True)):
                seconds, resident = _of(process)
                used, memory = used + seconds, memory + resident
        except _GONE:
            return {}
        values = {"system/process/memory.mb": memory / MB}
        if self._at is not None and now > self._at:
            values["system/process/cpu.percent"] = max(0.0, 100 * (used - self._used) / (now - self._at))
        self._used, self._at = used, now
        return values


def _of(process: psutil.Process) -> tuple[float, int]:
    """Seconds of processor time and bytes of memory of one process; nothing when it has just gone."""
    try:
        times = process.cpu_times()
        return times.user + times.system, process.memory_info().rss
    except _GONE:
        return 0.0, 0

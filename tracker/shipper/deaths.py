"""See a process end from outside, and learn how, as far as the kernel tells. Never a guess."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct

from tracker.client import process
from tracker.client.frames import Owner
from tracker.client.process import Exit
from tracker.events import Finished

# struct pidfd_info of Linux 6.15: mask u64, cgroupid u64, eleven u32 of IDs, exit_code s32; _IOWR(0xFF, 11, …)
_INFO = struct.Struct("=QQ11Ii")
_GET_INFO = 0xC000FF0B | _INFO.size << 16
_INFO_EXIT = 1 << 3


class Watch:
    """Holds on to a living process, so that its end can be seen and told from another's with the same ID."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self.fd = -1
        self._seen: Exit | None = None
        if hasattr(os, "pidfd_open") and owner.pid > 0 and process.lives(owner):
            try:
                self.fd = os.pidfd_open(owner.pid)
            except OSError:
                return
            if not process.lives(owner):  # it ended in between: the descriptor may be another process's
                self.close()

    def over(self) -> bool:
        """Whether the process has ended wholly: only then does the kernel say how."""
        if self.fd < 0:
            return True
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        return bool(poll.poll(0))

    def look(self) -> Exit | None:
        """How the process ended: from the zombie it leaves, or, where the kernel keeps it, when that is gone."""
        if self._seen is None:
            self._seen = process.exit_of(self.owner) or self._kept()
        return self._seen

    def _kept(self) -> Exit | None:
        if self.fd < 0:
            return None
        buffer = bytearray(_INFO.pack(_INFO_EXIT, 0, *[0] * 11, 0))
        try:
            fcntl.ioctl(self.fd, _GET_INFO, buffer)
        except OSError:
            return None
        mask, *_, status = _INFO.unpack(buffer)
        if not mask & _INFO_EXIT:
            return None
        if os.WIFSIGNALED(status):
            return Exit(None, os.WTERMSIG(status))
        return Exit(os.WEXITSTATUS(status), None)

    def close(self) -> None:
        """Let go."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


def witness(owner: Owner, seen: Exit | None, *, now: int) -> Finished:
    """The end of a segment whose process is gone and did not say so itself. `now` in microseconds."""
    killed = seen is not None and seen.signal == signal.SIGKILL
    rose = process.oom_kills(owner.cgroup) > owner.oom_kills
    out_of_memory = killed and rose
    return Finished(
        state="failed",
        runtime=max(0.0, (now - owner.at) / 1e6),
        witness="shipper",
        reason=_reason(seen, out_of_memory, rose),
        exit_code=seen.code if seen else None,
        signal=_name(seen.signal) if seen and seen.signal else None,
        out_of_memory=out_of_memory,
    )


def _reason(seen: Exit | None, out_of_memory: bool, rose: bool) -> str:
    if out_of_memory:
        return "killed: out of memory"
    if seen is None and rose:
        return "the process is gone without a word; its memory controller counted an out-of-memory kill meanwhile"
    if seen is None:
        return "the process is gone without a word; how it ended could not be seen"
    if seen.signal:
        return f"killed by {_name(seen.signal)}"
    return f"the process left with exit code {seen.code} without ending the run"


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"

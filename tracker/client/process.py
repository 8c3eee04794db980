"""A process as it can be told apart from every other, and what can be seen of its end from outside."""

from __future__ import annotations

import functools
import os
from pathlib import Path

import msgspec

from tracker.client.frames import Owner

_PROC = Path("/proc")
_ZOMBIE_FIELD, _START_FIELD, _EXIT_FIELD = 0, 19, 49  # fields of /proc/PID/stat behind the name, see proc(5)


class Exit(msgspec.Struct, frozen=True):
    """How a process ended, as the kernel keeps it: an exit code, or the signal that killed it."""

    code: int | None
    signal: int | None


def describe(run_id: str, segment: str, nonce: str, at: int) -> Owner:
    """The calling process as the owner of a segment."""
    cgroup = _cgroup()
    return Owner(
        run_id=run_id,
        segment=segment,
        nonce=nonce,
        pid=os.getpid(),
        host=host(),
        at=at,
        boot=boot(),
        started=started(os.getpid()),
        cgroup=cgroup,
        oom_kills=oom_kills(cgroup),
    )


@functools.cache
def host() -> str:
    """This machine's name: where the process IDs of a journal mean something."""
    return os.uname().nodename


@functools.cache
def boot() -> str:
    """What tells this boot of the machine from the one before; "" where the system does not say."""
    return _read(_PROC / "sys/kernel/random/boot_id").strip()


def started(pid: int) -> int:
    """When a process was started, in clock ticks since boot; 0 when it is gone or the system does not say."""
    fields = _stat(pid)
    return int(fields[_START_FIELD]) if len(fields) > _START_FIELD else 0


def here(owner: Owner) -> bool:
    """Whether the owner's process ran on this machine, so that its end can be judged from here."""
    return owner.host == host()


def lives(owner: Owner) -> bool:
    """Whether the owner's process is still there, by process ID and start. For file systems without locks."""
    if owner.boot != boot():
        return False
    fields = _stat(owner.pid)
    if fields:
        same = not owner.started or int(fields[_START_FIELD]) == owner.started
        return same and fields[_ZOMBIE_FIELD] not in {"Z", "X"}
    if _PROC.joinpath("self").exists():
        return False
    try:
        os.kill(owner.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def exit_of(owner: Owner) -> Exit | None:
    """How the owner's process ended, while its parent has not yet asked for it; None when that can't be seen."""
    fields = _stat(owner.pid)
    if len(fields) <= _EXIT_FIELD or fields[_ZOMBIE_FIELD] != "Z" or owner.boot != boot():
        return None
    if owner.started and int(fields[_START_FIELD]) != owner.started:
        return None
    status = int(fields[_EXIT_FIELD])
    if os.WIFSIGNALED(status):
        return Exit(None, os.WTERMSIG(status))
    return Exit(os.WEXITSTATUS(status), None)


def oom_kills(cgroup: str) -> int:
    """How often the memory controller of this folder killed for want of memory; 0 where there is none."""
    for line in _read(Path(cgroup) / "memory.events").splitlines() if cgroup else ():
        name, _, count = line.partition(" ")
        if name == "oom_kill":
            return int(count)
    return 0


def _cgroup() -> str:
    for line in _read(_PROC / "self/cgroup").splitlines():
        hierarchy, _, path = line.split(":", 2)
        if hierarchy == "0":
            return f"/sys/fs/cgroup{path.rstrip('/')}"
    return ""


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name, which may hold anything."""
    return _read(_PROC / str(pid) / "stat").rpartition(")")[2].split()


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""

"""Start a process of ours that outlives the training process and is no child of it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sys
from pathlib import Path

from tracker.errors import Unavailable

NICE = 5
ROOT = str(Path(__file__).parents[2])
# The shell forks and leaves at once, so that the training process never has a child of ours to wait for. The new
# interpreter makes way for others from its first instruction on, does not look for modules beside the user's script
# (-P), and lets go of whatever it inherited.
_SHELL = (
    'cd -- "$0" || exit 1; '
    f'{{ command -v nice && exec nice -n {NICE} "$@"; exec "$@"; }} </dev/null >/dev/null 2>/dev/null &'
)
_BOOT = (
    "import os, runpy, sys; os.closerange(3, os.sysconf('SC_OPEN_MAX') if hasattr(os, 'sysconf') else 1024); "
    "root, module = sys.argv[1:3]; sys.argv[1:3] = []; sys.path.append(root); "
    "runpy.run_module(module, run_name='__main__')"
)


def detached(module: str, *arguments: str, home: Path) -> None:
    """Run `python -m module arguments…` apart from this process, in the folder `home`, saying nothing.

    Raises:
        Unavailable: this interpreter can't start another one.
        OSError: the system would not.
    """
    if getattr(sys, "frozen", False) or not sys.executable:
        raise Unavailable("This interpreter can't start another one.", remedy="Run `runcite sync` later.")
    command = [sys.executable, "-P", "-c", _BOOT, ROOT, f"tracker.{module}", *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PWD": str(home)}
    shell = ["sh", "-c", _SHELL, str(home), *command]
    try:
        child = os.posix_spawn("/bin/sh", shell, environment, setsid=True, setsigmask=())
    except NotImplementedError:
        child = os.posix_spawn("/bin/sh", shell, environment)
    with contextlib.suppress(ChildProcessError):  # somebody ignores or reaps children
        os.waitpid(child, 0)


def make_way() -> None:
    """Let this process run at low priority, where whoever started it has not seen to that."""
    with contextlib.suppress(OSError):
        os.nice(max(0, NICE - os.getpriority(os.PRIO_PROCESS, 0)))


def locked(path: Path) -> int | None:
    """Take a lock file, to be held until the descriptor given back is closed; None when somebody holds it.

    Raises:
        OSError: the file can't be made.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    except OSError:
        pass  # no locks on this file system: the store takes everything once, two shippers do no harm
    return fd


def start_shipper(home: Path) -> bool:
    """Make sure that a shipper works for this home; whether one had to be started."""
    fd = locked(home / "shipper.lock")
    if fd is None:
        return False
    os.close(fd)
    detached("shipper", str(home), home=home)
    return True

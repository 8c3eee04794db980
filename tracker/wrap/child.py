"""The wrapped command as a child: it has our terminal and files, gets our signals, and its end becomes ours."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from tracker.errors import UsageError
from tracker.ids import clip
from tracker.store.mlflow.rows import Exit

_PASSED_ON = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGINT, signal.SIGQUIT)
_FROM_TERMINAL = frozenset({signal.SIGINT, signal.SIGQUIT})
_BY_KERNEL = 0x80


def run(command: Sequence[str], environ: Mapping[str, str]) -> Exit:
    """Run the command to its end. What we are sent meanwhile it is sent.

    What a terminal sends (Ctrl-C) it sends to the command by itself, as it stands in the same group.

    Raises:
        UsageError: there is no such command, or it cannot be run.
    """
    watched = {*_PASSED_ON, signal.SIGCHLD}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    try:
        try:
            child = subprocess.Popen(
                list(command), env=dict(environ), preexec_fn=lambda: _unblock(before), close_fds=False
            )
        except OSError as error:
            raise UsageError(
                f"{clip(command[0])!r} cannot be run: {error.strerror or error}.", remedy="Check the command's name."
            ) from None
        while child.poll() is None:
            told = signal.sigwaitinfo(watched)
            at_terminal = told.si_signo in _FROM_TERMINAL and told.si_code == _BY_KERNEL
            if told.si_signo != signal.SIGCHLD and not at_terminal and child.poll() is None:
                child.send_signal(told.si_signo)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    code = child.returncode
    return Exit(signal=signal.Signals(-code).name) if code < 0 else Exit(exit_code=code)


@contextmanager
def deaf() -> Iterator[None]:
    """Threads that are started meanwhile get none of the signals that are passed on: they are for who waits."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _PASSED_ON)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _unblock(mask: set[int | signal.Signals]) -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def leave(how: Exit) -> int:
    """The exit code to leave with; does not return where the command died of a signal: so do we, of the same."""
    if how.signal is None:
        return how.exit_code or 0
    number = signal.Signals[how.signal]
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    return 128 + number

"""How a run ends, and what is said at the end."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Literal

import msgspec

from tracker.client.notebook import Notebook
from tracker.client.values import clean
from tracker.events import Finished

DELIVERY_SECONDS = 0.06
MAX_TRACEBACK = 64 * 1024


class Ending(msgspec.Struct, frozen=True):
    """How the process says that it ended."""

    state: Literal["finished", "failed"] = "finished"
    reason: str | None = None
    traceback: str | None = None
    exit_code: int | None = None
    signal: str | None = None

    def event(self, runtime: float, overhead: float) -> Finished:
        """The event that says so. Seconds."""
        return Finished(
            state=self.state,
            runtime=runtime,
            reason=self.reason,
            traceback=self.traceback,
            exit_code=self.exit_code,
            signal=self.signal,
            overhead=overhead,
        )


def of_exception(kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> Ending:
    """The ending that an exception leaving the `with` block makes; `sys.exit(0)` is a good one."""
    if kind is None:
        return Ending()
    if isinstance(error, SystemExit):
        code = error.code if isinstance(error.code, int) else 0 if error.code is None else 1
        return Ending("failed" if code else "finished", f"sys.exit({error.code!r:.200})", exit_code=code)
    import traceback  # costs more than all of ours: only when there is one

    text = "".join(traceback.format_exception(kind, error, tb))
    if len(text) > MAX_TRACEBACK:
        text = text[: MAX_TRACEBACK // 2] + "\n…\n" + text[-MAX_TRACEBACK // 2 :]
    reason = clean("".join(traceback.format_exception_only(kind, error)).strip(), 2000)
    interrupted = "SIGINT" if issubclass(kind, KeyboardInterrupt) else None
    return Ending("failed", reason, clean(text), signal=interrupted)


def at_exit(notebook: Notebook | None = None) -> Ending:
    """The ending of a script that leaves without `finish()`: failed when an exception got through to the top. In a
    notebook, where people go on after an error, failed when the last cell that wrote to the run raised."""
    inside = notebook is not None and notebook.attached
    if notebook is not None and inside:
        error = notebook.error
    else:
        error = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
    if isinstance(error, BaseException):
        return of_exception(type(error), error, error.__traceback__)
    return Ending(reason=f"the {'kernel' if inside else 'script'} ended without finish()")


def tell(line: str) -> None:
    """One line on stderr, if there is one. Whatever is wrong with it is not training's business."""
    stream = sys.stderr
    if stream is None:
        return
    try:
        stream.write(f"runcite: {line}\n")
        stream.flush()
    except (OSError, ValueError, UnicodeError):
        return


def farewell(run_id: str, finished: Finished, address: str, journals: Path, *, shipper: bool) -> None:
    """Say what recording cost and where the run can be seen. Gives a shipper a moment to deliver it, no more."""
    delivered = shipper and gone_within(journals, DELIVERY_SECONDS)
    later = "it is on its way" if shipper else "once `runcite sync` has sent it"
    overhead, runtime = finished.overhead or 0.0, finished.runtime
    share = f"{duration(overhead)} ({100 * overhead / max(runtime, 1e-9):.2g} %)"
    tell(f"{run_id} {finished.state} after {duration(runtime)}; recording took {share}.")
    tell(f"See {address}" if delivered else f"See {address} ({later})")


def gone_within(path: Path, seconds: float) -> bool:
    """Whether `path` disappears, as a delivered journal does; never waits longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while path.exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.004)
    return True


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"

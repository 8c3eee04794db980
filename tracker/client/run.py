"""The recorder: what a training script touches.

    with tracker.start_run("milestone-1", {"lr": 1e-3}, seed=7) as run:
        run.log({"train/loss": 0.31}, step=1)

It sets no seed, starts no thread, waits for no network and never raises into training: what goes wrong is said
once on stderr, kept as a `Noticed` event, and training goes on. This module is the shield that promise needs.
"""

from __future__ import annotations

import atexit
import functools
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, TypeVar
from zlib import crc32

import msgspec

from tracker.capture.command import look
from tracker.capture.quick import quick
from tracker.client import launch
from tracker.client.config import Config
from tracker.client.digests import Digests
from tracker.client.drift import Live, Watch, differences
from tracker.client.ending import Ending, at_exit, farewell, of_exception, tell
from tracker.client.folders import Folder
from tracker.client.frames import event_frame
from tracker.client.journal import Journal, closed
from tracker.client.notebook import Notebook
from tracker.client.notices import Notices
from tracker.client.opening import Opened, open_worker, worker_journal
from tracker.client.output import Output
from tracker.client.rows import Log, Rows, cost_of_one, loggable, step_of
from tracker.client.values import artifact, clean, digest_data, name_of
from tracker.errors import RunciteError
from tracker.events import Body, Captured, Configured, DatasetLogged, Joined, Noticed, Tagged
from tracker.settings import Settings

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Write = Callable[[bytes], object]
_Rescue = Callable[[object, object, int], tuple[int, _Write]]


def _recorder(write: _Write, rows: Rows, now_ns: Callable[[], int], rescue: _Rescue) -> Log:
    """The hot path: one packed row, its checksum, one copy into the map. Everything else goes to `rescue`.

    Closed-over locals, no attribute look-up, no lock: `write` is one call into C, and the only state, the last
    step, is set by a plain store.
    """
    ones, many, last = rows.ones, rows.many, -1

    def log(metrics: Mapping[str, Any], step: int | None = None) -> None:
        nonlocal last, write
        try:
            if step is None:
                step = last + 1
            if len(metrics) == 1:
                for name in metrics:  # cheaper than unpacking items()
                    payload, frame, head, start = ones[name]
                    row = payload(step, now_ns(), metrics[name])
            else:
                payload, frame, head, start = many[tuple(metrics)]
                row = payload(step, now_ns(), *metrics.values())
            write(frame(crc32(row, start), head, row))
            last = step
        except Exception:
            last, write = rescue(metrics, step, last)

    log.__doc__ = Log.__call__.__doc__
    return log


def _shielded(method: Callable[Concatenate[Run, _P], None]) -> Callable[Concatenate[Run, _P], None]:
    """The method, timed, and what it raises said once and kept as a notice instead."""

    def shield(self: Run, /, *args: _P.args, **kwargs: _P.kwargs) -> None:
        began = time.perf_counter()
        try:
            method(self, *args, **kwargs)
        except Exception as error:
            self._failed(method.__name__.strip("_"), error)
        self._spent += time.perf_counter() - began

    return functools.wraps(method)(shield)


class Run:
    """A run being recorded; made by `start_run`, usable as a context manager, safe to use from several threads.

    A child made by fork, or a worker that gets the run by pickle, writes a segment of its own into the same run.
    """

    log: Log
    config: Config

    def __init__(
        self,
        opened: Opened | None,
        first: Body,
        config: Config,
        problems: list[tuple[str, str]],
        now_ns: Callable[[], int] = time.time_ns,
        began: float | None = None,
    ) -> None:
        self._now_ns = now_ns
        self._began = time.monotonic() if began is None else began
        self._spent = time.monotonic() - self._began
        self._lock = threading.RLock()
        self._notices = Notices()
        self._journal: Journal | None = opened.journal if opened else None
        self._folder: Folder | None = opened.folder if opened else None
        self._settings: Settings | None = opened.settings if opened else None
        self._minted = self._journal.owner.run_id if self._journal else ""
        self._nonce = self._journal.owner.nonce if self._journal else ""
        self._ended = self._journal is None
        self._child = False
        self._others = 0
        self._rows = Rows(self._journal.seed if self._journal else 0)
        self.log = _recorder(self._journal.write if self._journal else closed, self._rows, now_ns, self._rescue)
        self.config = config
        self._output: Output | None = None
        self._notebook: Notebook | None = None
        self._watch = Watch(self._safely, self._compare)
        self._drifted: set[str] = set()
        self._world = 1
        self._say(first)
        for code, message in problems:
            self._notice(code, message)
        config.attach(lambda added: self._say(Configured(added)), self._notice)
        _runs.add(self)
        if self._journal is not None:
            atexit.register(self._at_exit)
        else:
            tell("neither the home nor a temporary folder can be written: this run is not recorded.")

    @property
    def id(self) -> str:
        """The run ID. It changes only when the store finds that the minted one is taken."""
        return (self._folder.renamed() if self._folder else None) or self._minted

    @property
    def address(self) -> str:
        """Where the run can be seen: a page of the server, or what to type."""
        if self._settings is not None and self._settings.remote:
            return f"{self._settings.url}/runs/{self.id}"
        return f"runcite show {self.id}"

    def __repr__(self) -> str:
        return f"<Run {self.id}>"

    def _repr_html_(self) -> str | None:
        return self._notebook.html() if self._notebook is not None else None

    @_shielded
    def _ipython_display_(self) -> None:
        if self._notebook is not None:
            self._notebook.show()

    def __enter__(self) -> Run:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._end(of_exception(kind, error, tb))

    def __reduce__(self) -> tuple[Callable[..., Run], tuple[object, ...]]:
        home = str(self._settings.home) if self._settings else ""
        return Run._join, (str(self._folder.path if self._folder else ""), home, self._minted, self._nonce)

    @classmethod
    def _join(cls, folder: str, home: str, run_id: str, nonce: str) -> Run:
        """In a worker that got the run by pickle: the same run, and a segment of the worker's own."""
        try:
            opened = open_worker(Folder(Path(folder)), Path(home), run_id, nonce, time.time_ns() // 1000)
        except Exception as error:
            tell(f"this worker can't log into {run_id}: {type(error).__name__}: {error}")
            opened = None
        return cls(opened, Joined(nonce, "worker"), Config(), [])

    @_shielded
    def log_artifact(self, path: str | os.PathLike[str], name: str | None = None, kind: str = "file") -> None:
        """Keep a file, or a folder with all its files, as it is now. It may change or go as soon as this returns."""
        source = Path(path).expanduser()
        folder = self._folder
        if folder is None:
            return
        self._say(artifact(folder, source, name, kind))

    @_shielded
    def log_dataset(self, name: str, data: object, used_as: str | None = None) -> None:
        """Record a data set by the SHA-256 of its full content: a path, a folder, bytes, an array or a tensor."""
        cache = self._settings.home / "digests" if self._settings else Path(os.devnull)
        digest, size, source = digest_data(data, functools.partial(Digests, cache))
        self._say(DatasetLogged(name_of(name), digest, size, source, used_as and name_of(used_as)))

    @_shielded
    def tag(self, *add: str, remove: Iterable[str] = (), note: str | None = None) -> None:
        """Add tags, remove tags, or rewrite the note."""
        added, removed = (tuple(name_of(str(tag)) for tag in tags if tag) for tags in (add, remove))
        self._say(Tagged(added, removed, None if note is None else clean(note)))

    def finish(self, *, failed: str | None = None) -> None:
        """End the run; `failed` is the reason when it ended badly. Anything logged later is not taken."""
        self._end(Ending() if failed is None else Ending("failed", clean(str(failed), 2000)))

    @_shielded
    def observe(self, seed: int | None) -> None:
        """Keep what this process alone can see of the snapshot, and have another one take the slow parts."""
        origin = look()
        self._say(Captured(quick(origin, seed=seed)))
        self._world = int(origin.env.get("WORLD_SIZE", "1"))
        if self._folder is not None and self._settings is not None:
            self._folder.write("origin", msgspec.msgpack.encode(origin))
            launch.detached("client.observer", str(self._folder.path), home=self._settings.home)

    @_shielded
    def ship(self) -> None:
        """Make sure that a shipper is there for this run's journal."""
        if self._settings is not None and self._settings.shipper:
            launch.start_shipper(self._settings.home)

    @_shielded
    def keep_output(self) -> None:
        """Keep what this process prints from now on, and a notebook's cells."""
        if self._folder is not None and (journal := self._journal) is not None:
            who, written = lambda: (self.id, self.address), lambda: journal.position
            self._notebook = Notebook(self._folder, journal.owner.segment, self.config, who, written)
            self._notebook.attach()
        if self._folder is not None and self._settings is not None and self._settings.output:
            self._output = Output(self._folder.path)
            self._output.attach()

    @_shielded
    def watch_live(self) -> None:
        """Look at optimizers and loaders from now on, unless several runs go at once: whose are they?"""
        if not any(other is not self and not other._ended for other in list(_runs)):
            self._watch.begin(self._world)

    def config_again(self) -> None:
        """Say the whole config, in a segment that goes on with a run; keys that the run has already stay."""
        if self.config:
            self._say(Configured(dict(self.config)))

    def _say(self, body: Body) -> None:
        with self._lock:
            journal = self._ready()
            if journal is not None:
                frame = event_frame(self._now_ns() // 1000, body, journal.seed)
                self._others += len(frame)
                journal.append(frame)

    def _append(self, frame: bytes) -> None:
        journal = self._journal
        if journal is not None:
            full = journal.full
            journal.append(frame)
            if journal.full and not full:
                self._notice("disk-full", "the disk is full; what is logged waits in memory until there is room")

    def _ready(self) -> Journal | None:
        """The journal to write to. In a child made by fork the first use opens a segment of the child's own."""
        journal = self._journal
        if self._child and not self._ended and journal is not None and not journal.open and self._folder is not None:
            self._child = False
            self._open_worker(self._folder)
        return None if self._ended else self._journal

    def _open_worker(self, folder: Folder) -> None:
        at = self._now_ns() // 1000
        journal = worker_journal(folder, self._minted, self._nonce, at)
        self._rows.begin(journal.seed)
        self._journal = journal
        journal.append(event_frame(at, Joined(self._nonce, "worker"), journal.seed))
        util = sys.modules.get("multiprocessing.util")
        if util is not None:  # such a child leaves by os._exit, past atexit
            util.Finalize(None, self._at_exit, exitpriority=10)

    def _rescue(self, metrics: object, step: object, last: int) -> tuple[int, _Write]:
        """Log the slow way: a new shape, a full map, a child's first call, a value that is no number."""
        began = time.perf_counter()
        try:
            with self._lock:
                if self._ended:
                    if self._journal is not None:
                        self._notice("after-the-end", "log() was called after the run had ended; nothing was kept")
                    return last, closed
                self.watch_live()
                values, notes = loggable(metrics)
                last, note = step_of(step, last)
                if values and self._ready() is not None:
                    self._rows.frames(tuple(values), values.values(), last, self._now_ns(), self._append)
                for text in (*notes, note) if note else notes:
                    self._notice("not-logged", text)
        except Exception as error:
            self._failed("log", error)
        self._spent += time.perf_counter() - began
        return last, self._journal.write if self._journal is not None else closed

    def _failed(self, what: str, error: Exception) -> None:
        text = str(error) if isinstance(error, RunciteError) else f"{type(error).__name__}: {error}"
        self._notice(f"{what.replace('_', '-')}-failed", f"{what}() could not do its work: {clean(text, 2000)}")

    def _notice(self, code: str, message: str) -> None:
        """Say it once on stderr for each kind of problem, and keep it as an event."""
        try:
            if (event := self._notices.note(code, message)) is not None:
                self._say(event)
        except Exception as error:
            tell(f"that could not be recorded: {type(error).__name__}: {error}")

    def _safely(self, do: Callable[[], None]) -> None:
        try:
            do()
        except Exception as error:
            self._failed("drift", error)

    def _compare(self, live: Live, ended: bool) -> None:
        for sentence in differences(self.config, live, ended=ended):
            if sentence not in self._drifted:
                self._drifted.add(sentence)
                self._notice("drift", sentence)

    def _forked(self) -> None:
        """In a child made by fork: the parent's segment is the parent's."""
        self._lock = threading.RLock()
        if self._journal is not None and not self._ended:
            self._child = True
            if self._output is not None:
                self._output.abandon()
            self._journal.abandon()
            self._rows.begin(0)
            self._notices.forget()
            self._safely(self._watch.drop)
            self._others, self._spent, self._began = 0, 0.0, time.monotonic()

    def _at_exit(self) -> None:
        if not self._ended and not self._child:
            self._end(at_exit(self._notebook))

    def _end(self, ending: Ending) -> None:
        began = time.perf_counter()
        try:
            with self._lock:
                if self._ended:
                    return
                journal = self._ready()
                if journal is None:
                    return
                self._close(journal, ending, began)
        except Exception as error:
            tell(f"the run's end could not be recorded: {type(error).__name__}: {error}")
        finally:
            self._ended = True
            atexit.unregister(self._at_exit)

    def _close(self, journal: Journal, ending: Ending, began: float) -> None:
        runtime = time.monotonic() - self._began
        if self._output is not None:
            if self._output.stopped:
                self._say(Noticed("output-cut", f"what was printed is not kept whole: {self._output.stopped}"))
            self._output.detach()
        self._safely(lambda: self._watch.end(finished=ending.state == "finished"))
        for rest in self._notices.rest():
            self._say(rest)
        lost = journal.settle()
        if lost:
            self._notice("disk-full-lost", f"the disk stayed full: {lost:,} of the things logged could not be kept")
        overhead = self._spent + self._logged_seconds(journal) + time.perf_counter() - began
        finished = ending.event(runtime, overhead)
        journal.close(event_frame(self._now_ns() // 1000, finished, journal.seed))
        self._ended = True
        if self._notebook is not None:
            self._safely(self._notebook.end)
        if not journal.owner.segment.startswith("worker") and self._settings is not None and self._folder is not None:
            farewell(self.id, finished, self.address, self._folder.path, shipper=self._settings.shipper)

    def _logged_seconds(self, journal: Journal) -> float:
        """What the fast calls of `log` cost in all: their number, from the bytes, times one measured now."""
        rows = max(0, journal.position - self._others) // 32
        return rows * cost_of_one(lambda to, on: _recorder(to, on, self._now_ns, self._rescue)) if rows else 0.0


_runs: weakref.WeakSet[Run] = weakref.WeakSet()


def _after_fork() -> None:
    for run in list(_runs):
        run._forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

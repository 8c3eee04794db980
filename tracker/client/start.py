"""`start_run`: register a run and begin to record it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from random import Random, SystemRandom
from typing import Any

from tracker.capture.command import ranks
from tracker.client.config import Config
from tracker.client.group import group_of
from tracker.client.opening import open_run, resumed, settings_in_force, tell_exec
from tracker.client.run import Run
from tracker.client.values import clean, name_of
from tracker.events import Body, Joined, Started
from tracker.settings import Settings


def start_run(
    project: str,
    config: object = None,
    *,
    seed: int | None = None,
    name: str | None = None,
    tags: Iterable[str] = (),
    note: str = "",
    resume: str | None = None,
    parent: str | None = None,
    reproduces: str | None = None,
    settings: Settings | None = None,
    now_ns: Callable[[], int] = time.time_ns,
    rng: Random | None = None,
) -> Run:
    """Register a run and begin to record it.

    Returns at once: the snapshot's slow parts are taken by a process of its own, and another one ships the journal.
    `config` is a mapping (nested ones become dotted keys), a dataclass or a namespace; `seed` is noted, never set.
    Ranks that a launcher such as torchrun started together log into one run: the first one's is the record.
    `resume` is the ID of a run that goes on; `parent` and `reproduces` are run IDs. `now_ns` gives nanoseconds since
    1970, `rng` the run ID. Never raises for what it finds: what is wrong is said once, and recorded.
    """
    began = time.monotonic()
    problems: list[tuple[str, str]] = []
    settings = settings or settings_in_force(problems)
    # A script that is reproduced, and would go on with the run it was, begins anew: the original stays as it is.
    run_id, goes_on = resumed(None if settings.reproduces else resume, rng or SystemRandom(), problems)
    nonce = os.urandom(16).hex()
    segment = f"resume-{nonce[:8]}" if goes_on else "main"
    if (group := None if goes_on else group_of(ranks())) is not None:
        run_id, nonce, segment = group.run_id, group.nonce, group.segment
    opened = open_run(settings, run_id, segment, nonce, now_ns() // 1000, problems)
    tell_exec(settings, run_id)
    values = Config()
    if config is not None:
        values.update(config)
    first: Body = Joined(nonce, "resume")
    if group is not None and not group.first:
        first = Joined(nonce, "worker", group.rank)
    elif not goes_on:
        first = Started(
            project=name_of(str(project)),
            nonce=nonce,
            name=None if name is None else name_of(str(name)),
            config=dict(values),
            seed=_whole(seed),
            tags=tuple(name_of(str(tag)) for tag in ((tags,) if isinstance(tags, str) else tags) if tag),
            note=clean(str(note)),
            parent=parent,
            reproduces=reproduces or settings.reproduces,
        )
    run = Run(opened, first, values, problems, now_ns, began)
    return _at_work(run, seed, goes_on=goes_on, leads=group is None or group.first)


def _at_work(run: Run, seed: Any, *, goes_on: bool, leads: bool) -> Run:
    """The run, with all that records beside it. `leads` says whether this process is its first one."""
    if goes_on:
        run.config_again()
    elif leads:
        run.observe(_whole(seed))
    if leads:
        run.keep_output()
        run.watch_live()
    run.ship()
    return run


def _whole(seed: Any) -> int | None:
    """A seed as the record can hold it; NumPy's integers are whole numbers too."""
    try:
        whole = int(seed) if seed is not None and not isinstance(seed, str | float) else None
    except (TypeError, ValueError):
        return None
    return whole if whole is not None and -(2**63) <= whole < 2**63 else None

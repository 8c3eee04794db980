"""Where a training process comes from: what a child process must know to take the slow parts for it."""

from __future__ import annotations

import msgspec

from tracker.snapshot import Scrubbed


class Origin(msgspec.Struct, frozen=True):
    """The training process as seen from within, scrubbed, to be handed to another process.

    `script` is the absolute path of the main file, None for an interactive session; `module` is set for
    `python -m`. `source` is code that stands in no file: what `python -c` was given, or a notebook's cells
    so far. `prefix` is the environment's folder, `path` is `sys.path`, made absolute. `wrapped` says that
    `runcite exec` starts it.
    """

    argv: tuple[str, ...]
    cwd: str
    executable: str
    version: str
    implementation: str
    prefix: str
    path: tuple[str, ...]
    script: str | None = None
    module: str | None = None
    source: str | None = None
    env: dict[str, str] = {}
    scrubbed: tuple[Scrubbed, ...] = ()
    problems: tuple[str, ...] = ()
    wrapped: bool = False

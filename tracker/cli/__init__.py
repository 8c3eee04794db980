"""The command line: `runcite NAME …`.

Start-up is quick because a command's module is loaded by name only when that command is asked for. Other
packages add commands through the entry-point group `runcite.commands`: each entry is a Typer app or a
function. An error is one line (what happened, and what to type next) and exit code 1; misuse is 2.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from tracker.cli.menu import find, overview, version
from tracker.cli.say import complain
from tracker.errors import RunciteError, UsageError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _run(words)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has gone; nothing more can be said, and nothing is wrong.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except RunciteError as error:
        complain(error.message, error.remedy)
        return 1
    return code


def _run(words: list[str]) -> int:
    if not words or words[0] in ("--help", "-h", "help"):
        sys.stdout.write(overview())
        return 0
    if words[0] in ("--version", "-V"):
        sys.stdout.write(f"runcite {version()}\n")
        return 0
    try:
        command = find(words[0])
    except UsageError as error:
        complain(error.message, error.remedy)
        return 2
    return command(words[1:])

"""Bots that can be killed: `python mortal.py` forks one for each line it reads, warm and quick to start.

A line is JSON: the settings' environment, the port, the boundary at which the bot kills itself with SIGKILL
(none: it lives), and how many seconds its clock is ahead, so that what a dead one had leased is free at once.
The answer is the process ID.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

from bot.app import serve
from bot.settings import SECOND, load_bot
from tracker.server.app import now_in_microseconds

sys.path.insert(0, str(Path(__file__).parent))

from team import QUICK


def live(environment: dict[str, str], port: int, boundary: str, ahead: int) -> None:
    """One bot, until it reaches the boundary."""

    def reach(name: str) -> None:
        if name == boundary:
            os.kill(os.getpid(), signal.SIGKILL)

    serve(
        replace(load_bot(environment), patience=QUICK, workers=2),
        port=port,
        with_pages=False,
        reach=reach,
        clock=lambda: now_in_microseconds() + ahead * SECOND,
    )
    signal.pause()


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            os.close(0)
            os.setsid()
            live(order["environment"], order["port"], order["boundary"], order["ahead"])
        print(child, flush=True)


if __name__ == "__main__":
    main()

"""Prints one table: each goal, the figure, and the floor measured in the same run."""

from __future__ import annotations

import platform
import sys

from rich.console import Console
from rich.table import Table

from tests.bench import bot, heavy, ingest, mlflow, peers, recorder, store

SUITES = {
    "bot": bot.measure,
    "recorder": recorder.measure,
    "peers": peers.measure,
    "store": store.measure,
    "ingest": ingest.measure,
    "mlflow": mlflow.measure,
}


HEAVY = {"heavy": heavy.measure}
"""What takes gigabytes and minutes: with `--full`, or by name."""


def main() -> None:
    """Run the suites named on the command line, or all of them; the heavy ones too with `--full`."""
    known = SUITES | HEAVY
    named = [word for word in sys.argv[1:] if word != "--full"]
    wanted = named or list(known if "--full" in sys.argv else SUITES)
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        sys.exit(f"There is no suite {unknown[0]!r}; there are {', '.join(known)}.")
    table = Table(title=f"{platform.machine()}, Python {platform.python_version()}")
    for column in ("what", "goal", "here", "floor in the same run", "met"):
        table.add_column(column)
    for name in wanted:
        table.add_section()
        for row in known[name]():
            table.add_row(row.what, row.goal, row.here, row.floor, {True: "yes", False: "NO", None: ""}[row.met])
    Console(width=140).print(table)


if __name__ == "__main__":
    main()

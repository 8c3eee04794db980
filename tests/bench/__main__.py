"""Prints one table: each goal, the figure, and the floor measured in the same run."""

from __future__ import annotations

import platform
import sys

from rich.console import Console
from rich.table import Table

from tests.bench import bot, ingest, mlflow, peers, recorder, store

SUITES = {
    "bot": bot.measure,
    "recorder": recorder.measure,
    "peers": peers.measure,
    "store": store.measure,
    "ingest": ingest.measure,
    "mlflow": mlflow.measure,
}


def main() -> None:
    """Run the suites named on the command line, or all of them."""
    wanted = sys.argv[1:] or list(SUITES)
    unknown = sorted(set(wanted) - set(SUITES))
    if unknown:
        sys.exit(f"There is no suite {unknown[0]!r}; there are {', '.join(SUITES)}.")
    table = Table(title=f"{platform.machine()}, Python {platform.python_version()}")
    for column in ("what", "goal", "here", "floor in the same run", "met"):
        table.add_column(column)
    for name in wanted:
        table.add_section()
        for row in SUITES[name]():
            table.add_row(row.what, row.goal, row.here, row.floor, {True: "yes", False: "NO", None: ""}[row.met])
    Console(width=140).print(table)


if __name__ == "__main__":
    main()

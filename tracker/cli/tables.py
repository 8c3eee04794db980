"""Tables that read well at 80 columns. What people typed in them is shown, never read as markup."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tracker.cli.say import printable

console = Console(highlight=False, soft_wrap=False)


def line(text: str = "", style: str = "") -> None:
    """A line of text."""
    console.print(Text(printable(text), style=style))


def table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = (), keep: Sequence[int] = (0,)
) -> None:
    """A table. The columns in `right` hold numbers; those in `keep` are never cut."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", expand=False)
    for place, head in enumerate(heads):
        made.add_column(
            Text(head),
            justify="right" if place in right else "left",
            no_wrap=True,
            overflow="ellipsis",
            min_width=None if place not in keep else max((len(row[place]) for row in rows), default=0),
        )
    for row in rows:
        made.add_row(*(Text(printable(cell)) for cell in row))
    console.print(made)


def pairs(values: Sequence[tuple[str, str]], indent: int = 0) -> None:
    """Names and values in two columns; long values wrap."""
    made = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    made.add_column(style="dim", no_wrap=True, max_width=28, overflow="ellipsis")
    made.add_column(overflow="fold")
    for name, value in values:
        made.add_row(Text(" " * indent + printable(name)), Text(printable(value)))
    console.print(made)

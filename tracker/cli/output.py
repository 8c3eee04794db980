"""How a command gives its answer besides the table: as JSON, as CSV, or as a picture in a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.parts import part
from tracker.cli.source import Source
from tracker.cli.tables import line
from tracker.errors import NotFound, UsageError

if TYPE_CHECKING:
    from tracker.charts import Picture
    from tracker.charts.select import History

JSON = Annotated[bool, typer.Option("--json", help="The whole answer, as one JSON object.")]
CSV = Annotated[bool, typer.Option("--csv", help="The table as CSV, full precision.")]
PNG = Annotated[Path | None, typer.Option("--png", help="A picture into this file.")]
DARK = Annotated[bool, typer.Option("--dark", help="The picture on dark ground.")]
POINTS = 1000
PICTURED = 50
OTHERS = 20
"""Runs of the team that are drawn behind the one that a picture is about."""


def one_of(json: bool, csv: bool, png: Path | None) -> None:
    """Raises: typer.BadParameter where more than one form was asked for."""
    if json + csv + (png is not None) > 1:
        raise typer.BadParameter("choose one of --json, --csv and --png.")


def draw(path: Path, dark: bool, name: str, *values: object) -> None:
    """Draw with the chart function of that name and write the picture; what it shows is said in a line.

    Raises:
        UsageError: the file can't be written, or the packages for drawing are not installed.
    """
    charts = part("tracker.charts")
    chart: Callable[..., Picture] = getattr(charts, f"{name}_chart")
    made = getattr(charts, f"{'compared' if name == 'comparison' else name}_of")(*values)
    picture = chart(made, charts.DARK if dark else charts.LIGHT)
    try:
        path.write_bytes(picture.png)
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}.", remedy="Name another file.") from None
    line(f"Written to {path} ({picture.width} × {picture.height}).")


def histories(source: Source, run_ids: Sequence[str], metric: str) -> dict[str, History]:
    """The metric's curves of those runs that have one, thinned to what a picture shows."""
    found: dict[str, History] = {}
    for run_id in run_ids:
        try:
            found[run_id] = source.history(run_id, metric, points=POINTS)
        except NotFound:
            continue
    return found


def draw_run(source: Source, run_id: str, path: Path, dark: bool) -> None:
    """A run's curve of the board's metric over its team's, as Slack shows it. Raises as `draw` does."""
    record = source.get_run(run_id)
    ranking = source.ranking(record.project)  # whole, as the run may stand anywhere on it
    team = [row.records[0].id for row in ranking.rows if record.id not in row.run_ids][:OTHERS]
    draw(path, dark, "reply", ranking, record, histories(source, [record.id, *team], ranking.spec.metric))

"""Pages as pictures, for where a link to them is posted: the same charts that Slack's replies show."""

from __future__ import annotations

import threading
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from tracker.charts import (
    DARK,
    LIGHT,
    Picture,
    Theme,
    board_chart,
    board_of,
    compared_of,
    comparison_chart,
    importance_chart,
    importance_of,
    reply_chart,
    reply_of,
)
from tracker.errors import NotAllowed, UsageError
from tracker.record import Record
from tracker.rules.board import place_of
from tracker.server import desk
from tracker.server.auth import Sees
from tracker.server.config import Context, context_of
from tracker.server.pages.compare import named
from tracker.store import judging
from tracker.store.shown import Shown

router = APIRouter()
OTHERS = 20
"""Runs of the team that are drawn behind the one that the picture is about."""
BUCKETS = 250
_drawing = threading.Lock()


@router.get("/projects/{name:path}/board/picture.png")
def get_board_picture(request: Request, name: str, sees: Sees, dark: bool = False) -> Response:
    """The board as a picture."""
    ranking = desk.kept_board(context_of(request), sees, name).value.ranking
    with _drawing:
        return _png(board_chart(board_of(ranking), _theme(dark)))


@router.get("/projects/{name:path}/sweep/picture.png")
def get_sweep_picture(request: Request, name: str, sees: Sees, dark: bool = False) -> Response:
    """What moved the metric, with intervals; the board, where that cannot be told yet."""
    context = context_of(request)
    try:
        found = desk.kept_importance(context.shelf, sees, name)
    except (UsageError, NotAllowed):
        return get_board_picture(request, name, sees, dark)
    with _drawing:
        return _png(importance_chart(importance_of(found, name), _theme(dark)))


@router.get("/runs/{run_id}/picture.png")
def get_run_picture(request: Request, run_id: str, sees: Sees, dark: bool = False) -> Response:
    """A run's curve of the board's metric over its team's."""
    context = context_of(request)
    record = desk.record(sees, run_id)
    ranking = desk.kept_board(context, sees, record.project).value.ranking
    if ranking.of > len(ranking.rows) and place_of(ranking, record.id) is None:
        ranking = judging.ranking(sees, record.project)  # its row stands further down
    team = [row.records[0].id for row in ranking.rows if record.id not in row.run_ids][:OTHERS]
    histories = sees.histories([record.id, *team], ranking.spec.metric, buckets=BUCKETS)
    with _drawing:
        return _png(reply_chart(reply_of(ranking, record, histories), _theme(dark)))


@router.get("/compare/picture.png")
def get_comparison_picture(
    request: Request, sees: Sees, runs: Annotated[list[str] | None, Query()] = None, dark: bool = False
) -> Response:
    """Runs side by side, with what can be said of their difference."""
    context = context_of(request)
    records = named(sees, runs)
    with _drawing:
        return _png(_comparison(context, sees, records, _theme(dark)))


def _comparison(context: Context, sees: Shown, records: tuple[Record, ...], theme: Theme) -> Picture:
    found = desk.compared(context, sees, [record.id for record in records])
    metric = found.ranking.spec.metric
    histories = sees.histories(found.run_ids, metric, buckets=BUCKETS)
    return comparison_chart(compared_of(found, records, histories), theme)


def _theme(dark: bool) -> Theme:
    return DARK if dark else LIGHT


def _png(picture: Picture) -> Response:
    return Response(picture.png, headers={"Cache-Control": "private, max-age=60"}, media_type="image/png")

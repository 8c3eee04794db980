"""Pictures that answer a command: board, comparison and importance, the same that pages and command line draw."""

from __future__ import annotations

from collections.abc import Sequence

from bot.blocks import Drawing
from tracker.charts import (
    Picture,
    board_chart,
    board_of,
    compared_of,
    comparison_chart,
    importance_chart,
    importance_of,
)
from tracker.record import Record
from tracker.rules.board import Ranking
from tracker.rules.compared import Compared
from tracker.rules.importance import Importance
from tracker.store.shown import Shown

BUCKETS = 250


def of_board(ranking: Ranking) -> Drawing | None:
    """The board with its intervals and shared places; None where nothing ranks."""
    return _drawing(board_chart(board_of(ranking))) if ranking.rows else None


def of_comparison(shown: Shown, found: Compared, records: Sequence[Record]) -> Drawing | None:
    """The runs' curves and values with what can be said of the difference; None where none has a result.

    `records` are as their viewer may see them: a run whose value is hidden has no curve here.
    """
    if not found.ranking.rows:
        return None
    histories = shown.histories(found.run_ids, found.ranking.spec.metric, buckets=BUCKETS)
    return _drawing(comparison_chart(compared_of(found, records, histories)))


def of_importance(found: Importance, project: str) -> Drawing:
    """What moved the metric, with intervals."""
    return _drawing(importance_chart(importance_of(found, project)))


def _drawing(picture: Picture) -> Drawing:
    return Drawing(picture.png, picture.alt)

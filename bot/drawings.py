"""Pictures that answer a command: board, comparison and importance, the same that pages and command line draw."""

from __future__ import annotations

from collections.abc import Sequence

from bot.blocks import Drawing
from tracker.charts import (
    LIGHT,
    Picture,
    board_chart,
    board_of,
    compared_of,
    comparison_chart,
    importance_chart,
    importance_of,
    in_language,
)
from tracker.record import Record
from tracker.rules.board import Ranking
from tracker.rules.compared import Compared
from tracker.rules.importance import Importance
from tracker.server.pages.statistics import example
from tracker.store.shown import Shown

BUCKETS = 250


def of_board(ranking: Ranking, language: str = "en") -> Drawing | None:
    """The board with its intervals and shared places; None where nothing ranks."""
    return _drawing(board_chart(board_of(ranking), in_language(LIGHT, language))) if ranking.rows else None


def of_comparison(shown: Shown, found: Compared, records: Sequence[Record], language: str = "en") -> Drawing | None:
    """The runs' curves and values with what can be said of the difference; None where none has a result.

    `records` are as their viewer may see them: a run whose value is hidden has no curve here.
    """
    if not found.ranking.rows:
        return None
    histories = shown.histories(found.run_ids, found.ranking.spec.metric, buckets=BUCKETS)
    chart = compared_of(found, records, histories)
    return _drawing(comparison_chart(chart, in_language(LIGHT, language)))


def of_importance(found: Importance, project: str, language: str = "en") -> Drawing:
    """What moved the metric, with intervals."""
    return _drawing(importance_chart(importance_of(found, project), in_language(LIGHT, language)))


def of_example(language: str = "en") -> Drawing:
    """The worked example of the page on statistics: two settings of three seeds each, held against each other."""
    return _drawing(board_chart(example(), in_language(LIGHT, language)))


def _drawing(picture: Picture) -> Drawing:
    return Drawing(picture.png, picture.alt)

"""Block Kit is checked as strictly as Slack checks it, and no stricter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from slackblocks import _limits

from bot.sandbox import limits
from bot.sandbox.blocks import checked_blocks
from bot.sandbox.shapes import ApiError

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def button(number: int = 0, **more: Any) -> Json:
    return {"type": "button", "action_id": f"a{number}", "text": plain("Go"), **more}


def cell(text: str = "x") -> Json:
    return {"type": "raw_text", "text": text}


def data_table(rows: int = 2, columns: int = 1, **more: Any) -> Json:
    return {"type": "data_table", "caption": "c", "rows": [[cell()] * columns for _ in range(rows)], **more}


def chart(**more: Any) -> Json:
    series = [{"name": "s", "data": [{"label": "a", "value": 1}]}]
    return {"type": "data_visualization", "title": "t", "chart": {"type": "bar", "series": series}, **more}


def wrong_file(file: Json) -> str | None:
    return None if file.get("id") == "F0GOOD" else "invalid slack file"


def wide_table(characters: int) -> Json:
    part = characters // 5
    return {"type": "table", "rows": [[cell("x" * part)] * 4 + [cell("x" * (characters - 4 * part))]]}


def check(*blocks: Json, surface: str = "message") -> list[Json]:
    return checked_blocks(
        list(blocks), surface, lambda file: None if file.get("id") == "F0GOOD" else "invalid slack file"
    )


def test_the_limits_are_those_of_the_public_registry() -> None:
    ours = {name: value for name, value in vars(limits).items() if name.isupper() and hasattr(_limits, name)}
    assert len(ours) > 50
    assert ours == {name: getattr(_limits, name) for name in ours}


LIMITS: list[tuple[str, int, Callable[[int], Json]]] = [
    ("header", 150, lambda n: {"type": "header", "text": plain("x" * n)}),
    ("section text", 3000, lambda n: {"type": "section", "text": mrkdwn("x" * n)}),
    ("section fields", 10, lambda n: {"type": "section", "fields": [mrkdwn("x")] * n}),
    ("a field", 2000, lambda n: {"type": "section", "fields": [mrkdwn("x" * n)]}),
    ("context elements", 10, lambda n: {"type": "context", "elements": [mrkdwn("x")] * n}),
    ("actions", 25, lambda n: {"type": "actions", "elements": [button(i) for i in range(n)]}),
    ("button text", 75, lambda n: {"type": "actions", "elements": [button(text=plain("x" * n))]}),
    ("button value", 2000, lambda n: {"type": "actions", "elements": [button(value="x" * n)]}),
    ("action_id", 255, lambda n: {"type": "actions", "elements": [button() | {"action_id": "x" * n}]}),
    ("block_id", 255, lambda n: {"type": "divider", "block_id": "x" * n}),
    ("alt text", 2000, lambda n: {"type": "image", "slack_file": {"id": "F0GOOD"}, "alt_text": "x" * n}),
    ("table rows", 100, lambda n: {"type": "table", "rows": [[cell()]] * n}),
    ("table columns", 20, lambda n: {"type": "table", "rows": [[cell()] * n]}),
    ("table characters", 10_000, wide_table),
    ("data table rows", 201, lambda n: data_table(n)),
    ("data table columns", 20, lambda n: data_table(2, n)),
    ("data table page", 100, lambda n: data_table(page_size=n)),
    ("markdown", 12_000, lambda n: {"type": "markdown", "text": "x" * n}),
    ("chart title", 50, lambda n: chart(title="x" * n)),
]  # fmt: skip


@pytest.mark.parametrize(("most", "make"), [case[1:] for case in LIMITS], ids=[case[0] for case in LIMITS])
def test_a_block_may_reach_its_limit_and_not_pass_it(most: int, make: Callable[[int], Json]) -> None:
    assert check(make(most))
    with pytest.raises(ApiError) as refused:
        check(make(most + 1))
    assert refused.value.code == "invalid_blocks"


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ({"type": "header", "text": mrkdwn("x")}, "/blocks/0/text/type"),
        ({"type": "header", "text": plain("")}, "must be more than 0 characters"),
        ({"type": "section"}, "missing required field"),
        ({"type": "nonsense"}, "unsupported type: nonsense"),
        ({"type": "image", "alt_text": "a"}, "exactly one of: image_url, slack_file"),
        ({"type": "image", "alt_text": "a", "slack_file": {"id": "F0BAD"}}, "/blocks/0/slack_file/id"),
        ({"type": "image", "alt_text": "a", "slack_file": {"id": "F0GOOD", "url": "u"}}, "exactly one of: id, url"),
        ({"type": "image", "slack_file": {"id": "F0GOOD"}}, "missing required field: alt_text"),
        ({"type": "image", "alt_text": "a", "image_url": "http://127.0.0.1:1/x.png"}, "cannot be reached"),
        ({"type": "actions", "elements": [button(1), button(1)]}, "action_id must be unique"),
        ({"type": "actions", "elements": [button(style="loud")]}, "must be one of: danger, primary"),
        (data_table(1), "no fewer than 2 items"),
        (data_table() | {"caption": None}, "missing required field: caption"),
        (data_table() | {"rows": [[cell()], [cell(), cell()]]}, "same number of cells"),
        (data_table() | {"rows": [[{"type": "rich_text", "elements": []}], [cell()]]}, "/blocks/0/rows/0/0/type"),
        ({"type": "rich_text", "elements": [{"type": "nothing"}]}, "unsupported type: nothing"),
        ({"type": "alert", "text": mrkdwn("x")}, "unsupported type: alert"),
    ],
)
def test_a_wrong_block_is_refused_with_what_and_where(block: Json, told: str) -> None:
    with pytest.raises(ApiError) as refused:
        check(block)
    body = refused.value.body()
    assert any(told in line for line in body["errors"])
    assert body["response_metadata"]["messages"] == [f"[ERROR] {line}" for line in body["errors"]]


def test_a_message_has_room_for_50_blocks_one_table_and_two_charts() -> None:
    divider: Json = {"type": "divider"}
    table: Json = {"type": "table", "rows": [[cell()]]}
    assert len(check(*[divider] * 50)) == 50
    for too_many in ([divider] * 51, [table] * 2, [chart()] * 3):
        with pytest.raises(ApiError):
            check(*too_many)
    assert len(check(*[divider] * 100, surface="home")) == 100


def test_every_block_gets_an_id_and_no_two_the_same() -> None:
    named = check({"type": "divider"}, {"type": "divider", "block_id": "b0000"}, {"type": "divider"})
    assert len({block["block_id"] for block in named}) == 3
    with pytest.raises(ApiError):
        check({"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"})


@pytest.mark.parametrize("value", ["x", {"type": "divider"}, [1], None])
def test_what_is_no_array_of_blocks_has_the_wrong_format(value: Any) -> None:
    with pytest.raises(ApiError, match="invalid_blocks_format"):
        checked_blocks(value, "message", lambda file: None)

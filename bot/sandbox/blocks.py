"""Block Kit as Slack checks it: which blocks a surface takes, and how much each may hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.sandbox import limits
from bot.sandbox.complaints import Complaints, FileCheck
from bot.sandbox.elements import IN_ACTIONS, IN_INPUT, IN_SECTION, check_element, check_picture
from bot.sandbox.shapes import ApiError, Json
from bot.sandbox.tables import check_data_table, check_rich_text, check_table, check_visualization


def checked_blocks(value: Any, surface: str, about_file: FileCheck) -> list[Json]:
    """`value` as the blocks of a `message`, `modal` or `home`, each with a `block_id`.

    Raises:
        ApiError: `invalid_blocks_format` for what is no array of objects, `invalid_blocks` with every complaint
            and where it belongs, `msg_blocks_too_long` for more text than one message may hold.
    """
    if not isinstance(value, list) or any(not isinstance(block, dict) for block in value):
        raise ApiError("invalid_blocks_format")
    told = Complaints(surface, about_file)
    most = limits.MESSAGE_BLOCKS_MAX_ITEMS if surface == "message" else limits.VIEW_BLOCKS_MAX_ITEMS
    if len(value) > most:
        told.say(f"no more than {most} items allowed", "/blocks")
    taken: set[str] = set()
    for at, block in enumerate(value):
        _check_block(told, block, f"/blocks/{at}")
        if "block_id" in block:
            name = told.string(block, "block_id", f"/blocks/{at}", limits.BLOCK_ID_MAX_LENGTH)
            if name in taken:
                told.say(f"block_id must be unique: {name}", f"/blocks/{at}/block_id")
            taken.add(name)
    _check_together(told, value)
    told.raise_if_any()
    if surface == "message" and _shown(value) > limits.BLOCKS_TEXT_A_MESSAGE:
        raise ApiError("msg_blocks_too_long")
    return [_named(block, at, taken) for at, block in enumerate(value)]


def _named(block: Json, at: int, taken: set[str]) -> Json:
    named = dict(block)
    if "block_id" not in named:
        number = at
        while (name := f"b{number:04d}") in taken:
            number += 100
        taken.add(name)
        named["block_id"] = name
    if named["type"] == "actions":
        named["elements"] = [
            {"action_id": f"{named['block_id']}-{nth}", **element} for nth, element in enumerate(named["elements"])
        ]
    return named


def _check_block(told: Complaints, block: Json, where: str) -> None:
    kind = block.get("type")
    check = _CHECKS.get(str(kind))
    if (
        check is None
        or (told.surface == "message" and kind in _VIEWS_ONLY)
        or (told.surface != "message" and kind in _MESSAGES_ONLY)
    ):
        told.say(f"unsupported type: {kind}", f"{where}/type")
    else:
        check(told, block, where)


def _check_together(told: Complaints, blocks: list[Json]) -> None:
    """Limits that hold over a whole message."""
    kinds = [block.get("type") for block in blocks]
    if kinds.count("table") > limits.TABLES_A_MESSAGE:
        told.say("only one table allowed in a message", "/blocks")
    if kinds.count("data_visualization") > limits.MESSAGE_DATA_VISUALIZATIONS_MAX_ITEMS:
        told.say(f"no more than {limits.MESSAGE_DATA_VISUALIZATIONS_MAX_ITEMS} data_visualization blocks", "/blocks")
    markdown = sum(len(str(block.get("text", ""))) for block in blocks if block.get("type") == "markdown")
    if markdown > limits.MARKDOWN_TOTAL_TEXT_MAX_LENGTH:
        told.say(f"must be less than {limits.MARKDOWN_TOTAL_TEXT_MAX_LENGTH + 1} characters in all", "/blocks")
    cells = sum(_cell_characters(block) for block in blocks if block.get("type") == "data_table")
    if cells > limits.DATA_TABLE_CONTENT_MAX_LENGTH and kinds.count("data_table") > 1:
        told.say(f"no more than {limits.DATA_TABLE_CONTENT_MAX_LENGTH} characters in all data tables", "/blocks")


def _shown(blocks: list[Json]) -> int:
    """The characters of texts and fields; tables have limits of their own."""
    total = 0
    for block in blocks:
        if block.get("type") in {"section", "header", "context"}:
            texts = [block.get("text"), *block.get("fields", []), *block.get("elements", [])]
            total += sum(len(str(text.get("text", ""))) for text in texts if isinstance(text, dict))
    return total


def _cell_characters(block: Json) -> int:
    rows = block.get("rows")
    cells = [cell for row in rows if isinstance(row, list) for cell in row] if isinstance(rows, list) else []
    return sum(len(str(cell.get("text", ""))) for cell in cells if isinstance(cell, dict))


def _header(told: Complaints, block: Json, where: str) -> None:
    told.text(block, "text", where, limits.HEADER_TEXT_MAX_LENGTH, plain=True)


def _section(told: Complaints, block: Json, where: str) -> None:
    fields = told.items(block, "fields", where, limits.SECTION_FIELDS_MAX_ITEMS, needed="text" not in block)
    told.text(block, "text", where, limits.SECTION_TEXT_MAX_LENGTH, needed="fields" not in block)
    for at, value in enumerate(fields):
        told.text({str(at): value}, str(at), f"{where}/fields", limits.SECTION_FIELDS_ITEM_MAX_LENGTH)
    if block.get("accessory") is not None:
        check_element(told, block["accessory"], f"{where}/accessory", IN_SECTION)


def _context(told: Complaints, block: Json, where: str) -> None:
    for at, value in enumerate(told.items(block, "elements", where, limits.CONTEXT_ELEMENTS_MAX_ITEMS)):
        if isinstance(value, dict) and value.get("type") == "image":
            check_picture(told, value, f"{where}/elements/{at}")
        else:
            told.text({str(at): value}, str(at), f"{where}/elements", limits.TEXT_MAX_LENGTH)


def _actions(told: Complaints, block: Json, where: str) -> None:
    elements = told.items(block, "elements", where, limits.ACTIONS_ELEMENTS_MAX_ITEMS)
    for at, value in enumerate(elements):
        check_element(told, value, f"{where}/elements/{at}", IN_ACTIONS)
    names = [one.get("action_id") for one in elements if isinstance(one, dict) and one.get("action_id")]
    if len(names) != len(set(names)):
        told.say("action_id must be unique in a block", f"{where}/elements")


def _input(told: Complaints, block: Json, where: str) -> None:
    told.text(block, "label", where, limits.INPUT_LABEL_MAX_LENGTH, plain=True)
    told.text(block, "hint", where, limits.INPUT_HINT_MAX_LENGTH, plain=True, needed=False)
    if "element" not in block:
        told.say("missing required field: element", where)
    else:
        check_element(told, block["element"], f"{where}/element", IN_INPUT)


def _image(told: Complaints, block: Json, where: str) -> None:
    check_picture(told, block, where)
    told.text(block, "title", where, limits.IMAGE_TITLE_MAX_LENGTH, plain=True, needed=False)


def _markdown(told: Complaints, block: Json, where: str) -> None:
    told.string(block, "text", where, limits.MARKDOWN_TOTAL_TEXT_MAX_LENGTH)


def _alert(told: Complaints, block: Json, where: str) -> None:
    told.text(block, "text", where, limits.ALERT_TEXT_MAX_LENGTH)


def _card(told: Complaints, block: Json, where: str) -> None:
    told.text(block, "title", where, limits.CARD_TITLE_MAX_LENGTH, needed=False)
    told.text(block, "subtitle", where, limits.CARD_SUBTITLE_MAX_LENGTH, needed=False)
    told.text(block, "body", where, limits.CARD_BODY_MAX_LENGTH, needed=False)
    for at, value in enumerate(told.items(block, "actions", where, limits.CARD_ACTIONS_MAX_ITEMS, needed=False)):
        check_element(told, value, f"{where}/actions/{at}", {"button", "overflow", "workflow_button"})


def _nothing_more(told: Complaints, block: Json, where: str) -> None:
    """Blocks without limits of their own that a bot of ours would meet."""


def _held(key: str, most: int) -> Callable[[Complaints, Json, str], None]:
    def check(told: Complaints, block: Json, where: str) -> None:
        told.items(block, key, where, most)

    return check


_VIEWS_ONLY = {"alert"}
_MESSAGES_ONLY = {"table", "data_table", "data_visualization", "file", "markdown", "context_actions"}
_CHECKS: dict[str, Callable[[Complaints, Json, str], object]] = {
    "actions": _actions,
    "alert": _alert,
    "card": _card,
    "carousel": _held("elements", limits.CAROUSEL_ELEMENTS_MAX_ITEMS),
    "container": _held("child_blocks", limits.CONTAINER_CHILD_BLOCKS_MAX_ITEMS),
    "context": _context,
    "context_actions": _held("elements", limits.CONTEXT_ACTIONS_ELEMENTS_MAX_ITEMS),
    "data_table": check_data_table,
    "data_visualization": check_visualization,
    "divider": _nothing_more,
    "file": _nothing_more,
    "header": _header,
    "image": _image,
    "input": _input,
    "markdown": _markdown,
    "rich_text": check_rich_text,
    "section": _section,
    "table": check_table,
}

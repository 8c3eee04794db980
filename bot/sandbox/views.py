"""The methods views.*: the Home tab and modals."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import msgspec

from bot.sandbox import limits
from bot.sandbox.args import Args
from bot.sandbox.blocks import checked_blocks
from bot.sandbox.complaints import Complaints
from bot.sandbox.core import Core
from bot.sandbox.grants import Caller
from bot.sandbox.people import APP, BOT, TEAM
from bot.sandbox.shapes import ApiError, Json


def publish(core: Core, caller: Caller, args: Args) -> Json:
    """views.publish: replaces a user's whole Home; `hash` guards against a newer one."""
    user = args.need("user_id")
    if user not in core.workspace.people:
        raise ApiError("user_not_found")
    if not core.habits.home_tab:
        raise ApiError("not_enabled")
    before = core.homes.get(user)
    if args.has("hash") and before is not None and before["hash"] != args.text("hash"):
        raise ApiError("hash_conflict")
    view = _checked(core, args.json("view"), {"home"})
    core.homes[user] = view | ({"id": before["id"], "root_view_id": before["id"]} if before else {})
    core.workspace.tell(user)
    return {"ok": True, "view": core.homes[user]}


def open_modal(core: Core, caller: Caller, args: Args) -> Json:
    """views.open and views.push: a modal for the user behind a trigger."""
    user = core.hooks.redeem(args.need("trigger_id"))
    view = _checked(core, args.json("view"), {"modal"})
    core.modals[view["id"]] = view | {"to": user}
    core.workspace.tell(user)
    return {"ok": True, "view": view}


def update_modal(core: Core, caller: Caller, args: Args) -> Json:
    """views.update: by view ID (or external ID), with an optional hash."""
    found = _find(core, args)
    if args.has("hash") and found["hash"] != args.text("hash"):
        raise ApiError("hash_conflict")
    view = replaced(core, found, args.json("view"))
    return {"ok": True, "view": {key: value for key, value in view.items() if key != "to"}}


def replaced(core: Core, found: Json, view: Any) -> Json:
    """A modal with new content under its old ID."""
    fresh = _checked(core, view, {"modal"}) | {"id": found["id"], "root_view_id": found["id"], "to": found["to"]}
    core.modals[found["id"]] = fresh
    core.workspace.tell(found["to"])
    return fresh


def _find(core: Core, args: Args) -> Json:
    for view in core.modals.values():
        if args.text("view_id") == view["id"] or (
            args.has("external_id") and args.text("external_id") == view.get("external_id")
        ):
            return view
    raise ApiError("not_found")


def _checked(core: Core, value: Any, kinds: set[str]) -> Json:
    if not isinstance(value, dict):
        raise ApiError("invalid_arguments", response_metadata={"messages": ["[ERROR] missing required field: view"]})
    raw = msgspec.json.encode(value)
    if len(raw) > limits.VIEW_BYTES:
        raise ApiError("view_too_large")
    told = Complaints("modal" if "modal" in kinds else "home", core.files.wrong_with)
    told.choice(value, "type", "/view", kinds, needed=True)
    if "modal" in kinds:
        told.text(value, "title", "/view", limits.VIEW_TITLE_MAX_LENGTH, plain=True)
        told.text(value, "submit", "/view", limits.VIEW_SUBMIT_MAX_LENGTH, plain=True, needed=False)
        told.text(value, "close", "/view", limits.VIEW_CLOSE_MAX_LENGTH, plain=True, needed=False)
    told.string(value, "private_metadata", "/view", limits.VIEW_PRIVATE_METADATA_MAX_LENGTH, least=0, needed=False)
    told.string(value, "callback_id", "/view", limits.VIEW_CALLBACK_ID_MAX_LENGTH, least=0, needed=False)
    told.raise_if_any("invalid_arguments")
    try:
        blocks = checked_blocks(value.get("blocks"), told.surface, core.files.wrong_with)
    except ApiError as error:
        raise ApiError("invalid_arguments", **error.extra) from None
    name = "V0" + secrets.token_hex(5).upper()
    return {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "title": {"type": "plain_text", "text": "View Title"},
        "close": None,
        "submit": None,
        "clear_on_close": False,
        "notify_on_close": False,
        **value,
        "blocks": blocks,
        "id": name,
        "team_id": TEAM,
        "app_id": APP,
        "app_installed_team_id": TEAM,
        "bot_id": BOT,
        "state": {"values": {}},
        "hash": f"{core.clock() // 1_000_000}.{hashlib.sha256(raw).hexdigest()[:8]}",
        "previous_view_id": None,
        "root_view_id": name,
    }

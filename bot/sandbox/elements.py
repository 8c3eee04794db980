"""What may stand in a block and be pressed, chosen or typed into."""

from __future__ import annotations

from typing import Any

from bot.sandbox import limits
from bot.sandbox.complaints import Complaints
from bot.sandbox.shapes import Json

_SELECTS = {
    f"{many}{kind}_select"
    for many in ("", "multi_")
    for kind in ("static", "external", "users", "conversations", "channels")
}
_PICKERS = {"datepicker", "timepicker", "datetimepicker"}
_CHOICES = {"checkboxes", "radio_buttons"}
_INPUTS = {"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input", "file_input"}

IN_ACTIONS = _SELECTS | _PICKERS | _CHOICES | {"button", "overflow", "rich_text_input", "workflow_button"}
IN_SECTION = (_SELECTS | _PICKERS | _CHOICES) - {"datetimepicker"} | {"button", "image", "overflow", "workflow_button"}
IN_INPUT = _SELECTS | _PICKERS | _CHOICES | _INPUTS


def check_element(told: Complaints, value: Any, where: str, allowed: set[str]) -> None:
    """One interactive element, of a type allowed at this place."""
    element = told.object(value, where)
    if element is None:
        return
    kind = element.get("type")
    if kind not in allowed:
        told.say(f"unsupported type: {kind}", f"{where}/type")
        return
    if kind == "image":
        check_picture(told, element, where)
        return
    told.string(element, "action_id", where, limits.ACTION_ID_MAX_LENGTH, needed=False)
    _check_confirm(told, element, where)
    if kind == "button":
        told.text(element, "text", where, limits.BUTTON_TEXT_MAX_LENGTH, plain=True)
        told.string(element, "value", where, limits.BUTTON_VALUE_MAX_LENGTH, least=0, needed=False)
        told.string(element, "url", where, limits.BUTTON_URL_MAX_LENGTH, needed=False)
        told.choice(element, "style", where, {"primary", "danger"})
        return
    most = {
        "overflow": limits.OVERFLOW_OPTIONS_MAX_ITEMS,
        "checkboxes": limits.CHECKBOXES_OPTIONS_MAX_ITEMS,
        "radio_buttons": limits.RADIO_BUTTONS_OPTIONS_MAX_ITEMS,
    }.get(str(kind), limits.SELECT_OPTIONS_MAX_ITEMS)
    told.text(element, "placeholder", where, limits.SELECT_PLACEHOLDER_MAX_LENGTH, plain=True, needed=False)
    if kind in _CHOICES | {"overflow", "static_select", "multi_static_select"}:
        grouped = "option_groups" in element
        for at, option in enumerate(told.items(element, "options", where, most, needed=not grouped)):
            _check_option(told, option, f"{where}/options/{at}")


def check_picture(told: Complaints, image: Json, where: str) -> None:
    """An image's source: exactly one of a URL that Slack could fetch and a file that has been processed."""
    told.string(image, "alt_text", where, limits.IMAGE_ALT_TEXT_MAX_LENGTH, least=0)
    sources = [key for key in ("image_url", "slack_file") if image.get(key)]
    if len(sources) != 1:
        told.say("must have exactly one of: image_url, slack_file", where)
    elif sources == ["image_url"]:
        url = told.string(image, "image_url", where, limits.IMAGE_IMAGE_URL_MAX_LENGTH)
        if not url.startswith(("http://", "https://")):
            told.say("invalid url", f"{where}/image_url")
        elif url.split("/")[2].startswith(("127.", "10.", "192.168.", "localhost", "[::1]")):
            told.say("downloading image failed: the host cannot be reached from Slack", f"{where}/image_url")
    else:
        file = told.object(image["slack_file"], f"{where}/slack_file")
        if file is not None:
            keys = [key for key in ("id", "url") if file.get(key)]
            if len(keys) != 1:
                told.say("must have exactly one of: id, url", f"{where}/slack_file")
            elif wrong := told.about_file(file):
                told.say(wrong, f"{where}/slack_file/{keys[0]}")


def _check_option(told: Complaints, value: Any, where: str) -> None:
    option = told.object(value, where)
    if option is not None:
        told.text(option, "text", where, limits.OPTION_TEXT_MAX_LENGTH)
        told.string(option, "value", where, limits.OPTION_VALUE_MAX_LENGTH)
        told.text(option, "description", where, limits.OPTION_DESCRIPTION_MAX_LENGTH, needed=False)


def _check_confirm(told: Complaints, element: Json, where: str) -> None:
    if element.get("confirm") is None:
        return
    confirm = told.object(element["confirm"], f"{where}/confirm")
    if confirm is not None:
        at = f"{where}/confirm"
        told.text(confirm, "title", at, limits.CONFIRMATION_TITLE_MAX_LENGTH, plain=True)
        told.text(confirm, "text", at, limits.CONFIRMATION_TEXT_MAX_LENGTH)
        told.text(confirm, "confirm", at, limits.CONFIRMATION_CONFIRM_MAX_LENGTH, plain=True)
        told.text(confirm, "deny", at, limits.CONFIRMATION_DENY_MAX_LENGTH, plain=True)

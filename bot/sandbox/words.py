"""How Slack writes what people type: escaped, links wrapped, names resolved, and a rich text block beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bot.sandbox.shapes import Json

EMOJI = {
    "🎉": "tada", "🔥": "fire", "👍": "+1", "👎": "-1", "🚀": "rocket", "✅": "white_check_mark", "❌": "x",
    "😀": "grinning", "😂": "joy", "🙏": "pray", "👀": "eyes", "💯": "100", "🤔": "thinking_face",
    "🔸": "small_orange_diamond", "⚖️": "scales", "🔑": "key",
    "📈": "chart_with_upwards_trend", "📊": "bar_chart", "⚠️": "warning", "🏆": "trophy", "🥇": "first_place_medal",
    "🥈": "second_place_medal", "🥉": "third_place_medal", "❤️": "heart", "🎯": "dart", "🧪": "test_tube",
    "💪": "muscle", "😅": "sweat_smile", "⛔": "no_entry", "🔗": "link", "ℹ️": "information_source", "🔁": "repeat",
    "📌": "pushpin", "🤖": "robot_face", "🟢": "large_green_circle", "🔴": "red_circle", "🟡": "large_yellow_circle",
    "🔵": "large_blue_circle", "⭐": "star", "📎": "paperclip", "🔬": "microscope", "👋": "wave", "🌱": "seedling",
    "💡": "bulb", "➡️": "arrow_right", "⬆️": "arrow_up", "⬇️": "arrow_down", "❓": "question", "❗": "exclamation",
    "✏️": "pencil2", "🙌": "raised_hands", "✨": "sparkles", "🧵": "thread", "🎓": "mortar_board", "🔒": "lock",
    "📝": "memo", "🚫": "no_entry_sign", "🙂": "slightly_smiling_face", "😢": "cry", "👏": "clap",
    "⏳": "hourglass_flowing_sand", "🔍": "mag", "👥": "busts_in_silhouette", "📆": "calendar", "🎲": "game_die",
    "🗂️": "card_index_dividers", "📦": "package", "📜": "scroll", "💬": "speech_balloon", "📐": "triangular_ruler",
}  # fmt: skip

_CONTROL = re.compile(r"<(?:[@#][A-Z0-9]+(?:\|[^<>]*)?|![^<>]+|(?:https?://|mailto:|tel:)[^<>|]+(?:\|[^<>]*)?)>")
_URL = r"https?://[^\s<>`\"]+"
_TOKEN = re.compile(
    r"(?P<block>```(?P<inside>.+?)```)"
    r"|(?P<code>`[^`\n]+`)"
    rf"|(?P<url>{_URL})"
    r"|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<domain>(?<![\w@.])(?:[a-z0-9-]+\.)+(?:com|org|net|edu|dev|ai|io)(?:/[^\s<>`\"]*)?)"
    r"|(?P<call>(?<!\w)@(?:channel|here|everyone)\b)"
    r"|(?P<emoji>:[a-z0-9_+-]+:)",
    re.DOTALL | re.IGNORECASE,
)
_BARE = re.compile(r"https?://[^\s<>`\"|]+?(?=[.,;:!?)]*(?:\s|$|&lt;|&gt;|`|\"|\|))")
_TAIL = re.compile(r"[.,;:!?'\"。，；：！？]+$")


def escape(text: str) -> str:
    """`&`, `<` and `>`, in this order and no other."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """The inverse of `escape`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def from_app(text: str) -> str:
    """An app's text as Slack stores it: its control sequences kept, stray `&<>` escaped, bare URLs wrapped."""
    kept: list[str] = []
    at = 0
    for control in _CONTROL.finditer(text):
        kept += [_plain_of_app(text[at : control.start()]), control.group()]
        at = control.end()
    return "".join([*kept, _plain_of_app(text[at:])])


def _plain_of_app(text: str) -> str:
    escaped = re.sub(r"&(?!(?:amp|lt|gt);)", "&amp;", text).replace("<", "&lt;").replace(">", "&gt;")
    return _BARE.sub(lambda match: f"<{match.group()}>", escaped)


def from_person(text: str, names: Mapping[str, str]) -> tuple[str, list[Json]]:
    """What somebody typed, as Slack sends it: the escaped text, and the rich text block of its own composer.

    `names` maps what may follow `@` (a user) or `#` (a channel, with the sign) to an ID, in lower case.
    """
    for sign, name in EMOJI.items():
        text = text.replace(sign, f":{name}:")
    written: list[str] = []
    elements: list[Json] = []
    section: list[Json] = []
    for wire, element in _tokens(text, names):
        written.append(wire)
        if element["type"] == "rich_text_preformatted":
            if section:
                elements.append({"type": "rich_text_section", "elements": section})
            elements.append(element)
            section = []
        else:
            section.append(element)
    if section:
        elements.append({"type": "rich_text_section", "elements": section})
    return "".join(written), [{"type": "rich_text", "elements": elements}] if elements else []


def links_of(text: str) -> list[str]:
    """The URLs wrapped in an escaped text, in order, each once, as people would write them."""
    found = re.findall(r"<(https?://[^<>|]+)(?:\|[^<>]*)?>", text)
    return list(dict.fromkeys(unescape(url) for url in found))


def _tokens(text: str, names: Mapping[str, str]) -> Iterator[tuple[str, Json]]:
    at = 0
    for match in _TOKEN.finditer(text):
        yield from _with_names(text[at : match.start()], names)
        at = match.end()
        kind, found = match.lastgroup if match.lastgroup != "inside" else "block", match.group()
        if kind == "block":
            inside = match.group("inside")
            piece: Json = {"type": "text", "text": inside.strip("\n")}
            yield f"```{escape(inside)}```", {"type": "rich_text_preformatted", "border": 0, "elements": [piece]}
        elif kind == "code":
            yield escape(found), {"type": "text", "text": found[1:-1], "style": {"code": True}}
        elif kind in {"url", "domain"}:
            yield from _link(found, names, bare=kind == "domain")
        elif kind == "mail":
            yield f"<mailto:{found}|{found}>", {"type": "link", "url": f"mailto:{found}", "text": found}
        elif kind == "call":
            yield f"<!{found[1:].lower()}>", {"type": "broadcast", "range": found[1:].lower()}
        else:
            yield found, {"type": "emoji", "name": found.strip(":")}
    yield from _with_names(text[at:], names)


def _link(found: str, names: Mapping[str, str], *, bare: bool) -> Iterator[tuple[str, Json]]:
    tail = _TAIL.search(found)
    url, rest = (found[: tail.start()], tail.group()) if tail else (found, "")
    while url.endswith(")") and url.count(")") > url.count("("):
        url, rest = url[:-1], ")" + rest
    if bare:
        yield f"<http://{escape(url)}|{escape(url)}>", {"type": "link", "url": f"http://{url}", "text": url}
    else:
        yield f"<{escape(url)}>", {"type": "link", "url": url}
    yield from _with_names(rest, names)


def _with_names(text: str, names: Mapping[str, str]) -> Iterator[tuple[str, Json]]:
    """Plain text in which `@name` and `#channel` are looked up, the longest name first."""
    known = sorted(names, key=len, reverse=True)
    pattern = "|".join(re.escape(name if name.startswith("#") else f"@{name}") for name in known)
    at = 0
    for match in re.finditer(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.IGNORECASE) if pattern else ():
        if before := text[at : match.start()]:
            yield escape(before), {"type": "text", "text": before}
        at = match.end()
        key = match.group().lower()
        if key.startswith("#"):
            yield f"<#{names[key]}>", {"type": "channel", "channel_id": names[key]}
        else:
            yield f"<@{names[key[1:]]}>", {"type": "user", "user_id": names[key[1:]]}
    if rest := text[at:]:
        yield escape(rest), {"type": "text", "text": rest}

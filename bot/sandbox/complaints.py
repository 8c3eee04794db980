"""Looking at one JSON value and saying, in Slack's words, what is wrong with it and where."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.shapes import ApiError, Json

FileCheck = Callable[[Json], str | None]


@dataclass
class Complaints:
    """What a set of blocks is refused for. `about_file` says what is wrong with a `slack_file`, or None."""

    surface: str
    about_file: FileCheck
    found: list[str] = field(default_factory=list)

    def say(self, what: str, where: str) -> None:
        self.found.append(f"{what} [json-pointer:{where}]")

    def raise_if_any(self, code: str = "invalid_blocks") -> None:
        """Refuse the call if anything was found.

        Raises:
            ApiError: with `errors` and `response_metadata.messages`, as Slack writes them.
        """
        if self.found:
            told = [f"[ERROR] {line}" for line in self.found]
            raise ApiError(code, errors=list(self.found), response_metadata={"messages": told})

    def string(self, value: Json, key: str, where: str, most: int, *, least: int = 1, needed: bool = True) -> str:
        """The string under `key`, checked for its length in characters; "" when it is not one."""
        if key not in value or value[key] is None:
            if needed:
                self.say(f"missing required field: {key}", where)
            return ""
        found = value[key]
        if not isinstance(found, str):
            self.say(f"must be a string: {key}", f"{where}/{key}")
            return ""
        if len(found) > most:
            self.say(f"must be less than {most + 1} characters", f"{where}/{key}")
        elif len(found) < least:
            self.say(f"must be more than {least - 1} characters", f"{where}/{key}")
        return found

    def items(self, value: Json, key: str, where: str, most: int, *, least: int = 1, needed: bool = True) -> list[Any]:
        """The array under `key`, checked for its length; [] when it is not one."""
        if key not in value or value[key] is None:
            if needed:
                self.say(f"missing required field: {key}", where)
            return []
        found = value[key]
        if not isinstance(found, list):
            self.say("must be an array", f"{where}/{key}")
            return []
        if len(found) > most:
            self.say(f"no more than {most} items allowed", f"{where}/{key}")
        elif len(found) < least:
            self.say(f"no fewer than {least} items allowed", f"{where}/{key}")
        return found

    def choice(self, value: Json, key: str, where: str, among: Collection[str], *, needed: bool = False) -> None:
        """The value under `key` must be one of `among`."""
        if key not in value:
            if needed:
                self.say(f"missing required field: {key}", where)
        elif value[key] not in among:
            self.say(f"must be one of: {', '.join(sorted(among))}", f"{where}/{key}")

    def number(self, value: Json, key: str, where: str, least: float, most: float) -> None:
        """A number under `key`, where there is one, within its bounds."""
        if key in value:
            found = value[key]
            if isinstance(found, bool) or not isinstance(found, int | float) or not least <= found <= most:
                self.say(f"must be a number from {least:g} to {most:g}", f"{where}/{key}")

    def object(self, value: Any, where: str) -> Json | None:
        """`value`, if it is an object."""
        if isinstance(value, dict):
            return value
        self.say("must be an object", where)
        return None

    def text(self, value: Json, key: str, where: str, most: int, *, plain: bool = False, needed: bool = True) -> str:
        """A text object under `key`: its type allowed here, its text of the right length."""
        if key not in value or value[key] is None:
            if needed:
                self.say(f"missing required field: {key}", where)
            return ""
        found = self.object(value[key], f"{where}/{key}")
        if found is None:
            return ""
        allowed = {"plain_text"} if plain else {"plain_text", "mrkdwn"}
        self.choice(found, "type", f"{where}/{key}", allowed, needed=True)
        if "emoji" in found and found.get("type") != "plain_text":
            self.say("invalid additional property: emoji", f"{where}/{key}")
        return self.string(found, "text", f"{where}/{key}", most)

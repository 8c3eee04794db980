"""The arguments of a call, whichever way they came: form, JSON, multipart or query, structures as JSON in a string."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from bot.sandbox.shapes import ApiError, flag


class Args:
    """Typed looks at a call's arguments. Empty strings count as absent, as in Slack."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = {key: value for key, value in values.items() if value is not None}

    def text(self, name: str) -> str:
        """The argument as a string, or ""."""
        value = self.values.get(name, "")
        return value if isinstance(value, str) else str(value)

    def need(self, name: str, error: str = "invalid_arguments") -> str:
        """The argument, which must be there.

        Raises:
            ApiError: `error`; for `invalid_arguments` with what is missing.
        """
        value = self.text(name)
        if value:
            return value
        if error != "invalid_arguments":
            raise ApiError(error)
        told = f"[ERROR] missing required field: {name}"
        raise ApiError(error, response_metadata={"messages": [told]})

    def has(self, name: str) -> bool:
        return name in self.values and self.values[name] != ""

    def flag(self, name: str, default: bool = False) -> bool:
        return flag(self.values[name]) if self.has(name) else default

    def number(self, name: str, default: int) -> int:
        try:
            return int(float(self.values.get(name, default)))
        except (TypeError, ValueError):
            raise ApiError("invalid_arguments") from None

    def json(self, name: str, error: str = "invalid_arguments") -> Any:
        """A structure, decoded where it came as a string; None if absent.

        Raises:
            ApiError: `error` for what is no JSON.
        """
        if not self.has(name):
            return None
        value = self.values[name]
        if not isinstance(value, str):
            return value
        try:
            return msgspec.json.decode(value)
        except msgspec.MsgspecError:
            raise ApiError(error) from None

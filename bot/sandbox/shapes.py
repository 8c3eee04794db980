"""The words everything here shares: a JSON object, a refusal, a time stamp."""

from __future__ import annotations

from typing import Any

from tracker.errors import RunciteError

Json = dict[str, Any]

SECOND = 1_000_000


class ApiError(RunciteError):
    """A call that is answered `ok: false`. `code` is Slack's error string, `extra` what stands beside it."""

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(f"The call was refused: {code}.")
        self.code = code
        self.extra = extra

    def body(self) -> Json:
        """The answer as Slack would write it."""
        return {"ok": False, "error": self.code, **self.extra}


def stamp(micros: int) -> str:
    """A message's `ts`: seconds and six digits."""
    return f"{micros // SECOND}.{micros % SECOND:06d}"


def flag(value: object) -> bool:
    """How a form says true: `1`, `true`, `True`, or JSON's own true."""
    return str(value).strip().lower() in {"1", "true", "yes"}

"""What is handed out for a short while: `response_url`s (five uses in 30 minutes) and `trigger_id`s (once, in 3 s)."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.people import TEAM
from bot.sandbox.shapes import SECOND, ApiError

USES = 5
LIFE = 30 * 60 * SECOND
TRIGGER_LIFE = 3 * SECOND


@dataclass
class Hook:
    """One response_url: where its answers go, and the message that `replace_original` means."""

    channel: str
    user: str
    made: int
    ts: str | None = None
    whispered: bool = False
    thread: str | None = None
    uses: int = 0


class Hooks:
    """Hands out and redeems. Thread-safe."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._hooks: dict[str, Hook] = {}
        self._triggers: dict[str, tuple[int, str]] = {}
        self._used: set[str] = set()

    def make(self, channel: str, user: str, **original: str | bool | None) -> str:
        """The path of a new response_url."""
        key = f"{TEAM}/{secrets.randbelow(10**12):012d}/{secrets.token_urlsafe(18)}"
        ts, thread = original.get("ts"), original.get("thread")
        with self._lock:
            self._hooks[key] = Hook(
                channel,
                user,
                self._clock(),
                ts if isinstance(ts, str) else None,
                bool(original.get("whispered")),
                thread if isinstance(thread, str) else None,
            )
        return f"/actions/{key}"

    def use(self, key: str) -> Hook:
        """The hook of a path, one use less.

        Raises:
            ApiError: `no_active_hooks` for none, `expired_url` after half an hour, `used_url` after five uses.
        """
        with self._lock:
            hook = self._hooks.get(key)
            if hook is None:
                raise ApiError("no_active_hooks")
            if self._clock() - hook.made > LIFE:
                raise ApiError("expired_url")
            if hook.uses >= USES:
                raise ApiError("used_url")
            hook.uses += 1
            return hook

    def trigger(self, user: str) -> str:
        """A new trigger_id of a user's gesture."""
        name = f"{secrets.randbelow(10**13):013d}.{secrets.randbelow(10**10):010d}.{secrets.token_hex(16)}"
        with self._lock:
            self._triggers[name] = (self._clock(), user)
        return name

    def redeem(self, trigger: str) -> str:
        """The user behind a trigger_id, which is used up by this.

        Raises:
            ApiError: `invalid_trigger_id`, `exchanged_trigger_id` for one used before, `expired_trigger_id`.
        """
        with self._lock:
            if trigger in self._used:
                raise ApiError("exchanged_trigger_id")
            if trigger not in self._triggers:
                raise ApiError("invalid_trigger_id")
            made, user = self._triggers.pop(trigger)
            if self._clock() - made > TRIGGER_LIFE:
                raise ApiError("expired_trigger_id")
            self._used.add(trigger)
            return user

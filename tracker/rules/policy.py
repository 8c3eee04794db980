"""What a board asks of a run and of a post, as instructors set it: `key=value`, one by one, or as a TOML table. Pure.

Keys are the board's own (`metric`, `split`, `max_runtime`, …) and the codes of findings that are not firm, with
`reject`, `warn`, `ignore` or `default`. `none` takes a setting back.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from tracker.errors import UsageError
from tracker.ids import clip
from tracker.record import BoardSpec, Rules
from tracker.rules.codes import EVERY, Meaning
from tracker.rules.words import duration, listed, number
from tracker.times import moment, parse_moment

Effect = Literal["reject", "warn", "ignore"]
EFFECTS: tuple[Effect, ...] = ("reject", "warn", "ignore")
SPLITS = ("val", "test", "train")
_UNITS = {"s": 1, "min": 60, "m": 60, "h": 3600, "d": 86_400}


@dataclass(frozen=True)
class Key:
    """A setting: what it means, how a value is read, and how it is said."""

    name: str
    meaning: str
    read: Callable[[str], Any]
    say: Callable[[Any], str] = str


def _choice(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise UsageError(f"{clip(text)!r} is none of {', '.join(choices)}.")
        return text

    return read


def _name(text: str) -> str:
    if not text or len(text) > 200 or not text.isprintable():
        raise UsageError(f"{clip(text)!r} is no metric's name.")
    return text


def _number(text: str) -> float:
    try:
        value = float(text.replace("%", "")) / (100 if text.endswith("%") else 1)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"{clip(text)!r} is no number.")
    return value


def _positive(text: str) -> float:
    value = _number(text)
    if value <= 0:
        raise UsageError(f"{clip(text)!r} is not more than nothing.")
    return value


def _whole(text: str) -> int:
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([kKmMbB]?)", text.replace("_", "").replace(",", ""))
    value = float(found[1]) * {"": 1, "k": 10**3, "m": 10**6, "b": 10**9}[found[2].lower()] if found else 0
    if value < 1 or value != int(value):
        raise UsageError(f"{clip(text)!r} is no whole number of one or more.")
    return int(value)


def _seconds(text: str) -> float:
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(s|min|m|h|d)?", text)
    if not found or float(found[1]) <= 0:
        raise UsageError(f"{clip(text)!r} is no time.", remedy="Write it as 90min or 2h.")
    return float(found[1]) * _UNITS[found[2] or "s"]


def _digest(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise UsageError(f"{clip(text)!r} is no digest.", remedy="It has 64 hex digits: `runcite show RUN` names them.")
    return text


def _yes(text: str) -> bool:
    return _choice("yes", "no")(text) == "yes"


SETTINGS: tuple[Key, ...] = (
    Key("metric", "the metric that ranks", _name),
    Key("direction", "which way is better: max or min", _choice("max", "min")),
    Key("aggregate", "what counts of a run: best or last", _choice("best", "last")),
    Key("split", "the split that claims must be about", _choice(*SPLITS)),
    Key("data_digest", "the data set that runs must use, by its digest", _digest, lambda value: f"{value[:12]}…"),
    Key("low", "the least value that is plausible", _number, number),
    Key("high", "the greatest value that is plausible", _number, number),
    Key("max_runtime", "how long a run may take", _seconds, duration),
    Key("max_gpu_hours", "how many GPU hours a run may take", _positive, number),
    Key("max_parameters", "how many parameters a model may have", _whole, lambda value: f"{value:,}"),
    Key("attempts", "how many accepted posts a member has", _whole),
    Key("tolerance", "how far a reproduced value may lie from the original", _positive, number),
    Key("closes", "when the board closes for posts", parse_moment, moment),
    Key("private_split", "the split that nobody sees before the board closes", _choice(*SPLITS)),
    Key("pseudonyms", "whether members go by pseudonyms until the board closes", _yes, lambda value: "yes"),
)
KEYS = {key.name: key for key in SETTINGS}
_OF_BOARD = frozenset({"metric", "direction", "aggregate"})
_DEFAULTS: dict[str, Any] = {"direction": "max", "aggregate": "best"}


def changed(spec: BoardSpec, settings: Mapping[str, str]) -> BoardSpec:
    """The board with these settings.

    Raises:
        UsageError: an unknown key (with the one that was probably meant), a value that cannot be, or a firm finding.
    """
    for name, text in settings.items():
        spec = _with(spec, name.strip().lower().replace(" ", "_"), text.strip())
    rules = spec.rules
    if rules.low is not None and rules.high is not None and rules.low > rules.high:
        raise UsageError(f"low ({number(rules.low)}) is above high ({number(rules.high)}).")
    if rules.closes is None and (rules.private_split or rules.pseudonyms):
        raise UsageError("What is hidden until the board closes needs a time.", remedy="Set closes=2026-12-01T18:00.")
    return spec


def _with(spec: BoardSpec, name: str, text: str) -> BoardSpec:
    code = name.replace("_", "-")
    if code in EVERY:
        return _with_policy(spec, EVERY[code], text.lower())
    key = KEYS.get(name.replace("-", "_"))
    if key is None:
        near = difflib.get_close_matches(code, [*EVERY, *(each.replace("_", "-") for each in KEYS)], n=1)
        remedy = f"Did you mean {near[0]}?" if near else "Keys are those that /results policy lists."
        raise UsageError(f"A board has no setting {clip(name, 40)!r}.", remedy=remedy)
    taken_back = text.lower() in {"none", "default", ""}
    if taken_back and key.name == "metric":
        raise UsageError("A board needs a metric.")
    value = _DEFAULTS.get(key.name) if taken_back else key.read(text if key.name == "metric" else text.lower())
    if key.name in _OF_BOARD:
        return msgspec.structs.replace(spec, **{key.name: value})
    if key.name == "pseudonyms":
        value = bool(value)
    return msgspec.structs.replace(spec, rules=msgspec.structs.replace(spec.rules, **{key.name: value}))


def _with_policy(spec: BoardSpec, meaning: Meaning, text: str) -> BoardSpec:
    if meaning.firm:
        firm = "is firm: it rejects on every board" if meaning.severity == "reject" else "is only said"
        raise UsageError(f"{meaning.code} {firm}.")
    policy = {code: effect for code, effect in spec.rules.policy.items() if code != meaning.code}
    wanted = next((effect for effect in EFFECTS if effect == text), None)
    if wanted is not None:
        policy[meaning.code] = wanted
    elif text not in {"default", "none"}:
        raise UsageError(f"{clip(text)!r} is none of {listed([*EFFECTS, 'default'], joint='or')}.")
    return msgspec.structs.replace(spec, rules=msgspec.structs.replace(spec.rules, policy=policy))


def settings_of(table: Mapping[str, Any]) -> dict[str, str]:
    """The settings in a TOML table: its keys, and those of its table `policy` (and `rules`), as text.

    Raises:
        UsageError: a value is neither text, number, truth value, date nor one of these tables.
    """
    found: dict[str, str] = {}
    for name, value in table.items():
        if isinstance(value, Mapping) and name in {"policy", "rules"}:
            found |= settings_of(value)
        elif isinstance(value, bool):
            found[name] = "yes" if value else "no"
        elif isinstance(value, str | int | float):
            found[name] = str(value)
        elif hasattr(value, "isoformat"):
            found[name] = value.isoformat()
        else:
            raise UsageError(
                f"{clip(name, 40)} is no setting.", remedy="Write key = value, and [policy] code = effect."
            )
    return found


def said(spec: BoardSpec) -> tuple[tuple[str, str, str], ...]:
    """Every setting that is set: its key, its value in words, and what it means."""
    lines = []
    for key in SETTINGS:
        value = getattr(spec if key.name in _OF_BOARD else spec.rules, key.name)
        if value is not None and value is not False:
            lines.append((key.name, key.say(value), key.meaning))
    return tuple(lines)


def effects(rules: Rules) -> tuple[tuple[Meaning, str], ...]:
    """Every finding that a board may decide on, and what it does on this one."""
    open_ones = [meaning for meaning in EVERY.values() if not meaning.firm]
    return tuple((meaning, rules.policy.get(meaning.code, meaning.severity)) for meaning in open_ones)

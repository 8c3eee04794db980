"""Hyperparameters in a command line, as argparse, click, Fire and Hydra write them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from tracker.snapshot import Scalar

_ASSIGNED = re.compile(r"(?:\+{0,2})([A-Za-z_][\w.@/-]*)=(.*)", re.DOTALL)
_VARIABLE = re.compile(r"[A-Za-z_]\w*")
_LONG = re.compile(r"--?([A-Za-z][\w.-]*)(?:=(.*))?", re.DOTALL)
_PYTHON = re.compile(r"(?:.*/)?python(?:\d+(?:\.\d+)*)?")
_TAKES_VALUE = frozenset({"-W", "-X", "--check-hash-based-pycs"})
_PLACES = ("LD_", "PATH", "PYTHON")
_WORDS: Mapping[str, Scalar] = {"true": True, "false": False, "none": None, "null": None}


def of_command(command: Sequence[str], given: Mapping[str, str]) -> dict[str, Scalar]:
    """The parameters that a command gives: options with values, flags, and `key=value`.

    `given` are the variables that its command line sets (`env LR=0.1 python …`): parameters too, but for those that say
    where programs and modules are.
    """
    variables = {key: _typed(value) for key, value in given.items() if _is_parameter(key)}
    return {**variables, **dict(_options(_arguments(command)))}


def _is_parameter(variable: str) -> bool:
    return _VARIABLE.fullmatch(variable) is not None and not variable.startswith(_PLACES)


def _arguments(command: Sequence[str]) -> list[str]:
    """What the program gets: behind the script of an interpreter, or behind the command's name."""
    if not command or not _PYTHON.fullmatch(command[0]):
        return list(command[1:])
    place = 1
    while place < len(command):
        word = command[place]
        if word in {"-m", "-c"}:
            return list(command[place + 2 :])
        if not word.startswith("-"):
            return list(command[place + 1 :])
        place += 2 if word in _TAKES_VALUE else 1
    return []


def _options(words: Sequence[str]) -> Iterator[tuple[str, Scalar]]:
    place = 0
    while place < len(words):
        word = words[place]
        place += 1
        if word == "--":
            return
        option = _LONG.fullmatch(word)
        if option is None:
            if assigned := _ASSIGNED.fullmatch(word):
                yield assigned[1], _typed(assigned[2])
            continue
        key = option[1]
        if option[2] is not None:
            yield key, _typed(option[2])
            continue
        values = []
        while place < len(words) and _is_value(words[place]):
            values.append(words[place])
            place += 1
        if not values and key.startswith("no-"):
            yield key[3:], False
        else:
            yield key, True if not values else _typed(values[0]) if len(values) == 1 else " ".join(values)


def _is_value(word: str) -> bool:
    """Whether a word behind an option is its value: no option itself, though it may be a negative number."""
    if _ASSIGNED.fullmatch(word) and not word.startswith(("/", ".")):
        return False
    return not word.startswith("-") or isinstance(_typed(word), int | float)


def _typed(text: str) -> Scalar:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    for read in (int, float):
        try:
            value: int | float = read(text)
        except ValueError:
            continue
        return value if abs(value) < 1 << 62 else text  # NaN and infinite ones stay text, too
    return text

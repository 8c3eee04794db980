"""What every command may print without a table: JSON for programs, and one-line complaints."""

from __future__ import annotations

import sys

import msgspec


def complain(message: str, remedy: str = "") -> None:
    """One line on standard error: what happened, and what to type next."""
    line = printable(" ".join(f"{message} {remedy}".split()))
    sys.stderr.write(f"runcite: {line}\n")


def as_json(value: object) -> None:
    """`value` as one line of JSON on standard output; non-finite numbers are null."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def printable(text: str) -> str:
    """`text` without what could move the cursor or colour a terminal."""
    return "".join(symbol if symbol.isprintable() or symbol == "\n" else "\ufffd" for symbol in text)

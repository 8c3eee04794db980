"""Parts of the command line, loaded by name when they are needed: start-up stays quick, installs stay small."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from tracker.errors import UsageError


def part(name: str) -> ModuleType:
    """The module of that name.

    Raises:
        UsageError: a package that it stands on is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in ("tracker", "bot", "training"):
            raise
        raise UsageError(
            f"This needs the package {error.name}, which is not installed.",
            remedy="Type: pip install 'runcite[server]', or set RUNCITE_URL to a Runcite server.",
        ) from None

"""The server that a command's runs may go to."""

from tests.tracker.server.conftest import house

__all__ = ["house"]

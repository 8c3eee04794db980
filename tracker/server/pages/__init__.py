"""The pages: rendered here, readable without a script; scripts only draw curves."""

from __future__ import annotations

from fastapi import APIRouter

from tracker.server.pages import (
    artifacts,
    assets,
    board,
    compare,
    curves,
    door,
    pictures,
    projects,
    run,
    statistics,
    sweep,
    trace,
)
from tracker.server.pages.door import error_page, login_address

__all__ = ["error_page", "login_address", "router"]


def router() -> APIRouter:
    """Every page."""
    whole = APIRouter(include_in_schema=False)
    for part in (pictures, board, sweep, projects, trace, curves, run, compare, artifacts, statistics, door, assets):
        whole.include_router(part.router)
    return whole

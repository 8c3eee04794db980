"""The HTTP API under /api/v1: writers send batches and blobs, readers get records."""

from __future__ import annotations

from fastapi import APIRouter

from tracker.server.api import blobs, ingest, judging, people, projects, roots, runs, uploads
from tracker.server.api.shapes import PREFIX

__all__ = ["PREFIX", "router"]


def router() -> APIRouter:
    """Every endpoint of the API."""
    whole = APIRouter()
    for part in (ingest, blobs, uploads, people, projects, judging, roots, runs):
        whole.include_router(part.router)
    return whole

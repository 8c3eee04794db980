"""What an entry of the table of protections says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Protection:
    """One protection: against what fault, where it stands, and the test that misses it."""

    fault: str
    file: str
    strong: str
    weak: str
    test: str

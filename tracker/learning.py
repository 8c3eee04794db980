"""msgspec's types, made safe for threads.

msgspec looks at a type's fields when it first meets the type, and two threads that make it do so at once end the
process. What is decoded where there are threads has its decoder made at import, or is `learned`.
"""

from __future__ import annotations

import threading
from typing import TypeVar

import msgspec

T = TypeVar("T")
_learning = threading.Lock()
_learned: set[object] = set()


def learned(kind: type[T]) -> type[T]:
    """`kind`, its fields known to msgspec, whichever threads ask for it at once."""
    if kind not in _learned:
        with _learning:
            msgspec.json.Decoder(kind)
            _learned.add(kind)
    return kind

"""The wire format of protocol buffers, as much as reading needs: the fields of a message, one after the other. Pure."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tracker.errors import Corrupt

Value = int | bytes
Field = tuple[int, Value]


def fields(data: bytes) -> Iterator[Field]:
    """Number and value of each field: a whole number, or bytes (of a length told, or 4 or 8 of a fixed number).

    Raises:
        Corrupt: the bytes are no message.
    """
    place, end = 0, len(data)
    while place < end:
        tag, place = _varint(data, place)
        wire = tag & 7
        if wire == 0:
            value, place = _varint(data, place)
            yield tag >> 3, value
            continue
        if wire == 2:
            size, place = _varint(data, place)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise Corrupt(f"A message has a field of the unknown kind {wire}.")
        if place + size > end:
            raise Corrupt("A message ends in the middle of a field.")
        yield tag >> 3, data[place : place + size]
        place += size


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(data) and shift < 70:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & (1 << 64) - 1, place
        shift += 7
    raise Corrupt("A message has a number that does not end.")


def whole(value: Value) -> int:
    """A field's value as a signed whole number of 64 bits; 0 for what is none."""
    if not isinstance(value, int):
        return 0
    return value - (1 << 64) if value >= 1 << 63 else value


def text(value: Value) -> str:
    """A field's value as text."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def message(value: Value) -> bytes:
    """A field's value as a message of its own."""
    return value if isinstance(value, bytes) else b""


def float32(value: Value) -> float:
    """A field's value as a number of 32 bits; NaN for what is none."""
    return float(struct.unpack("<f", value)[0]) if isinstance(value, bytes) and len(value) == 4 else float("nan")


def float64(value: Value) -> float:
    """A field's value as a number of 64 bits; NaN for what is none."""
    return float(struct.unpack("<d", value)[0]) if isinstance(value, bytes) and len(value) == 8 else float("nan")

"""The journal's bytes: a header, then frames, each with its own checksum.

    header   "RUNCITE\\x01"  seed:u32  crc:u32
    frame    crc:u32  head:u32 (kind << 24 | words)  payload: words × 8 bytes

Little endian, everything on 8 bytes. The checksum is CRC-32 over head and payload, started from the header's
random seed, so that bytes of another journal never pass for this one's. Unwritten space is zeros, and no frame
has head 0. A row of metrics is step, time (nanoseconds since 1970) and the values of its shape; a shape, the
tuple of names, is declared once.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from zlib import crc32

import msgspec

from tracker.errors import Corrupt
from tracker.events import Body

MAGIC = b"RUNCITE\x01"
START = 16
OWNER, EVENT, SHAPE, WIDE_ROW, PAD = 1, 2, 3, 4, 5
FIRST_ROW = 8  # kinds from here on are rows of shape (kind - FIRST_ROW)
NARROW = 256 - FIRST_ROW
MAX_WORDS = (1 << 24) - 1

_HEADER = struct.Struct("<8sII")
_PAIR = struct.Struct("<II")
_WORD = struct.Struct("<I")
_LONG = struct.Struct("<Q")


class Owner(msgspec.Struct, frozen=True):
    """Whose segment it is: the first frame of a journal. `started` is the process's start in clock ticks since boot.

    `host` and `boot` say on which machine and since which boot the process ID means something; `cgroup` and
    `oom_kills` are the memory controller's folder and its count at the start, where there is one.
    """

    run_id: str
    segment: str
    nonce: str
    pid: int
    host: str
    at: int
    boot: str = ""
    started: int = 0
    cgroup: str = ""
    oom_kills: int = 0


class Said(msgspec.Struct, frozen=True, array_like=True):
    """An event as it stands in a journal: when, and what."""

    at: int
    body: Body


class Shape(msgspec.Struct, frozen=True, array_like=True):
    """The names that the rows of a shape give values to, in order."""

    id: int
    names: tuple[str, ...]


class Frame(msgspec.Struct, frozen=True):
    """One sound frame: where it starts and ends, its kind, and its payload."""

    start: int
    end: int
    kind: int
    payload: bytes


_encode = msgspec.msgpack.Encoder().encode


def header(seed: int) -> bytes:
    """The first 16 bytes of a journal."""
    return _HEADER.pack(MAGIC, seed, crc32(_HEADER.pack(MAGIC, seed, 0)[:12]))


def seed_of(head: bytes) -> int:
    """The seed in a journal's header.

    Raises:
        Corrupt: these are not the first bytes of a journal.
    """
    if len(head) < START:
        raise Corrupt("The journal ends within its header.")
    magic, seed, crc = _HEADER.unpack_from(head)
    if magic != MAGIC or crc != crc32(head[:12]):
        raise Corrupt("The journal's header is damaged.")
    return int(seed)


def head_of(kind: int, words: int) -> int:
    """The second half of a frame's first word."""
    return kind << 24 | words


def start_of(head: int, seed: int) -> int:
    """What the checksum of a frame's payload starts from."""
    return crc32(_WORD.pack(head), seed)


def seal(kind: int, payload: bytes, seed: int) -> bytes:
    """A whole frame. The payload must fill 8-byte words."""
    words, rest = divmod(len(payload), 8)
    if rest or words > MAX_WORDS:
        raise Corrupt(f"A frame of {len(payload):,} bytes does not fit a journal.")
    head = head_of(kind, words)
    return _PAIR.pack(crc32(payload, start_of(head, seed)), head) + payload


def _padded(data: bytes) -> bytes:
    return _LONG.pack(len(data)) + data + bytes(-len(data) % 8)


def _unpadded(payload: bytes) -> bytes:
    (size,) = _LONG.unpack_from(payload)
    return payload[8 : 8 + size]


def owner_frame(owner: Owner, seed: int) -> bytes:
    """The first frame."""
    return seal(OWNER, _padded(_encode(owner)), seed)


def event_frame(at: int, body: Body, seed: int) -> bytes:
    """The frame of an event said at `at` (microseconds)."""
    return seal(EVENT, _padded(_encode(Said(at, body))), seed)


def shape_frame(shape: Shape, seed: int) -> bytes:
    """The frame that declares a shape."""
    return seal(SHAPE, _padded(_encode(shape)), seed)


def pad_frame(size: int, seed: int) -> bytes:
    """A frame of exactly `size` bytes (a multiple of 8) that says nothing."""
    return seal(PAD, bytes(size - 8), seed)


def row_kind(shape: int) -> int:
    """The kind of frame that holds a row of this shape."""
    return FIRST_ROW + shape if shape < NARROW else WIDE_ROW


def read_owner(payload: bytes) -> Owner:
    """The owner in an OWNER frame. Raises msgspec.DecodeError for what is none."""
    return msgspec.msgpack.decode(_unpadded(payload), type=Owner)


def read_said(payload: bytes) -> Said:
    """The event in an EVENT frame. Raises msgspec.DecodeError for what is none."""
    return msgspec.msgpack.decode(_unpadded(payload), type=Said)


def read_shape(payload: bytes) -> Shape:
    """The shape in a SHAPE frame. Raises msgspec.DecodeError for what is none."""
    return msgspec.msgpack.decode(_unpadded(payload), type=Shape)


def frame_at(data: bytes | memoryview, at: int, seed: int, base: int = 0) -> Frame | None:
    """The sound frame that starts at `at` in `data`, or None. `base` is the position of `data` in the journal."""
    if at + 8 > len(data):
        return None
    crc, head = _PAIR.unpack_from(data, at)
    kind, words = head >> 24, head & MAX_WORDS
    end = at + 8 + 8 * words
    if kind == 0 or end > len(data):
        return None
    payload = bytes(data[at + 8 : end])
    if crc32(payload, start_of(head, seed)) != crc:
        return None
    return Frame(base + at, base + end, kind, payload)


def walk(data: bytes | memoryview, at: int, seed: int, base: int = 0) -> Iterator[Frame]:
    """The sound frames from `at` on, up to the first place where none starts."""
    while (frame := frame_at(data, at, seed, base)) is not None:
        yield frame
        at = frame.end - base


def next_sound(data: bytes | memoryview, at: int, seed: int) -> int | None:
    """Where the next sound frame starts at or behind `at`, past whatever damage lies between."""
    zeros = bytes(8)
    for start in range(at, len(data) - 7, 8):
        if data[start : start + 8] != zeros and frame_at(data, start, seed) is not None:
            return start
    return None

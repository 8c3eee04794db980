"""Two ways of laying records one behind the other in a file, each with a checksum: TensorFlow's and LevelDB's.

Both are read to where the file is torn; what stands before that is kept, and the caller is told.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO
from zlib import crc32

from tracker.errors import Corrupt

BLOCK = 1 << 15
MOST = 1 << 30
"""A record of more bytes than this is none."""
_HEAD = 7
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4


def _table() -> tuple[int, ...]:
    """The remainders of Castagnoli's polynomial, for each byte."""
    found = []
    for byte in range(256):
        rest = byte
        for _ in range(8):
            rest = (rest >> 1) ^ (0x82F63B78 if rest & 1 else 0)
        found.append(rest)
    return tuple(found)


_CRC32C = _table()


def masked(data: bytes) -> int:
    """The masked CRC-32C that TensorFlow writes behind what it counts over."""
    rest, table = 0xFFFFFFFF, _CRC32C
    for byte in data:
        rest = table[(rest ^ byte) & 0xFF] ^ (rest >> 8)
    rest ^= 0xFFFFFFFF
    return (((rest >> 15) | (rest << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def tfrecords(stream: BinaryIO) -> Iterator[bytes]:
    """The records of a TFRecord file, each checked.

    Raises:
        Corrupt: behind the last whole record there is something that is none.
    """
    place = 0
    while head := stream.read(12):
        if len(head) < 12:
            raise Corrupt(f"it is torn at byte {place:,}")
        size, checksum = struct.unpack("<QI", head)
        if masked(head[:8]) != checksum or size > MOST:
            raise Corrupt(f"it is damaged at byte {place:,}")
        body = stream.read(size + 4)
        if len(body) < size + 4:
            raise Corrupt(f"it is torn at byte {place:,}")
        if masked(body[:size]) != struct.unpack("<I", body[size:])[0]:
            raise Corrupt(f"it is damaged at byte {place:,}")
        yield body[:size]
        place += 16 + size


def leveldb(stream: BinaryIO, header: int) -> Iterator[bytes]:
    """The records of a log in LevelDB's format with plain CRC-32s, behind a header of so many bytes.

    Raises:
        Corrupt: behind the last whole record there is something that is none.
    """
    place, begun, parts = header, False, b""
    stream.seek(header)
    while True:
        room = BLOCK - place % BLOCK
        if room < _HEAD:
            place += len(stream.read(room))
            continue
        head = stream.read(_HEAD)
        if not head and not begun:
            return
        if len(head) < _HEAD:
            raise Corrupt(f"it is torn at byte {place:,}")
        checksum, size, kind = struct.unpack("<IHB", head)
        body = stream.read(size)
        if kind not in (_FULL, _FIRST, _MIDDLE, _LAST) or size > room - _HEAD:
            raise Corrupt(f"it is torn at byte {place:,}" if not any(head) else f"it is damaged at byte {place:,}")
        if len(body) < size:
            raise Corrupt(f"it is torn at byte {place:,}")
        if crc32(head[6:] + body) != checksum or (kind in (_FULL, _FIRST)) == begun:
            raise Corrupt(f"it is damaged at byte {place:,}")
        place += _HEAD + size
        begun, parts = True, parts + body
        if kind in (_FULL, _LAST):
            yield parts
            begun, parts = False, b""

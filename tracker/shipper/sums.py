"""The checksums of many rows in one go.

Rows of equal size, each with its CRC-32, are sound together when the CRC-32 over all of them is the one that follows
from theirs: a checksum goes on over further bytes by a linear step that depends on their number alone, so neighbours
are joined pair by pair, for all pairs at once. One that does not belong betrays itself as it would in a CRC-32 over
everything. Asking for each row's own costs five times as much, most of it for the asking.
"""

from __future__ import annotations

from functools import lru_cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

UInt32s = NDArray[np.uint32]


def all_right(data: bytes, at: int, count: int, stride: int, start: int) -> bool:
    """Whether each of `count` frames of `stride` bytes from `at` on (checksum, head, payload) has in front the CRC-32
    of its payload, reckoned from `start`."""
    frames = np.frombuffer(data, np.uint8, count * stride, at).reshape(count, stride)
    sums = np.ndarray((count,), "<u4", data, at, (stride,))
    together = crc32(np.ascontiguousarray(frames[:, 8:]).data, start)
    return together ^ start == _joined(sums ^ np.uint32(start), stride - 8)


def _joined(sums: UInt32s, size: int) -> int:
    """The checksum of pieces of `size` bytes, one behind the other, from theirs; all are reckoned from zero."""
    level = 0
    while len(sums) > 1:
        if len(sums) % 2:
            sums = np.concatenate((np.zeros(1, np.uint32), sums))  # nothing in front changes nothing
        sums = _moved(sums[0::2], _tables(size, level)) ^ sums[1::2]
        level += 1
    return int(sums[0])


def _moved(sums: UInt32s, tables: UInt32s) -> UInt32s:
    """The checksums after as many further bytes as the tables are for, all of them zero."""
    moved: UInt32s = tables[0][sums & np.uint32(255)]
    for place in range(1, 4):
        moved ^= tables[place][sums >> np.uint32(8 * place) & np.uint32(255)]
    return moved


@lru_cache(1024)
def _tables(size: int, level: int) -> UInt32s:
    """What each byte of a checksum becomes after `size` << `level` bytes of zeros."""
    if level:
        half = _tables(size, level - 1)
        bits = _moved(_moved(np.uint32(1) << np.arange(32, dtype=np.uint32), half), half)
    else:
        zeros = bytes(size)
        bits = np.array([crc32(zeros, 1 << bit) ^ crc32(zeros) for bit in range(32)], np.uint32)
    tables = np.zeros((4, 256), np.uint32)
    for bit in range(32):
        place, width = bit // 8, 1 << bit % 8
        tables[place, width : 2 * width] = tables[place, :width] ^ bits[bit]
    return tables

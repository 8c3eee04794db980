"""Numbers as byte planes: the lowest bytes of all numbers, then the next ones, each plane as small as it gets.

    code  u16, two bits a plane from the lowest byte up: 0 all zero, 1 as it is, 2 deflated
    for each plane that is not zero, in order: [length varint, where deflated] bytes

Neighbouring numbers share their high bytes, so those planes shrink to nothing, and the noise in the low ones
is copied, not fought. Integers go in as differences above the least of them.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from tracker.errors import Corrupt

UInt64s = NDArray[np.uint64]
Int64s = NDArray[np.int64]
_ZERO, _RAW, _DEFLATED = range(3)
SMALL = 0.97
"""A plane is deflated where that leaves at most this share of it: bytes are dear,"""
QUICK = 0.1
"""or this share: reading time is dear. Taking a plane as it is costs a tenth of inflating it."""
_SAMPLE = 1 << 14
_ORDERS = 3


class Reader:
    """A position in bytes that come from anywhere: every read is checked."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._at = 0

    @property
    def position(self) -> int:
        """How many bytes have been read."""
        return self._at

    def take(self, size: int) -> memoryview:
        """The next `size` bytes.

        Raises:
            Corrupt: there are not so many.
        """
        end = self._at + size
        if size < 0 or end > len(self._data):
            raise Corrupt("A series ends too early.")
        piece = self._data[self._at : end]
        self._at = end
        return piece

    def varint(self) -> int:
        """The next number, in groups of seven bits, the lowest first."""
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            if byte < 128:
                break
            shift += 7
            if shift > 63:
                raise Corrupt("A series holds a number that is too long.")
        if value >> 64:
            raise Corrupt("A series holds a number that is too long.")
        return value

    def end(self) -> None:
        """Nothing may follow."""
        if self._at != len(self._data):
            raise Corrupt("A series has bytes behind its end.")


def varint(value: int) -> bytes:
    """A number of at most 64 bits in groups of seven, the lowest first."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def write_planes(numbers: UInt64s, share: float = SMALL) -> bytes:
    """The planes of `numbers`."""
    count = len(numbers)
    if not count:
        return b"\0\0"
    top = int(np.bitwise_or.reduce(numbers))
    width = (top.bit_length() + 7) // 8
    if not width:
        return b"\0\0"
    planes = np.ascontiguousarray(numbers.astype("<u8", copy=False).view(np.uint8).reshape(count, 8)[:, :width].T)
    code = 0
    out = []
    for index in range(width):
        if not top >> 8 * index & 255:
            continue
        plane = planes[index].tobytes()
        packed = _deflated(plane, share)
        if packed is None:
            code |= _RAW << 2 * index
            out.append(plane)
        else:
            code |= _DEFLATED << 2 * index
            out += [varint(len(packed)), packed]
    return code.to_bytes(2, "little") + b"".join(out)


def _deflated(plane: bytes, share: float) -> bytes | None:
    """The plane deflated, or None where that leaves more than its share: a sample of a long one tells."""
    if len(plane) < 16:
        return None
    if len(plane) > 2 * _SAMPLE:
        middle = len(plane) // 2
        sample = plane[middle : middle + _SAMPLE]
        if len(_deflate(sample)) > len(sample) * share:
            return None
    packed = _deflate(plane)
    return packed if len(packed) + 2 < len(plane) * share else None


def _deflate(data: bytes) -> bytes:
    # Bytes of numbers repeat themselves at once or not at all: looking for longer matches costs time and gains nothing.
    deflater = zlib.compressobj(6, zlib.DEFLATED, -15, 9, zlib.Z_RLE)
    return deflater.compress(data) + deflater.flush()


def read_planes(reader: Reader, count: int) -> UInt64s | None:
    """The `count` numbers that `write_planes` wrote; None where they are all zero.

    Raises:
        Corrupt: these are no such planes.
    """
    code = int.from_bytes(reader.take(2), "little")
    if not code:
        return None
    kinds = [code >> 2 * index & 3 for index in range(8)]
    width = next(size for size in (1, 2, 4, 8) if not any(kinds[size:]))
    planes = np.zeros((count, width), np.uint8)
    for index, kind in enumerate(kinds[:width]):
        if kind == _RAW:
            planes[:, index] = np.frombuffer(reader.take(count), np.uint8)
        elif kind == _DEFLATED:
            planes[:, index] = np.frombuffer(_inflated(reader.take(reader.varint()), count), np.uint8)
        elif kind != _ZERO:
            raise Corrupt("A series has a plane of an unknown kind.")
    return planes.view(f"<u{width}").reshape(count).astype(np.uint64, copy=False)


def _inflated(data: memoryview, count: int) -> bytes:
    inflater = zlib.decompressobj(-15)
    try:
        plane = inflater.decompress(data, count + 1)
    except zlib.error:
        raise Corrupt("A series has a plane that does not inflate.") from None
    if len(plane) != count or not inflater.eof or inflater.unused_data:
        raise Corrupt("A series has a plane of the wrong length.")
    return plane


def write_integers(numbers: Int64s, share: float = SMALL) -> bytes:
    """Integers as differences of differences, of the order that leaves the least.

    order u8 · the first number of each order · the least of what is left · the planes of the rest above it.
    Single numbers are varints, the sign in the lowest bit. Sums wrap around at 64 bits, so that nothing overflows.
    """
    if len(numbers) == 1:
        return b"\0" + _folded(int(numbers[0])) + write_planes(numbers[:0].view(np.uint64))
    tried = [numbers]
    while len(tried) < _ORDERS and len(tried[-1]) > 1:
        tried.append(tried[-1][1:] - tried[-1][:-1])
    spreads = [_spread(differences) for differences in tried]
    order = spreads.index(min(spreads))
    best = tried[order]
    least = best.min()
    head = bytearray([order])
    for value in (*(differences[0] for differences in tried[:order]), least):
        head += _folded(int(value))
    return bytes(head) + write_planes((best - least).view(np.uint64), share)


def read_integers(reader: Reader, count: int) -> Int64s:
    """The `count` integers that `write_integers` wrote.

    Raises:
        Corrupt: these are no such integers.
    """
    order = reader.take(1)[0]
    if order >= _ORDERS or order >= count:
        raise Corrupt("A series has differences of an unknown order.")
    firsts = [_unfolded(reader.varint()) for _ in range(order)]
    least = _unfolded(reader.varint())
    above = read_planes(reader, count - order)
    if above is None and order == 1:
        return np.int64(firsts[0]) + np.int64(least) * np.arange(count, dtype=np.int64)
    numbers = np.empty(count, np.int64)
    if above is None:
        numbers[order:] = least
    else:
        np.add(above.view(np.int64), np.int64(least), out=numbers[order:])
    for depth in reversed(range(order)):
        numbers[depth] = firsts[depth]
        np.cumsum(numbers[depth:], out=numbers[depth:])
    return numbers


def _spread(numbers: Int64s) -> float:
    """How far apart most of the numbers lie, a few outliers left aside."""
    count = len(numbers)
    sample = numbers[:: max(1, count // 256)].astype(np.float64)
    aside = len(sample) // 16
    sample.partition((aside, len(sample) - 1 - aside))
    return float(sample[len(sample) - 1 - aside] - sample[aside])


def _folded(value: int) -> bytes:
    return varint(value << 1 if value >= 0 else ~(value << 1))


def _unfolded(folded: int) -> int:
    return ~(folded >> 1) if folded & 1 else folded >> 1

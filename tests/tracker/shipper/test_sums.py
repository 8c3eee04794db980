"""Many rows' checksums are right together exactly when each of them is."""

import struct
from random import Random
from zlib import crc32

from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.shipper.sums import all_right


def frames(rng: Random, count: int, stride: int, start: int) -> bytearray:
    rows = [rng.randbytes(stride - 8) for _ in range(count)]
    return bytearray(b"".join(struct.pack("<II", crc32(row, start), 7) + row for row in rows))


@settings(max_examples=60)
@given(st.integers(1, 700), st.sampled_from([32, 40, 104, 2408]), st.integers(0, 2**32 - 1), st.integers(0), st.data())
def test_one_flipped_bit_anywhere_is_found(
    count: int, stride: int, start: int, noise: int, data: st.DataObject
) -> None:
    journal = frames(Random(noise), count, stride, start)
    assert all_right(bytes(16) + journal, 16, count, stride, start)
    assert not all_right(bytes(journal), 0, count, stride, start ^ 1)
    place = data.draw(st.integers(0, count - 1)) * stride
    journal[place + data.draw(st.sampled_from([0, 3, *range(8, stride)]))] ^= 1 << data.draw(st.integers(0, 7))
    assert not all_right(bytes(journal), 0, count, stride, start)


def test_rows_that_have_changed_places_are_right_still_and_swapped_checksums_are_not() -> None:
    journal = frames(Random(7), 300, 32, 5)
    swapped = journal[32:64] + journal[:32] + journal[64:]
    assert all_right(bytes(swapped), 0, 300, 32, 5)
    journal[0:4], journal[32:36] = journal[32:36], journal[0:4]
    assert not all_right(bytes(journal), 0, 300, 32, 5)

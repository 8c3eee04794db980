"""Series come back bit by bit, take few bytes, and bytes from anywhere never do harm."""

import contextlib
import itertools
import math
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tracker.errors import Corrupt
from tracker.store.series import (
    EMPTY,
    MAX_POINTS,
    Decoder,
    Points,
    decode,
    downsample,
    encode,
    encode_alike,
    first,
    joined,
    merge,
    ordered,
    summarize,
)

I64 = st.integers(-(2**63), 2**63 - 1)
BITS = st.integers(0, 2**64 - 1)
NICE = st.one_of(
    st.floats(width=32),
    st.integers(-1000, 1000).map(float),
    st.integers(-(10**6), 10**6).map(lambda n: n / 1000),
    st.sampled_from([-0.0, 0.0, math.inf, -math.inf, math.nan, 5e-324, 1.7976931348623157e308, 0.1, 1e-7]),
)


def floats(bits: list[int]) -> np.ndarray:
    return np.array(bits, np.uint64).view(np.float64)


def points(steps: object, values: object, times: object | None = None) -> Points:
    s = np.array(steps, np.int64)
    return Points(s, np.array(values, np.float64), s * 1000 if times is None else np.array(times, np.int64))


@given(st.lists(st.tuples(I64, BITS, I64), min_size=1, max_size=80))
@example([(0, 0x7FF8000000000001, 0), (1, 0xFFF0000000000001, 1), (2, 0x8000000000000000, 2)])
@example([(-(2**63), 0, 2**63 - 1), (2**63 - 1, 0, -(2**63)), (-(2**63), 2**64 - 1, 0)])
def test_every_bit_comes_back(rows: list[tuple[int, int, int]]) -> None:
    steps, bits, times = zip(*rows, strict=True)
    given_points = Points(np.array(steps, np.int64), floats(list(bits)), np.array(times, np.int64))
    assert decode(encode(given_points)) == given_points


@given(st.lists(NICE, min_size=1, max_size=300), st.integers(0, 10**6), st.integers(0, 10**7))
def test_curves_come_back(values: list[float], start: int, stride: int) -> None:
    count = len(values)
    steps = np.arange(count) * stride + start
    given_points = Points(steps, np.array(values), 1_790_000_000_000_000 + steps)
    assert decode(encode(given_points)) == given_points


@given(st.lists(st.tuples(st.sampled_from("ab"), st.lists(NICE, min_size=2, max_size=9)), min_size=1, max_size=8))
def test_metrics_of_the_same_calls_are_encoded_and_read_as_each_by_itself(
    columns: list[tuple[str, list[float]]],
) -> None:
    decoder = Decoder()
    for axis, values in columns:
        one = points(np.arange(len(values)) + ord(axis), values)
        alone, again = encode_alike(one.steps, one.times, [one.values, one.values[::-1]])
        assert alone == encode(one)
        assert decoder.decode(alone) == one
        assert decoder.decode(again) == Points(one.steps, one.values[::-1], one.times)


def test_a_spoilt_stretch_spoils_no_later_one() -> None:
    good = encode(points([1, 2, 3], [0.1, 0.2, 0.3]))
    decoder = Decoder()
    for spoilt in (good[:-1], good[:4], b"\x07" + good):
        with pytest.raises(Corrupt):
            decoder.decode(spoilt)
        assert decoder.decode(good) == decode(good)


@settings(max_examples=20)
@given(arrays.arrays(np.int16, st.integers(40_000, 70_000)), st.integers(0, 12))
def test_long_noise_comes_back(noise: np.ndarray, places: int) -> None:
    values = noise.astype(np.float64) / 10**places
    given_points = Points(np.arange(len(noise)), values, np.cumsum(np.abs(noise.astype(np.int64))))
    assert decode(encode(given_points)) == given_points


@given(st.binary(max_size=200))
@settings(max_examples=500)
def test_bytes_from_anywhere_are_refused_or_read(data: bytes) -> None:
    with contextlib.suppress(Corrupt):
        assert len(decode(data)) > 0


@given(st.data())
@settings(max_examples=300)
def test_a_spoilt_series_is_refused_or_read(data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 3)))
    good = bytearray(encode(points(np.arange(200), np.float32(rng.normal(size=200)), np.arange(200) ** 2)))
    for _ in range(data.draw(st.integers(1, 3))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    spoilt = bytes(good[: data.draw(st.integers(0, len(good)))])
    with contextlib.suppress(Corrupt):
        decode(spoilt)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x02\x01",
        b"\x01\x00",
        b"\x01" + b"\xff" * 9 + b"\x01",
        b"\x01\x80\x80\x80\x80\x08" + bytes(40),
        b"\x01\x01" + b"\x07" * 40,
    ],
)
def test_impossible_headers_are_refused(data: bytes) -> None:
    with pytest.raises(Corrupt):
        decode(data)


def test_bytes_that_claim_much_allocate_little() -> None:
    """All planes zero: the shortest bytes for the most points, and one point more than is allowed."""
    most = encode(points(np.zeros(MAX_POINTS), np.zeros(MAX_POINTS)))
    assert len(most) < 60
    assert len(decode(most)) == MAX_POINTS
    more = bytearray(most)
    assert more[1:4] == b"\x80\x80\x40"
    more[1] = 0x81
    tracemalloc.start()
    with pytest.raises(Corrupt):
        decode(bytes(more))
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_a_deflated_plane_cannot_be_a_bomb() -> None:
    import zlib

    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = deflater.compress(bytes(50_000_000)) + deflater.flush()
    plane = b"\x02\x00" + bytes([len(bomb) & 127 | 128, len(bomb) >> 7 & 127 | 128, len(bomb) >> 14]) + bomb
    data = b"\x01\x20" + b"\x00\x00" + plane
    tracemalloc.start()
    with pytest.raises(Corrupt):
        decode(data)
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_bytes_behind_the_end_are_refused() -> None:
    with pytest.raises(Corrupt):
        decode(encode(points([1], [2.0])) + b"\0")


@pytest.mark.parametrize(
    ("steps", "values"), [([], []), ([1, 2], [1.0]), (np.zeros(MAX_POINTS + 1), np.zeros(MAX_POINTS + 1))]
)
def test_only_whole_stretches_are_written(steps: object, values: object) -> None:
    with pytest.raises(ValueError, match="stretch"):
        encode(points(steps, values))


def test_a_typical_loss_curve_takes_less_than_eight_bytes_a_point() -> None:
    rng = np.random.default_rng(0)
    count = 100_000
    loss = (2 * np.exp(-np.arange(count) / 20_000) + 0.1) * (1 + rng.normal(0, 0.05, count))
    times = 1_790_000_000_000_000 + np.cumsum(rng.normal(10_000, 500, count)).astype(np.int64)
    assert len(encode(Points(np.arange(count), loss, times))) / count < 8
    as_torch_gives_it = loss.astype(np.float32).astype(np.float64)
    assert len(encode(Points(np.arange(count), as_torch_gives_it, times))) / count < 4.5


@given(st.lists(st.tuples(st.integers(-5, 5), NICE), min_size=1, max_size=40), st.integers(1, 39))
def test_a_summary_does_not_depend_on_where_the_stretches_were_cut(rows: list[tuple[int, float]], cut: int) -> None:
    steps, values = zip(*rows, strict=True)
    whole = points(steps, values, range(len(rows)))
    parts = [
        Points(whole.steps[a:b], whole.values[a:b], whole.times[a:b])
        for a, b in ((0, cut), (cut, len(rows)))
        if a < len(rows) and a < b
    ]
    summary = summarize(parts[0])
    for part in parts[1:]:
        summary = merge(summary, summarize(part))
    assert repr(summary) == repr(summarize(whole))


@given(st.lists(st.tuples(st.integers(-5, 5), NICE), min_size=1, max_size=40))
def test_a_summary_says_what_it_promises(rows: list[tuple[int, float]]) -> None:
    steps, values = zip(*rows, strict=True)
    told = summarize(points(steps, values, range(len(rows))))
    good = [(step, value) for step, value in rows if math.isfinite(value)]
    assert (told.count, told.nonfinite) == (len(rows), len(rows) - len(good))
    last = max(range(len(rows)), key=lambda i: (rows[i][0], i))
    assert struct.pack("d", told.last) == struct.pack("d", rows[last][1])
    assert (told.last_step, told.last_time) == (rows[last][0], last)
    assert told.min == (min(value for _, value in good) if good else None)
    assert told.max == (max(value for _, value in good) if good else None)
    if good:
        assert told.min_step == next(step for step, value in good if value == told.min)
        assert told.max_step == next(step for step, value in good if value == told.max)


def test_the_first_value_is_that_of_the_lowest_step() -> None:
    assert first(points([3, 1, 1, 2], [0.3, 0.1, 0.9, 0.2])) == (1, 0.1)


def test_points_are_ordered_by_step_and_then_as_written() -> None:
    mixed = ordered(joined([points([5, 6], [1, 2]), points([5, 1], [3, 4])]))
    assert mixed.steps.tolist() == [1, 5, 5, 6]
    assert mixed.values.tolist() == [4, 1, 3, 2]
    assert len(joined([])) == len(EMPTY) == 0


@given(st.lists(NICE, min_size=1, max_size=200), st.integers(1, 60))
def test_downsampling_keeps_each_buckets_least_and_greatest(values: list[float], buckets: int) -> None:
    whole = points(range(len(values)), values)
    small = downsample(whole, buckets)
    assert len(small) <= max(3 * buckets + 2, 0) or len(small) == len(whole)
    assert (np.diff(small.steps) > 0).all()
    assert {0, len(values) - 1} <= set(small.steps.tolist())
    if len(values) <= 2 * buckets:
        assert small == whole
        return
    edges = np.linspace(0, len(values), buckets + 1).astype(int)
    for low, high in itertools.pairwise(edges):
        good = [value for value in values[low:high] if math.isfinite(value)]
        kept = [value for step, value in zip(small.steps, small.values, strict=True) if low <= step < high]
        assert len(kept) < high - low + 1
        if good:
            assert min(good) in kept
            assert max(good) in kept
        if len(good) < high - low:
            assert any(not math.isfinite(value) for value in kept)


def test_downsampling_wants_a_bucket() -> None:
    with pytest.raises(ValueError, match="bucket"):
        downsample(points([1], [1]), 0)

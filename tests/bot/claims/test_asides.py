"""What a post says beside its values: the run a change is measured against, its way, and over how many seeds."""

from __future__ import annotations

import pytest

from bot.claims import read_post
from tests.bot.claims.scoring import near


@pytest.mark.parametrize(
    ("text", "value", "way", "against"),
    [
        ("+1.2 mIoU over r-7K3M9QX2 with the new crops (r-2HF1G7H3)", 0.012, "up", "r-7K3M9QX2"),
        ("r-2HF1G7H3 beats r-Q7N4EP57 by 0.8 BLEU", 0.8, "better", "r-Q7N4EP57"),
        ("our run r-2HF1G7H3 is 0.4 points better than r-Q7N4EP57 on val acc", 0.004, "better", "r-Q7N4EP57"),
        ("compared to r-7k3m9qx2 we gain 1.1 F1", 0.011, "better", "r-7K3M9QX2"),
        ("比 r-7K3M9QX2 高 1.2 个点，mAP，r-2HF1G7H3", 0.012, "up", "r-7K3M9QX2"),
        ("After pruning we lose 0.3 F1, r-1J31KFN7", 0.003, "worse", None),
        ("Val loss dropped by another 0.03 after the lr fix.", 0.03, "down", None),
        ("-0.6 mIoU compared with yesterday's checkpoint", 0.006, "down", None),
    ],
)
def test_a_change_says_its_size_its_way_and_what_it_is_held_against(
    text: str, value: float, way: str, against: str | None
) -> None:
    (delta,) = read_post(text).deltas
    assert near(delta.value, value)
    assert (delta.way, delta.against) == (way, against)


def test_a_relative_change_is_told_from_one_in_points() -> None:
    (relative,) = read_post("we improved our WER by 8% relative vs r-7K3M9QX2").deltas
    (points,) = read_post("mIoU 71.2, +0.6 vs the run before").deltas
    assert relative.relative
    assert not points.relative
    assert near(points.value, 0.006)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("val acc 0.912 ± 0.003 over 5 seeds", 5),
        ("macro F1 0.61, mean of three runs", 3),
        ("三个种子平均 F1 0.83", 3),
        ("gemittelt über 5 Seeds: Genauigkeit 0,91", 5),
        ("best of 8 seeds: kappa 0.842", None),
        ("val acc 0.912, we ran 5 runs today", None),
        ("val acc 0.912 with seed 5", None),
    ],
)
def test_the_n_of_a_mean_over_seeds_is_read(text: str, count: int | None) -> None:
    assert read_post(text).seeds == count

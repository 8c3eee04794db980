"""The data: scikit-learn's digits, 1,797 grey images of 8 × 8 pixels, which ship with the package."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import Tensor

SPLIT_SEED = 42
"""The split is the same for every run, whatever its seed: else accuracies could not be compared."""

VALIDATION, TEST = 300, 300


@dataclass(frozen=True)
class Digits:
    """Images (n × 1 × 8 × 8, float32 in 0..1) and labels (n, int64) of the three splits.

    `table` is the whole data set, a row an image (64 pixels and the label), in the order it is split in.
    """

    table: Tensor
    train: tuple[Tensor, Tensor]
    val: tuple[Tensor, Tensor]
    test: tuple[Tensor, Tensor]


def load(train_size: int) -> Digits:
    """The three splits: `train_size` images to learn from, 300 to choose by, 300 to report."""
    bunch = load_digits()
    order = np.random.default_rng(SPLIT_SEED).permutation(len(bunch.target))
    images = torch.tensor(bunch.images[order], dtype=torch.float32).unsqueeze(1) / 16
    labels = torch.tensor(bunch.target[order], dtype=torch.int64)
    test, val = slice(0, TEST), slice(TEST, TEST + VALIDATION)
    train = slice(TEST + VALIDATION, TEST + VALIDATION + train_size)
    return Digits(
        table=torch.cat([images.flatten(1), labels[:, None]], dim=1),
        train=(images[train], labels[train]),
        val=(images[val], labels[val]),
        test=(images[test], labels[test]),
    )

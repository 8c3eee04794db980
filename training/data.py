"""The data: scikit-learn's digits, 1,797 grey images of 8 × 8 pixels, which ship with the package."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import distribution

import numpy as np
import torch
from torch import Tensor

FILE = "sklearn/datasets/data/digits.csv.gz"
"""Where the package keeps them: read as they lie, as importing all of scikit-learn takes longer than training."""

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
    rows = np.loadtxt(str(distribution("scikit-learn").locate_file(FILE)), delimiter=",", dtype=np.float32)
    rows = rows[np.random.default_rng(SPLIT_SEED).permutation(len(rows))]
    images = torch.tensor(rows[:, :64]).reshape(-1, 1, 8, 8) / 16
    labels = torch.tensor(rows[:, 64], dtype=torch.int64)
    test, val = slice(0, TEST), slice(TEST, TEST + VALIDATION)
    train = slice(TEST + VALIDATION, TEST + VALIDATION + train_size)
    return Digits(
        table=torch.cat([images.flatten(1), labels[:, None]], dim=1),
        train=(images[train], labels[train]),
        val=(images[val], labels[val]),
        test=(images[test], labels[test]),
    )

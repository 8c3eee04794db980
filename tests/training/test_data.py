"""The data: the same three splits for every run."""

import importlib
from typing import Any

import pytest


@pytest.fixture
def data() -> Any:
    """Loaded only where it is wanted: torch takes seconds, and every worker imports every file of tests."""
    return importlib.import_module("training.data")


def test_the_splits_do_not_overlap_and_do_not_depend_on_the_training_size(data: Any) -> None:
    small, large = data.load(50), data.load(1197)
    assert (small.test[0] == large.test[0]).all()
    assert (small.val[1] == large.val[1]).all()
    assert (small.train[0] == large.train[0][:50]).all()
    assert (small.table == large.table).all()
    assert sum(len(split[1]) for split in (large.train, large.val, large.test)) == len(large.table) == 1797


def test_the_images_and_labels_are_those_that_scikit_learn_gives(data: Any) -> None:
    images, labels = importlib.import_module("sklearn.datasets").load_digits(return_X_y=True)
    table = data.load(150).table.numpy()
    rows = {(*image, label) for image, label in zip((images / 16).tolist(), labels.tolist(), strict=True)}
    assert {tuple(row) for row in table.tolist()} == rows

"""The data: the same three splits for every run."""

import torch

from training import data


def test_the_splits_do_not_overlap_and_do_not_depend_on_the_training_size() -> None:
    small, large = data.load(50), data.load(1197)
    assert torch.equal(small.test[0], large.test[0])
    assert torch.equal(small.val[1], large.val[1])
    assert torch.equal(small.train[0], large.train[0][:50])
    assert torch.equal(small.table, large.table)
    assert sum(len(split[1]) for split in (large.train, large.val, large.test)) == len(large.table) == 1797

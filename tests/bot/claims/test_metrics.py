"""A recorded metric's name is understood as people name metrics."""

from __future__ import annotations

import pytest

from bot.claims.metrics import fits, meaning


@pytest.mark.parametrize(
    ("name", "metric", "split"),
    [
        ("val/accuracy", "accuracy", "val"),
        ("val_acc", "accuracy", "val"),
        ("eval_accuracy", "accuracy", "val"),
        ("test/top1", "accuracy", "test"),
        ("valLoss", "loss", "val"),
        ("train_loss", "loss", "train"),
        ("best_val_auc", "auc", "val"),
        ("metrics/mAP50(B)", "map50", None),
        ("eval_rougeL", "rouge_l", "val"),
        ("test/f1_macro", "macro_f1", "test"),
        ("lr", "", None),
    ],
)
def test_a_name_means_a_metric_and_a_split(name: str, metric: str, split: str | None) -> None:
    assert meaning(name) == (metric, split)


def test_a_claim_fits_its_own_name_best() -> None:
    assert fits("accuracy", "val", "val/accuracy") == 1.0
    assert fits("accuracy", "val", "test/accuracy") == 0.0
    assert fits("accuracy", "val", "val/loss") == 0.0
    assert fits("accuracy", None, "val/acc") > fits("accuracy", None, "train/acc") > 0
    assert 0 < fits("unknown", "val", "val/loss") < fits("loss", "val", "val/loss")

"""Results in what trainers print, as they print it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.wrap.printed import of_line, results


@pytest.mark.parametrize(
    ("line", "step", "values"),
    [
        ("step 250: train loss 2.4873, val loss 2.5001", 250, {"train_loss": 2.4873, "val_loss": 2.5001}),
        ("iter 10: loss 4.2649, time 1042.22ms, mfu 3.10%", 10, {"loss": 4.2649}),
        ("Train Epoch: 2 [640/6000 (11%)]\tLoss: 1.250000", 2, {"loss": 1.25}),
        (
            "Test set: Average loss: 0.0511, Accuracy: 49/50 (98%)",
            None,
            {"test_set_average_loss": 0.0511, "test_set_accuracy": 0.98},
        ),
        ("[3]\teval-logloss:0.22\ttrain-logloss:0.2", 3, {"eval-logloss": 0.22, "train-logloss": 0.2}),
        ("Epoch 3/10", 3, {}),
        (
            "469/469 - 2s - loss: 0.3391 - accuracy: 0.9012 - val_accuracy: 0.95",
            None,
            {"loss": 0.3391, "accuracy": 0.9012, "val_accuracy": 0.95},
        ),
        ("The mean squared error (MSE) on test set: 3025.7", None, {"mean_squared_error_mse_on_test_set": 3025.7}),
        ("accuracy                           0.97       899", None, {"accuracy": 0.97}),
        ("| epoch   1 |   200/ 2983 batches | lr 20.00 | loss  7.6 | ppl  2075.2", 1, {"loss": 7.6, "ppl": 2075.2}),
        ("| end of epoch   4 | time:  8.1s | valid loss  5.55 |", 4, {"valid_loss": 5.55}),
        ("{'loss': 0.53, 'grad_norm': 1.2, 'learning_rate': 5e-05, 'epoch': 0.5}", None, {"loss": 0.53}),
        ("INFO:root:epoch 2 | train/loss 0.3 | val/acc 91.5%", 2, {"train/loss": 0.3, "val/acc": 0.915}),
        ("[2026-01-01 10:00:00] loss=0.25 acc=.9 lr=0.1", None, {"loss": 0.25, "acc": 0.9}),
        ("Loss: 0.000967 after 345 batches", None, {"loss": 0.000967}),
        ("iter_dt 15.40ms; iter 20: train loss 0.25", 20, {"train_loss": 0.25}),
        ("Batch size: 64, lr = 0.1, parameters: 10000, GPU at 91 %", None, {}),
        ("an accuracy of 91 % is planned for version 1.0", None, {}),
        ("Downloading train-images: 100%|####| 9.91M/9.91M [00:00<00:00]", None, {}),
        ("loss: not yet", None, {}),
    ],
)  # fmt: skip
def test_results_are_read_as_trainers_print_them(line: str, step: int | None, values: dict[str, float]) -> None:
    assert of_line(line) == (step, pytest.approx(values))


def test_a_heading_tells_the_step_of_the_lines_below_and_steps_rise() -> None:
    rows = list(results("Epoch 1/2\nloss: 3\nloss: 2\nEpoch 5/2\nloss: 1\nval_acc: nan"))
    assert [(row.step, *row.values) for row in rows] == [(1, "loss"), (2, "loss"), (5, "loss"), (5, "val_acc")]


def test_a_line_of_a_megabyte_costs_no_more_than_a_short_one() -> None:
    for part in ("1", "a_", "loss ", "a1 ", "step", "x: "):
        assert "auc" not in of_line(f"{part * 250_000} | auc: 0.9").values, "so far into a line nobody reads"


@given(st.text(max_size=200) | st.text("loss:=0.9 %/|,\t()[]", max_size=300))
def test_nothing_that_is_printed_is_too_much(text: str) -> None:
    assert all(name and isinstance(value, float) for row in results(text) for name, value in row.values.items())

"""The alarm rings when what is live contradicts the record, and only then."""

from __future__ import annotations

import pytest

from tracker.client.drift import Live, differences

ADAM = {"rates": {1e-3}, "optimizers": {"adam"}, "others": frozenset({"adam", "adamw", "sgd"}), "decays": {0.0}}


@pytest.mark.parametrize(
    ("config", "live", "word"),
    [
        ({"lr": 0.01}, ADAM, "learning rate was 0.001"),
        ({"optim.learning_rate": "1e-2"}, ADAM, "'optim.learning_rate' is 0.01"),
        ({"lr_d": 1, "lr": 0.1}, ADAM | {"rates": {0.2, 0.3}}, "0.2 or 0.3"),
        ({"weight_decay": 0.1}, ADAM, "weight decay was 0"),
        ({"optimizer": "SGD"}, ADAM, "adam took the steps"),
        ({"optimizer": "adam_w"}, ADAM, "adam took the steps"),
        ({"parameters": 1000}, ADAM | {"parameters": 5000}, "trained 5,000 parameters"),
        ({"batch_size": 64}, {"batches": {32}}, "batch size was 32"),
        ({"data/batch-size": 64}, {"batches": {16}, "world": 2}, "16 or 32"),
        ({"epochs": 20}, {"passes": {1: 5}}, "gone through 5 times"),
        ({"epochs": 3}, {"passes": {1: 5}}, "gone through 5 times"),
    ],
)
def test_what_contradicts_the_record_is_told(config, live, word) -> None:
    (sentence,) = differences(config, Live(**live), ended=True)
    assert word in sentence


@pytest.mark.parametrize(
    ("config", "live"),
    [
        ({"lr": 0.001, "optimizer": "adam", "weight_decay": 0}, ADAM),
        ({"lr": "1e-3", "optimizer": "my own"}, ADAM),
        ({"lr_g": 0.1, "lr_d": 0.2}, ADAM),
        ({"lr": 0.2}, ADAM | {"rates": {0.1, 0.2}}),
        ({"weight_decay": 0.1}, ADAM | {"decays": {0.0, 0.1}}),
        ({"parameters": 9000}, ADAM | {"parameters": 5000}),
        ({"batch_size": 64}, {"batches": {32}, "world": 2}),
        ({"batch_size": 64, "grad_accumulation": 2}, {"batches": {32}}),
        ({"batch_size": True, "epochs": "many", "lr": None}, ADAM | {"batches": {32}, "passes": {1: 1}}),
        ({"epochs": 20}, {"passes": {1: 20, 2: 3}}),
        ({"epochs": 20}, {"passes": {1: 21}}),
        ({"epochs": 20}, {"passes": {1: 40}}),
        ({"epochs": 20, "patience": 3}, {"passes": {1: 7}}),
        ({"lr": 0.5, "batch_size": 3, "epochs": 9}, {}),
    ],
)
def test_what_can_be_true_is_not_told(config, live) -> None:
    assert list(differences(config, Live(**live), ended=True)) == []


def test_while_it_trains_epochs_are_not_counted_yet() -> None:
    assert list(differences({"epochs": 20}, Live(passes={1: 5}))) == []


TRAIN = """
import sys, torch
hooks = sys.modules['torch.optim.optimizer']._global_optimizer_post_hooks
from torch.utils.data import DataLoader, TensorDataset
import tracker
loader = DataLoader(TensorDataset(torch.ones(8, 2)), batch_size=4, shuffle=True)
untouched = DataLoader.__iter__, dict(hooks)
def train(**config):
    model = torch.nn.Linear(2, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    with tracker.start_run("p", config) as run:
        for epoch in range(15):
            for batch, in loader:
                optimizer.zero_grad(); model(batch).sum().backward(); optimizer.step()
                run.log({"loss": 1.0})
train(lr=0.01, batch_size=4, epochs=15, optimizer="adam", parameters=3)
train(lr=0.1, batch_size=8, epochs=5000, optimizer="sgd", parameters=1)
assert (DataLoader.__iter__, dict(hooks)) == untouched
"""


def test_a_real_training_is_seen_through_hooks_that_are_gone_afterwards(tmp_path, read, script) -> None:
    pytest.importorskip("torch")
    process = script(TRAIN, tmp_path)
    err = process.communicate(timeout=120)[1]
    assert process.returncode == 0, err
    journals = sorted(tmp_path.glob("home/journals/*/main.journal"), key=lambda path: path.stat().st_mtime)
    drifts = [[body.message for body in read(path).bodies if getattr(body, "code", "") == "drift"] for path in journals]
    honest, other = drifts
    assert honest == []
    assert len(other) == 5 and "drift-failed" not in err, other
    assert "config 'lr' is 0.1, but the optimizer's learning rate was 0.01" in other

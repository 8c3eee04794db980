"""A module of Lightning and its trainer. Loaded by the tests that train it: the framework takes seconds."""

from typing import Any

from lightning.pytorch import Trainer
from lightning.pytorch.demos.boring_classes import BoringModel


class Boring(BoringModel):
    """Lightning's own demo, with a hyperparameter and a metric."""

    def __init__(self, width: int, breaks: bool = False) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.breaks = breaks

    def training_step(self, batch: Any, batch_idx: int) -> Any:
        if self.breaks:
            raise ValueError("no more")
        loss = super().training_step(batch, batch_idx)["loss"]
        self.log("train/loss", loss)
        return loss

    def test_step(self, batch: Any, batch_idx: int) -> Any:
        loss = super().test_step(batch, batch_idx)["y"]
        self.log("test/loss", loss)
        return loss


def lightning_trainer(logger: Any, **more: Any) -> Trainer:
    return Trainer(
        max_epochs=1, limit_train_batches=4, limit_val_batches=1, limit_test_batches=1, log_every_n_steps=2,
        logger=logger, accelerator="cpu", enable_progress_bar=False, enable_model_summary=False, **more,
    )  # fmt: skip

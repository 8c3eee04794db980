"""The score of a model: the one place that turns a model's answers into the numbers people report."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Score:
    """Fraction of images classified rightly, and mean cross-entropy in nats."""

    accuracy: float
    loss: float


@torch.no_grad()
def score(model: nn.Module, images: Tensor, labels: Tensor) -> Score:
    """The model's score on the images, with dropout off. The model is left in evaluation mode."""
    model.eval()
    logits = model(images)
    right = int((logits.argmax(1) == labels).sum())
    loss = nn.functional.cross_entropy(logits, labels)
    return Score(accuracy=right / len(labels), loss=float(loss))

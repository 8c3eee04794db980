"""The models: a two-layer perceptron and a small convolutional network."""

from __future__ import annotations

from torch import nn

from training.config import Config


def build(config: Config) -> nn.Module:
    """An untrained model that maps n × 1 × 8 × 8 images to n × 10 scores."""
    if config.model == "mlp":
        return nn.Sequential(
            nn.Flatten(),
            nn.Linear(64, config.width),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.width, 10),
        )
    return nn.Sequential(
        nn.Conv2d(1, config.width, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(config.dropout),
        nn.Linear(config.width * 16, 10),
    )

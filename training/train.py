"""Train a digit classifier: `python -m training.train --lr 0.01 --seed 3`."""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

import tracker
from training import data
from training.config import Arguments, Config, parse
from training.model import build
from training.score import Score, score


def make_deterministic(seed: int, threads: int) -> None:
    """Seeds every generator and asks torch for deterministic kernels, so that a run can be rebuilt bit for bit.

    `torch.use_deterministic_algorithms` sets the same flag, and loads torch's compiler to tell it too.
    """
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    torch.set_deterministic_debug_mode("error")


def make_optimizer(config: Config, model: nn.Module) -> torch.optim.Optimizer:
    """The optimizer the config names, over all of the model's weights."""
    if config.optimizer == "adam":
        return torch.optim.Adam(model.parameters(), lr=config.lr, weight_decay=config.weight_decay)
    return torch.optim.SGD(model.parameters(), lr=config.lr, momentum=0.9, weight_decay=config.weight_decay)


def batches(images: Tensor, labels: Tensor, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    """The images once, in a new random order, `size` at a time."""
    order = torch.randperm(len(labels))
    for start in range(0, len(labels), size):
        chosen = order[start : start + size]
        yield images[chosen], labels[chosen]


def train(arguments: Arguments) -> Score:
    """Trains one model as the arguments say, registered as one run; gives back its test score."""
    config = arguments.config
    make_deterministic(arguments.seed, config.threads)
    digits = data.load(config.train_size)
    model = build(config)
    optimizer = make_optimizer(config, model)
    loss_of = nn.CrossEntropyLoss()

    with tracker.start_run(arguments.project, asdict(config), seed=arguments.seed, name=arguments.name) as run:
        run.log_dataset("digits", digits.table)
        step = 0
        for epoch in range(1, config.epochs + 1):
            model.train()
            for images, labels in batches(*digits.train, config.batch_size):
                loss = loss_of(model(images), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                step += 1
                run.log({"train/loss": loss.item()}, step=step)
            val = score(model, *digits.val)
            run.log({"val/accuracy": val.accuracy, "val/loss": val.loss, "epoch": epoch}, step=step)
        test = score(model, *digits.test)
        run.log({"test/accuracy": test.accuracy, "test/loss": test.loss}, step=step)
        with tempfile.TemporaryDirectory() as folder:
            torch.save(model.state_dict(), checkpoint := Path(folder, "model.pt"))
            run.log_artifact(checkpoint, kind="model")
    return test


if __name__ == "__main__":
    final = train(parse())
    sys.stdout.write(f"test accuracy {final.accuracy:.4f}, loss {final.loss:.4f}\n")

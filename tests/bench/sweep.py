"""A real sweep to look at: `python -m tests.bench.sweep --home FOLDER` trains 2,000 digit classifiers in minutes.

Every run trains the team's small model, with twenty hyperparameters drawn at random, and registers itself through
the tracker as any run does: a journal, a snapshot, and the delivery of `runcite sync`. One process trains them all,
so what is the same for all of them (packages, machine, code) is looked at once. Every tenth config is trained with
three seeds. Then: `RUNCITE_HOME=FOLDER runcite board sweep`, `importance sweep`, `server`.
"""

from __future__ import annotations

import argparse
import copy
import io
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from rich.progress import track
from torch import Tensor, nn

import tracker
from tests.bench.shared_snapshot import looked_at_once
from tracker.settings import Settings
from tracker.shipper import sync
from training import data
from training.config import Config
from training.model import build
from training.score import score
from training.train import batches, make_deterministic, make_optimizer

LARGEST = 400
DELIVERED_AT_ONCE = 200
SEEDS = 3
Scalar = str | int | float | bool


@dataclass(frozen=True)
class Extra:
    """The hyperparameters of the sweep that the team's own config has not; `own` go with one optimizer only."""

    schedule: str
    warmup: float
    label_smoothing: float
    clip: float
    noise: float
    init_scale: float
    shift: int
    average: float
    own: dict[str, Scalar]

    def as_config(self) -> dict[str, Scalar]:
        """Flat, the optimizer's own ones beside the others."""
        return {name: value for name, value in vars(self).items() if name != "own"} | self.own


def main() -> None:
    """Trains the sweep into the home and database that were named."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sweep", description="Train a real sweep.")
    parser.add_argument("--home", type=Path, required=True, help="RUNCITE_HOME: journals, database and artifacts")
    parser.add_argument("--url", help="another database (default: SQLite in the home)")
    parser.add_argument("--project", default="sweep")
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="the first config's number: another one, other configs")
    given = parser.parse_args()
    home = given.home.expanduser().absolute()
    home.mkdir(parents=True, exist_ok=True)
    url = given.url or f"sqlite:///{home / 'runcite.db'}"
    settings = Settings(home=home, url=url, artifacts=str(home / "artifacts"), shipper=False)
    began = time.monotonic()
    digits, arrived = data.load(LARGEST), 0
    with looked_at_once(), redirect_stderr(io.StringIO()):  # two lines a run would hide how far it is
        for done, (number, seed) in enumerate(track(list(plan(given.runs, given.first)), "Training"), 1):
            train(digits, *drawn(number), seed, given.project, settings, keep=done % 100 == 0)
            if done % DELIVERED_AT_ONCE == 0:
                arrived += deliver(settings)
        arrived += deliver(settings)
    sys.stdout.write(f"{arrived} runs of {given.project} arrived in {url}, {time.monotonic() - began:.0f} s\n")
    if arrived != given.runs:
        sys.exit(f"{given.runs} were trained: {given.runs - arrived} are missing.")


def plan(runs: int, first: int) -> Iterator[tuple[int, int]]:
    """The number of each run's config, and its seed: every tenth config has three."""
    made, number = 0, first
    while made < runs:
        for seed in range(1, (SEEDS if number % 10 == 0 else 1) + 1):
            yield number, seed
            made += 1
            if made == runs:
                return
        number += 1


def drawn(number: int) -> tuple[Config, Extra]:
    """The config of that number: the same for the same number."""
    rng = np.random.default_rng(number)

    def one(*choices: Scalar) -> Scalar:
        return choices[int(rng.integers(len(choices)))]

    def between(low: float, high: float, *, log: bool = False) -> float:
        value = np.exp(rng.uniform(np.log(low), np.log(high))) if log else rng.uniform(low, high)
        return float(f"{value:.3g}")

    model = "cnn" if rng.random() < 0.25 else "mlp"
    optimizer = "adam" if rng.random() < 0.5 else "sgd"
    config = Config(
        model=model,
        width=int(rng.integers(2, 13)) if model == "cnn" else int(rng.integers(8, 97)),
        dropout=between(0, 0.6),
        optimizer=optimizer,
        lr=between(3e-4, 0.1, log=True) * (1 if optimizer == "adam" else 3),
        weight_decay=between(1e-6, 1e-2, log=True),
        batch_size=int(2 ** rng.integers(4, 7)),
        epochs=int(rng.integers(2, 7)),
        train_size=int(rng.integers(5, LARGEST // 20 + 1)) * 20,
    )
    own: dict[str, Scalar] = {"momentum": between(0.5, 0.98), "nesterov": bool(one(True, False))}
    if optimizer == "adam":
        own = {"beta1": between(0.8, 0.98), "beta2": between(0.9, 0.9999)}
    return config, Extra(
        schedule=str(one("constant", "cosine", "linear")),
        warmup=between(0, 0.3),
        label_smoothing=between(0, 0.3),
        clip=between(0.1, 10, log=True),
        noise=between(0, 0.5),
        init_scale=between(0.3, 3, log=True),
        shift=int(rng.integers(0, 2)),
        average=between(0, 0.98),
        own=own,
    )


def train(
    digits: data.Digits, config: Config, extra: Extra, seed: int, project: str, settings: Settings, *, keep: bool
) -> None:
    """One run, as `training.train` does it, with the sweep's further hyperparameters."""
    make_deterministic(seed, config.threads)
    model = build(config)
    with torch.no_grad():
        for weights in model.parameters():
            weights.mul_(extra.init_scale)
    optimizer = tuned(make_optimizer(config, model), extra)
    images, labels = (split[: config.train_size] for split in digits.train)
    steps = config.epochs * -(-config.train_size // config.batch_size)
    rate = torch.optim.lr_scheduler.LambdaLR(optimizer, factor(extra, steps))
    loss_of = nn.CrossEntropyLoss(label_smoothing=extra.label_smoothing)
    smooth = copy.deepcopy(model)
    followed, followers = list(model.parameters()), list(smooth.parameters())
    settled = asdict(config) | extra.as_config()
    with tracker.start_run(project, settled, seed=seed, settings=settings) as run:
        run.log_dataset("digits", digits.table)
        step = 0
        for epoch in range(1, config.epochs + 1):
            model.train()
            for some, targets in batches(images, labels, config.batch_size):
                loss = loss_of(model(disturbed(some, extra)), targets)
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(model.parameters(), extra.clip)
                optimizer.step()
                rate.step()
                with torch.no_grad():
                    torch._foreach_lerp_(followers, followed, 1 - extra.average)
                step += 1
                run.log({"train/loss": loss.item()}, step=step)
            val = score(smooth, *digits.val)
            run.log({"val/accuracy": val.accuracy, "val/loss": val.loss, "epoch": epoch}, step=step)
        test = score(smooth, *digits.test)
        parameters = sum(weights.numel() for weights in model.parameters())
        run.log({"test/accuracy": test.accuracy, "test/loss": test.loss, "parameters": parameters}, step=step)
        if keep:
            with tempfile.TemporaryDirectory() as folder:
                torch.save(model.state_dict(), checkpoint := Path(folder, "model.pt"))
                run.log_artifact(checkpoint, kind="model")


def tuned(optimizer: torch.optim.Optimizer, extra: Extra) -> torch.optim.Optimizer:
    """The optimizer with the sweep's own settings of it."""
    for group in optimizer.param_groups:
        if "beta1" in extra.own:
            group["betas"] = (extra.own["beta1"], extra.own["beta2"])
        else:
            group |= extra.own
    return optimizer


def factor(extra: Extra, steps: int) -> Callable[[int], float]:
    """What the learning rate is multiplied by at each step: a warm-up, then the schedule."""
    rising = max(1, round(extra.warmup * steps))

    def at(step: int) -> float:
        if step < rising:
            return (step + 1) / rising
        done = (step - rising) / max(1, steps - rising)
        return {"constant": 1.0, "cosine": 0.5 * (1 + float(np.cos(np.pi * done))), "linear": 1 - done}[extra.schedule]

    return at


def disturbed(images: Tensor, extra: Extra) -> Tensor:
    """The images with noise, moved by up to `shift` pixels."""
    if extra.shift:
        down, right = (int(torch.randint(-extra.shift, extra.shift + 1, ())) for _ in range(2))
        images = torch.roll(images, (down, right), (2, 3))
    return images + extra.noise * torch.randn_like(images)


def deliver(settings: Settings) -> int:
    """What waits in the home's journals is brought to the database; how many runs arrived."""
    report = sync(settings, seconds=300)
    if report.waiting:
        sys.exit(f"{len(report.waiting)} runs could not be delivered: {next(iter(report.waiting.values()))}")
    return len(report.delivered)


if __name__ == "__main__":
    main()

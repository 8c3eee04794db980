"""One frozen, checked config: every hyperparameter the team varies, and nothing else."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Literal, get_args, get_type_hints

Optimizer = Literal["adam", "sgd"]


@dataclass(frozen=True)
class Config:
    """The hyperparameters of one run. Building one checks it."""

    model: Literal["mlp", "cnn"] = field(default="mlp", metadata={"help": "architecture"})
    width: int = field(default=64, metadata={"help": "hidden units of the MLP, channels of the CNN"})
    dropout: float = field(default=0.0, metadata={"help": "dropout before the last layer, 0 to 1"})
    optimizer: Optimizer = field(default="adam", metadata={"help": "adam, or sgd with momentum 0.9"})
    lr: float = field(default=1e-3, metadata={"help": "learning rate"})
    weight_decay: float = field(default=0.0, metadata={"help": "L2 penalty"})
    batch_size: int = field(default=32, metadata={"help": "images a step"})
    epochs: int = field(default=20, metadata={"help": "passes over the training images"})
    train_size: int = field(default=150, metadata={"help": "training images, of 1,197 at most"})
    threads: int = field(default=1, metadata={"help": "CPU threads; in the config, as they change the order of sums"})

    def __post_init__(self) -> None:
        """Raises ValueError, naming the field, its value and its bounds."""
        for name, low, high in (
            ("width", 1, 4096),
            ("dropout", 0.0, 0.95),
            ("lr", 1e-7, 100.0),
            ("weight_decay", 0.0, 10.0),
            ("batch_size", 1, 1197),
            ("epochs", 1, 10_000),
            ("train_size", 10, 1197),
            ("threads", 1, 256),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name} is {value}; it must be between {low} and {high}")
        for name, choices in (("model", ("mlp", "cnn")), ("optimizer", get_args(Optimizer))):
            if getattr(self, name) not in choices:
                raise ValueError(f"{name} is {getattr(self, name)!r}; it must be one of {', '.join(choices)}")


@dataclass(frozen=True)
class Arguments:
    """What the command line asked for: the config, and what is no hyperparameter."""

    config: Config
    seed: int
    project: str
    name: str | None


def parse(argv: Sequence[str] | None = None) -> Arguments:
    """The command line's config, seed, project and name; a bad value ends the process with one line."""
    parser = argparse.ArgumentParser(
        prog="python -m training.train", description="Train a digit classifier; the tracker registers the run."
    )
    hints = get_type_hints(Config)
    for entry in fields(Config):
        kind = hints[entry.name]
        choices = get_args(kind) or None
        parser.add_argument(
            f"--{entry.name.replace('_', '-')}",
            type=str if choices else kind,
            choices=choices,
            default=entry.default,
            help=f"{entry.metadata['help']} (default: {entry.default})",
        )
    parser.add_argument("--seed", type=int, default=0, help="seed of every generator (default: 0)")
    parser.add_argument("--project", default="milestone-1", help="project of the run (default: milestone-1)")
    parser.add_argument("--name", default=None, help="a name for people; the run ID is what counts")
    given = parser.parse_args(argv)
    try:
        config = Config(**{entry.name: getattr(given, entry.name) for entry in fields(Config)})
    except ValueError as error:
        parser.error(str(error))
    return Arguments(config, given.seed, given.project, given.name)

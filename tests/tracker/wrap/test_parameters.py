"""Hyperparameters in command lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.snapshot import Scalar
from tracker.wrap.interpreter import within_env
from tracker.wrap.parameters import of_command


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        (
            "python train.py --lr 0.1 --epochs=3 -b 32 --amp --no-shuffle",
            {"lr": 0.1, "epochs": 3, "b": 32, "amp": True, "shuffle": False},
        ),
        ("python3.11 -u -X dev -m pkg.train --name run-1 --clip -1.5", {"name": "run-1", "clip": -1.5}),
        (
            "python train.py lr=0.1 +model.depth=4 ++data=cifar10 db/kind=mysql",
            {"lr": 0.1, "model.depth": 4, "data": "cifar10", "db/kind": "mysql"},
        ),
        ("python train.py --layers 64 32 --flag lr=1", {"layers": "64 32", "flag": True, "lr": 1}),
        ("env LR=0.5 MODE=fast ./train --lr 1", {"LR": 0.5, "MODE": "fast", "lr": 1}),
        ("./train.sh input.csv --steps 1e3 -- --not-mine 1", {"steps": 1000.0}),
        ("python -c print(1) --x true", {"x": True}),
        ("python train.py", {}),
        ("true", {}),
    ],
)
def test_a_command_s_parameters_are_read(command: str, wanted: dict[str, Scalar]) -> None:
    words, _, variables = within_env(command.split(), {})
    assert of_command(words, variables) == wanted


@given(st.lists(st.text(max_size=20), max_size=8))
def test_any_command_line_is_survived(command: list[str]) -> None:
    words, _, variables = within_env(command, {})
    found = of_command(words, variables)
    assert all(isinstance(value, str | int | float | bool | None) for value in found.values())

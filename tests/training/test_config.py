"""The config: frozen, checked, and what the command line says."""

from dataclasses import FrozenInstanceError

import pytest

from training.config import Config, parse


def test_the_command_line_overrides_the_defaults_and_keeps_the_rest() -> None:
    arguments = parse(["--lr", "0.01", "--seed", "3", "--model", "cnn"])
    assert arguments.config == Config(lr=0.01, model="cnn")
    assert arguments.seed == 3
    assert arguments.project == "milestone-1"


def test_a_config_cannot_be_changed_after_it_was_checked() -> None:
    with pytest.raises(FrozenInstanceError):
        Config.__setattr__(Config(), "lr", 5.0)


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--lr", "-1"], "lr is -1.0; it must be between 1e-07 and 100.0"),
        (["--lr", "nan"], "lr is nan"),
        (["--train-size", "5000"], "train_size is 5000; it must be between 10 and 1197"),
        (["--epochs", "many"], "invalid int value: 'many'"),
        (["--optimizer", "lion"], "invalid choice: 'lion'"),
    ],
)
def test_a_bad_value_ends_with_a_line_that_names_it(
    argv: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(argv)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err.splitlines()[-1]

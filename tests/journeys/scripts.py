"""Scripts that know nothing of Runcite: those of others, from a table, and ours.

A script is laid in a folder with what stands beside it, and is a command there.
"""

from __future__ import annotations

import hashlib
import inspect
import re
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("others.toml")
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Script:
    """A script: what lies in its folder, which file of it runs with which arguments and variables, and the metric that
    is cited; "" for the first there is. `origin` says whose it is."""

    name: str
    lay: Callable[[Path], None]
    path: str = "train.py"
    metric: str = ""
    under_exec: bool = False
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""

    def command(self, folder: Path, python: str) -> list[str]:
        """The script's own command, in its folder."""
        arguments = [each.replace("$root", str(folder)) for each in self.arguments]
        return [python, Path(self.path).name, *arguments]

    def place(self, folder: Path) -> Path:
        """The folder that it runs in."""
        return folder / Path(self.path).parent


class Missing(Exception):
    """A script that the folder does not hold, or holds otherwise than the table says."""


def of_others(root: Path, table: Path = TABLE) -> list[Script]:
    """The scripts of the table, from the repositories' files under `root`.

    Raises:
        Missing: one is not there, or is not the file that the table means.
    """
    rows = tomllib.loads(table.read_text())["script"]
    return [_of_other(root, row) for row in rows]


def _of_other(root: Path, row: Mapping[str, Any]) -> Script:
    own = _checked(root, row)
    beside = [_checked(root, companion) for companion in row.get("companion", ())]

    def lay(folder: Path) -> None:
        target = folder / row["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(own.read_bytes())
        for path in beside:
            (target.parent / path.name).write_bytes(path.read_bytes())
        if what := row.get("prepare"):
            command = [sys.executable, "-m", "tests.journeys.prepared", what, str(folder)]
            subprocess.run(command, cwd=ROOT, check=True)

    return Script(
        row["name"],
        lay,
        row["path"],
        row.get("metric", ""),
        row.get("exec", False),
        tuple(row.get("arguments", ())),
        row.get("environment", {}),
        ", with ".join(map(_whose, [row, *row.get("companion", ())])),
    )


def _whose(row: Mapping[str, Any]) -> str:
    return f"{row['repository']} at {row['commit'][:12]}, {row['path']}"


def _checked(root: Path, row: Mapping[str, Any]) -> Path:
    path = root / row["repository"] / row["path"]
    if not path.is_file():
        raise Missing(f"{path} is not there: it is {_whose(row)}.")
    if hashlib.sha256(path.read_bytes()).hexdigest() != row["sha256"]:
        raise Missing(f"{path} is not the file that the table means: {_whose(row)}.")
    return path


def given(path: Path) -> Script:
    """A script that lies at a path, and the `utils.py` beside it; one whose name begins with `exec` runs under it."""

    def lay(folder: Path) -> None:
        (folder / "train.py").write_bytes(path.read_bytes())
        for beside in path.parent.glob("utils.py"):
            (folder / beside.name).write_bytes(beside.read_bytes())

    return Script(path.name, lay, under_exec=path.name.startswith("exec"))


def of_text(name: str, text: Callable[[], str], metric: str, under_exec: bool = False) -> Script:
    """A script of that text."""
    return Script(
        name, lambda folder: void((folder / "train.py").write_text(text())), metric=metric, under_exec=under_exec
    )


def void(_: object) -> None:
    """Nothing, whatever it is given."""


def quoted(module: str, name: str, nth: int = 0) -> str:
    """The nth example in the documentation of something in an installed package, as it stands there."""
    found: object = __import__(module, fromlist=["_"])
    for part in name.split("."):
        found = getattr(found, part)
    blocks = re.findall(r"(?:\.\. code-block:: python|Examples?::)\n((?:[ ]+.*\n|\n)+)", f"{inspect.getdoc(found)}\n")
    lines = [line for line in blocks[nth].splitlines() if not re.match(r"\s*:\w+:", line)]
    indent = next(len(line) - len(line.lstrip()) for line in lines if line.strip())
    inside = [line for line in lines if not line.strip() or line.startswith(" " * indent)]
    return textwrap.dedent("\n".join(inside))


LIGHTNING = """
from lightning.pytorch import Trainer, seed_everything
from lightning.pytorch.demos.boring_classes import DemoModel, RandomDataset
from lightning.pytorch.loggers import MLFlowLogger
from torch.utils.data import DataLoader

class Model(DemoModel):
    def training_step(self, batch, batch_idx):
        loss = super().training_step(batch, batch_idx)
        self.log("train_loss", loss)
        return loss

seed_everything(7)
model = Model(learning_rate=0.001)
model.save_hyperparameters({"learning_rate": 0.001})
trainer = Trainer(max_epochs=2, logger=MLFlowLogger(experiment_name="boring"), log_every_n_steps=2, accelerator="cpu",
                  enable_progress_bar=False)
trainer.fit(model, DataLoader(RandomDataset(32, 16), batch_size=4))
"""
HUGGING_FACE = """
import torch
from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainingArguments, set_seed

class Rows(torch.utils.data.Dataset):
    def __len__(self):
        return 16
    def __getitem__(self, place):
        tokens = (torch.arange(8) + place) % 16
        return {"input_ids": tokens, "labels": tokens}

set_seed(7)
model = GPT2LMHeadModel(GPT2Config(vocab_size=16, n_positions=8, n_embd=16, n_layer=1, n_head=2))
arguments = TrainingArguments("out", max_steps=6, logging_steps=2, per_device_train_batch_size=4, report_to="mlflow",
                              eval_strategy="steps", use_cpu=True, save_strategy="no", disable_tqdm=True)
Trainer(model, arguments, train_dataset=Rows(), eval_dataset=Rows()).train()
"""
SCIKIT_LEARN = """
import mlflow
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.svm import SVC

mlflow.sklearn.autolog(log_models=False)
data = load_iris()
with mlflow.start_run():
    GridSearchCV(SVC(), {"kernel": ("linear", "rbf"), "C": [1, 10]}).fit(data.data, data.target)
"""
OPTUNA = """
import optuna
from optuna_integration.mlflow import MLflowCallback

def objective(trial):
    x = trial.suggest_float("x", -10, 10)
    return (x - 2) ** 2

study = optuna.create_study(study_name="bowl", sampler=optuna.samplers.RandomSampler(seed=7))
study.optimize(objective, n_trials=3, callbacks=[MLflowCallback(metric_name="loss")])
"""
OURS = (
    of_text("mlflow's example of log_metrics", lambda: quoted("mlflow", "log_metrics"), "rmse"),
    of_text("Lightning with MLFlowLogger", lambda: LIGHTNING, "train_loss"),
    of_text("Hugging Face Trainer", lambda: HUGGING_FACE, "eval_loss"),
    of_text("scikit-learn GridSearchCV, autolog", lambda: SCIKIT_LEARN, "training_accuracy_score"),
    of_text("Optuna with MLflowCallback", lambda: OPTUNA, "loss"),
    of_text(
        "torch's example of add_hparams, under exec",
        lambda: quoted("torch.utils.tensorboard", "SummaryWriter.add_hparams"), "hparam/accuracy", True,
    ),
)  # fmt: skip

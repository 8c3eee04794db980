"""Scripts that know nothing of Runcite train against a real server and are cited in the channel:
`python -m tests.journeys.frameworks [SCRIPT ...]`.

One server, one stand-in for Slack, one bot. Each script is a process that is given `MLFLOW_TRACKING_URI` and
`MLFLOW_TRACKING_TOKEN` and nothing else; a TensorBoard script runs under `runcite exec`. Then its member posts a value
that the script logged, and the bot must accept it. Scripts are written by others where their packages bring some (the
examples in MLflow's and torch's documentation strings, read from the installed packages); those of Lightning, Hugging
Face, scikit-learn and Optuna are ours, on the models and data that these packages bring. More scripts may be given by
path: one whose name begins with `exec` runs under `runcite exec`.
"""

from __future__ import annotations

import inspect
import math
import os
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.demo.stage import Setup, set_up
from bot.demo.story import CHANNEL
from tracker.record import Record
from tracker.server.app import now_in_microseconds
from tracker.store import queries

PROJECT, MEMBER = "unchanged", "ada"
SECONDS, PATIENCE = 900, 60.0


@dataclass(frozen=True)
class Script:
    """A script, and the metric that is cited of it; "" for the first there is. `source` gives its text."""

    name: str
    source: Callable[[], str]
    metric: str = ""
    under_exec: bool = False


@dataclass(frozen=True)
class Told:
    """What came of a script: its exit code and output, the run that was cited, the post and the bot's reply."""

    script: str
    code: int
    output: str
    record: Record | None = None
    post: str = ""
    reply: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the script ended well, and its run was cited and taken."""
        return self.code == 0 and self.reply.startswith("Accepted:")


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
SCRIPTS = (
    Script("mlflow's example of log_metrics", lambda: quoted("mlflow", "log_metrics"), "rmse"),
    Script("Lightning with MLFlowLogger", lambda: LIGHTNING, "train_loss"),
    Script("Hugging Face Trainer", lambda: HUGGING_FACE, "eval_loss"),
    Script("scikit-learn GridSearchCV, autolog", lambda: SCIKIT_LEARN, "training_accuracy_score"),
    Script("Optuna with MLflowCallback", lambda: OPTUNA, "loss"),
    Script(
        "torch's example of add_hparams, under exec",
        lambda: quoted("torch.utils.tensorboard", "SummaryWriter.add_hparams"), "hparam/accuracy", True,
    ),
)  # fmt: skip


def given(path: Path) -> Script:
    """A script that lies at a path."""
    return Script(path.name, path.read_text, under_exec=path.name.startswith("exec"))


@contextmanager
def stage(folder: Path) -> Iterator[Setup]:
    """One server, one stand-in for Slack and one bot, until the block ends."""
    with set_up(folder, port=0, channel_port=0, sockets=False) as setup:
        yield setup


def environment(setup: Setup, script: Script) -> dict[str, str]:
    """What a script is given beside what every process has: where MLflow's client goes. `exec` is told what a member's
    own settings say."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW", "RUNCITE"))}
    mine: Mapping[str, str] = setup.environments[MEMBER]
    if script.under_exec:
        return {**plain, **mine}
    uri = f"{setup.url}/t/{PROJECT}"
    return {**plain, "MLFLOW_TRACKING_URI": uri, "MLFLOW_TRACKING_TOKEN": mine["RUNCITE_TOKEN"]}


def play(setup: Setup, script: Script, folder: Path, beside: Sequence[Path] = ()) -> Told:
    """Run the script in a folder of its own, and cite the run in the channel."""
    folder.mkdir(parents=True)
    for path in beside:
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "train.py").write_text(script.source())
    before = set(_records(setup))
    command = [sys.executable, "train.py"]
    if script.under_exec:
        command = [sys.executable, "-m", "tracker.cli", "exec", "--project", PROJECT, "--", *command]
    done = subprocess.run(
        command, cwd=folder, env=environment(setup, script), capture_output=True, text=True, timeout=SECONDS
    )
    output = done.stdout + done.stderr
    setup.sandbox.wait_until(lambda: _ended(setup, before), PATIENCE)
    new = [record for id, record in _records(setup).items() if id not in before]
    found = [record for record in new if _cited(record, script)]
    if not found:
        return Told(script.name, done.returncode, output)
    record = found[0]
    return _post(setup, script, record, Told(script.name, done.returncode, output, record))


def _post(setup: Setup, script: Script, record: Record, told: Told) -> Told:
    metric = _cited(record, script)
    post = f"{metric} {record.metrics[metric].last:.6g} (last), {record.id}"
    ts = setup.sandbox.post(MEMBER, CHANNEL, post)
    setup.sandbox.wait_until(lambda: bool(setup.sandbox.thread(CHANNEL, ts)), PATIENCE)
    replies = setup.sandbox.thread(CHANNEL, ts)
    return Told(told.script, told.code, told.output, record, post, str(replies[0]["text"]) if replies else "")


def _cited(record: Record, script: Script) -> str:
    names = [script.metric] if script.metric in record.metrics else [] if script.metric else _plain(record.metrics)
    finite = [name for name in names if (last := record.metrics[name].last) is not None and math.isfinite(last)]
    return finite[0] if finite and record.state == "finished" else ""


def _plain(names: Iterable[str]) -> list[str]:
    """Names that a post can hold as one word, in order."""
    return sorted(name for name in names if re.fullmatch(r"[A-Za-z][A-Za-z_/.-]*", name))


def _ended(setup: Setup, before: set[str]) -> bool:
    new = [record for id, record in _records(setup).items() if id not in before]
    return bool(new) and all(record.state != "running" for record in new)


def _records(setup: Setup) -> dict[str, Record]:
    now = now_in_microseconds()
    found = queries.find_records(setup.db, None, now=now, order_by="started", limit=1000)
    return {record.id: record for record in found}


def main() -> int:
    """Plays everything, and prints who said what."""
    paths = [Path(argument) for argument in sys.argv[1:]]
    scripts = [*SCRIPTS, *map(given, paths)]
    folder = Path(tempfile.mkdtemp(prefix="runcite-frameworks-"))
    bad = 0
    with stage(folder / "home") as setup:
        for place, script in enumerate(scripts):
            beside = [path for one in paths for path in one.parent.glob("utils.py")] if place >= len(SCRIPTS) else ()
            told = play(setup, script, folder / str(place), beside)
            bad += not told.accepted
            print(f"\n{'✓' if told.accepted else '✗'} {told.script}")
            print(textwrap.indent(f"{MEMBER}: {told.post}\nruncite: {told.reply}", "    "))
            if not told.accepted:
                print(textwrap.indent(f"exit code {told.code}\n{told.output[-3000:]}", "    | "))
    print(f"\n{len(scripts) - bad} of {len(scripts)} scripts were cited with an accepted verdict.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

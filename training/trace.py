"""A few-second run, told line by line: what is captured, and where it goes. `python -m training.trace`.

On the left what the training script does; indented below it, as they arrive, the events the store took in. They come
from another process (`runcite trace`), which reads them back from where everybody reads.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict
from pathlib import Path

import torch

import tracker
from training import data
from training.config import Config
from training.model import build
from training.score import score
from training.train import batches, make_deterministic, make_optimizer

EPOCHS, PAUSE, SEED = 3, 0.7, 7
"""Three epochs, each followed by a pause in seconds, so that one can watch the events arrive."""

GLOSSES = {
    "started": "hyperparameters, seed and project; the run is registered now",
    "captured": "taken unasked: code, packages, machine, command, seeds",
    "dataset": "the digest of every byte of the data",
    "metrics": "rows of the journal, packed into columns",
    "artifact": "the weights, stored once under their SHA-256",
    "joined": "a second process took the slow parts of the snapshot",
    "finished": "the end; the record is sealed behind it",
}


class Echo:
    """Prints the events of a run as the store takes them in."""

    def __init__(self, run_id: str) -> None:
        self._command = [shutil.which("runcite", path=str(Path(sys.executable).parent)) or "runcite", "trace", run_id]
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Whether the last event arrived within so many seconds."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _follow(self) -> None:
        for _ in range(100):  # the run is unknown until its first event has travelled
            with subprocess.Popen(
                self._command,
                env={**os.environ, "COLUMNS": "400"},
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            ) as process:
                for line in process.stdout or ():
                    kind = line.split()[2] if len(line.split()) > 2 else ""
                    tell(f"      → store  {line.strip()}", GLOSSES.get(kind, ""))
            if process.returncode == 0:
                return
            time.sleep(0.2)


def tell(text: str, gloss: str = "") -> None:
    """One line, and what it means beneath it."""
    sys.stdout.write(f"{text}\n" + (f"               ({gloss})\n" if gloss else ""))
    sys.stdout.flush()


def main() -> None:
    """Trains for a few seconds and tells what becomes of every call."""
    config = Config(epochs=EPOCHS, lr=0.01)
    make_deterministic(SEED, config.threads)
    digits = data.load(config.train_size)
    model = build(config)
    optimizer = make_optimizer(config, model)
    loss_of = torch.nn.CrossEntropyLoss()

    tell(f'run = tracker.start_run("trace", {{…{len(asdict(config))} hyperparameters…}}, seed={SEED})')
    run = tracker.start_run("trace", asdict(config), seed=SEED)
    tell(f"      → journal: {run.id} is a file on this machine now; a shipper carries it to the store")
    echo = Echo(run.id)
    with run:
        tell('run.log_dataset("digits", digits.table)')
        run.log_dataset("digits", digits.table)
        for epoch in range(1, config.epochs + 1):
            model.train()
            for images, labels in batches(*digits.train, config.batch_size):
                loss = loss_of(model(images), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                run.log({"train/loss": loss.item()})
            val = score(model, *digits.val)
            tell(f'run.log({{"val/accuracy": {val.accuracy:.4f}, "epoch": {epoch}}})')
            run.log({"val/accuracy": val.accuracy, "epoch": epoch})
            time.sleep(PAUSE)
        with tempfile.TemporaryDirectory() as folder:
            torch.save(model.state_dict(), checkpoint := Path(folder, "model.pt"))
            tell('run.log_artifact("model.pt", kind="model")')
            run.log_artifact(checkpoint, kind="model")
        tell("run.finish()")
    arrived = echo.wait(20)
    tell(f"\nAll of it: {run.address}" if arrived else f"\nStill on its way: {run.address}, or `runcite sync`")


if __name__ == "__main__":
    main()

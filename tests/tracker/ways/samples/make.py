"""How the samples beside this file were made, each with the real tool, in an environment that has all of them:

pip install wandb==0.31.0 trackio==0.43.0 tensorboardX==2.6.5 tensorboard==2.21.0 torch==2.13.0 mlflow==3.17.2
python make.py /tmp/samples
"""

from __future__ import annotations

import gzip
import math
import os
import shutil
import sys
from pathlib import Path

ROOT = Path(sys.argv[1]).absolute() if len(sys.argv) > 1 else Path("/tmp/samples")


def by_wandb() -> None:
    """run-sample.wandb: twenty steps, a nested metric, a NaN, text, tags, a note, a config that grows."""
    import wandb

    os.environ |= {"WANDB_MODE": "offline", "WANDB_DIR": str(ROOT), "WANDB_SILENT": "true"}
    quiet = wandb.Settings(x_disable_stats=True, console="off", save_code=False, host="host", root_dir=str(ROOT))
    config = {"lr": 0.01, "layers": [64, 32], "optimizer": {"name": "adam", "beta": 0.9}, "seed": 7}
    run = wandb.init(
        project="vision",
        id="sample",
        name="calm-lake-1",
        tags=["old"],
        notes="the first",
        config=config,
        settings=quiet,
    )
    for i in range(20):
        run.log({"train/loss": 1 / (i + 1), "val": {"accuracy": i / 20}} | ({"odd": math.nan} if i == 3 else {}))
    run.log({"text": "hello"}, step=25)
    run.config.update({"late": True})
    run.finish()
    wandb.teardown()  # what was logged is on disk only then
    shutil.copy(next(ROOT.glob("wandb/offline-run-*/run-*.wandb")), ROOT / "run-sample.wandb")


def by_torch() -> None:
    """events.out.tfevents.torch and, as add_hparams has it, another file in a folder: scalars, a histogram, hparams."""
    import numpy as np
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(ROOT / "torch") as writer:
        for i in range(20):
            writer.add_scalar("loss", 1 / (i + 1), i)
            writer.add_scalar("acc/val", i / 32, i)
        writer.add_histogram("weights", np.arange(10.0), 1)
        settings = {"lr": 0.1, "bsize": 32, "opt": "adam", "amp": True}
        writer.add_hparams(settings, {"hparam/accuracy": 0.5}, run_name="hp")


def by_tensorboardx() -> None:
    """The same format by another hand."""
    from tensorboardX import SummaryWriter

    with SummaryWriter(str(ROOT / "tensorboardx")) as writer:
        for i in range(20):
            writer.add_scalar("loss", 2 / (i + 1), i)


def by_trackio() -> None:
    """milestone.db: two runs in one database."""
    os.environ |= {"TRACKIO_DIR": str(ROOT / "trackio"), "HF_HUB_OFFLINE": "1"}
    import trackio

    for n in (1, 2):
        trackio.init(project="milestone", name=f"run-{n}", config={"lr": 0.1 * n, "opt": "adam"})
        for i in range(10):
            trackio.log({"loss": 1 / (i + n), "acc": {"val": i / 10}})
        trackio.finish()
    with gzip.GzipFile(ROOT / "milestone.db.gz", "wb", mtime=0) as file:
        file.write((ROOT / "trackio" / "milestone.db").read_bytes())


def by_mlflow() -> None:
    """mlruns.zip, its file store, and mlflow.db, its SQLite database: two runs, one that failed, an artifact."""
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    import mlflow

    for uri in (f"file://{ROOT}/mlruns", f"sqlite:///{ROOT}/mlflow.db"):
        mlflow.set_tracking_uri(uri)
        mlflow.set_experiment("vision")
        for n in (1, 2):
            with mlflow.start_run(run_name=f"ml-{n}", tags={"team": "blue", "mlflow.note.content": "first"}) as run:
                mlflow.log_params({"lr": 0.1 * n, "opt": "adam", "seed": n})
                for i in range(10):
                    mlflow.log_metric("loss", 1 / (i + n), step=i)
                    mlflow.log_metric("val/acc", math.inf if i == 4 else i / 10, step=i)
                if uri.startswith("file"):
                    mlflow.log_text("hello", "docs/note.txt")
            if n == 2:
                mlflow.MlflowClient().set_terminated(run.info.run_id, "FAILED")
    shutil.make_archive(str(ROOT / "mlruns"), "zip", ROOT / "mlruns")
    with gzip.GzipFile(ROOT / "mlflow.db.gz", "wb", mtime=0) as file:
        file.write((ROOT / "mlflow.db").read_bytes())


if __name__ == "__main__":
    ROOT.mkdir(parents=True, exist_ok=True)
    for each in sys.argv[2:] or ["wandb", "torch", "tensorboardx", "trackio", "mlflow"]:
        globals()[f"by_{each}"]()

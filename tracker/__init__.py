"""Runcite's tracker: registers every training run centrally and by itself.

import tracker

with tracker.start_run("milestone-1", {"lr": 1e-3}, seed=7) as run:
    run.log({"train/loss": 0.31, "val/accuracy": 0.88}, step=1)
"""

from tracker.client.run import Run
from tracker.client.start import start_run

__all__ = ["Run", "start_run"]

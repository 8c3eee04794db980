"""Lightning: `Trainer(logger=RunciteLogger("milestone-1"))`.

Hyperparameters that a module saves are the run's config, what it logs its metrics; the best checkpoint is kept as an
artifact when training ends. It stands on whichever package the script has loaded, `lightning` or `pytorch_lightning`.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Unpack

from tracker.client.run import Run
from tracker.integrations.held import Held, Start

_older = "pytorch_lightning" in sys.modules and "lightning.pytorch" not in sys.modules
_loggers: Any = importlib.import_module("pytorch_lightning.loggers" if _older else "lightning.pytorch.loggers")
_logger: Any = importlib.import_module(f"{_loggers.__name__}.logger")
_rank_zero: Any = importlib.import_module(f"{_loggers.__name__.rpartition('.')[0]}.utilities.rank_zero")


class RunciteLogger(_loggers.Logger):
    """Logs into a run of the project, or into a run that is given. Ranks other than the first say nothing.

    The run ends with the process, so that `trainer.test()` behind `trainer.fit()` is part of it, or by `finish()`.
    """

    def __init__(self, project: str | Run, *, checkpoints: bool = True, **start: Unpack[Start]) -> None:
        super().__init__()
        self._held = Held(project, **start)
        self._name = project if isinstance(project, str) else "run"
        self._checkpoints = checkpoints
        self._saver: Any = None
        self._kept: set[str] = set()

    @property
    @_logger.rank_zero_experiment
    def experiment(self) -> Run:
        """The run, opened when it is first asked for."""
        return self._held.run

    @property
    def name(self) -> str:
        """The project's name."""
        return self._name

    @property
    def version(self) -> str:
        """The run's ID, once it is open: checkpoints then lie in a folder of that name."""
        return self._held.run.id if self._held.opened else ""

    @_rank_zero.rank_zero_only
    def log_hyperparams(self, params: object, *args: object, **kwargs: object) -> None:
        """Add to the run's config."""
        self._held.open(params)

    @_rank_zero.rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Log into the run."""
        self._held.run.log(metrics, step)

    def after_save_checkpoint(self, checkpoint_callback: Any) -> None:
        """Remember who knows the best checkpoint."""
        self._saver = checkpoint_callback

    @_rank_zero.rank_zero_only
    def finalize(self, status: str) -> None:
        """Keep the best checkpoint; end the run where training failed."""
        best = getattr(self._saver, "best_model_path", "") if self._checkpoints else ""
        if best and best not in self._kept and Path(best).exists():
            self._kept.add(best)
            self._held.run.log_artifact(best, kind="model")
        if status != "success" and self._held.opened:
            error = sys.exc_info()[1]
            self._held.finish(failed=f"{type(error).__name__}: {error}" if error else f"training {status}")

    @_rank_zero.rank_zero_only
    def finish(self) -> None:
        """End the run now."""
        self._held.finish()

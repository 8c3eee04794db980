"""Keras 3: `model.fit(..., callbacks=[RunciteCallback("milestone-1")])`.

The optimizer, the model and how it is fitted are the run's config; an epoch's logs are a step of its metrics
(`train/loss`, `val/accuracy`), those of `model.evaluate` are `test/…`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

import keras

from tracker.client.run import Run
from tracker.integrations.held import Held, Start, split_name


class RunciteCallback(keras.callbacks.Callback):
    """Logs into a run of the project, or into a run that is given. It ends with the process, or by `finish()`."""

    def __init__(self, project: str | Run, **start: Unpack[Start]) -> None:
        super().__init__()
        self._held = Held(project, **start)
        self._fitting = False

    @property
    def run(self) -> Run:
        """The run, opened when it is first asked for."""
        return self._held.run

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """Open the run."""
        self._fitting = True
        optimizer = getattr(self.model, "optimizer", None)
        fitted = {key: self.params[key] for key in ("epochs", "steps") if self.params.get(key) is not None}
        config: dict[str, object] = {**fitted, "model": self.model.name, "parameters": self.model.count_params()}
        if optimizer is not None:
            config["optimizer"] = {key: value for key, value in optimizer.get_config().items() if value is not None}
        if isinstance(loss := getattr(self.model, "loss", None), str):
            config["loss"] = loss
        self._held.open(config)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Log the epoch."""
        self._held.run.log({split_name(key, ("val",), "train"): value for key, value in (logs or {}).items()}, epoch)

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """From now on an evaluation is one of its own."""
        self._fitting = False

    def on_test_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Log an evaluation that is no part of fitting."""
        if not self._fitting and logs:
            self._held.run.log({split_name(key, (), "test"): value for key, value in logs.items()})

    def finish(self) -> None:
        """End the run now."""
        self._held.finish()

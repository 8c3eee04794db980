"""Hugging Face: `Trainer(..., callbacks=[RunciteCallback("milestone-1")])`, with `report_to="none"`.

The training arguments and the model's config are the run's config (`model.…`), the logs its metrics (`train/loss`,
`eval/accuracy`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack

from transformers import TrainerCallback

from tracker.client.run import Run
from tracker.integrations.held import Held, Start, split_name


class RunciteCallback(TrainerCallback):
    """Logs into a run of the project, or into a run that is given. Ranks other than the first say nothing.

    The run ends with the process, so that `trainer.evaluate()` behind `trainer.train()` is part of it, or by
    `finish()`, or when `trainer.train()` is called anew, as a search for hyperparameters does.
    """

    def __init__(self, project: str | Run, **start: Unpack[Start]) -> None:
        self._held = Held(project, **start)
        self._trained = False

    @property
    def run(self) -> Run:
        """The run, opened when it is first asked for."""
        return self._held.run

    def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **kwargs: object) -> None:
        """Open the run."""
        if not state.is_world_process_zero:
            return
        if self._trained:
            self._held.finish()
        self._trained = True
        config: Any = getattr(model, "config", None)
        known = {key: value for key, value in args.to_sanitized_dict().items() if value is not None}
        inner = config.to_dict() if hasattr(config, "to_dict") else {}
        told = {key: value for key, value in inner.items() if value is not None}
        self._held.open({**known, **(state.trial_params or {}), "model": told}, seed=args.seed)

    def on_log(
        self, args: Any, state: Any, control: Any, logs: Mapping[str, object] | None = None, **kwargs: object
    ) -> None:
        """Log what the trainer logs."""
        if state.is_world_process_zero:
            told = (logs or {}).items()
            numbers = {key: value for key, value in told if isinstance(value, int | float) and key != "epoch"}
            if numbers:
                named = {split_name(key, ("eval", "test"), "train"): value for key, value in numbers.items()}
                self._held.run.log(named, state.global_step)

    def finish(self) -> None:
        """End the run now."""
        self._held.finish()

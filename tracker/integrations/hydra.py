"""Hydra: each job is a run, whose config is the job's. In the application's config:

hydra:
  callbacks:
    runcite:
      _target_: tracker.integrations.hydra.RunciteCallback
      project: milestone-1

The task asks for its run by `job_run()`, and logs into it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Unpack

from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import JobStatus
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf

from tracker.client.run import Run
from tracker.client.start import start_run
from tracker.errors import NotFound
from tracker.integrations.held import Start

_runs: dict[str, Run] = {}
"""The runs of jobs that are under way in this process, by the job's folder."""


def job_run() -> Run:
    """The run of the Hydra job that calls this.

    Raises:
        NotFound: the caller is no job, or the callback is not in its config.
    """
    run = _runs.get(_folder_of(HydraConfig.get())) if HydraConfig.initialized() else None
    if run is None:
        raise NotFound(
            "No Hydra job with a run is under way here.",
            remedy="Add tracker.integrations.hydra.RunciteCallback to hydra.callbacks in the application's config.",
        )
    return run


class RunciteCallback(Callback):
    """Opens a run for each job, in a plain run or a multirun, and ends it as the job ended."""

    def __init__(self, project: str, **start: Unpack[Start]) -> None:
        self._project, self._start = project, start

    def on_job_start(self, config: DictConfig, *, task_function: object, **kwargs: object) -> None:
        """Open the run."""
        told: Any = OmegaConf.to_container(config, resolve=False)
        told.pop("hydra", None)
        resolved = OmegaConf.create(told)
        OmegaConf.resolve(resolved)
        changed = config.hydra.job.override_dirname
        start: Start = {"name": changed or None, **self._start}
        seed = resolved.get("seed")
        if isinstance(seed, int) and start.get("seed") is None:
            start["seed"] = seed
        run = start_run(self._project, **start)
        run.config.update(OmegaConf.to_container(resolved))
        _runs[_folder_of(config.hydra)] = run

    def on_job_end(self, config: DictConfig, job_return: Any, **kwargs: object) -> None:
        """Keep what Hydra wrote down of the job, and end the run."""
        folder = _folder_of(config.hydra)
        run = _runs.pop(folder, None)
        if run is None:
            return
        composed = Path(folder, config.hydra.output_subdir or "")
        if config.hydra.output_subdir and composed.is_dir():
            run.log_artifact(composed, name="hydra", kind="config")
        if job_return.status == JobStatus.FAILED:
            error = job_return._return_value
            run.finish(failed=f"{type(error).__name__}: {error}")
        else:
            run.finish()


def _folder_of(hydra: Any) -> str:
    return str(hydra.runtime.output_dir)

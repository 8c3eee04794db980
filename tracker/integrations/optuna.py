"""Optuna: each trial is a run, so that boards rank trials and importance can be asked of them.

study.optimize(objective, callbacks=[RunciteCallback("milestone-1", metric="val/loss")])

tracks an objective as it stands: a trial's run is written when the trial has ended. An objective that wants the run
itself, for what it logs on the way, and the time and cost of its own, is wrapped instead:

@tracked("milestone-1", metric="val/loss")
def objective(trial, run): ...
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Unpack

import optuna

from tracker.client.run import Run
from tracker.client.start import start_run
from tracker.integrations.held import Start

Objective = Callable[[optuna.Trial], Any]


class RunciteCallback:
    """Registers each trial that ended as a run. `metric` names the objective's value, or its values, one each.

    A trial that failed or was pruned is a failed run, and says which: it never ranks.
    """

    def __init__(self, project: str, metric: str | Sequence[str] = "objective", **start: Unpack[Start]) -> None:
        self._project, self._start = project, start
        self._metrics = _names(metric)

    def __call__(self, study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        run = start_run(self._project, **_of_trial(study, trial.number, self._start))
        run.config.update(trial.params)
        _log_steps(run, self._metrics, trial)
        if trial.state == optuna.trial.TrialState.COMPLETE:
            _log_values(run, self._metrics, trial.values, trial)
            run.finish()
        else:
            run.finish(failed=f"the trial was {trial.state.name.lower()}")


def tracked(
    project: str, metric: str | Sequence[str] = "objective", **start: Unpack[Start]
) -> Callable[[Callable[[optuna.Trial, Run], Any]], Objective]:
    """An objective that gets its trial's run beside the trial, for `study.optimize`."""
    metrics = _names(metric)

    def wrap(objective: Callable[[optuna.Trial, Run], Any]) -> Objective:
        @functools.wraps(objective)
        def run_one(trial: optuna.Trial) -> Any:
            with start_run(project, **_of_trial(trial.study, trial.number, start)) as run:
                try:
                    value = objective(trial, run)
                finally:
                    run.config.update(trial.params)
                    frozen = trial.study.get_trials(deepcopy=False)[trial.number]
                    _log_steps(run, metrics, frozen)
                _log_values(run, metrics, value if isinstance(value, Sequence) else (value,), frozen)
            return value

        return run_one

    return wrap


def _names(metric: str | Sequence[str]) -> tuple[str, ...]:
    return (metric,) if isinstance(metric, str) else tuple(metric)


def _of_trial(study: optuna.Study, number: int, start: Start) -> Start:
    """What the trial's run starts with: named after study and trial, tagged with the study."""
    tags: Iterable[str] = start.get("tags", ())
    tagged = ((tags,) if isinstance(tags, str) else tuple(tags)) + (f"study:{study.study_name}",)
    return {**start, "name": start.get("name") or f"{study.study_name} trial {number}", "tags": tagged}


def _log_steps(run: Run, metrics: tuple[str, ...], trial: optuna.trial.FrozenTrial) -> None:
    for step, value in sorted(trial.intermediate_values.items()):
        run.log({metrics[0]: value}, step)


def _log_values(run: Run, metrics: tuple[str, ...], values: Sequence[float], trial: optuna.trial.FrozenTrial) -> None:
    """The trial's values, a step behind what it reported on the way."""
    step = max(trial.intermediate_values, default=-1) + 1
    names = metrics if len(metrics) == len(values) else tuple(f"{metrics[0]}_{place}" for place in range(len(values)))
    run.log(dict(zip(names, values, strict=True)), step)

"""Which address is which call. An address is a method and a path below the API's prefix; `*` stands for one part,
`**` for the rest."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from tracker.server.mlflow import artifacts, execs, experiments, models, registry, runs
from tracker.server.mlflow.asking import Ask

Call = Callable[[Ask], object]
"""What answers a request: a value that is sent as JSON, or a response as it is."""

CALLS: dict[str, Call] = {
    "GET mlflow/experiments/get-by-name": experiments.get_by_name,
    "GET mlflow/experiments/get": experiments.get,
    "GET mlflow/experiments/search": experiments.find,
    "POST mlflow/experiments/search": experiments.find,
    "POST mlflow/experiments/create": experiments.create,
    "POST mlflow/experiments/update": experiments.update,
    "POST mlflow/experiments/delete": experiments.delete,
    "POST mlflow/experiments/restore": experiments.restore,
    "POST mlflow/experiments/set-experiment-tag": experiments.set_tag,
    "POST mlflow/experiments/delete-experiment-tag": experiments.delete_tag,
    "POST mlflow/runs/create": runs.create,
    "GET mlflow/runs/get": runs.get,
    "POST mlflow/runs/update": runs.update,
    "POST mlflow/runs/delete": runs.delete,
    "POST mlflow/runs/restore": runs.restore,
    "POST mlflow/runs/search": runs.find,
    "POST mlflow/runs/log-batch": runs.log_batch,
    "POST mlflow/runs/log-metric": runs.log_metric,
    "POST mlflow/runs/log-parameter": runs.log_parameter,
    "POST mlflow/runs/set-tag": runs.set_tag,
    "POST mlflow/runs/delete-tag": runs.delete_tag,
    "GET mlflow/metrics/get-history": runs.history,
    "POST mlflow/runs/log-inputs": models.log_inputs,
    "POST mlflow/runs/outputs": models.log_outputs,
    "POST mlflow/runs/log-model": models.log_model,
    "POST mlflow/logged-models": models.create,
    "POST mlflow/logged-models/search": models.find,
    "GET mlflow/logged-models/*": models.get,
    "PATCH mlflow/logged-models/*": models.finish,
    "DELETE mlflow/logged-models/*": models.delete,
    "POST mlflow/logged-models/*/params": models.log_params,
    "PATCH mlflow/logged-models/*/tags": models.set_tags,
    "DELETE mlflow/logged-models/*/tags/*": models.delete_tag,
    "GET mlflow/logged-models/*/artifacts/directories": artifacts.of_model,
    "GET mlflow/artifacts/list": artifacts.of_run,
    "POST mlflow/registered-models/create": registry.create,
    "GET mlflow/registered-models/get": registry.get,
    "GET mlflow/registered-models/search": registry.find,
    "POST mlflow/registered-models/search": registry.find,
    "PATCH mlflow/registered-models/update": registry.update,
    "POST mlflow/registered-models/rename": registry.rename,
    "DELETE mlflow/registered-models/delete": registry.delete,
    "GET mlflow/registered-models/get-latest-versions": registry.latest,
    "POST mlflow/registered-models/get-latest-versions": registry.latest,
    "POST mlflow/registered-models/set-tag": registry.set_tag,
    "DELETE mlflow/registered-models/delete-tag": registry.delete_tag,
    "GET mlflow/registered-models/alias": registry.by_alias,
    "POST mlflow/registered-models/alias": registry.set_alias,
    "DELETE mlflow/registered-models/alias": registry.delete_alias,
    "POST mlflow/model-versions/create": registry.create_version,
    "GET mlflow/model-versions/get": registry.get_version,
    "GET mlflow/model-versions/search": registry.find_versions,
    "POST mlflow/model-versions/search": registry.find_versions,
    "PATCH mlflow/model-versions/update": registry.update_version,
    "DELETE mlflow/model-versions/delete": registry.delete_version,
    "POST mlflow/model-versions/transition-stage": registry.transition,
    "GET mlflow/model-versions/get-download-uri": registry.download_uri,
    "POST mlflow/model-versions/set-tag": registry.set_version_tag,
    "DELETE mlflow/model-versions/delete-tag": registry.delete_version_tag,
    "POST mlflow/runcite/execs": execs.begin,
    "POST mlflow/runcite/execs/*/end": execs.end,
    "GET mlflow/server-info": artifacts.server_info,
    "GET mlflow-artifacts/artifacts": artifacts.folder,
    "GET mlflow-artifacts/artifacts/**": artifacts.get,
    "PUT mlflow-artifacts/artifacts/**": artifacts.put,
    "DELETE mlflow-artifacts/artifacts/**": artifacts.delete,
}

_FIXED = {address: call for address, call in CALLS.items() if "*" not in address}


@cache
def _patterns() -> list[tuple[re.Pattern[str], Call]]:
    parts = {"**": "(.*)", "*": "([^/]+)"}
    return [
        (re.compile("".join(parts.get(each, re.escape(each)) for each in re.split(r"(\*\*|\*)", address))), call)
        for address, call in CALLS.items()
        if address not in _FIXED
    ]


def find(method: str, path: str) -> tuple[Call, tuple[str, ...]] | None:
    """The call at an address, and what its stars stand for; None where there is none."""
    address = f"{method} {path}"
    if address in _FIXED:
        return _FIXED[address], ()
    for pattern, call in _patterns():
        if match := pattern.fullmatch(address):
            return call, match.groups()
    return None

"""What a REST user sees who has no client of MLflow's: what is refused, and how. Holds for MLflow's own server too."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from mlflow import MlflowClient

Unique = Callable[[str], str]
P = "/api/2.0/mlflow"


@pytest.fixture
def run(client: MlflowClient, experiment: str) -> str:
    """A run's ID."""
    return str(client.create_run(experiment).info.run_id)


def said(uri: str, method: str, path: str, **given: Any) -> tuple[int, str]:
    """The status and the error code."""
    answer = httpx.request(method, f"{uri}{P}/{path}", **given)
    return answer.status_code, str(answer.json().get("error_code", ""))


@pytest.mark.parametrize(
    ("method", "path", "given"),
    [
        ("GET", "experiments/get", {"params": {"experiment_id": "abc"}}),
        ("GET", "experiments/get", {}),
        ("GET", "experiments/get-by-name", {}),
        ("POST", "experiments/create", {"json": {}}),
        ("POST", "experiments/create", {"json": {"name": "x", "artifact_location": "s3://bucket/x?y#z"}}),
        ("POST", "experiments/update", {"json": {"experiment_id": "0"}}),
        ("POST", "experiments/set-experiment-tag", {"json": {"experiment_id": "0", "key": "../k", "value": "v"}}),
        ("POST", "experiments/delete", {"json": {}}),
        ("GET", "runs/get", {}),
        ("POST", "runs/delete", {"json": {}}),
        ("POST", "runs/log-batch", {"json": {"metrics": []}}),
        ("POST", "runs/search", {"json": {"experiment_ids": ["abc"], "max_results": 5}}),
        ("POST", "logged-models", {"json": {}}),
        ("GET", "artifacts/list", {}),
        ("GET", "registered-models/get", {}),
        ("GET", "registered-models/search", {"params": {"order_by": "tags.a"}}),
        ("GET", "model-versions/search", {"params": {"order_by": "tags.a"}}),
        ("POST", "model-versions/create", {"json": {"source": "s3://bucket/x"}}),
        ("POST", "registered-models/alias", {"json": {"alias": "best", "version": "1"}}),
    ],
)
def test_what_lacks_something_or_cannot_be_is_refused(uri: str, method: str, path: str, given: dict[str, Any]) -> None:
    assert said(uri, method, path, **given) == (400, "INVALID_PARAMETER_VALUE")


def test_a_run_s_call_that_lacks_something_is_refused(uri: str, run: str) -> None:
    for method, path, more in (
        ("POST", "runs/log-metric", {"key": "m", "timestamp": 1}),
        ("POST", "runs/log-metric", {"key": "m", "value": "abc", "timestamp": 1}),
        ("POST", "runs/log-parameter", {"value": "1"}),
        ("POST", "runs/set-tag", {"value": "1"}),
        ("POST", "runs/log-batch", {"params": [{"key": "p", "value": "1"}, {"key": "p", "value": "1"}]}),
        ("POST", "runs/outputs", {}),
        ("POST", "runs/log-model", {}),
        ("POST", "runs/log-model", {"model_json": '{"artifact_path": "model"}'}),
    ):
        assert said(uri, method, path, json={"run_id": run, **more}) == (400, "INVALID_PARAMETER_VALUE"), (path, more)
    long = [{"dataset": {"name": "d", "digest": "1", "source_type": "s", "source": "s"}, "tags": [{"key": "k" * 300}]}]
    assert said(uri, "POST", "runs/log-inputs", json={"run_id": run, "datasets": long})[0] == 400
    outside = {"run_id": run, "path": "/etc"}
    assert said(uri, "GET", "artifacts/list", params=outside) == (400, "INVALID_PARAMETER_VALUE")


def test_old_words_are_understood(uri: str, client: MlflowClient, run: str) -> None:
    assert httpx.get(f"{uri}{P}/runs/get", params={"run_uuid": run}).json()["run"]["info"]["run_uuid"] == run
    by_number = httpx.post(f"{uri}{P}/runs/update", json={"run_uuid": run, "status": 4, "end_time": 5000})
    assert by_number.json()["run_info"]["status"] == "FAILED"
    assert client.get_run(run).info.end_time == 5000
    assert (
        said(uri, "POST", "runs/log-metric", json={"run_id": run, "key": "m", "value": 1, "timestamp": "7"})[0] == 200
    )
    assert said(uri, "POST", "runs/set-tag", json={"run_id": run, "key": "t"})[0] == 200
    assert client.get_run(run).data.tags["t"] == ""


def test_a_tag_of_an_experiment_is_deleted_once(uri: str, client: MlflowClient, experiment: str) -> None:
    client.set_experiment_tag(experiment, "team", "a")
    gone = {"experiment_id": experiment, "key": "team"}
    assert said(uri, "POST", "experiments/delete-experiment-tag", json=gone)[0] == 200
    assert "team" not in client.get_experiment(experiment).tags
    again = said(uri, "POST", "experiments/delete-experiment-tag", json=gone)
    assert again == (404, "RESOURCE_DOES_NOT_EXIST")


@pytest.mark.parametrize("source", ["/etc", "file:///etc", "mlflow-artifacts:/0/../../x", "models:/m-nobody-made-it"])
def test_a_version_whose_files_lie_elsewhere_is_refused(uri: str, unique: Unique, source: str) -> None:
    name = unique("reg")
    assert said(uri, "POST", "registered-models/create", json={"name": name})[0] == 200
    assert 400 <= said(uri, "POST", "model-versions/create", json={"name": name, "source": source})[0] < 500
    found = httpx.get(f"{uri}{P}/model-versions/search", params={"filter": f"name = '{name}'"})
    assert not found.json().get("model_versions")


def test_models_and_versions_are_found_in_a_list_of_names(uri: str, unique: Unique) -> None:
    name = unique("reg")
    httpx.post(f"{uri}{P}/registered-models/create", json={"name": name})
    httpx.post(f"{uri}{P}/model-versions/create", json={"name": name, "source": "s3://bucket/x"})
    for path, key in (("registered-models", "registered_models"), ("model-versions", "model_versions")):
        answer = httpx.get(f"{uri}{P}/{path}/search", params={"filter": f"name IN ('{name}', 'other')"})
        assert [each["name"] for each in answer.json()[key]] == [name]

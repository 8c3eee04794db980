"""What the real MLflow client sees of artifacts, data sets and logged models. Holds for MLflow's own server too."""

import hashlib
import http.client
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelInput,
    LoggedModelOutput,
    LoggedModelStatus,
    Metric,
)
from mlflow.exceptions import MlflowException

Unique = Callable[[str], str]


def names(client: MlflowClient, run_id: str, path: str | None = None) -> list[tuple[str, bool, int | None]]:
    return sorted(
        (file.path, file.is_dir, None if file.is_dir else file.file_size or 0)
        for file in client.list_artifacts(run_id, path)
    )


def test_files_folders_and_texts_are_kept(experiment: str, client: MlflowClient, work: Path) -> None:
    (work / "one.txt").write_text("one")
    (work / "deep" / "er").mkdir(parents=True)
    (work / "deep" / "er" / "two.bin").write_bytes(b"\0\1\2")
    (work / "deep" / "empty.txt").write_bytes(b"")
    with mlflow.start_run() as run:
        mlflow.log_artifact("one.txt")
        mlflow.log_artifact("one.txt", "put/here")
        mlflow.log_artifacts("deep", "tree")
        mlflow.log_text("größe 你好", "notes/a b.txt")
        mlflow.log_dict({"a": 1}, "d.json")
    id = run.info.run_id
    assert names(client, id) == [
        ("d.json", False, 12),
        ("notes", True, None),
        ("one.txt", False, 3),
        ("put", True, None),
        ("tree", True, None),
    ]
    assert names(client, id, "tree") == [("tree/empty.txt", False, 0), ("tree/er", True, None)]
    assert names(client, id, "tree/er") == [("tree/er/two.bin", False, 3)]
    assert names(client, id, "none") == []
    (work / "back").mkdir()
    local = Path(client.download_artifacts(id, "", str(work / "back")))
    found = {str(path.relative_to(local)): path.read_bytes() for path in local.rglob("*") if path.is_file()}
    assert found["tree/er/two.bin"] == b"\0\1\2" and found["put/here/one.txt"] == b"one"
    assert found["notes/a b.txt"].decode() == "größe 你好" and found["tree/empty.txt"] == b""
    assert mlflow.artifacts.load_text(f"runs:/{id}/one.txt") == "one"
    assert mlflow.artifacts.load_dict(f"runs:/{id}/d.json") == {"a": 1}


def test_a_file_is_replaced_and_one_that_is_not_there_is_missed(
    experiment: str, client: MlflowClient, work: Path
) -> None:
    with mlflow.start_run() as run:
        mlflow.log_text("old", "a.txt")
        mlflow.log_text("newer", "a.txt")
    assert mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/a.txt") == "newer"
    assert names(client, run.info.run_id) == [("a.txt", False, 5)]
    with pytest.raises((MlflowException, OSError)):
        client.download_artifacts(run.info.run_id, "none.txt", str(work))


def test_large_files_survive(experiment: str, client: MlflowClient, work: Path) -> None:
    (work / "model.ckpt").write_bytes(os.urandom(1 << 20) * 24)
    before = hashlib.sha256((work / "model.ckpt").read_bytes()).hexdigest()
    with mlflow.start_run() as run:
        mlflow.log_artifact("model.ckpt", "checkpoints")
    (work / "back").mkdir()
    local = client.download_artifacts(run.info.run_id, "checkpoints/model.ckpt", str(work / "back"))
    assert hashlib.sha256(Path(local).read_bytes()).hexdigest() == before


@pytest.mark.parametrize("path", ["../../etc/passwd", "a/../../b", "%2e%2e/x", "a%2f..%2f..%2fb"])
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_path_that_leads_elsewhere_is_refused(
    experiment: str, client: MlflowClient, uri: str, path: str, method: str
) -> None:
    run = client.create_run(experiment)
    root = run.info.artifact_uri.removeprefix("mlflow-artifacts:/")
    address = urlsplit(uri)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=20)  # it mends no path
    connection.request(method, f"/api/2.0/mlflow-artifacts/artifacts/{root}/{path}", b"x" if method == "PUT" else None)
    answer = connection.getresponse()
    assert answer.status in (400, 404), answer.read()
    connection.close()


def dataset(name: str = "digits", digest: str = "abc123") -> Dataset:
    return Dataset(name, digest, "local", '{"uri": "/data/x.csv"}', '{"columns": []}', '{"rows": 10}')


def test_data_sets_are_kept_and_searched(experiment: str, client: MlflowClient) -> None:
    id = client.create_run(experiment).info.run_id
    given = [
        DatasetInput(dataset(), [InputTag("mlflow.data.context", "train"), InputTag("x", "y")]),
        DatasetInput(dataset("other", "ffff"), [InputTag("mlflow.data.context", "eval")]),
    ]
    client.log_inputs(id, given)
    client.log_inputs(id, given)
    found = {each.dataset.name: each for each in client.get_run(id).inputs.dataset_inputs}
    assert set(found) == {"digits", "other"}
    kept = found["digits"]
    assert (kept.dataset.digest, kept.dataset.source_type) == ("abc123", "local")
    assert (kept.dataset.source, kept.dataset.schema) == ('{"uri": "/data/x.csv"}', '{"columns": []}')
    assert kept.dataset.profile == '{"rows": 10}'
    assert {tag.key: tag.value for tag in kept.tags} == {"mlflow.data.context": "train", "x": "y"}
    for text in ("datasets.name = 'digits'", "dataset.digest LIKE 'abc%'", "datasets.context IN ('eval', 'z')"):
        assert [run.info.run_id for run in client.search_runs([experiment], text)] == [id], text
    assert client.search_runs([experiment], "datasets.name = 'none'") == []


def test_a_logged_model_lives(experiment: str, client: MlflowClient, work: Path) -> None:
    run = client.create_run(experiment)
    id = run.info.run_id
    model = client.create_logged_model(
        experiment, name="net", source_run_id=id, tags={"t": "1"}, params={"lr": "0.1"}, model_type="cnn"
    )
    assert model.model_id.startswith("m-") and model.status == LoggedModelStatus.PENDING
    client.log_outputs(id, [LoggedModelOutput(model.model_id, 3)])
    (work / "weights.bin").write_bytes(b"weights")
    client.log_model_artifact(model.model_id, "weights.bin")
    assert client.finalize_logged_model(model.model_id, LoggedModelStatus.READY).status == LoggedModelStatus.READY
    client.set_logged_model_tags(model.model_id, {"t": "2", "u": "3"})
    client.delete_logged_model_tag(model.model_id, "u")
    store = client._tracking_client.store
    client.log_metric(id, "acc", 0.5, step=1, timestamp=5, model_id=model.model_id)
    client.log_metric(id, "acc", 0.75, step=2, timestamp=6, model_id=model.model_id)
    found = client.get_logged_model(model.model_id)
    assert (found.name, found.model_type, found.source_run_id, found.experiment_id) == ("net", "cnn", id, experiment)
    assert (found.tags["t"], "u" in found.tags, found.params) == ("2", False, {"lr": "0.1"})
    assert 0.75 in [metric.value for metric in found.metrics]
    assert [file.path for file in client.list_logged_model_artifacts(model.model_id)] == ["weights.bin"]
    assert [made.model_id for made in client.get_run(id).outputs.model_outputs] == [model.model_id]
    assert client.get_run(id).outputs.model_outputs[0].step == 3
    assert names(client, id) == []
    store.log_inputs(id, models=[LoggedModelInput(model.model_id)])
    assert [used.model_id for used in client.get_run(id).inputs.model_inputs] == [model.model_id]
    client.delete_logged_model(model.model_id)
    with pytest.raises(MlflowException):
        client.get_logged_model(model.model_id)


def test_logged_models_are_searched(experiment: str, client: MlflowClient) -> None:
    id = client.create_run(experiment).info.run_id
    made = []
    for i in range(4):
        model = client.create_logged_model(experiment, name=f"net-{i % 2}", source_run_id=id, params={"i": str(i)})
        client.log_metric(id, "acc", i / 10, step=i, model_id=model.model_id)
        client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
        made.append(model.model_id)

    def found(text: str | None = None, **more: object) -> list[int]:
        models = client.search_logged_models([experiment], text, **more)  # type: ignore[arg-type]
        return [made.index(model.model_id) for model in models]

    assert sorted(found()) == [0, 1, 2, 3]
    assert sorted(found("name = 'net-1'")) == [1, 3]
    assert found("params.i = '2'") == [2]
    client.log_metric(id, "loss", 0.0, step=1, model_id=made[0], dataset_name="d", dataset_digest="1")
    client.log_metric(id, "loss", 0.9, step=2, model_id=made[0], dataset_name="d", dataset_digest="1")
    losses = [metric.value for metric in client.get_logged_model(made[0]).metrics if metric.key == "loss"]
    assert sorted(losses) == [0.0, 0.9], "every point of a model is told"
    assert found("metrics.loss < 0.1") == [0], "any of them may fit"
    assert found(datasets=[{"dataset_name": "d", "dataset_digest": "1"}]) == [0]
    assert found(datasets=[{"dataset_name": "d", "dataset_digest": "2"}]) == []
    assert sorted(found("metrics.acc >= 0.2")) == [2, 3]
    assert found(f"source_run_id = '{id}' AND params.i = '0'") == [0]
    by_accuracy = [{"field_name": "metrics.acc", "ascending": False}]
    assert found(order_by=by_accuracy) == [3, 2, 1, 0]
    first = client.search_logged_models([experiment], max_results=3, order_by=by_accuracy)
    rest = client.search_logged_models([experiment], max_results=3, order_by=by_accuracy, page_token=first.token)
    assert [made.index(model.model_id) for model in [*first, *rest]] == [3, 2, 1, 0]
    assert not rest.token


def test_metrics_say_which_model_and_data_they_are_about(experiment: str, client: MlflowClient) -> None:
    id = client.create_run(experiment).info.run_id
    model = client.create_logged_model(experiment, name="net", source_run_id=id)
    about = {"model_id": model.model_id, "dataset_name": "d", "dataset_digest": "1"}
    client.log_batch(id, metrics=[Metric("a", 0.5, 1, 0, run_id=id, **about)])
    (kept,) = client.get_logged_model(model.model_id).metrics
    assert (kept.key, kept.value, kept.dataset_name, kept.dataset_digest, kept.run_id) == ("a", 0.5, "d", "1", id)
    assert client.get_run(id).data.metrics == {"a": 0.5}


def test_an_old_client_s_model_is_noted(experiment: str, client: MlflowClient, uri: str) -> None:
    id = client.create_run(experiment).info.run_id
    body = {
        "run_id": id,
        "model_json": '{"artifact_path": "model", "run_id": "x", "flavors": {}, "utc_time_created": "t"}',
    }
    answer = httpx.post(f"{uri}/api/2.0/mlflow/runs/log-model", json=body)
    assert answer.status_code == 200, answer.text
    assert '"artifact_path": "model"' in client.get_run(id).data.tags["mlflow.log-model.history"].replace('":"', '": "')


def test_an_old_rest_user_lists_artifacts(experiment: str, client: MlflowClient, uri: str) -> None:
    with mlflow.start_run() as run:
        mlflow.log_text("x", "a/b.txt")
    asked = {"run_id": run.info.run_id, "path": "a"}
    answer = httpx.get(f"{uri}/api/2.0/mlflow/artifacts/list", params=asked).json()
    assert answer["root_uri"] == run.info.artifact_uri
    assert answer["files"] == [{"path": "a/b.txt", "is_dir": False, "file_size": 1}]


def test_answers_without_the_client(uri: str, experiment: str) -> None:
    assert httpx.get(f"{uri}/health").text == "OK"
    missing = httpx.get(f"{uri}/api/2.0/mlflow/experiments/get-by-name", params={"experiment_name": "never was"})
    assert (missing.status_code, missing.json()["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    garbage = httpx.post(f"{uri}/api/2.0/mlflow/runs/create", content=b"{nonsense")
    assert garbage.status_code == 400
    lonely = httpx.post(f"{uri}/api/2.0/mlflow/runs/log-metric", json={"key": "a"})
    assert (lonely.status_code, lonely.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert httpx.get(f"{uri}/api/2.0/mlflow/nothing/here").status_code == 404

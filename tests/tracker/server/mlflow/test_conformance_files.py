"""What the real MLflow client sees of artifacts and data sets. Holds for MLflow's own server too."""

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
from mlflow.entities import Dataset, DatasetInput, InputTag
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


class Twice(mlflow.pyfunc.PythonModel):
    """A model that needs no package."""

    def predict(self, context: object, model_input: list[str], params: object = None) -> list[str]:
        return [each * 2 for each in model_input]


@pytest.mark.filterwarnings("ignore")
def test_a_model_is_logged_and_loaded_by_its_run(experiment: str, client: MlflowClient, work: Path) -> None:
    with mlflow.start_run() as run:
        mlflow.pyfunc.log_model("net", python_model=Twice(), pip_requirements=["cloudpickle"])
    loaded = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/net")
    assert loaded.predict(["a", "b"]) == ["aa", "bb"]
    assert "cloudpickle" in mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/net/requirements.txt")


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

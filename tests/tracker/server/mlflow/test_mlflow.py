"""What Runcite makes of an MLflow run: its own run ID, a record with findings, owners, prefixes, a sealed chain."""

import hashlib
import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import mlflow
import msgspec
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from tests.tracker.server.conftest import START, House
from tracker.events import ArtifactLogged
from tracker.ids import is_run_id
from tracker.record import Record
from tracker.rules.fitness import findings
from tracker.store import queries
from tracker.store.verify import verify_run

P = "/api/2.0/mlflow"
GIT = {
    "mlflow.source.git.commit": "3f2a1bc9" * 5,
    "mlflow.source.git.branch": "main",
    "mlflow.source.git.repoURL": "https://me:secret@github.com/team/digits.git",
    "mlflow.source.name": "train.py",
}


def post(client: httpx.Client, path: str, **body: Any) -> httpx.Response:
    return client.post(f"{P}/{path}", json=body)


def begin(client: httpx.Client, **more: Any) -> str:
    tags = [{"key": key, "value": value} for key, value in more.pop("tags", {}).items()]
    answer = post(client, "runs/create", experiment_id="0", tags=tags, **more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["run"]["info"]["run_id"])


@pytest.fixture
def open_house(house: House) -> House:
    return house.start(require_login=False)


def record(house: House, run_id: str) -> Record:
    return queries.get_record(house.context.db, run_id, now=house.now)


def codes(house: House, run_id: str) -> set[str]:
    return {finding.code for finding in findings(record(house, run_id), None)}


def test_an_mlflow_run_is_a_run(open_house: House) -> None:
    with open_house.client() as client:
        id = begin(client, run_name="first", tags=GIT | {"phase": "tune", "mlflow.note.content": "why"})
        assert is_run_id(id)
        post(client, "runs/log-parameter", run_id=id, key="lr", value="0.001")
        post(client, "runs/log-parameter", run_id=id, key="layers", value="[1, 2]")
        post(client, "runs/log-metric", run_id=id, key="val/acc", value=0.9, timestamp=1, step=1)
        post(client, "runs/set-tag", run_id=id, key="phase", value="final")
        post(client, "runs/update", run_id=id, status="FINISHED", end_time=START // 1000 + 5000)
    found = record(open_house, id)
    assert (found.project, found.name, found.state, found.note) == ("Default", "first", "finished", "why")
    assert found.config == {"lr": 0.001, "layers": "[1, 2]"}
    assert found.metrics["val/acc"].last == 0.9
    assert found.tags == ("phase=final",)
    code = found.snapshot.code
    assert code and code.git and (code.git.commit, code.script) == ("3f2a1bc9" * 5, "train.py")
    assert code.git.remote == "https://github.com/team/digits.git"
    assert found.digests.code is None  # nobody looked at what differs from the commit
    assert verify_run(open_house.context.db, id) == ()


def test_what_the_client_cannot_tell_is_a_finding(open_house: House) -> None:
    with open_house.client() as client:
        with_commit, without = begin(client, tags=GIT), begin(client)
        for id in (with_commit, without):
            post(client, "runs/update", run_id=id, status="FINISHED")
    assert {"code-told", "environment-unknown", "machine-unknown", "no-seed"} <= codes(open_house, with_commit)
    assert {"code-unknown", "environment-unknown", "machine-unknown"} <= codes(open_house, without)
    assert "runcite exec" in record(open_house, without).snapshot.problems[0]


def test_what_was_refused_is_a_finding(open_house: House) -> None:
    with open_house.client() as client:
        id = begin(client)
        post(client, "runs/log-parameter", run_id=id, key="lr", value="1")
        for path, body in (
            ("runs/log-parameter", {"key": "lr", "value": "2"}),
            ("runs/log-metric", {"key": "a//b", "value": 1, "timestamp": 1}),
            ("runs/nothing-like-it", {}),
        ):
            assert 400 <= post(client, path, run_id=id, **body).status_code < 500
        put = f"/api/2.0/mlflow-artifacts/artifacts/0/{id}/artifacts/a//b"
        assert client.put(put, content=b"x").status_code == 400
        assert post(client, "logged-models", experiment_id="0", name="a/b", source_run_id=id).status_code == 400
        made = post(client, "logged-models", experiment_id="0", name="net", source_run_id=id).json()["model"]["info"]
        odd = client.patch(f"{P}/logged-models/{made['model_id']}", json={"status": "NOPE"})
        assert odd.status_code == 400
        post(client, "runs/update", run_id=id, status="FINISHED")
    notices = record(open_house, id).notices
    assert [notice.code for notice in notices] == ["mlflow-refused"] * 6
    assert "'1', not '2'" in notices[0].message
    assert "not-all-kept" in codes(open_house, id)
    assert record(open_house, id).config == {"lr": 1}


def test_late_writes_stand_behind_the_seal(open_house: House) -> None:
    with open_house.client() as client:
        id = begin(client)
        post(client, "runs/update", run_id=id, status="FINISHED", end_time=START // 1000 + 1000)
        sealed = record(open_house, id)
        assert post(client, "runs/log-metric", run_id=id, key="m", value=1, timestamp=1).status_code == 200
        late = record(open_house, id)
        assert (late.state, late.metrics["m"].last) == ("finished", 1.0)
        assert late.seals[: len(sealed.seals)] == sealed.seals and len(late.seals) == 2
        assert post(client, "runs/update", run_id=id, status="RUNNING").status_code == 200
        assert record(open_house, id).state == "running"
        post(client, "runs/log-metric", run_id=id, key="m", value=2, timestamp=2)
        post(client, "runs/update", run_id=id, status="FAILED")
        ended = record(open_house, id)
    assert (ended.state, len(ended.seals), ended.metrics["m"].count) == ("failed", 3, 2)
    assert verify_run(open_house.context.db, id) == ()


def test_a_retried_write_is_taken_once(open_house: House) -> None:
    point = {"key": "m", "value": 0.5, "timestamp": 7, "step": 3}
    with open_house.client() as client:
        id = begin(client)
        for _ in range(2):
            post(client, "runs/log-metric", run_id=id, **point)
            post(client, "runs/log-batch", run_id=id, metrics=[point], params=[{"key": "p", "value": "1"}])
    assert record(open_house, id).metrics["m"].count == 1


def test_a_data_set_is_the_record_s(open_house: House) -> None:
    given = {"name": "digits", "digest": "abc", "source_type": "local", "source": "/data"}
    tags = [{"key": "mlflow.data.context", "value": "train"}]
    with open_house.client() as client:
        ids = [begin(client) for _ in range(2)]
        for id in ids:
            post(client, "runs/log-inputs", run_id=id, datasets=[{"dataset": given, "tags": tags}])
    one, other = (record(open_house, id) for id in ids)
    assert [(each.name, each.used_as) for each in one.datasets] == [("digits", "train")]
    assert one.digests.data == other.digests.data is not None


def test_artifacts_and_logged_models_are_the_record_s(open_house: House) -> None:
    with open_house.client() as client:
        id = begin(client)
        put = client.put(f"/api/2.0/mlflow-artifacts/artifacts/0/{id}/artifacts/plots/a.png", content=b"png")
        assert put.status_code == 200
        made = post(client, "logged-models", experiment_id="0", name="net", source_run_id=id).json()["model"]["info"]
        root = made["artifact_uri"].removeprefix("mlflow-artifacts:/")
        client.put(f"/api/2.0/mlflow-artifacts/artifacts/{root}/MLmodel", content=b"flavors: {}")
        client.patch(f"{P}/logged-models/{made['model_id']}", json={"status": "LOGGED_MODEL_READY"})
        found = {artifact.name: artifact for artifact in record(open_house, id).artifacts}
        assert set(found) == {"plots/a.png", "models/net"}
        assert (found["plots/a.png"].media_type, found["plots/a.png"].size) == ("image/png", 3)
        assert (found["models/net"].type, found["models/net"].folder) == ("model", True)
        manifest = client.get(f"/api/v1/blobs/{found['models/net'].digest}").json()
        assert list(manifest) == ["MLmodel"]


def test_a_run_of_a_project_that_no_mlflow_client_asked_for_is_got_by_its_id(open_house: House) -> None:
    with open_house.client() as client:
        first, second, third = (open_house.run(client, project=f"native-{i}") for i in range(3))
        got = client.get(f"{P}/runs/get", params={"run_id": first})
        assert got.status_code == 200, got.text
        history = client.get(f"{P}/metrics/get-history", params={"run_id": second, "metric_key": "train/loss"})
        assert [point["value"] for point in history.json()["metrics"]] == [2.0, 1.0, 0.5]
        listed = client.get(f"{P}/artifacts/list", params={"run_id": third})
        assert listed.status_code == 200, listed.text
        renamed = post(client, "runs/update", run_id=open_house.run(client, project="native-3"), run_name="again")
        assert renamed.json()["run_info"]["run_name"] == "again"
        assert client.get(f"{P}/runs/get", params={"run_id": "r-00000000"}).status_code == 404


def test_a_run_of_runcite_s_own_is_seen_by_mlflow_s_clients(open_house: House) -> None:
    with open_house.client() as client:
        id = open_house.run(client, project="milestone-1", name="native")
        wanted = client.get(f"{P}/experiments/get-by-name", params={"experiment_name": "milestone-1"}).json()
        asked = {"experiment_ids": [wanted["experiment"]["experiment_id"]], "filter": "params.optimizer = 'adam'"}
        (run,) = post(client, "runs/search", **asked).json()["runs"]
        assert (run["info"]["run_id"], run["info"]["status"], run["info"]["run_name"]) == (id, "FINISHED", "native")
        assert {pair["key"]: pair["value"] for pair in run["data"]["params"]} == {"lr": "0.001", "optimizer": "adam"}
        assert post(client, "runs/set-tag", run_id=id, key="good", value="yes").status_code == 200
    assert "good=yes" in record(open_house, id).tags


@pytest.fixture
def locked(house: House) -> Iterator[Callable[[str], tuple[MlflowClient, httpx.Client]]]:
    """A server that asks who is there. Gives, for a handle, an MLflow client with a token, and a plain one."""
    house.start()
    clients: list[httpx.Client] = []

    def make(handle: str) -> tuple[MlflowClient, httpx.Client]:
        plain = house.client(house.token(handle))
        clients.append(plain)
        return MlflowClient(house.url), plain

    yield make
    for client in clients:
        client.close()


def test_a_token_opens_the_door_as_bearer_or_as_a_password(
    house: House, locked: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    locked("ada")
    token = house.token("ada")
    client = MlflowClient(house.url)
    with pytest.raises(MlflowException) as refused:
        client.create_run("0")
    assert refused.value.error_code == "UNAUTHENTICATED"
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token)
    by_bearer = client.create_run("0").info.run_id
    monkeypatch.delenv("MLFLOW_TRACKING_TOKEN")
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "whoever")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", token)
    mlflow.set_tracking_uri(house.url)
    by_password = client.create_run("0").info.run_id
    client.log_text(by_password, "kept", "a.txt")
    assert [record(house, id).member for id in (by_bearer, by_password)] == ["ada", "ada"]
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "rc_wrong")
    with pytest.raises(MlflowException) as refused:
        client.get_run(by_bearer)
    assert refused.value.error_code == "UNAUTHENTICATED"


def test_nobody_writes_into_another_member_s_run(house: House, locked: Callable[[str], Any]) -> None:
    _, ada = locked("ada")
    _, eve = locked("eve")
    id = begin(ada)
    put = f"/api/2.0/mlflow-artifacts/artifacts/0/{id}/artifacts/a.txt"
    assert eve.put(put, content=b"x").status_code == 403
    for path, body in (
        ("runs/log-metric", {"key": "m", "value": 1, "timestamp": 1}),
        ("runs/set-tag", {"key": "m", "value": "1"}),
        ("runs/update", {"status": "FAILED"}),
        ("runs/delete", {}),
        ("runs/log-inputs", {"datasets": []}),
    ):
        answer = post(eve, path, run_id=id, **body)
        assert (answer.status_code, answer.json()["error_code"]) == (403, "PERMISSION_DENIED"), path
    assert eve.get(f"{P}/runs/get", params={"run_id": id}).status_code == 200
    assert record(house, id).events == 2 and not record(house, id).notices
    made = post(ada, "experiments/create", name="mine").json()["experiment_id"]
    assert post(eve, "experiments/delete", experiment_id=made).status_code == 403


def test_under_a_project_s_prefix_the_default_is_the_project(open_house: House) -> None:
    with open_house.client() as client:
        made = client.post(f"/t/milestone%202{P}/runs/create", json={"experiment_id": "0", "tags": []})
        id = made.json()["run"]["info"]["run_id"]
        found = client.get(f"/t/milestone%202{P}/experiments/get-by-name", params={"experiment_name": "Default"})
        assert found.json()["experiment"]["name"] == "milestone 2"
        search = client.post(f"/t/milestone%202{P}/runs/search", json={"experiment_ids": ["0"]})
        assert [run["info"]["run_id"] for run in search.json()["runs"]] == [id]
        assert client.get("/t/x/health").text == "OK"
        assert client.get("/t/milestone-1").headers["location"] == "/projects/milestone-1"
    assert record(open_house, id).project == "milestone 2"
    mlflow.set_tracking_uri(f"{open_house.url}/t/milestone-3")
    mlflow.set_experiment("Default")
    with mlflow.start_run() as run:
        mlflow.log_text("x", "a.txt")
    assert record(open_house, run.info.run_id).project == "milestone-3"
    assert mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/a.txt") == "x"


def test_an_upload_is_streamed_and_one_cut_short_leaves_nothing(open_house: House) -> None:
    with open_house.client() as client:
        id = begin(client)
        path = f"/api/2.0/mlflow-artifacts/artifacts/0/{id}/artifacts/big.bin"

        def cut() -> Iterator[bytes]:
            yield b"x" * 100_000
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            client.put(path, content=cut())
        assert client.get(path).status_code == 404
        assert client.put(path, content=(b"x" * 65536 for _ in range(64))).status_code == 200
        assert client.get(path).headers["content-length"] == str(64 * 65536)
    assert not list(Path(open_house.config.artifacts).rglob(".new-*"))


def test_many_clients_at_once_lose_nothing(open_house: House) -> None:
    def work(number: int) -> str:
        with open_house.client() as client:
            id = begin(client, run_name=f"w{number}")
            for step in range(15):
                answer = post(client, "runs/log-metric", run_id=id, key="m", value=step, timestamp=step, step=step)
                assert answer.status_code == 200, answer.text
            if number % 2:
                assert post(client, "runs/log-metric", run_id=id, key="a//b", value=1, timestamp=1).status_code == 400
            return id

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(work, range(8)))
    assert {record(open_house, id).metrics["m"].count for id in ids} == {15}
    assert all(verify_run(open_house.context.db, id) == () for id in ids)


def test_the_artifacts_of_a_run_of_ours_are_listed_and_fetched_by_mlflow_s_client(open_house: House) -> None:
    blobs = open_house.context.blobs
    model, manifest = b"weights", msgspec.json.encode({"a/b.txt": sha(b"inner"), "../../evil": sha(b"inner")})
    for data in (model, b"inner", manifest):
        blobs.put(sha(data), io.BytesIO(data))
    said = [
        ArtifactLogged("model.pt", sha(model), len(model), "model"),
        ArtifactLogged("logs", sha(manifest), 5, "file", True, "inode/directory"),
        ArtifactLogged("/etc/passwd", sha(model), len(model)),
    ]
    with open_house.client() as client:
        id = open_house.run(client, artifacts=said)
        assert client.get("/api/3.0/mlflow/server-info").json()["multipart_uploads_enabled"] is False
    theirs = MlflowClient(open_house.url)
    assert theirs.get_experiment_by_name("milestone-1")
    listed = [(each.path, each.is_dir, each.file_size) for each in theirs.list_artifacts(id)]
    assert listed == [("logs", True, None), ("model.pt", False, 7)]
    assert [each.path for each in theirs.list_artifacts(id, "logs/a")] == ["logs/a/b.txt"]
    assert Path(theirs.download_artifacts(id, "logs")).joinpath("a/b.txt").read_bytes() == b"inner"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()

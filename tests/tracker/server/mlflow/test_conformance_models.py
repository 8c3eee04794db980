"""What the real MLflow client sees of logged models: clients before MLflow 3 know none. Holds for MLflow's own server
too."""

from collections.abc import Callable
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities import LoggedModelInput, LoggedModelOutput, LoggedModelStatus, Metric
from mlflow.exceptions import MlflowException

Unique = Callable[[str], str]


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
    assert client.list_artifacts(id) == []
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


def test_a_logged_model_is_registered_and_loaded_by_alias(
    experiment: str, client: MlflowClient, unique: Unique, work: Path
) -> None:
    run = client.create_run(experiment)
    model = client.create_logged_model(experiment, name="net", source_run_id=run.info.run_id)
    (work / "weights.bin").write_bytes(b"weights")
    client.log_model_artifact(model.model_id, "weights.bin")
    client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
    name = unique("reg")
    client.create_registered_model(name)
    version = client.create_model_version(
        name, f"models:/{model.model_id}", run_id=run.info.run_id, model_id=model.model_id
    )
    assert version.run_id == run.info.run_id
    client.set_registered_model_alias(name, "best", version.version)
    found = client.search_model_versions(f"run_id = '{run.info.run_id}'")
    assert [each.name for each in found] == [name]
    for uri in (f"models:/{name}/1", f"models:/{name}@best", f"models:/{model.model_id}"):
        local = Path(mlflow.artifacts.download_artifacts(uri))
        assert (local / "weights.bin").read_bytes() == b"weights", uri

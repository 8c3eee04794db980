"""What the real MLflow client sees of the model registry. Holds for MLflow's own server too."""

from collections.abc import Callable

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

Unique = Callable[[str], str]


def code(error: pytest.ExceptionInfo[MlflowException]) -> str:
    return str(error.value.error_code)


@pytest.fixture
def name(client: MlflowClient, unique: Unique) -> str:
    """A registered model with three versions."""
    made = unique("net")
    client.create_registered_model(made, tags={"team": "a"}, description="the net")
    for i in range(3):
        client.create_model_version(made, f"s3://bucket/x{i}/model", tags={"n": str(i)})
    return made


def test_a_model_is_registered_described_tagged(client: MlflowClient, name: str) -> None:
    found = client.get_registered_model(name)
    assert (found.name, found.description, found.tags) == (name, "the net", {"team": "a"})
    assert found.last_updated_timestamp >= found.creation_timestamp > 0
    assert [version.version for version in found.latest_versions] == ["3"]
    client.update_registered_model(name, "another net")
    client.set_registered_model_tag(name, "team", "b")
    client.set_registered_model_tag(name, "x", "y")
    client.delete_registered_model_tag(name, "x")
    found = client.get_registered_model(name)
    assert (found.description, found.tags) == ("another net", {"team": "b"})


def test_a_taken_and_an_odd_name_are_refused(client: MlflowClient, name: str) -> None:
    with pytest.raises(MlflowException) as refused:
        client.create_registered_model(name)
    assert code(refused) == "RESOURCE_ALREADY_EXISTS"
    with pytest.raises(MlflowException) as refused:
        client.create_registered_model("a/b")
    assert code(refused) == "INVALID_PARAMETER_VALUE"
    with pytest.raises(MlflowException) as refused:
        client.get_registered_model("never registered")
    assert code(refused) == "RESOURCE_DOES_NOT_EXIST"
    with pytest.raises(MlflowException) as refused:
        client.get_model_version(name, "9")
    assert code(refused) == "RESOURCE_DOES_NOT_EXIST"


def test_versions_are_described_tagged_and_found(client: MlflowClient, name: str) -> None:
    found = client.get_model_version(name, "2")
    assert (found.version, found.status, found.current_stage, found.tags) == ("2", "READY", "None", {"n": "1"})
    client.update_model_version(name, "2", "better")
    client.set_model_version_tag(name, "2", "k", "v")
    client.delete_model_version_tag(name, "2", "n")
    found = client.get_model_version(name, "2")
    assert (found.description, found.tags) == ("better", {"k": "v"})
    assert client.get_model_version_download_uri(name, "2") == "s3://bucket/x1/model"
    assert sorted(v.version for v in client.search_model_versions(f"name = '{name}'")) == ["1", "2", "3"]
    ordered = client.search_model_versions(f"name='{name}'", order_by=["version_number ASC"], max_results=2)
    assert [v.version for v in ordered] == ["1", "2"]
    rest = client.search_model_versions(
        f"name='{name}'", order_by=["version_number ASC"], max_results=2, page_token=ordered.token
    )
    assert [v.version for v in rest] == ["3"]


def test_a_deleted_version_s_number_is_not_given_again(client: MlflowClient, name: str) -> None:
    client.delete_model_version(name, "3")
    with pytest.raises(MlflowException) as refused:
        client.get_model_version(name, "3")
    assert code(refused) == "RESOURCE_DOES_NOT_EXIST"
    assert client.get_latest_versions(name)[0].version == "2"


def test_aliases_stand_for_versions(client: MlflowClient, name: str) -> None:
    client.set_registered_model_alias(name, "champion", "1")
    client.set_registered_model_alias(name, "champion", "2")
    client.set_registered_model_alias(name, "old", "1")
    assert client.get_model_version_by_alias(name, "champion").version == "2"
    assert client.get_model_version(name, "2").aliases == ["champion"]
    assert client.get_registered_model(name).aliases == {"champion": "2", "old": "1"}
    client.delete_registered_model_alias(name, "old")
    assert client.get_registered_model(name).aliases == {"champion": "2"}
    with pytest.raises(MlflowException) as refused:
        client.get_model_version_by_alias(name, "old")
    assert code(refused) == "INVALID_PARAMETER_VALUE"
    for alias in ("latest", "v1"):
        with pytest.raises(MlflowException) as refused:
            client.set_registered_model_alias(name, alias, "1")
        assert code(refused) == "INVALID_PARAMETER_VALUE"
    with pytest.raises(MlflowException) as refused:
        client.set_registered_model_alias(name, "far", "99")
    assert code(refused) == "RESOURCE_DOES_NOT_EXIST"


@pytest.mark.filterwarnings("ignore")
def test_versions_move_through_stages(client: MlflowClient, name: str) -> None:
    client.transition_model_version_stage(name, "1", "Production")
    moved = client.transition_model_version_stage(name, "2", "production", archive_existing_versions=True)
    assert moved.current_stage == "Production"
    assert client.get_model_version(name, "1").current_stage == "Archived"
    assert [v.version for v in client.get_latest_versions(name, ["Production"])] == ["2"]
    assert {v.current_stage: v.version for v in client.get_latest_versions(name)} == {
        "Archived": "1",
        "Production": "2",
        "None": "3",
    }
    with pytest.raises(MlflowException) as refused:
        client.transition_model_version_stage(name, "1", "Nowhere")
    assert code(refused) == "INVALID_PARAMETER_VALUE"


def test_models_are_renamed_and_deleted(client: MlflowClient, name: str) -> None:
    client.set_registered_model_alias(name, "best", "1")
    client.rename_registered_model(name, name + "-new")
    assert client.get_model_version_by_alias(name + "-new", "best").version == "1"
    with pytest.raises(MlflowException):
        client.get_registered_model(name)
    client.delete_registered_model(name + "-new")
    with pytest.raises(MlflowException):
        client.get_registered_model(name + "-new")


def test_registered_models_are_searched(client: MlflowClient, unique: Unique) -> None:
    stem = unique("Reg")
    for i in range(4):
        client.create_registered_model(f"{stem}-{i}", tags={"n": str(i), "stem": stem})

    def found(text: str, **more: object) -> list[str]:
        return [model.name[-1] for model in client.search_registered_models(text, **more)]  # type: ignore[arg-type]

    assert found(f"name LIKE '{stem}%'") == ["0", "1", "2", "3"]
    assert found(f"name ILIKE '{stem.lower()}%'", order_by=["name DESC"]) == ["3", "2", "1", "0"]
    assert found(f"tags.stem = '{stem}' AND tag.n = '2'") == ["2"]
    assert found(f"name = '{stem}-1'") == ["1"]
    first = client.search_registered_models(f"name LIKE '{stem}%'", max_results=3)
    rest = client.search_registered_models(f"name LIKE '{stem}%'", max_results=3, page_token=first.token)
    assert [model.name[-1] for model in rest] == ["3"]
    with pytest.raises(MlflowException) as refused:
        client.search_registered_models("nothing = 'x'")
    assert code(refused) == "INVALID_PARAMETER_VALUE"

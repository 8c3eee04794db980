"""The real MLflow client against a real server: ours, or, to see that a test holds there too, MLflow's own.

RUNCITE_TEST_MLFLOW_URI=http://127.0.0.1:5000 python -m pytest tests/tracker/server/mlflow -k conformance

With PYTHONPATH=.venv/mlflow2 it is the client of MLflow 2, which knows nothing of test_conformance_models.py.
"""

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

os.environ.update(
    MLFLOW_HTTP_REQUEST_MAX_RETRIES="0",
    MLFLOW_DISABLE_TELEMETRY="true",
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR="false",
    MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT="true",
    GIT_PYTHON_REFRESH="quiet",
)

import mlflow
import pytest
from mlflow import MlflowClient

from tests.tracker.server.conftest import House

_names = count()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House | None]:
    """Our server for a whole file, on a clock of its own; None where another one is tried."""
    if os.environ.get("RUNCITE_TEST_MLFLOW_URI"):
        yield None
        return
    house = House(tmp_path_factory.mktemp("mlflow")).start(require_login=False)
    yield house
    house.stop()


@pytest.fixture
def uri(served: House | None) -> Iterator[str]:
    """The tracking URI, set for MLflow's fluent calls."""
    found = served.url if served else os.environ["RUNCITE_TEST_MLFLOW_URI"]
    mlflow.set_tracking_uri(found)
    mlflow.set_registry_uri(None)
    yield found
    while mlflow.active_run():
        mlflow.end_run()


@pytest.fixture
def client(uri: str) -> MlflowClient:
    return MlflowClient(uri)


@pytest.fixture
def unique() -> Callable[[str], str]:
    """Makes names that no other test has."""
    return lambda stem: f"{stem}-{os.getpid()}-{next(_names)}"


@pytest.fixture
def experiment(client: MlflowClient, unique: Callable[[str], str]) -> str:
    """The ID of a new experiment, which fluent calls write into."""
    id = client.create_experiment(unique("experiment"))
    mlflow.set_experiment(experiment_id=id)
    return id


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path

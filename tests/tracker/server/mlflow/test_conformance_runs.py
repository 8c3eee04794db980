"""What the real MLflow client sees of experiments, runs, metrics, params, tags and searches. Holds for MLflow's own
server too."""

import math
import os
import time
from collections.abc import Callable

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException, RestException

from tests.tracker.server.conftest import House

Unique = Callable[[str], str]


def code(error: pytest.ExceptionInfo[MlflowException]) -> str:
    return str(error.value.error_code)


def ids(runs: list[mlflow.entities.Run]) -> list[str]:
    return [run.info.run_id for run in runs]


def test_the_default_experiment_is_there(client: MlflowClient) -> None:
    assert client.get_experiment("0").name == "Default"
    assert client.get_experiment_by_name("Default").experiment_id == "0"


def test_an_experiment_is_made_found_renamed_tagged(client: MlflowClient, unique: Unique) -> None:
    name = unique("exp")
    assert client.get_experiment_by_name(name) is None
    id = client.create_experiment(name, tags={"team": "a"})
    found = client.get_experiment(id)
    assert (found.name, found.lifecycle_stage, found.tags["team"]) == (name, "active", "a")
    assert found.creation_time > 0 and found.last_update_time >= found.creation_time
    client.set_experiment_tag(id, "team", "b")
    client.rename_experiment(id, name + "-new")
    assert client.get_experiment_by_name(name + "-new").tags["team"] == "b"
    assert client.get_experiment_by_name(name) is None


def test_a_taken_name_is_refused_and_a_deleted_one_stays_taken(client: MlflowClient, unique: Unique) -> None:
    name = unique("exp")
    id = client.create_experiment(name)
    with pytest.raises(RestException) as refused:
        client.create_experiment(name)
    assert code(refused) == "RESOURCE_ALREADY_EXISTS"
    client.delete_experiment(id)
    assert client.get_experiment(id).lifecycle_stage == "deleted"
    with pytest.raises(RestException) as refused:
        client.create_experiment(name)
    assert code(refused) == "RESOURCE_ALREADY_EXISTS"
    with pytest.raises(MlflowException):
        client.create_run(id)
    client.restore_experiment(id)
    assert client.get_experiment(id).lifecycle_stage == "active"


@pytest.mark.parametrize("id", ["987654", "99999999999"])
def test_an_unknown_experiment_is_no_resource(client: MlflowClient, id: str) -> None:
    with pytest.raises(RestException) as refused:
        client.get_experiment(id)
    assert code(refused) == "RESOURCE_DOES_NOT_EXIST"
    with pytest.raises(RestException) as refused:
        client.create_run(id)
    assert code(refused) == "RESOURCE_DOES_NOT_EXIST"


def test_experiments_are_searched(client: MlflowClient, unique: Unique) -> None:
    stem = unique("Search")
    made = [client.create_experiment(f"{stem}-{i}", tags={"n": str(i), "stem": stem}) for i in range(4)]

    def names(text: str, **more: object) -> list[str]:
        return [each.name.removeprefix(stem + "-") for each in client.search_experiments(filter_string=text, **more)]

    assert names(f"name LIKE '{stem}%'") == ["3", "2", "1", "0"]
    assert names(f"name LIKE '{stem.lower()}%'") == []
    assert names(f"name ILIKE '{stem.lower()}%' AND tags.n != '2'", order_by=["name ASC"]) == ["0", "1", "3"]
    assert names(f"tags.stem = '{stem}' and tag.n = '1'") == ["1"]
    client.delete_experiment(made[0])
    assert names(f"name LIKE '{stem}%'", view_type=ViewType.DELETED_ONLY) == ["0"]
    assert len(names(f"name LIKE '{stem}%'", view_type=ViewType.ALL)) == 4
    first = client.search_experiments(filter_string=f"tags.stem = '{stem}'", max_results=2)
    assert [each.name[-1] for each in first] == ["3", "2"]
    rest = client.search_experiments(filter_string=f"tags.stem = '{stem}'", max_results=2, page_token=first.token)
    assert [each.name[-1] for each in rest] == ["1"]
    assert not rest.token


def test_the_shortest_script_registers(uri: str, client: MlflowClient) -> None:
    mlflow.set_experiment(experiment_id="0")
    with mlflow.start_run() as run:
        mlflow.log_metric("loss", 0.5)
        mlflow.log_param("lr", 0.1)
    found = client.get_run(run.info.run_id)
    assert (found.info.status, found.info.experiment_id) == ("FINISHED", "0")
    assert found.data.metrics == {"loss": 0.5}
    assert found.data.params == {"lr": "0.1"}
    assert found.info.end_time >= found.info.start_time > 0
    assert found.info.run_name and found.data.tags["mlflow.runName"] == found.info.run_name
    assert found.data.tags["mlflow.user"] == found.info.user_id
    assert found.data.tags["mlflow.source.type"] == "LOCAL"


def test_values_come_back_as_they_went(experiment: str, client: MlflowClient) -> None:
    params = {"int": 1, "float": 1e-05, "bool": True, "none": None, "text": "a b", "zero": "007", "empty": ""}
    params |= {"list": [1, 2], "unicode": "größe 你好", "exp": "1e-5", "nan": math.nan, "big": 10**30}
    with mlflow.start_run() as run:
        mlflow.log_params(params)
        mlflow.log_metrics({"a/b c.d:e-f": 1.0, "tiny": 5e-324, "minus": -0.0, "big": 1.7e308})
        mlflow.set_tags({"n": 1, "t": "größe", "long": "x" * 4000})
    found = client.get_run(run.info.run_id).data
    assert found.params == {key: str(value) for key, value in params.items()}
    assert found.metrics == {"a/b c.d:e-f": 1.0, "tiny": 5e-324, "minus": 0.0, "big": 1.7e308}
    assert (found.tags["n"], found.tags["t"], len(found.tags["long"])) == ("1", "größe", 4000)


def test_numbers_that_are_none_travel(experiment: str, client: MlflowClient) -> None:
    with mlflow.start_run() as run:
        mlflow.log_metric("nan", math.nan, step=0)
        mlflow.log_metric("inf", math.inf)
        mlflow.log_metric("minus", -math.inf)
        mlflow.log_metric("mended", math.nan, step=0)
        mlflow.log_metric("mended", 3.0, step=1)
    found = client.get_run(run.info.run_id).data.metrics
    assert math.isnan(found["nan"])
    assert found["inf"] > 1e308 and found["minus"] < -1e308
    assert found["mended"] == 3.0
    assert math.isnan(client.get_metric_history(run.info.run_id, "nan")[0].value)


def test_the_latest_point_has_the_highest_step_then_time(experiment: str, client: MlflowClient) -> None:
    id = client.create_run(experiment).info.run_id
    client.log_metric(id, "late", 1.0, timestamp=1000, step=5)
    client.log_metric(id, "late", 2.0, timestamp=9000, step=3)
    client.log_metric(id, "tie", 1.0, timestamp=2000, step=1)
    client.log_metric(id, "tie", 2.0, timestamp=1000, step=1)
    client.log_metric(id, "same", 7.0, timestamp=1000, step=1)
    client.log_metric(id, "same", 5.0, timestamp=1000, step=1)
    client.log_metric(id, "back", -1.0, timestamp=1, step=-5)
    client.log_metric(id, "far", 1.0, timestamp=1, step=2**40)
    assert client.get_run(id).data.metrics == {"late": 1.0, "tie": 1.0, "same": 7.0, "back": -1.0, "far": 1.0}
    client.log_metric(id, "tie", 3.0, timestamp=3000, step=1)
    client.log_metric(id, "same", 4.0, timestamp=1000, step=2)
    found = client.get_run(id).data.metrics
    assert (found["tie"], found["same"]) == (3.0, 4.0)


def test_a_history_holds_every_point_once(experiment: str, client: MlflowClient) -> None:
    id = client.create_run(experiment).info.run_id
    given = [Metric("m", float(i % 7), 1000 + i // 3, i) for i in range(500)]
    client.log_batch(id, metrics=given)
    client.log_batch(id, metrics=given[-1:])
    client.log_metric(id, "m", 9.0, timestamp=10, step=3)
    found = client.get_metric_history(id, "m")
    assert [(m.value, m.timestamp, m.step) for m in found] == [
        (9.0, 10, 3),
        *((m.value, m.timestamp, m.step) for m in given),
    ]
    assert client.get_metric_history(id, "none such") == []


def test_a_history_comes_in_pages(experiment: str, client: MlflowClient) -> None:
    id = client.create_run(experiment).info.run_id
    client.log_batch(id, metrics=[Metric("m", float(i), i, i) for i in range(25)])
    store = client._tracking_client.store
    first = store.get_metric_history(id, "m", max_results=10, page_token=None)
    second = store.get_metric_history(id, "m", max_results=10, page_token=first.token)
    third = store.get_metric_history(id, "m", max_results=10, page_token=second.token)
    assert [m.step for m in [*first, *second, *third]] == list(range(25))
    assert not third.token


def test_a_param_is_written_once(experiment: str, client: MlflowClient) -> None:
    with mlflow.start_run() as run:
        mlflow.log_param("lr", 0.1)
        mlflow.log_param("lr", 0.1)
        with pytest.raises(MlflowException) as refused:
            mlflow.log_param("lr", 0.2)
        assert code(refused) == "INVALID_PARAMETER_VALUE"
        with pytest.raises(MlflowException) as refused:
            client.log_batch(run.info.run_id, params=[Param("new", "1"), Param("lr", "3")])
        assert code(refused) == "INVALID_PARAMETER_VALUE"
    assert client.get_run(run.info.run_id).data.params == {"lr": "0.1"}


def test_a_batch_is_taken_whole_or_not(experiment: str, client: MlflowClient) -> None:
    id = client.create_run(experiment).info.run_id
    client.log_batch(id, [Metric("a", 1.0, 1, 0)], [Param("p", "1")], [RunTag("t", "x")])
    found = client.get_run(id).data
    assert (found.metrics["a"], found.params["p"], found.tags["t"]) == (1.0, "1", "x")
    with pytest.raises(MlflowException):
        client.log_batch(id, params=[Param("q", "1"), Param("q", "2")])
    assert "q" not in client.get_run(id).data.params
    client.log_batch(id)


def test_large_batches_are_split_and_arrive(experiment: str, client: MlflowClient) -> None:
    with mlflow.start_run() as run:
        mlflow.log_params({f"p{i}": i for i in range(250)})
        mlflow.log_metrics({f"m{i}": float(i) for i in range(1500)})
        mlflow.set_tags({f"t{i}": i for i in range(150)})
    found = client.get_run(run.info.run_id).data
    assert (len(found.params), len(found.metrics)) == (250, 1500)
    assert found.tags["t149"] == "149"


@pytest.mark.parametrize("key", ["../up", "/root", "a//b", ".", "a/../b", "a@b", "loss (train)", "a\nb", ""])
def test_a_key_that_plays_tricks_is_refused(experiment: str, client: MlflowClient, key: str) -> None:
    id = client.create_run(experiment).info.run_id
    store = client._tracking_client.store
    for refused_call in (
        lambda: store.log_metric(id, Metric(key, 1.0, 1, 0)),
        lambda: store.log_param(id, Param(key, "x")),
        lambda: store.set_tag(id, RunTag(key, "x")),
    ):
        with pytest.raises(MlflowException) as refused:
            refused_call()
        assert code(refused) == "INVALID_PARAMETER_VALUE"


def test_long_values_are_cut(experiment: str, client: MlflowClient) -> None:
    id = client.create_run(experiment).info.run_id
    store = client._tracking_client.store
    store.log_param(id, Param("p", "x" * 6000))
    store.set_tag(id, RunTag("t", "y" * 8000))
    found = client.get_run(id).data
    assert (len(found.params["p"]), len(found.tags["t"])) == (6000, 8000)
    with pytest.raises(MlflowException) as refused:
        store.log_param(id, Param("k" * 300, "1"))
    assert code(refused) == "INVALID_PARAMETER_VALUE"


def test_tags_are_set_overwritten_and_deleted(experiment: str, client: MlflowClient) -> None:
    with mlflow.start_run(tags={"a": "1"}, description="a note") as run:
        mlflow.set_tag("a", "2")
        mlflow.set_tag("b", "3")
        mlflow.delete_tag("b")
        with pytest.raises(MlflowException) as refused:
            client.delete_tag(run.info.run_id, "never")
        assert code(refused) == "RESOURCE_DOES_NOT_EXIST"
    tags = client.get_run(run.info.run_id).data.tags
    assert tags["a"] == "2" and "b" not in tags
    assert tags["mlflow.note.content"] == "a note"


def test_an_unknown_run_is_no_resource(client: MlflowClient) -> None:
    with pytest.raises(MlflowException) as refused:
        client.get_run("r-00000000")
    assert code(refused) == "RESOURCE_DOES_NOT_EXIST"
    with pytest.raises(MlflowException) as refused:
        client.log_metric("r-00000000", "m", 1.0)
    assert code(refused) == "RESOURCE_DOES_NOT_EXIST"


def test_run_names_are_given_made_up_and_changed(experiment: str, client: MlflowClient) -> None:
    named = client.create_run(experiment, run_name="mine")
    assert (named.info.run_name, named.data.tags["mlflow.runName"]) == ("mine", "mine")
    by_tag = client.create_run(experiment, tags={"mlflow.runName": "tagged"})
    assert by_tag.info.run_name == "tagged"
    assert client.create_run(experiment).info.run_name
    client.update_run(named.info.run_id, name="yours")
    assert client.get_run(named.info.run_id).data.tags["mlflow.runName"] == "yours"
    client.set_tag(named.info.run_id, "mlflow.runName", "ours")
    assert client.get_run(named.info.run_id).info.run_name == "ours"


@pytest.mark.parametrize("status", ["FINISHED", "FAILED", "KILLED"])
def test_a_run_ends_as_is_said(experiment: str, client: MlflowClient, status: str) -> None:
    id = client.create_run(experiment, start_time=1_700_000_000_000).info.run_id
    assert client.get_run(id).info.status == "RUNNING"
    client.set_terminated(id, status, end_time=1_700_000_009_000)
    found = client.get_run(id).info
    assert (found.status, found.start_time, found.end_time) == (status, 1_700_000_000_000, 1_700_000_009_000)


def test_an_exception_fails_the_run(experiment: str, client: MlflowClient) -> None:
    with pytest.raises(ZeroDivisionError), mlflow.start_run() as run:
        mlflow.log_metric("a", 1.0)
        raise ZeroDivisionError
    assert client.get_run(run.info.run_id).info.status == "FAILED"


def test_an_ended_run_still_takes_writes(experiment: str, client: MlflowClient) -> None:
    with mlflow.start_run() as run:
        mlflow.log_metric("a", 1.0)
    id = run.info.run_id
    client.log_metric(id, "late", 2.0)
    client.log_param(id, "late", "p")
    client.set_tag(id, "late", "t")
    found = client.get_run(id)
    assert (found.data.metrics["late"], found.data.params["late"], found.data.tags["late"]) == (2.0, "p", "t")
    assert found.info.status == "FINISHED"


def test_a_run_is_resumed(experiment: str, client: MlflowClient) -> None:
    with mlflow.start_run() as run:
        mlflow.log_metric("a", 1.0, step=1)
    with mlflow.start_run(run_id=run.info.run_id):
        assert client.get_run(run.info.run_id).info.status == "RUNNING"
        mlflow.log_metric("a", 2.0, step=2)
    found = client.get_run(run.info.run_id)
    assert (found.info.status, found.data.metrics["a"]) == ("FINISHED", 2.0)
    assert len(client.get_metric_history(run.info.run_id, "a")) == 2


def test_runs_nest(experiment: str, client: MlflowClient) -> None:
    with mlflow.start_run(run_name="parent") as parent:
        for i in range(2):
            with mlflow.start_run(run_name=f"child-{i}", nested=True):
                mlflow.log_metric("m", i)
    children = client.search_runs([experiment], f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
    assert sorted(run.info.run_name for run in children) == ["child-0", "child-1"]
    assert client.get_parent_run(children[0].info.run_id).info.run_id == parent.info.run_id


def test_a_deleted_run_is_hidden_and_takes_nothing(experiment: str, client: MlflowClient) -> None:
    id = client.create_run(experiment).info.run_id
    client.delete_run(id)
    assert client.get_run(id).info.lifecycle_stage == "deleted"
    assert client.search_runs([experiment]) == []
    assert ids(client.search_runs([experiment], run_view_type=ViewType.DELETED_ONLY)) == [id]
    with pytest.raises(MlflowException) as refused:
        client.log_metric(id, "m", 1.0)
    assert code(refused) == "INVALID_PARAMETER_VALUE"
    client.restore_run(id)
    client.log_metric(id, "m", 1.0)
    assert ids(client.search_runs([experiment])) == [id]


class Seven:
    """Runs of one experiment: accuracy 0.0 to 0.4, then NaN, then none; lr as text; every second one tagged odd."""

    def __init__(self, client: MlflowClient, experiment: str) -> None:
        self.client = client
        self.experiment = experiment
        self.runs = [self._make(i) for i in range(7)]

    def _make(self, i: int) -> str:
        tags = {"stage.x": "even" if i % 2 == 0 else "odd"}
        run = self.client.create_run(self.experiment, start_time=1000 * (i + 1), run_name=f"Run-{i}", tags=tags)
        points = [Metric("val/acc", i / 10 if i < 5 else math.nan, 1, 0)] if i < 6 else []
        self.client.log_batch(run.info.run_id, metrics=points, params=[Param("lr rate", f"1e-{i}")])
        if i == 3:
            self.client.set_terminated(run.info.run_id, "FAILED", end_time=9000)
        return str(run.info.run_id)

    def find(self, text: str = "", **more: object) -> list[int]:
        found = self.client.search_runs([self.experiment], text, **more)  # type: ignore[arg-type]
        return [self.runs.index(run.info.run_id) for run in found]


@pytest.fixture(scope="module")
def seven(served: House | None) -> Seven:
    client = MlflowClient(served.url if served else os.environ["RUNCITE_TEST_MLFLOW_URI"])
    return Seven(client, client.create_experiment(f"seven-{os.getpid()}-{time.time_ns()}"))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", [6, 5, 4, 3, 2, 1, 0]),
        ("metrics.`val/acc` > 0.2", [4, 3]),
        ("metric.`val/acc` >= 0.2 and metrics.`val/acc` != 0.3", [4, 2]),
        ('metrics."val/acc" <= 0.1', [1, 0]),
        ("params.`lr rate` = '1e-2'", [2]),
        ("parameters.`lr rate` != '1e-2' AND attributes.run_name LIKE 'Run-%'", [6, 5, 4, 3, 1, 0]),
        ("params.`lr rate` LIKE '1e-_' and tags.`stage.x` = \"odd\"", [5, 3, 1]),
        ("params.`lr rate` LIKE '1E-%'", []),
        ("params.`lr rate` ILIKE '1E-%' AND tag.`stage.x` ILIKE 'OD%'", [5, 3, 1]),
        ("tags.stage.x = 'even'", [6, 4, 2, 0]),
        ("tags.mlflow.runName = 'Run-4'", [4]),
        ("run_name = 'Run-1'", [1]),
        ("attributes.status = 'FAILED'", [3]),
        ("status != 'FAILED' and start_time > 5000", [6, 5]),
        ("attributes.start_time <= 2000", [1, 0]),
        ("end_time = 9000", [3]),
        ("params.absent != 'x'", []),
        ("params.absent IS NULL", [6, 5, 4, 3, 2, 1, 0]),
        ("params.`lr rate` IS NOT NULL", [6, 5, 4, 3, 2, 1, 0]),
        ("tags.absent IS NULL and metrics.`val/acc` < 0.15", [1, 0]),
    ],
)
def test_runs_are_filtered(seven: Seven, text: str, wanted: list[int]) -> None:
    assert seven.find(text) == wanted


def test_runs_are_found_by_id(seven: Seven) -> None:
    some = ", ".join(f"'{id}'" for id in seven.runs[:2])
    assert seven.find(f"attributes.run_id IN ({some})") == [1, 0]
    assert seven.find(f"run_id NOT IN ({some})") == [6, 5, 4, 3, 2]
    assert seven.find(f"run_id = '{seven.runs[3]}'") == [3]


@pytest.mark.parametrize(
    ("order", "wanted"),
    [
        (["metrics.`val/acc` ASC"], [0, 1, 2, 3, 4, 5, 6]),
        (["metrics.`val/acc` DESC"], [4, 3, 2, 1, 0, 5, 6]),
        (["params.`lr rate` DESC"], [6, 5, 4, 3, 2, 1, 0]),
        (["tags.`stage.x` DESC", "attributes.start_time"], [1, 3, 5, 0, 2, 4, 6]),
        (["start_time"], [0, 1, 2, 3, 4, 5, 6]),
        (["attributes.run_name DESC"], [6, 5, 4, 3, 2, 1, 0]),
    ],
)
def test_runs_are_ordered(seven: Seven, order: list[str], wanted: list[int]) -> None:
    assert seven.find(order_by=order) == wanted


def test_runs_come_in_pages(seven: Seven) -> None:
    found, token, pages = [], None, 0
    while True:
        page = seven.client.search_runs([seven.experiment], max_results=3, page_token=token)
        found += ids(page)
        pages += 1
        token = page.token
        if not token:
            break
    assert (found, pages) == (seven.runs[::-1], 3)


@pytest.mark.parametrize(
    "text",
    [
        "metrics.a > 'x'",
        "params.a > 1",
        "metrics.a > 1 OR metrics.b > 1",
        "(metrics.a > 1)",
        "nonsense",
        "metrics.a",
        "attributes.nothing = 'x'",
        "params.a = unquoted",
        "foo.bar = 'x'",
    ],
)
def test_a_filter_that_cannot_be_read_is_refused(experiment: str, client: MlflowClient, text: str) -> None:
    with pytest.raises(MlflowException) as refused:
        client.search_runs([experiment], text)
    assert code(refused) == "INVALID_PARAMETER_VALUE"


def test_odd_pages_and_orders_are_refused(experiment: str, client: MlflowClient) -> None:
    for more in ({"max_results": 0}, {"max_results": 10**6}, {"page_token": "garbage"}):
        with pytest.raises(MlflowException) as refused:
            client.search_runs([experiment], **more)
        assert code(refused) == "INVALID_PARAMETER_VALUE"
    for order in (["metrics.a", "metrics.a DESC"], ["metrics.a SIDEWAYS"], ["metrics.a,params.b"], ["bogus"], [""]):
        with pytest.raises(MlflowException):
            client.search_runs([experiment], order_by=order)


def test_several_experiments_are_searched_at_once(client: MlflowClient, unique: Unique) -> None:
    both = [client.create_experiment(unique("e")) for _ in range(2)]
    made = [client.create_run(id, start_time=i).info.run_id for i, id in enumerate(both, 1)]
    assert ids(client.search_runs(both)) == made[::-1]
    assert client.search_runs([]) == []


def test_async_logging_arrives(experiment: str, client: MlflowClient) -> None:
    with mlflow.start_run() as run:
        for step in range(20):
            mlflow.log_metric("a", step, step=step, synchronous=False)
        mlflow.log_params({"x": 1}, synchronous=False).wait()
        mlflow.flush_async_logging()
    assert len(client.get_metric_history(run.info.run_id, "a")) == 20


def test_system_metrics_arrive(experiment: str, client: MlflowClient) -> None:
    mlflow.set_system_metrics_sampling_interval(0.1)
    mlflow.set_system_metrics_samples_before_logging(1)
    try:
        with mlflow.start_run(log_system_metrics=True) as run:
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:
                if any(key.startswith("system/") for key in client.get_run(run.info.run_id).data.metrics):
                    break
                time.sleep(0.05)
    finally:
        mlflow.set_system_metrics_sampling_interval(None)
        mlflow.set_system_metrics_samples_before_logging(None)
    assert any(key.startswith("system/cpu") for key in client.get_run(run.info.run_id).data.metrics)

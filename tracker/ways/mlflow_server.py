"""An MLflow server, asked over its REST API; a Runcite server answers the same calls. Needs no package of MLflow's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import httpx
import msgspec

from tracker.errors import Unavailable
from tracker.ways.found import Curve, Found, FoundFile, Gathering, Trouble
from tracker.ways.mlflow_words import found

_PAGE = 500
_DEEPEST = 30
T = TypeVar("T")


class _Pair(msgspec.Struct, frozen=True):
    key: str
    value: str = ""


class _Metric(msgspec.Struct, frozen=True):
    key: str = ""
    value: float | str = 0.0
    timestamp: int | str = 0
    step: int | str = 0


class _Info(msgspec.Struct, frozen=True):
    run_id: str
    experiment_id: str = "0"
    run_name: str | None = None
    status: str = ""
    start_time: int | str | None = None
    end_time: int | str | None = None


class _Data(msgspec.Struct, frozen=True):
    params: tuple[_Pair, ...] = ()
    tags: tuple[_Pair, ...] = ()
    metrics: tuple[_Metric, ...] = ()


class _Run(msgspec.Struct, frozen=True):
    info: _Info
    data: _Data = _Data()


class _Experiment(msgspec.Struct, frozen=True):
    experiment_id: str
    name: str = ""


class _Experiments(msgspec.Struct, frozen=True):
    experiments: tuple[_Experiment, ...] = ()
    next_page_token: str = ""


class _Runs(msgspec.Struct, frozen=True):
    runs: tuple[_Run, ...] = ()
    next_page_token: str = ""


class _History(msgspec.Struct, frozen=True):
    metrics: tuple[_Metric, ...] = ()
    next_page_token: str = ""


class _File(msgspec.Struct, frozen=True):
    path: str
    is_dir: bool = False


class _Files(msgspec.Struct, frozen=True):
    files: tuple[_File, ...] = ()
    root_uri: str = ""


class Server:
    """A server at a URL, with a token where it asks for one. Raises Unavailable where it does not answer."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.Client(headers=headers, timeout=60.0)

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def ask(self, call: str, kind: type[T], **more: object) -> T:
        """What a call answers: with `json` posted, else got with the parameters."""
        url = f"{self.url}/api/2.0/mlflow/{call}"
        try:
            if "json" in more:
                answer = self._client.post(url, json=more["json"])
            else:
                answer = self._client.get(url, params={key: str(value) for key, value in more.items() if value != ""})
            answer.raise_for_status()
            return msgspec.json.decode(answer.content, type=kind)
        except httpx.HTTPStatusError as error:
            said = f"{self.url} answered {error.response.status_code} to {call}."
            raise Unavailable(said, remedy="Is it an MLflow server? A token goes into MLFLOW_TRACKING_TOKEN.") from None
        except (httpx.HTTPError, httpx.InvalidURL, msgspec.DecodeError) as error:
            said = f"{self.url} does not answer as an MLflow server does: {error}."
            raise Unavailable(said, remedy="Check the address.") from None

    def experiments(self) -> Iterator[_Experiment]:
        """Every experiment that was not deleted."""
        token = ""
        while True:
            asked = {"max_results": _PAGE} | ({"page_token": token} if token else {})
            page = self.ask("experiments/search", _Experiments, json=asked)
            yield from page.experiments
            token = page.next_page_token
            if not token:
                return

    def runs(self, experiment_id: str) -> Iterator[_Run]:
        """Its runs that were not deleted, the earliest first."""
        token = ""
        while True:
            asked = {"experiment_ids": [experiment_id], "max_results": _PAGE, "order_by": ["attributes.start_time ASC"]}
            page = self.ask("runs/search", _Runs, json=asked | ({"page_token": token} if token else {}))
            yield from page.runs
            token = page.next_page_token
            if not token:
                return

    def history(self, run_id: str, metric: str) -> Iterator[_Metric]:
        """Every point of a metric."""
        token = ""
        while True:
            page = self.ask(
                "metrics/get-history", _History, run_id=run_id, metric_key=metric, max_results=25_000, page_token=token
            )
            yield from page.metrics
            token = page.next_page_token
            if not token:
                return

    def files(self, run_id: str, folder: str = "", depth: int = 0) -> Iterator[str]:
        """The paths of a run's artifacts."""
        for each in self.ask("artifacts/list", _Files, run_id=run_id, path=folder).files:
            if not each.is_dir:
                yield each.path
            elif depth < _DEEPEST and each.path != folder:
                yield from self.files(run_id, each.path, depth + 1)

    def fetch(self, run_id: str, path: str, into: Path) -> None:
        """Write an artifact's content to a file."""
        address = f"{self.url}/get-artifact"
        proxied = f"{self.url}/api/2.0/mlflow-artifacts/artifacts"
        try:
            with self._client.stream("GET", address, params={"run_uuid": run_id, "path": path}) as answer:
                if answer.is_success:
                    _write(answer, into)
                    return
            root = self.ask("artifacts/list", _Files, run_id=run_id).root_uri.partition(":")[2].lstrip("/")
            with self._client.stream("GET", f"{proxied}/{quote(root)}/{quote(path)}") as answer:
                answer.raise_for_status()
                _write(answer, into)
        except httpx.HTTPError as error:
            raise Unavailable(f"{path} of {run_id} can't be fetched: {error}.") from None


def _write(answer: httpx.Response, into: Path) -> None:
    with into.open("wb") as file:
        for piece in answer.iter_bytes(1 << 20):
            file.write(piece)


def read(server: Server, project: str | None) -> Iterator[Found]:
    """The runs of every experiment."""
    for experiment in server.experiments():
        for run in server.runs(experiment.experiment_id):
            info = run.info
            try:
                names = tuple(server.files(info.run_id))
                notices: tuple[str, ...] = ()
            except Unavailable as error:
                names, notices = (), (f"Its artifacts could not be listed: {error.message}",)
                yield Trouble(f"{server.url}, run {info.run_id}", f"its artifacts could not be listed: {error.message}")
            yield found(
                info.run_id,
                project or experiment.name or experiment.experiment_id,
                f"{server.url}, run {info.run_id}",
                _reading(server, info.run_id, tuple(dict.fromkeys(each.key for each in run.data.metrics))),
                status=info.status,
                start=_whole(info.start_time),
                end=_whole(info.end_time),
                name=info.run_name,
                params={each.key: each.value for each in run.data.params},
                tags={each.key: each.value for each in run.data.tags},
                files=tuple(FoundFile(name, fetch=_Fetching(server, info.run_id, name)) for name in names),
                notices=notices,
            )


class _Fetching:
    """An artifact, fetched when it is wanted."""

    def __init__(self, server: Server, run_id: str, path: str) -> None:
        self._server, self._run, self._path = server, run_id, path

    def __call__(self, into: Path) -> None:
        self._server.fetch(self._run, self._path, into)


class _reading:
    """The points of one run, asked for when they are wanted."""

    def __init__(self, server: Server, run_id: str, metrics: tuple[str, ...]) -> None:
        self._server, self._run, self._metrics = server, run_id, metrics

    def __call__(self) -> Iterator[Curve]:
        gathering = Gathering()
        for name in self._metrics:
            for point in self._server.history(self._run, name):
                gathering.add(name, int(point.step), float(point.value), int(point.timestamp) * 1000)
                if gathering.full():
                    yield from gathering.take()
        yield from gathering.take()


def _whole(value: int | str | None) -> int | None:
    return None if value in (None, "") else int(value)

"""What a board conceals until it closes, asked for at every address that reads, by every role."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.tracker.server.conftest import START, House
from tracker import reads
from tracker.errors import NotAllowed
from tracker.events import ArtifactLogged
from tracker.record import BoardSpec, Rules
from tracker.server import api, pages
from tracker.settings import Settings
from tracker.snapshot import Snapshot
from tracker.store import queries

SECRET = re.compile(r"quixada|0\.72513|lab-03|digits\.git|3f2a1bc9")
LOG = b"I am quixada: test/accuracy 0.72513"
DIGEST = hashlib.sha256(LOG).hexdigest()
CLOSES = START + 3_600_000_000
P, API = "/projects/hidden", "/api/v1"
FILE = "mlflow-artifacts/artifacts/0/{run}/artifacts/output.log"

READING = {
    "/": [""],
    "/projects/{name:path}": [
        P, f"{P}?where=quixada", f"{P}?where=config.lr > 0&sort=-max('test/accuracy')&column=member"
    ],
    "/projects/{name:path}/board": [f"{P}/board", f"{P}/board?embed=1", f"{P}/board?member=quixada"],
    "/projects/{name:path}/board/picture.png": [],
    "/projects/{name:path}/sweep/picture.png": [],
    "/projects/{name:path}/pulse": [f"{P}/pulse"],
    "/projects/{name:path}/sweep": [f"{P}/sweep"],
    "/projects/{name:path}/sweep/importance": [f"{P}/sweep/importance"],
    "/runs/{run_id}": ["/runs/{run}", "/runs/{run}?verify=1"],
    "/runs/{run_id}/trace": ["/runs/{run}/trace"],
    "/runs/{run_id}/curve": ["/runs/{run}/curve?metric=test/accuracy", "/runs/{run}/curve?metric=val/accuracy"],
    "/runs/{run_id}/picture.png": [],
    "/compare": ["/compare?runs={run},{own}"],
    "/compare/picture.png": [],
    "/artifacts/{run_id}/{name:path}": [
        "/artifacts/{run}/output.log", "/artifacts/{run}/output.log?raw=1", "/artifacts/{own}/mine.log"
    ],
    f"{API}/projects": [f"{API}/projects"],
    f"{API}/projects/{{name:path}}/board": [f"{API}{P}/board"],
    f"{API}/projects/{{name:path}}/ranking": [f"{API}{P}/ranking", f"{API}{P}/ranking?member=quixada"],
    f"{API}/projects/{{name:path}}/lead": [f"{API}{P}/lead"],
    f"{API}/projects/{{name:path}}/importance": [f"{API}{P}/importance?metric=test/accuracy"],
    f"{API}/projects/{{name:path}}/parallel": [f"{API}{P}/parallel", f"{API}{P}/parallel?metric=test/accuracy"],
    f"{API}/comparison": [f"{API}/comparison?runs={{run}},{{own}}"],
    f"{API}/runs": [
        f"{API}/runs?project=hidden",
        f"{API}/runs?where=member = 'quixada'",
        f"{API}/runs?order_by=-max('test/accuracy')"
    ],
    f"{API}/runs/{{run_id}}": [f"{API}/runs/{{run}}"],
    f"{API}/runs/{{run_id}}/history": [f"{API}/runs/{{run}}/history?metric=test/accuracy"],
    f"{API}/runs/{{run_id}}/events": [f"{API}/runs/{{run}}/events"],
    f"{API}/runs/{{run_id}}/columns": [f"{API}/runs/{{run}}/columns"],
    f"{API}/runs/{{run_id}}/findings": [f"{API}/runs/{{run}}/findings"],
    f"{API}/runs/{{run_id}}/citations": [f"{API}/runs/{{run}}/citations"],
}  # fmt: skip
"""Every route that reads runs, and how it is asked here."""
ELSEWHERE = frozenset({
    "/statistics", "/login", "/language/{language}", "/docs", "/static/{digest}/{name}", "/favicon.ico", "/healthz",
    "/readyz", "/metrics", "/openapi.json", f"{API}/roots", f"{API}/roots/{{day}}", f"{API}/blobs/{{digest}}",
    f"{API}/me", f"{API}/members", f"{API}/members/{{handle}}/tokens",
})  # fmt: skip
"""Routes that tell nothing of runs: a blob is known by who knows its digest, and handles say nothing of runs."""
MLFLOW = (
    ("GET", "mlflow/runs/get?run_id={run}"),
    ("GET", "mlflow/metrics/get-history?run_id={run}&metric_key=test/accuracy"),
    ("POST", "mlflow/runs/search"), ("GET", "mlflow/artifacts/list?run_id={run}"), ("GET", FILE),
)  # fmt: skip


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, dict[str, str], dict[str, str]]]:
    """A server with two members' runs on a board that conceals a split and who is who; tokens, and run IDs."""
    house = House(tmp_path_factory.mktemp("veiled")).start()
    roles = {"quixada": "member", "eve": "member", "prof": "instructor"}
    tokens = {handle: house.token(handle, role) for handle, role in roles.items()}  # type: ignore[arg-type]
    runs = {}
    for key, handle, name in (("run", "quixada", "output.log"), ("own", "eve", "mine.log")):
        with house.client(tokens[handle]) as client:
            log = LOG if key == "run" else b"nothing"
            digest = hashlib.sha256(log).hexdigest()
            assert client.put(f"/api/v1/blobs/{digest}", content=log).status_code == 201
            more: dict[str, Any] = {"captured": Snapshot()}
            if key == "run":
                more = {"name": "quixada's", "note": "by quixada"}
            runs[key] = house.run(
                client,
                project="hidden",
                config={"lr": 0.1 if key == "run" else 0.2},
                values={"val/accuracy": [0.5, 0.9], "test/accuracy": [0.1, 0.72513 if key == "run" else 0.6]},
                artifacts=[ArtifactLogged(name, digest, len(log), type="output", media_type="text/plain")],
                **more,
            )
    rules = Rules(private_split="test", pseudonyms=True, closes=CLOSES)
    board = BoardSpec("hidden", "val/accuracy", rules=rules)
    queries.set_board(house.context.db, board, by="prof", now=START)
    yield house, tokens, runs
    house.stop()


def told(client: httpx.Client, address: str, method: str = "GET", **more: Any) -> str:
    answer = client.request(method, address, **more)
    assert answer.status_code < 500, answer.text
    return answer.text if "quixada" not in address else answer.text.replace("quixada", "")  # typed by whoever asks


def test_no_address_tells_a_member_what_the_board_conceals(team: Any) -> None:
    house, tokens, runs = team
    parts = [part.router for package in (api, pages) for part in vars(package).values() if hasattr(part, "router")]
    routes = {route.path for part in parts for route in part.routes if "GET" in route.methods}
    assert len(routes) > 40
    assert routes - ELSEWHERE == set(READING), "a route that nobody said whether it reads runs"
    asked = [address.format(**runs) for each in READING.values() for address in each]
    with house.client(tokens["eve"], Accept="text/html, application/json") as eve:
        for address in asked:
            text = told(eve, address)
            assert not (found := SECRET.search(text)), (address, found)
            assert "quixada" not in address or runs["run"] not in text, address
        for method, path in MLFLOW:
            body = {"experiment_ids": ["0", "1", "2"], "filter": "metrics.`test/accuracy` > 0.7"}
            text = told(
                eve, f"/t/hidden/api/2.0/{path.format(**runs)}", method, json=body if method == "POST" else None
            )
            assert not SECRET.search(text), (path, text)
    with house.client(tokens["prof"], Accept="text/html, application/json") as prof:
        seen = [address for address in asked if SECRET.search(told(prof, address))]
        assert len(seen) > len(asked) / 2  # what is looked for is there
        assert all(SECRET.search(told(prof, f"/api/2.0/{path.format(**runs)}")) for _, path in MLFLOW[:2])


def test_members_see_their_own_runs_whole_and_others_as_others_see_them(team: Any) -> None:
    house, tokens, runs = team
    with house.client(tokens["quixada"]) as ada, house.client(tokens["eve"]) as eve:
        own, other = ada.get(f"/api/v1/runs/{runs['run']}").json(), ada.get(f"/api/v1/runs/{runs['own']}").json()
        assert own["metrics"]["test/accuracy"]["last"] == 0.72513 and own["artifacts"]
        assert set(other["metrics"]) == {"val/accuracy"} and other["member"] != "eve" and not other["artifacts"]
        assert ada.get(f"/artifacts/{runs['run']}/output.log?raw=1").content == LOG
        # A search by what is hidden is over one's own runs.
        found = eve.get("/api/v1/runs", params={"project": "hidden", "where": "max('test/accuracy') > 0"}).json()
        assert [each["id"] for each in found] == [runs["own"]]
        assert eve.get("/api/v1/runs", params={"where": "member = 'quixada'"}).json() == []
        rows = {client: client.get(f"{API}{P}/ranking").json()["rows"] for client in (ada, eve)}
        assert [row["value"] for row in rows[ada]] == [row["value"] for row in rows[eve]]
        (name,) = {each["member"] for row in rows[eve] for each in row["records"]} - {"eve"}
        shown = eve.get(f"{P}/board", params={"member": name}, headers={"Accept": "text/html"}).text
        assert shown.count('<td class="rank">') == 1 and name in shown
    settings = Settings(house.folder, house.url, "", token=tokens["eve"])
    assert {run.member for run in reads.find_runs("hidden", settings=settings)} == {"eve", name}
    with pytest.raises(NotAllowed, match=r"hides results on the test split and who is who until 20"):
        reads.importance("hidden", metric="test/accuracy", settings=settings)


def test_when_the_board_closes_everything_is_there(team: Any) -> None:
    house, tokens, runs = team
    house.now = CLOSES
    try:
        with house.client(tokens["eve"]) as eve:
            record = eve.get(f"/api/v1/runs/{runs['run']}").json()
            assert record["member"] == "quixada" and record["metrics"]["test/accuracy"]["last"] == 0.72513
            assert "quixada" in eve.get(f"{P}/board", headers={"Accept": "text/html"}).text
    finally:
        house.now = START

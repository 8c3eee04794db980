"""The API over a real socket: what writers send arrives, readers get it back, and bad input gets one clear line."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import httpx
import msgspec
import pytest

from tracker.events import Ack, ArtifactLogged, Batch
from tracker.ids import mint
from tracker.record import BoardSpec, Record
from tracker.server.wire import MSGPACK
from tracker.store import roots
from tracker.store.roots import Root

PACKED = {"Content-Type": MSGPACK, "Accept": MSGPACK}


@pytest.fixture
def open_house(house: Any) -> Any:
    return house.start(require_login=False)


@pytest.fixture
def client(open_house: Any) -> Iterator[httpx.Client]:
    with open_house.client() as client:
        yield client


def test_a_run_arrives_and_reads_back(open_house: Any, client: httpx.Client) -> None:
    run_id = open_house.run(client, name="first", tags=("baseline",))
    record = msgspec.json.decode(client.get(f"/api/v1/runs/{run_id.lower()}").content, type=Record)
    assert (record.id, record.project, record.state, record.name) == (run_id, "milestone-1", "finished", "first")
    assert record.metrics["val/accuracy"].max == 0.9133
    assert record.snapshot.code is not None and record.snapshot.code.script == "train.py"
    assert client.get("/api/v1/runs", params={"project": "milestone-1"}).headers["x-total-count"] == "1"


def test_sending_again_changes_nothing_and_the_cursor_says_where_the_store_stands(
    open_house: Any, client: httpx.Client
) -> None:
    batch = open_house.batch(end=None)
    first = open_house.send(client, batch)
    assert open_house.send(client, batch) == first
    place = {"run_id": batch.run_id, "segment": batch.segment, "nonce": batch.nonce}
    answer = client.post("/api/v1/cursors", content=msgspec.msgpack.encode([place]), headers=PACKED)
    assert msgspec.msgpack.decode(answer.content, type=list[Ack]) == first
    assert first[0].number == len(batch.events) and first[0].offset == batch.events[-1].offset
    assert client.get(f"/api/v1/runs/{batch.run_id}").json()["events"] == len(batch.events)


def test_daily_roots_are_told(open_house: Any, client: httpx.Client) -> None:
    open_house.run(client)
    root = roots.daily(open_house.context.db, date(2026, 5, 18), open_house.now)
    assert msgspec.json.decode(client.get("/api/v1/roots").content, type=list[Root]) == [root]
    assert msgspec.json.decode(client.get("/api/v1/roots/2026-05-18").content, type=Root) == root
    assert client.get("/api/v1/roots/2026-05-19").status_code == 404
    assert client.get("/api/v1/roots/yesterday").status_code == 422


def test_a_heartbeat_keeps_a_run_from_going_silent(open_house: Any, client: httpx.Client) -> None:
    run_id = open_house.run(client, end=None)
    open_house.now += 24 * 3600 * 1_000_000
    assert client.get(f"/api/v1/runs/{run_id}").json()["state"] == "silent"
    assert client.post("/api/v1/heartbeats", json={"runs": [run_id]}).json() == {}
    assert client.get(f"/api/v1/runs/{run_id}").json()["state"] == "running"


def test_a_history_reads_back_in_both_forms(open_house: Any, client: httpx.Client) -> None:
    run_id = open_house.run(client, values={"val/loss": [2.0, math.nan, math.inf, 0.5]})
    address = f"/api/v1/runs/{run_id}/history"
    plain = client.get(address, params={"metric": "val/loss"}).json()
    assert plain["steps"] == [0, 1, 2, 3] and plain["values"] == [2.0, None, None, 0.5]
    packed = client.get(address, params={"metric": "val/loss"}, headers={"Accept": MSGPACK})
    values = msgspec.msgpack.decode(packed.content)["values"]
    assert math.isnan(values[1]) and values[2] == math.inf


def test_a_thinned_history_keeps_the_extremes(open_house: Any, client: httpx.Client) -> None:
    values = [0.5] * 5000
    values[1234], values[4321] = -3.0, 9.0
    run_id = open_house.run(client, values={"loss": values})
    thin = client.get(f"/api/v1/runs/{run_id}/history", params={"metric": "loss", "points": 100}).json()
    assert len(thin["values"]) <= 200
    assert min(thin["values"]) == -3.0 and max(thin["values"]) == 9.0


def test_events_come_in_the_order_of_the_chain(open_house: Any, client: httpx.Client) -> None:
    run_id = open_house.run(client)
    events = client.get(f"/api/v1/runs/{run_id}/events").json()
    assert [each["seq"] for each in events] == list(range(1, len(events) + 1))
    assert events[0]["event"]["body"]["kind"] == "started" and events[-1]["event"]["body"]["kind"] == "finished"
    assert client.get(f"/api/v1/runs/{run_id}/events", params={"after": 2, "limit": 1}).json() == [events[2]]


def test_where_and_order_reach_the_store(open_house: Any, client: httpx.Client) -> None:
    for lr, best in ((0.1, 0.7), (0.01, 0.9), (0.001, 0.8)):
        open_house.run(client, config={"lr": lr}, values={"val/accuracy": [best]})
    found = client.get("/api/v1/runs", params={"where": "config.lr < 0.05", "order_by": "-max('val/accuracy')"}).json()
    assert [each["config"]["lr"] for each in found] == [0.01, 0.001]


def test_a_board_is_set_and_ranks(open_house: Any, client: httpx.Client) -> None:
    for seed, best in ((1, 0.7), (2, 0.9)):
        open_house.run(client, config={"lr": best}, seed=seed, values={"val/accuracy": [best], "val/loss": [best]})
    spec = BoardSpec("milestone-1", "val/loss", "min", "last")
    put = client.put("/api/v1/projects/milestone-1/board", content=msgspec.json.encode(spec))
    assert msgspec.json.decode(put.content, type=BoardSpec) == spec
    ranking = client.get("/api/v1/projects/milestone-1/ranking").json()
    assert ranking["spec"]["metric"] == "val/loss"
    assert ranking["rows"][0]["records"][0]["config"]["lr"] == 0.7
    assert client.put("/api/v1/projects/other/board", content=msgspec.json.encode(spec)).status_code == 422
    assert [each["name"] for each in client.get("/api/v1/projects").json()] == ["milestone-1"]


def test_retracting_keeps_the_run_and_says_who_and_why(open_house: Any, client: httpx.Client) -> None:
    run_id = open_house.run(client)
    told = client.post(f"/api/v1/runs/{run_id}/retract", json={"why": "wrong split"}).json()
    assert told["retracted"]["why"] == "wrong split"
    assert told["retracted"]["by"] == client.get("/api/v1/me").json()["member"]["handle"]
    codes = [each["code"] for each in client.get(f"/api/v1/runs/{run_id}/findings").json()]
    assert any("retract" in code for code in codes)


def test_a_blob_is_stored_once_and_only_under_its_own_name(open_house: Any, client: httpx.Client) -> None:
    data = b"weights" * 100_000
    digest = hashlib.sha256(data).hexdigest()
    address = f"/api/v1/blobs/{digest}"
    assert client.head(address).status_code == 404
    assert client.post("/api/v1/blobs/missing", json={"digests": [digest]}).json() == {"missing": [digest]}
    assert client.put(address, content=data[:-1]).status_code == 422
    assert client.head(address).status_code == 404
    assert client.put(address, content=iter([data[:1000], data[1000:]])).json() == {"digest": digest, "size": len(data)}
    assert client.put(address, content=data).status_code == 200
    assert client.head(address).headers["content-length"] == str(len(data))
    got = client.get(address)
    assert got.content == data and got.headers["content-disposition"] == "attachment"
    assert client.post("/api/v1/blobs/missing", json={"digests": [digest]}).json() == {"missing": []}


def test_an_artifact_downloads(open_house: Any, client: httpx.Client) -> None:
    data = b"<script>alert(1)</script>"
    digest = hashlib.sha256(data).hexdigest()
    client.put(f"/api/v1/blobs/{digest}", content=data)
    logged = ArtifactLogged("out/page.html", digest, len(data), media_type="text/html")
    run_id = open_house.run(client, artifacts=[logged])
    got = client.get(f"/artifacts/{run_id}/out/page.html", params={"raw": 1})
    assert got.content == data
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in got.headers["content-security-policy"]


def test_a_mistyped_id_differs_from_an_unknown_one(open_house: Any, client: httpx.Client) -> None:
    run_id = open_house.run(client)
    mistyped = run_id[:-1] + ("0" if run_id[-1] != "0" else "1")
    meant = client.get(f"/api/v1/runs/{mistyped}")
    assert (meant.status_code, meant.json()["error"]) == (404, "not_found")
    assert meant.json()["suggestions"] == [run_id] and run_id in meant.json()["remedy"]
    unknown = client.get(f"/api/v1/runs/{mint(Random(1))}")
    assert (unknown.status_code, unknown.json()["error"]) == (404, "not_found")
    nonsense = client.get("/api/v1/runs/hello")
    assert (nonsense.status_code, nonsense.json()["error"]) == (400, "invalid_run_id")


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("POST", "/api/v1/batches", b"\xc1", 422),
        ("POST", "/api/v1/batches", b"", 422),
        ("POST", "/api/v1/batches", msgspec.msgpack.encode([{"run_id": 1}]), 422),
        ("POST", "/api/v1/batches", msgspec.msgpack.encode({"a": 1}), 422),
        ("POST", "/api/v1/batches", b"\x91" * 5000, 422),
        ("POST", "/api/v1/heartbeats", b"{", 422),
        ("POST", "/api/v1/blobs/missing", b'{"digests": ["x"]}', 422),
        ("PUT", "/api/v1/blobs/XYZ", b"", 422),
        ("GET", "/api/v1/runs?limit=0", b"", 422),
        ("GET", "/api/v1/runs?limit=x", b"", 422),
        ("GET", "/api/v1/runs?where=1)%20or%20(1", b"", 400),
        ("GET", "/api/v1/runs?where=drop%20table%20runs", b"", 400),
        ("GET", "/api/v1/projects/nowhere/ranking", b"", 404),
        ("GET", "/api/v1/nothing", b"", 404),
        ("DELETE", "/api/v1/me", b"", 405),
    ],
)
def test_bad_input_gets_one_clear_line(shared_house: Any, method: str, path: str, content: bytes, status: int) -> None:
    with shared_house.client() as client:
        answer = client.request(method, path, content=content)
    assert answer.status_code == status
    told = answer.json()
    assert told["message"] and "\n" not in told["message"] and "Traceback" not in answer.text


def test_a_body_above_the_limit_is_refused_before_it_is_kept(house: Any, tmp_path: Path) -> None:
    house.start(require_login=False, max_body=1000, max_blob=1000)
    with house.client() as client:
        big = b"x" * 5000
        digest = hashlib.sha256(big).hexdigest()
        assert client.post("/api/v1/batches", content=big).status_code == 413
        assert client.put(f"/api/v1/blobs/{digest}", content=big).status_code == 413
        assert client.put(f"/api/v1/blobs/{digest}", content=iter([big, big])).status_code == 413
        assert client.head(f"/api/v1/blobs/{digest}").status_code == 404


def test_a_sealed_run_takes_no_more(open_house: Any, client: httpx.Client) -> None:
    batch = open_house.batch()
    open_house.send(client, batch)
    late = Batch(batch.run_id, batch.segment, batch.nonce, (msgspec.structs.replace(batch.events[1], number=99),))
    (ack,) = open_house.send(client, late)
    assert ack.state != "held" or ack.number == len(batch.events)


def test_the_openapi_holds_every_address_and_the_shapes_of_values(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    assert "/api/v1/batches" in document["paths"]
    assert "config" in document["components"]["schemas"]["Record"]["properties"]
    assert "x-runcite-type" not in str(document)


def test_health_readiness_and_metrics(open_house: Any, client: httpx.Client) -> None:
    open_house.run(client)
    assert client.get("/healthz").text == "ok\n"
    ready = client.get("/readyz").json()
    assert ready == {"ready": True, "parts": {"database": "ok", "schema": "ok", "disk": "ok"}}
    counted = client.get("/metrics").text
    assert 'runcite_batches_total{state="held"} 1.0' in counted
    assert 'route="/api/v1/batches"' in counted


def test_readiness_fails_without_room(house: Any) -> None:
    house.start(require_login=False, min_free=1 << 62)
    with house.client() as client:
        answer = client.get("/readyz")
        assert answer.status_code == 503 and "bytes are free" in answer.json()["parts"]["disk"]

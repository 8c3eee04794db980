"""What pages ask for behind the scenes: the stream of events, the curves, the language; and the door's links."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from typing import Any

import httpx
import pytest

from tracker.events import ArtifactLogged
from tracker.server.auth import LINK_SECONDS, login_link


def messages(text: str) -> list[tuple[str, str, Any]]:
    """The events of a stream: id, name and data."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":"))
        if "data" in fields:
            found.append((fields.get("id", ""), fields["event"], json.loads(fields["data"])))
    return found


def test_the_stream_tells_an_ended_run_and_closes(shared_house: Any) -> None:
    with shared_house.client() as client:
        run_id = shared_house.run(client, note="<b>")
        told = messages(client.get(f"/runs/{run_id}/trace").text)
        assert [(id, name) for id, name, _ in told] == [*((str(i), "said") for i in range(1, 6)), ("", "state")]
        assert [data["kind"] for _, name, data in told if name == "said"] == [
            "started", "captured", "metrics", "metrics", "finished",
        ]  # fmt: skip
        assert told[-1][2] == {"events": 5, "state": "finished"}
        again = client.get(f"/runs/{run_id}/trace?after=1", headers={"Last-Event-ID": "4"})
        assert [id for id, _, _ in messages(again.text)] == ["5", ""]
        assert again.headers["content-type"].startswith("text/event-stream")
        assert again.headers["cache-control"] == "no-store"


def test_the_stream_goes_on_until_the_run_does_not(house: Any) -> None:
    house.start(require_login=False)
    batch = house.batch(end=None)
    with house.client() as client:
        house.send(client, batch)
        with client.stream("GET", f"/runs/{batch.run_id}/trace?after={len(batch.events)}") as live:
            lines = live.iter_lines()
            while next(lines) != "event: state":
                pass
            house.send(client, house.ended(batch))
            rest = "\n".join(lines)
    assert '"finished"' in rest and f"id: {len(batch.events) + 1}" in rest


def test_a_server_that_ends_lets_live_pages_go(house: Any) -> None:
    house.start(require_login=False)
    batch = house.batch(end=None)
    with house.client() as client:
        house.send(client, batch)
        with client.stream("GET", f"/runs/{batch.run_id}/trace") as live:
            lines = live.iter_lines()
            next(lines)
            ending = threading.Thread(target=house.stop)
            ending.start()
            with pytest.raises(StopIteration):
                while True:
                    next(lines)
            ending.join(15)
            assert not ending.is_alive()


def test_the_stream_and_the_curves_ask_who_it_is(house: Any) -> None:
    house.start()
    with house.client(house.token("ada")) as client:
        run_id = house.run(client)
    with house.client() as stranger:
        for path in (f"/runs/{run_id}/trace", f"/runs/{run_id}/curve?metric=train/loss", f"/runs/{run_id}"):
            assert stranger.get(path).status_code == 401


def test_a_curve_is_cut_and_looked_into(shared_house: Any) -> None:
    values = [float(i % 100) for i in range(5000)]
    with shared_house.client() as client:
        run_id = shared_house.run(client, values={"loss": values})
        cut = client.get(f"/runs/{run_id}/curve?metric=loss&buckets=50").json()
        assert not cut["whole"] and len(cut["steps"]) == 50 and cut["low"] == [0.0] * 50 and cut["high"] == [99.0] * 50
        inside = client.get(f"/runs/{run_id}/curve?metric=loss&buckets=50&from=100&to=120").json()
        assert inside["whole"] and inside["mean"] == [float(i) for i in range(21)]
        assert client.get(f"/runs/{run_id}/curve?metric=nothing").status_code == 404


@pytest.mark.parametrize(
    ("name", "data", "shown"),
    [
        ("output.log.gz", gzip.compress(b"<b>first</b>\nlast line\n", mtime=0), "&lt;b&gt;first&lt;/b&gt;\nlast line"),
        ("output.log", b"x\n" * 60_000 + b"the end\n", "the end"),
        ("output.log.gz", b"no gzip at all", "damaged"),
    ],
)
def test_what_a_run_printed_is_on_its_page(shared_house: Any, name: str, data: bytes, shown: str) -> None:
    digest = hashlib.sha256(data).hexdigest()
    with shared_house.client() as client:
        client.put(f"/api/v1/blobs/{digest}", content=data)
        run_id = shared_house.run(client, artifacts=[ArtifactLogged(name, digest, len(data), "output")])
        page = client.get(f"/runs/{run_id}").text
        assert shown in page and len(page) < 200_000
        assert "every link was computed again" in page


def test_a_log_in_link_opens_one_session(house: Any) -> None:
    house.start()
    house.token("ada")
    link = login_link(house.context.db, house.url, "ada", now=house.now)
    place, _, secret = link.partition("#")
    assert place == f"{house.url}/login" and secret.startswith("rl_")
    with house.client() as client:
        assert client.get("/", headers={"Authorization": f"Bearer {secret}"}).status_code == 401
        answer = client.post("/login", data={"token": secret, "next": "/projects/p"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/projects/p")
        assert client.get("/api/v1/me").json()["member"]["handle"] == "ada"
    with house.client() as second:
        refused = second.post("/login", data={"token": secret})
        assert refused.status_code == 401 and "used before" in refused.text and "set-cookie" not in refused.headers


def test_a_log_in_link_is_short_lived_and_for_our_own_pages(house: Any) -> None:
    house.start()
    house.token("ada")
    link = login_link(house.context.db, house.url, "ada", now=house.now)
    secret = link.partition("#")[2]
    with house.client() as client:
        foreign = client.post("/login", data={"token": secret}, headers={"Sec-Fetch-Site": "cross-site"})
        assert foreign.status_code == 403
        house.now += LINK_SECONDS * 1_000_000
        assert client.post("/login", data={"token": secret}).status_code == 401


def test_the_language_switch_is_remembered(shared_house: Any) -> None:
    with httpx.Client(base_url=shared_house.url, headers={"Accept-Language": "en"}, follow_redirects=True) as client:
        assert 'lang="en"' in client.get("/").text
        switched = client.get("/language/zh?next=%2F%3Fa%3D1")
        assert 'lang="zh"' in switched.text and switched.url.path == "/"
        assert client.get("/language/zh?next=https%3A%2F%2Fevil.example").url.host == "127.0.0.1"
        assert 'lang="en"' in client.get("/language/en").text
        assert client.get("/language/xx").status_code == 422

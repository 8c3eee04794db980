"""When things go wrong: one line, the right status, a page for people, and nothing told that helps a stranger."""

from __future__ import annotations

import logging
import socket
import sqlite3
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI

from tracker.errors import Sealed, Unavailable

SECRET = "the password is swordfish"


def troublesome(app: FastAPI) -> None:
    """Routes that fail in ways nobody foresaw, and in ways somebody did."""

    @app.get("/trouble")
    def trouble() -> None:
        raise KeyError(SECRET)

    @app.get("/later")
    def later() -> None:
        raise Unavailable("The store is busy.", remedy="Wait a moment.", retry_after=7)

    @app.get("/api/v1/ended")
    def ended() -> None:
        raise Sealed("The run has ended.")


def test_what_nobody_foresaw_is_logged_once_and_answered_in_a_line(
    house: Any, caplog: pytest.LogCaptureFixture
) -> None:
    house.start(require_login=False, extend=[troublesome])
    with house.client() as client, caplog.at_level(logging.ERROR, "runcite.server"):
        answer = client.get("/trouble")
        assert answer.status_code == 500
        assert answer.json()["error"] == "fault" and SECRET not in answer.text and "Traceback" not in answer.text
        page = client.get("/trouble", headers={"Accept": "text/html"})
        assert page.status_code == 500 and "<h1>" in page.text and SECRET not in page.text
        assert client.get("/healthz").status_code == 200
        assert "runcite_faults_total 2.0" in client.get("/metrics").text
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
    assert "GET /trouble" in caplog.records[0].getMessage()


def test_errors_of_ours_keep_their_meaning(house: Any) -> None:
    house.start(require_login=False, extend=[troublesome])
    with house.client() as client:
        later = client.get("/later")
        assert (later.status_code, later.headers["retry-after"]) == (503, "7")
        assert later.json() == {"error": "unavailable", "message": "The store is busy.", "remedy": "Wait a moment."}
        assert (client.get("/api/v1/ended").status_code, client.get("/api/v1/ended").json()["error"]) == (410, "sealed")


def test_a_database_of_another_version_is_said(house: Any) -> None:
    house.start(require_login=False)
    with house.client() as client:
        with sqlite3.connect(house.folder / "runcite.db") as database:
            database.execute("DROP TABLE runs")
        database.close()
        answer = client.get("/api/v1/runs")
        assert answer.status_code == 503 and "\n" not in answer.json()["message"]


def test_people_get_pages_and_near_names_to_click(house: Any) -> None:
    house.start(require_login=False)
    with house.client(Accept="text/html") as browser:
        house.run(browser)
        page = browser.get("/projects/milestone-2")
        assert page.status_code == 404 and 'href="/projects/milestone-1"' in page.text
        assert browser.get("/nowhere").status_code == 404
        assert "<h1>" in browser.get("/runs/hello").text
        hostile = browser.get("/projects/<script>alert(1)</script>")
        assert hostile.status_code == 404 and "<script>alert" not in hostile.text


def test_a_body_announced_as_too_large_is_refused_before_it_comes(house: Any) -> None:
    house.start(require_login=False)
    parts = urlsplit(house.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as line:
        head = f"POST /api/v1/batches HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {1 << 40}\r\n\r\n"
        line.sendall(head.encode())
        assert line.recv(100).startswith(b"HTTP/1.1 413 ")


def test_every_answer_carries_the_headers_that_guard_it(house: Any) -> None:
    house.start(require_login=False)
    with house.client() as client:
        for path in ("/", "/docs", "/api/v1/runs", "/healthz", "/nowhere"):
            headers = client.get(path).headers
            policy = dict(each.split(" ", 1) for each in headers["content-security-policy"].split("; "))
            assert policy["default-src"] == "'none'"
            assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cache-control"] == "private, no-cache"
            assert headers["referrer-policy"] == "same-origin"


def test_assets_are_kept_by_content_and_never_from_elsewhere(house: Any) -> None:
    house.start(require_login=False)
    with house.client(**{"Accept-Encoding": "gzip"}) as client:
        page = client.get("/").text
        assert "http://" not in page.replace(house.url, "") and "https://" not in page
        sheet = page.split('rel="stylesheet" href="')[1].split('"')[0]
        found = client.get(sheet)
        assert found.headers["content-type"].startswith("text/css") and "immutable" in found.headers["cache-control"]
        assert client.get("/static/0/runcite.css").headers["cache-control"] == "no-cache"
        assert client.get("/static/x/../app.py").status_code == 404
        assert client.get("/static/x/secret.txt").status_code == 404

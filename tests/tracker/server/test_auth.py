"""Who may do what: the role matrix, sessions, forms, and pages of other sites."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tracker.record import Role
from tracker.server.auth import form_token, safe_next
from tracker.store.members import list_tokens

ROLES: tuple[Role, ...] = ("member", "instructor", "admin")


@pytest.fixture
def locked(house: Any) -> Any:
    return house.start()


@pytest.mark.parametrize("token", [None, "rc_nobody", "x"])
def test_without_a_known_token_nothing_is_told(locked: Any, token: str | None) -> None:
    with locked.client(token) as client:
        for path in ("/api/v1/me", "/api/v1/runs", "/api/v1/projects", "/api/v1/members", "/api/v1/blobs/" + "0" * 64):
            answer = client.get(path)
            assert answer.status_code == 401 and "WWW-Authenticate" in answer.headers
            assert answer.json()["error"] == "not_logged_in"


def test_health_needs_no_log_in(locked: Any) -> None:
    with locked.client() as client:
        assert [client.get(path).status_code for path in ("/healthz", "/readyz", "/metrics")] == [200, 200, 200]


MATRIX: tuple[tuple[str, str, Any, set[str]], ...] = (
    ("GET", "/api/v1/runs", None, {"member", "instructor", "admin"}),
    ("GET", "/api/v1/members", None, {"member", "instructor", "admin"}),
    ("PUT", "/api/v1/projects/milestone-1/board", {"project": "milestone-1", "metric": "m"}, {"instructor", "admin"}),
    ("POST", "/api/v1/members", {"handle": "new"}, {"admin"}),
    ("PUT", "/api/v1/members/other/role", {"role": "instructor"}, {"admin"}),
    ("PUT", "/api/v1/members/other/slack", {"team": "T1", "user": "U1"}, {"admin"}),
    ("POST", "/api/v1/members/other/tokens", {}, {"admin"}),
    ("GET", "/api/v1/members/other/tokens", None, {"admin"}),
    ("PUT", "/api/v1/members/other/active", {"active": True}, {"admin"}),
    ("POST", "/api/v1/tokens/{token}/rotate", None, {"admin"}),
    ("DELETE", "/api/v1/tokens/{token}", None, {"admin"}),
    ("POST", "/api/v1/runs/{other}/retract", {"why": "x"}, {"instructor", "admin"}),
)


@pytest.mark.parametrize("role", ROLES)
def test_the_role_decides(locked: Any, role: Role) -> None:
    with locked.client(locked.token("other")) as other:
        run_id = locked.run(other)
    with locked.client(locked.token("me", role)) as client:
        for method, path, body, allowed in MATRIX:
            locked.token("other")
            newest = list_tokens(locked.context.db, "other")
            token_id = next(each.id for each in newest if each.usable(locked.now))
            answer = client.request(method, path.replace("{other}", run_id).replace("{token}", token_id), json=body)
            assert (answer.status_code < 300) == (role in allowed), (method, path, answer.text)
            if role not in allowed:
                assert answer.status_code == 403 and answer.json()["error"] == "not_allowed" and answer.json()["remedy"]


def test_a_member_writes_only_their_own_runs(locked: Any) -> None:
    batch = locked.batch(end=None)
    with locked.client(locked.token("ada")) as ada, locked.client(locked.token("eve")) as eve:
        assert locked.send(ada, batch)[0].state == "held"
        (ack,) = locked.send(eve, locked.batch(run_id=batch.run_id))
        assert ack.state != "held"
        assert ada.get(f"/api/v1/runs/{batch.run_id}").json()["member"] == "ada"
        assert eve.post(f"/api/v1/runs/{batch.run_id}/retract", json={"why": "mine"}).status_code == 403


def test_a_member_makes_and_revokes_their_own_tokens(locked: Any) -> None:
    with locked.client(locked.token("ada")) as ada:
        second = ada.post("/api/v1/members/ada/tokens", json={"label": "laptop"}).json()["token"]
        listed = {each["label"]: each["id"] for each in ada.get("/api/v1/members/ada/tokens").json()}
        assert second.startswith("rc_") and second not in str(listed)
        with locked.client(second) as laptop:
            assert laptop.get("/api/v1/me").json()["member"]["handle"] == "ada"
            with locked.client(locked.token("eve")) as eve:
                assert eve.delete(f"/api/v1/tokens/{listed['laptop']}").status_code == 403
            assert ada.delete(f"/api/v1/tokens/{listed['laptop']}").status_code == 200
            assert laptop.get("/api/v1/me").status_code == 401


def test_a_token_is_rotated_by_its_owner(locked: Any) -> None:
    first = locked.token("ada")
    with locked.client(first) as ada, locked.client(locked.token("eve")) as eve:
        (listed,) = ada.get("/api/v1/members/ada/tokens").json()
        assert eve.post(f"/api/v1/tokens/{listed['id']}/rotate").status_code == 403
        second = ada.post(f"/api/v1/tokens/{listed['id']}/rotate").json()["token"]
        assert ada.get("/api/v1/me").status_code == 401
        with locked.client(second) as again:
            labels = {each["label"]: each["revoked_at"] for each in again.get("/api/v1/members/ada/tokens").json()}
            assert again.get("/api/v1/me").json()["member"]["handle"] == "ada" and set(labels) == {"test"}
            assert again.post(f"/api/v1/tokens/{listed['id']}/rotate").status_code == 404


def test_who_has_left_opens_nothing_and_their_runs_stay(locked: Any) -> None:
    with locked.client(locked.token("ada")) as ada, locked.client(locked.token("root", "admin")) as root:
        run_id = locked.run(ada)
        assert root.put("/api/v1/members/ada/active", json={"active": False}).json()["active"] is False
        assert ada.get("/api/v1/me").status_code == 401
        assert root.get(f"/api/v1/runs/{run_id}").json()["member"] == "ada"
        root.put("/api/v1/members/ada/active", json={"active": True})
        assert ada.get("/api/v1/me").status_code == 200


def test_a_run_keeps_its_owner_across_projects(locked: Any) -> None:
    """What one member does in a project gives them nothing over another's run, in that project or elsewhere."""
    with locked.client(locked.token("ada")) as ada, locked.client(locked.token("eve")) as eve:
        hers = locked.run(ada, project="one")
        his = locked.run(eve, project="one"), locked.run(eve, project="two")
        for run_id in his:
            assert ada.post(f"/api/v1/runs/{run_id}/retract", json={"why": "x"}).status_code == 403
            assert ada.get(f"/api/v1/runs/{run_id}").json()["retracted"] is None
        assert ada.post(f"/api/v1/runs/{hers}/retract", json={"why": "a leak"}).json()["retracted"]["by"] == "ada"


def test_an_expired_token_is_unknown(locked: Any) -> None:
    with locked.client(locked.token("ada")) as ada:
        short = ada.post("/api/v1/members/ada/tokens", json={"expires_at": locked.now + 1000}).json()["token"]
        with locked.client(short) as client:
            assert client.get("/api/v1/me").status_code == 200
            locked.now += 2000
            assert client.get("/api/v1/me").status_code == 401


def browser(house: Any) -> httpx.Client:
    return house.client(Accept="text/html", Origin=house.url)


def log_in(house: Any, client: httpx.Client, token: str) -> str:
    answer = client.post("/login", data={"token": token, "next": "/docs"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/docs")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie
    return client.cookies["runcite"]


def test_a_browser_is_led_to_the_door_and_back(locked: Any) -> None:
    token = locked.token("ada")
    with browser(locked) as client:
        led = client.get("/projects/a?sort=x")
        assert (led.status_code, led.headers["location"]) == (303, "/login?next=%2Fprojects%2Fa%3Fsort%3Dx")
        wrong = client.post("/login", data={"token": "rc_wrong"})
        assert wrong.status_code == 401 and "set-cookie" not in wrong.headers
        session = log_in(locked, client, token)
        assert session != token
        page = client.get("/")
        assert page.status_code == 200 and "ada" in page.text
        shown = re.search(r'name="form_token" value="([0-9a-f]{64})"', page.text)
        assert shown and shown[1] == form_token(session)
        assert client.post("/logout", data={"form_token": "0" * 64}).status_code == 403
        assert client.post("/logout", data={"form_token": shown[1]}).status_code == 303
        client.cookies.set("runcite", session)
        assert client.get("/").status_code == 303


def test_a_session_acts_on_the_api_only_with_its_form_token(locked: Any) -> None:
    token = locked.token("ada", "admin")
    with browser(locked) as client:
        session = log_in(locked, client, token)
        assert client.get("/api/v1/me").json()["via"] == "session"
        assert client.post("/api/v1/members", json={"handle": "x"}).status_code == 403
        told = client.post("/api/v1/members", json={"handle": "x"}, headers={"X-Form-Token": form_token(session)})
        assert told.status_code == 201


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_sites_page_cannot_act_for_the_visitor(house: Any, headers: dict[str, str]) -> None:
    house.start(require_login=False)
    with house.client(**headers) as client:
        assert client.post("/api/v1/members", json={"handle": "x"}).status_code == 403
        assert client.post("/login", data={"token": "rc_x"}).status_code == 403
    with house.client() as client:
        assert client.post("/api/v1/members", json={"handle": "x"}).status_code == 201


def test_a_foreign_name_for_this_machine_is_refused_without_log_in(house: Any) -> None:
    house.start(require_login=False)
    with house.client(Host="evil.example") as client:
        assert client.get("/api/v1/runs").status_code == 403


def test_on_loopback_the_writer_is_who_the_token_says(house: Any) -> None:
    house.start(require_login=False)
    with house.client() as local, house.client(house.token("grace")) as grace:
        me = local.get("/api/v1/me").json()
        assert me["via"] == "local" and me["member"]["role"] == "admin"
        run_id = house.run(grace)
        assert local.get(f"/api/v1/runs/{run_id}").json()["member"] == "grace"


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("/runs/r-1?x=1", "/runs/r-1?x=1"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\nSet-Cookie: x", "/"),
        ("", "/"),
    ],
)
def test_the_way_back_never_leaves_the_house(target: str, place: str) -> None:
    assert safe_next(target) == place

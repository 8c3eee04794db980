"""Two workspaces install the app by Bolt's own flow, and each is answered under its own token, while it stays."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from slack_bolt import BoltRequest
from slack_bolt.error import BoltError
from slack_sdk.oauth.installation_store import Installation
from sqlalchemy import text

from bot import leaving
from bot.app import Running
from bot.installs import NotInstalled
from bot.sandbox import Sandbox
from bot.settings import SECOND, load_bot
from tracker.errors import InvalidSettings
from tracker.server.app import now_in_microseconds

from .team import TEAM, Team

SISTER = "T0SISTER01"


@pytest.fixture
def slack() -> Iterator[Sandbox]:
    """A local Slack with two workspaces."""
    with Sandbox(time_scale=0.002, answer_limit=8.0, sisters=[SISTER]) as running:
        running.core.habits.link_previews = False
        running.core.habits.processing = 0.05
        running.core.tokens.pop(running.bot_token)
        yield running


@pytest.fixture
def running(team: Team) -> Running:
    """A bot that any of two workspaces may install."""
    return begin(team, TEAM, SISTER)


def begin(team: Team, *teams: str) -> Running:
    """A bot that these workspaces may install."""
    grants = team.sandbox.core.grants
    app = {"client_id": grants.client_id, "client_secret": grants.client_secret}
    found = team.bot(http=True, token="", teams=teams, pages="", **app)
    grants.redirect = f"{found.url}/slack/oauth_redirect"
    return found


def install(running: Running, team: str) -> httpx.Response:
    """What a person sees who presses the button, allows it, and comes back."""
    with httpx.Client(follow_redirects=False, timeout=30) as browser:
        page = browser.get(f"{running.url}/slack/install")
        assert page.status_code == 200
        there = re.search(r'href="([^"]*/oauth/v2/authorize[^"]*)"', page.text)
        assert there is not None
        consent = browser.get(html.unescape(there[1]))
        back = re.search(rf'data-team="{team}" href="([^"]*)"', consent.text)
        assert back is not None
        # The flow's cookie is for https alone, and here is none; a browser would send it.
        return browser.get(html.unescape(back[1]), headers={"cookie": page.headers["set-cookie"].partition(";")[0]})


def test_two_workspaces_install_the_app_and_each_is_answered_under_its_own_token(
    team: Team, running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = team.sandbox, team.sandbox.of(SISTER)
    with caplog.at_level(logging.DEBUG):
        ignored = first.post("ada", "results", "val accuracy 90.2 %")
        team.quiet()
        assert first.thread("results", ignored) == [], "nobody installed it yet"
        for workspace in (TEAM, SISTER):
            assert install(running, workspace).status_code == 200
        run = team.run()
        told = {}
        for sandbox in (first, second):
            ts = sandbox.post("ada", "results", f"val accuracy 90.2 % {run}")
            assert sandbox.wait_until(
                lambda sandbox=sandbox, ts=ts: "image" in str(sandbox.thread("results", ts)), 20
            ), sandbox.recorded("call")[-3:]
            (told[sandbox.core.team],) = sandbox.thread("results", ts)
            sandbox.command("ada", "results", "/results board")
            sandbox.open_home("ada")
            assert sandbox.wait_until(lambda sandbox=sandbox: sandbox.home("ada"), 20)
            assert sandbox.wait_until(lambda sandbox=sandbox: sandbox.recorded("response"), 20)
        team.quiet()
    for sandbox in (first, second):
        calls = [each for each in sandbox.recorded("call") if each["method"] not in {"oauth.v2.access", "auth.test"}]
        assert all(each["answer"]["ok"] for each in calls), calls
        assert len(sandbox.recorded("call", "chat.postMessage")) == 1
    issued = [token for each in (first, second) for token in each.core.tokens if token.startswith("xoxe.")]
    assert len(issued) == 2
    for secret in (*issued, first.core.grants.client_secret):
        assert secret not in caplog.text


def test_a_token_is_renewed_before_it_expires_and_once(team: Team, running: Running) -> None:
    sandbox = team.sandbox
    sandbox.core.grants.lifetime = 3600
    install(running, TEAM)
    ts = team.post("val accuracy 90.2 %")
    team.reply(ts)
    installs = running.bot.desk.installs
    assert installs is not None
    before = installs.find(TEAM)
    assert before is not None
    sandbox.core.grants.lifetime = 43_200
    from_almanac = running.bot.desk
    assert leaving.notice(from_almanac) + leaving.notice(from_almanac) == 1
    team.quiet()
    after = installs.find(TEAM)
    assert after is not None
    assert after.token != before.token
    assert after.expires_at is not None
    assert after.expires_at > now_in_microseconds() + 11 * 3600 * SECOND
    renewals = [each for each in sandbox.recorded("call", "oauth.v2.access") if "grant_type" in each["args"]]
    assert len(renewals) == 1
    sandbox.core.tokens[before.token].state = "token_expired"
    team.reply(team.post("val accuracy 90.3 %"))


def test_a_workspace_that_takes_the_app_out_is_forgotten_and_may_come_back(team: Team, running: Running) -> None:
    first, second = team.sandbox, team.sandbox.of(SISTER)
    for workspace in (TEAM, SISTER):
        install(running, workspace)
    first.uninstall()
    installs = running.bot.desk.installs
    assert installs is not None
    assert first.wait_until(lambda: installs.find(TEAM) is None)
    with team.db.read() as connection:
        for table in ("slack_bots", "slack_installations"):
            kept = connection.scalars(text(f"SELECT team_id FROM {table}")).all()
            assert kept == [SISTER]
    with pytest.raises(NotInstalled):
        running.bot.desk.at(TEAM)
    assert running.bot.desk.at(SISTER).identity().team == SISTER
    install(running, TEAM)
    late = {"type": "app_uninstalled"}
    envelope = first.core.office.envelope(late) | {"event_time": now_in_microseconds() // SECOND - 3600}
    first.core.office.spawn(first.core.office.deliver(envelope))
    team.reply(team.post("val accuracy 90.2 %"))
    team.quiet()
    assert installs.find(TEAM) is not None, "an old farewell does not end a new installation"
    assert second.recorded("call", "chat.postMessage") == []


def test_a_workspace_that_is_not_listed_is_not_let_in(team: Team) -> None:
    running = begin(team, TEAM)
    assert install(running, SISTER).status_code == 500
    assert install(running, TEAM).status_code == 200
    with team.db.read() as connection:
        assert connection.scalars(text("SELECT team_id FROM slack_bots")).all() == [TEAM]
    stolen = httpx.get(f"{running.url}/slack/oauth_redirect", params={"code": "1.2.3", "state": "forged"})
    assert stolen.status_code == 400
    assert urlsplit(str(stolen.url)).path == "/slack/oauth_redirect"


@pytest.mark.parametrize(
    ("missing", "says"),
    [("SLACK_CLIENT_ID", "SLACK_BOT_TOKEN"), ("SLACK_SIGNING_SECRET", "SIGNING"), ("RUNCITE_SLACK_TEAMS", "TEAMS")],
)
def test_what_many_workspaces_need_is_asked_for(tmp_path: Path, missing: str, says: str) -> None:
    given = {
        "RUNCITE_HOME": str(tmp_path),
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "s",
        "SLACK_SIGNING_SECRET": "s",
        "RUNCITE_SLACK_TEAMS": "T01, T02",
    }
    settings = load_bot(given)
    assert (settings.many, settings.teams) == (True, ("T01", "T02"))
    assert "'s'" not in repr(settings)
    with pytest.raises(InvalidSettings, match=says):
        load_bot({name: value for name, value in given.items() if name != missing})


def test_an_install_for_a_whole_organisation_is_refused_and_told_what_to_do(running: Running) -> None:
    installs = running.bot.desk.installs
    assert installs is not None
    whole = Installation(user_id="U1", enterprise_id="E1", is_enterprise_install=True, bot_token="xoxb-1")
    with pytest.raises(BoltError, match=r"one workspace at a time.* choose the workspace"):
        installs.flow().store_installation(BoltRequest(body=""), whole)

"""The workspaces that installed the app: Bolt's own OAuth flow lets them in, and each call finds its token here.

slack-sdk's stores write what the flow brings. Only workspaces that are listed are let in, as everybody in a workspace
sees every run. A token that expires is renewed by one holder of a lease, never by two at once, as its refresh token
works once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urljoin

import msgspec
from slack_bolt import BoltRequest
from slack_bolt.error import BoltError
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk import WebClient
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore
from sqlalchemy import and_, select, update

from bot.settings import SECOND, BotSettings
from bot.slack import SCOPES, Declined, Slack, renewed
from tracker.store.database import Database
from tracker.store.tables.installs import slack_bots, slack_installations

log = logging.getLogger("runcite.bot")

INSTALL_PATH, REDIRECT_PATH = "/slack/install", "/slack/oauth_redirect"
RENEW_BEFORE = 2 * 3600 * SECOND
"""Slack's tokens last twelve hours."""
_LOOKS_EVERY = 15 * SECOND
_STATE_SECONDS = 600


class NotInstalled(Declined):
    """The workspace has not installed the app, has taken it out again, or is not let in."""

    def __init__(self, team: str) -> None:
        super().__init__("every call", "not_installed", f"workspace {team}")


class Install(msgspec.Struct, frozen=True):
    """A workspace's installation. Tokens never show in a repr."""

    id: int
    team: str
    installed_at: int
    expires_at: int | None
    token: str
    refresh_token: str | None

    def __repr__(self) -> str:
        return f"Install({self.team!r})"


class Installs:
    """Tokens of many workspaces. Safe to use from several threads; several replicas see the same."""

    def __init__(self, settings: BotSettings, db: Database, clock: Callable[[], int]) -> None:
        assert settings.client_id is not None
        assert settings.client_secret is not None
        self._settings, self._db, self._clock = settings, db, clock
        self._client_id, self._client_secret = settings.client_id, settings.client_secret
        self._lock = threading.Lock()
        self._known: dict[str, tuple[int, str, Slack]] = {}
        # At DEBUG Bolt and the SDK log whole requests and answers, and here they are codes and tokens.
        self._quiet = logging.getLogger("runcite.oauth")
        self._quiet.setLevel(logging.INFO)
        wait = settings.patience.call
        self.client = WebClient(base_url=settings.api_url, timeout=wait, retry_handlers=[], logger=self._quiet)

    def slack(self, team: str) -> Slack:
        """Slack under the token of a workspace.

        Raises:
            NotInstalled: it has none.
            Unavailable: the database cannot be reached.
        """
        now = self._clock()
        with self._lock:
            known = self._known.get(team)
        if known is not None and abs(now - known[0]) < _LOOKS_EVERY:
            return known[2]
        install = self.find(team)
        if install is None:
            with self._lock:
                self._known.pop(team, None)
            raise NotInstalled(team)
        slack = known[2] if known is not None and known[1] == install.token else self._slack(install.token)
        with self._lock:
            self._known[team] = (now, install.token, slack)
        return slack

    def _slack(self, token: str) -> Slack:
        settings = self._settings
        return Slack(token, settings.api_url, timeout=settings.patience.call)

    def find(self, team: str) -> Install | None:
        """The installation of a workspace that is let in."""
        found = [each for each in self._all() if each.team == team]
        return max(found, key=lambda each: each.installed_at, default=None)

    def teams(self) -> tuple[Install, ...]:
        """The latest installation of each workspace that is let in."""
        return tuple({each.team: each for each in self._all()}.values())

    def _all(self) -> list[Install]:
        b = slack_bots.c
        columns = (b.id, b.team_id, b.installed_at, b.bot_token_expires_at, b.bot_token, b.bot_refresh_token)
        query = select(*columns).where(b.client_id == self._client_id, b.bot_token.is_not(None))
        with self._db.read() as connection:
            rows = connection.execute(query.where(b.team_id.is_not(None)).order_by(b.installed_at)).all()
        found = [
            Install(id, team, _micros(at), _micros(end) if end else None, *rest) for id, team, at, end, *rest in rows
        ]
        return [each for each in found if self.admits(each.team)]

    def admits(self, team: str | None) -> bool:
        """Whether a workspace is let in."""
        return team is not None and ("*" in self._settings.teams or team in self._settings.teams)

    def renew(self, team: str) -> str:
        """Renew a workspace's token if it runs out soon; what came of it. The caller holds the workspace's lane.

        Raises:
            Declined, NotNow, Unsure: as any call.
        """
        install = self.find(team)
        if install is None:
            return "not installed"
        if install.expires_at is None or install.refresh_token is None:
            return "does not expire"
        if install.expires_at - self._clock() > RENEW_BEFORE:
            return "renewed already"
        said = renewed(self.client, self._client_id, self._client_secret, install.refresh_token)
        ends = datetime.fromtimestamp(self._clock() / SECOND + said.expires_in, UTC).replace(tzinfo=None)
        values = {"bot_token": said.token, "bot_refresh_token": said.refresh_token, "bot_token_expires_at": ends}
        with self._db.write() as connection:
            connection.execute(update(slack_bots).where(slack_bots.c.id == install.id).values(**values))
        with self._lock:
            self._known.pop(team, None)
        return "renewed"

    def remove(self, team: str, *, at: int) -> str:
        """Forget a workspace's tokens, unless it installed the app again after `at`. What came of it."""
        install = self.find(team)
        if install is not None and install.installed_at > at + SECOND:
            return "installed again"
        with self._db.write() as connection:
            for table in (slack_bots, slack_installations):
                mine = and_(table.c.client_id == self._client_id, table.c.team_id == team)
                connection.execute(table.delete().where(mine))
        with self._lock:
            self._known.pop(team, None)
        return "removed"

    def flow(self) -> OAuthFlow:
        """Bolt's flow from `/slack/install` to a stored token."""
        engine, settings, logger = self._db.writing, self._settings, self._quiet
        oauth = OAuthSettings(
            client_id=self._client_id,
            client_secret=self._client_secret,
            scopes=list(SCOPES),
            user_scopes=[],
            install_path=INSTALL_PATH,
            redirect_uri_path=REDIRECT_PATH,
            redirect_uri=f"{settings.pages}{REDIRECT_PATH}" if settings.pages else None,
            authorization_url=urljoin(settings.api_url, "../oauth/v2/authorize"),
            installation_store=SQLAlchemyInstallationStore(self._client_id, engine, logger=logger),
            installation_store_bot_only=True,
            state_store=SQLAlchemyOAuthStateStore(_STATE_SECONDS, engine, logger=logger),
            state_expiration_seconds=_STATE_SECONDS,
            logger=logger,
        )
        return _Doorkeeper(self, oauth, logger)


class _Doorkeeper(OAuthFlow):
    """Bolt's flow, which stores only the tokens of workspaces that are let in."""

    def __init__(self, installs: Installs, settings: OAuthSettings, logger: logging.Logger) -> None:
        super().__init__(client=installs.client, logger=logger, settings=settings)
        self._installs = installs

    def store_installation(self, request: BoltRequest, installation: Installation) -> None:
        team = installation.team_id
        if installation.is_enterprise_install:
            log.warning(
                "The organisation %s wanted to install the app for all of its workspaces", installation.enterprise_id
            )
            raise BoltError(
                "Runcite is installed in one workspace at a time, not for a whole organisation: install it again, and "
                "choose the workspace in place of the organisation."
            )
        if not self._installs.admits(team):
            log.warning("The workspace %s wanted to install the app and is not in RUNCITE_SLACK_TEAMS", team)
            raise BoltError("This Runcite does not serve that workspace; its owner lists them in RUNCITE_SLACK_TEAMS.")
        super().store_installation(request, installation)
        log.info("The workspace %s installed the app", team)


def _micros(at: datetime) -> int:
    return int(at.replace(tzinfo=UTC).timestamp() * SECOND)

"""The bot's settings: the one place of the bot that reads the environment.

`SLACK_BOT_TOKEN`, and `SLACK_SIGNING_SECRET` (events over HTTP) or `SLACK_APP_TOKEN` (Socket Mode);
`SLACK_CLIENT_ID`, `SLACK_CLIENT_SECRET` and `RUNCITE_SLACK_TEAMS` in place of the bot's token where several
workspaces install the app; `SLACK_ADMIN_TOKEN` where an admin of the one workspace lends theirs, to take posts away;
`SLACK_API_URL` for another API base;
`RUNCITE_PAGES_URL`, the address people reach the pages under; `RUNCITE_STRICT_CHANNELS`, the channels where
every post must cite. Database and artifacts are the tracker's settings.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from tracker.errors import InvalidSettings
from tracker.settings import Settings, load

SLACK_API = "https://slack.com/api/"
STRICT = "results, results-*, *-results"
SECOND = 1_000_000


@dataclass(frozen=True)
class Patience:
    """How long the bot waits for what. In microseconds; `call` (one call of Slack's API) and `ping` in seconds.

    `lease`: how long a worker that says nothing keeps a lane. `settle`: how long after a message that may
    have been posted it must show in the thread, if it was. `first_retry` doubles with each try, up to
    `last_retry`; an effect older than `give_up` is given up.
    """

    call: int = 8
    ping: float = 3.0
    lease: int = 40 * SECOND
    settle: int = 2 * SECOND
    first_retry: int = SECOND // 2
    last_retry: int = 120 * SECOND
    give_up: int = 24 * 3600 * SECOND
    poll: int = SECOND // 5
    idle: int = SECOND


@dataclass(frozen=True)
class BotSettings:
    """What the bot is started with. Secrets never show in a repr.

    `token` is that of the one workspace that is served. Without it, `client_id` and `client_secret` let the
    workspaces `teams` install the app themselves. `strict` are channel IDs, or names that may hold `*`. `pages` is
    empty where nobody can open the pages.
    """

    tracker: Settings
    token: str = field(default="", repr=False)
    signing_secret: str | None = field(default=None, repr=False)
    app_token: str | None = field(default=None, repr=False)
    admin_token: str | None = field(default=None, repr=False)
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    teams: tuple[str, ...] = ()
    api_url: str = SLACK_API
    pages: str = ""
    strict: tuple[str, ...] = ()
    workers: int = 4
    patience: Patience = Patience()

    def is_strict(self, channel: str, name: str | None) -> bool:
        """Whether every top-level post of the channel must cite a run."""
        return any(channel == pattern or fnmatchcase((name or "").lower(), pattern.lower()) for pattern in self.strict)

    @property
    def many(self) -> bool:
        """Whether workspaces install the app themselves."""
        return not self.token

    @property
    def socket_mode(self) -> bool:
        """Whether events come through a socket that the bot opens, rather than over HTTP."""
        return self.app_token is not None


def load_bot(environ: Mapping[str, str] | None = None, tracker: Settings | None = None) -> BotSettings:
    """The bot's settings in force.

    Raises:
        InvalidSettings: a token is missing, is one of another kind, or an address is none.
    """
    environ = os.environ if environ is None else environ
    tracker = load(environ) if tracker is None else tracker
    token = _token(environ, "SLACK_BOT_TOKEN", ("xoxb-", "xoxe.xoxb-"))
    app_token = _token(environ, "SLACK_APP_TOKEN", ("xapp-",))
    secret = environ.get("SLACK_SIGNING_SECRET") or None
    client_id, client_secret = environ.get("SLACK_CLIENT_ID") or None, environ.get("SLACK_CLIENT_SECRET") or None
    teams = _names(environ.get("RUNCITE_SLACK_TEAMS", ""))
    if token is None:
        _check_many(client_id, client_secret, secret, teams)
    if app_token is None and secret is None:
        raise InvalidSettings(
            "Neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set.",
            remedy="Set the first for Socket Mode (no public address needed), the second for events over HTTP.",
        )
    strict = environ.get("RUNCITE_STRICT_CHANNELS", STRICT)
    return BotSettings(
        tracker=tracker,
        token=token or "",
        client_id=client_id,
        client_secret=client_secret,
        teams=teams,
        signing_secret=secret,
        app_token=app_token,
        admin_token=_token(environ, "SLACK_ADMIN_TOKEN", ("xoxp-", "xoxe.xoxp-")) if token else None,
        api_url=_address(environ, "SLACK_API_URL", SLACK_API).rstrip("/") + "/",
        pages=_address(environ, "RUNCITE_PAGES_URL", "").rstrip("/"),
        strict=_names(strict),
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip().lstrip("#") for name in text.split(",") if name.strip())


def _check_many(client_id: str | None, client_secret: str | None, secret: str | None, teams: tuple[str, ...]) -> None:
    """That workspaces can install the app themselves, where no token is set."""
    if client_id is None or client_secret is None:
        raise InvalidSettings(
            "SLACK_BOT_TOKEN is not set.",
            remedy="Copy it from the app's page at api.slack.com/apps; for many workspaces set SLACK_CLIENT_ID and "
            "SLACK_CLIENT_SECRET in its place.",
        )
    if secret is None:
        raise InvalidSettings(
            "SLACK_SIGNING_SECRET is not set.",
            remedy="Many workspaces are served over HTTP; copy it from the app's page.",
        )
    if not teams:
        raise InvalidSettings(
            "RUNCITE_SLACK_TEAMS is not set.",
            remedy="List the IDs of the workspaces that may install the app (T0123,…), as each of them sees every run.",
        )


def _token(environ: Mapping[str, str], name: str, prefixes: tuple[str, ...]) -> str | None:
    token = (environ.get(name) or "").strip() or None
    if token is not None and not token.startswith(prefixes):
        raise InvalidSettings(
            f"{name} does not begin with {prefixes[0]}.",
            remedy="Slack has tokens of several kinds; copy the other one.",
        )
    return token


def _address(environ: Mapping[str, str], name: str, default: str) -> str:
    address = (environ.get(name) or "").strip() or default
    if address and (urlsplit(address).scheme not in {"http", "https"} or not urlsplit(address).netloc):
        raise InvalidSettings(
            f"{name} is no address: {address!r}.", remedy="It looks like https://runcite.example.org."
        )
    return address

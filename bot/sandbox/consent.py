"""Installing the app: the consent that a person gives, oauth.v2.access, and taking the app out again."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from bot.sandbox.args import Args
from bot.sandbox.core import Core
from bot.sandbox.grants import Caller
from bot.sandbox.people import APP, BOT_USER, TEAM_NAME
from bot.sandbox.shapes import ApiError, Json


def access(core: Core, caller: Caller, args: Args) -> Json:
    """oauth.v2.access: a code for a token, or a refresh token for the next one."""
    _app(core, args)
    grants = core.grants
    if args.text("grant_type") == "refresh_token":
        grant = grants.renewing(args.text("refresh_token"))
    else:
        grant = grants.redeem(args.need("code", "invalid_code"), args.text("redirect_uri"))
    home = core.workspaces[grant.team]
    token, issued = grants.issue(grant, BOT_USER)
    home.tokens[token] = issued
    told: Json = {
        "ok": True,
        "app_id": APP,
        "authed_user": {"id": grant.user},
        "scope": ",".join(grant.scopes),
        "token_type": "bot",
        "access_token": token,
        "bot_user_id": BOT_USER,
        "team": {"id": grant.team, "name": TEAM_NAME},
        "enterprise": None,
        "is_enterprise_install": False,
    }
    return told | ({"refresh_token": grant.refresh, "expires_in": grants.lifetime} if grants.rotation else {})


def uninstall(core: Core, caller: Caller, args: Args) -> Json:
    """apps.uninstall: the app leaves the workspace of the token."""
    _app(core, args)
    leave(core)
    return {"ok": True}


def leave(core: Core) -> None:
    """The app is taken out of a workspace: its tokens end, and it is told so in two events."""
    core.grants.end(core.team)
    core.office.submit({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [BOT_USER]}})
    core.office.submit({"type": "app_uninstalled"})


def page(core: Core, args: Args) -> str:
    """The page on which a person allows the app into a workspace, or does not.

    Raises:
        ApiError: `invalid_client_id`; `bad_redirect_uri`, where nobody knows where to go on.
    """
    if args.text("client_id") != core.grants.client_id:
        raise ApiError("invalid_client_id")
    redirect = args.text("redirect_uri") or core.grants.redirect
    if not redirect:
        raise ApiError("bad_redirect_uri")
    scopes = tuple(each for each in args.text("scope").split(",") if each)
    lines = ["<!doctype html><title>Allow</title><h1>Runcite asks for access</h1><ul>"]
    for team in core.workspaces:
        code = core.grants.consent(team, "U0INES0001", scopes, args.text("redirect_uri"))
        there = f"{redirect}?{urlencode({'code': code, 'state': args.text('state')})}"
        lines.append(f'<li><a data-team="{escape(team)}" href="{escape(there)}">Allow in {escape(team)}</a></li>')
    no = f"{redirect}?{urlencode({'error': 'access_denied', 'state': args.text('state')})}"
    return "".join([*lines, f'</ul><a href="{escape(no)}">Cancel</a>'])


def _app(core: Core, args: Args) -> None:
    if args.text("client_id") != core.grants.client_id:
        raise ApiError("invalid_client_id")
    if args.text("client_secret") != core.grants.client_secret:
        raise ApiError("bad_client_secret")

"""The Web API's methods: what each needs, how often it may be called, and who answers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox import chat, consent, conversations, uploads, views
from bot.sandbox.args import Args
from bot.sandbox.core import Core
from bot.sandbox.grants import Caller
from bot.sandbox.shapes import ApiError, Json

Method = Callable[[Core, Caller, Args], Json]


@dataclass(frozen=True)
class Listed:
    """A method: the scopes of which one is needed, and its rate tier (0 is special)."""

    run: Method
    scopes: tuple[str, ...] = ()
    tier: int = 3
    posts: bool = False


_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
_PAST = ("channels:history", "groups:history", "im:history", "mpim:history")

OPEN = frozenset({"api.test", "oauth.v2.access"})
"""What is called without a token."""

METHODS: dict[str, Listed] = {
    "api.test": Listed(conversations.api_test, tier=4),
    "apps.uninstall": Listed(consent.uninstall, tier=1),
    "apps.connections.open": Listed(conversations.open_connection),
    "auth.revoke": Listed(conversations.auth_revoke),
    "auth.test": Listed(conversations.auth_test, tier=0),
    "bots.info": Listed(conversations.bot_info, ("users:read",)),
    "chat.delete": Listed(chat.delete, ("chat:write",)),
    "chat.getPermalink": Listed(chat.permalink, tier=0),
    "chat.postEphemeral": Listed(chat.post_ephemeral, ("chat:write",), 4, posts=True),
    "chat.postMessage": Listed(chat.post_message, ("chat:write",), 0, posts=True),
    "chat.unfurl": Listed(chat.unfurl, ("links:write",)),
    "chat.update": Listed(chat.update, ("chat:write",)),
    "conversations.history": Listed(conversations.history, _PAST),
    "conversations.info": Listed(conversations.conversation_info, _READ),
    "conversations.join": Listed(conversations.join, ("channels:join",)),
    "conversations.list": Listed(conversations.list_conversations, _READ, 2),
    "conversations.members": Listed(conversations.members, _READ, 4),
    "conversations.open": Listed(conversations.open_direct, ("im:write",)),
    "conversations.replies": Listed(conversations.replies, _PAST),
    "files.completeUploadExternal": Listed(uploads.complete, ("files:write",), 4),
    "files.delete": Listed(uploads.remove, ("files:write",)),
    "files.getUploadURLExternal": Listed(uploads.get_upload_url, ("files:write",), 4),
    "files.info": Listed(uploads.info, ("files:read",), 4),
    "oauth.v2.access": Listed(consent.access, tier=4),
    "reactions.add": Listed(chat.add_reaction, ("reactions:write",)),
    "reactions.get": Listed(chat.get_reactions, ("reactions:read",)),
    "reactions.remove": Listed(chat.remove_reaction, ("reactions:write",), 2),
    "team.info": Listed(conversations.team_info, ("team:read",)),
    "users.conversations": Listed(conversations.own_conversations, _READ),
    "users.info": Listed(conversations.user_info, ("users:read",), 4),
    "users.list": Listed(conversations.list_users, ("users:read",), 2),
    "users.lookupByEmail": Listed(conversations.user_by_email, ("users:read.email",)),
    "views.open": Listed(views.open_modal, tier=4),
    "views.publish": Listed(views.publish, tier=4),
    "views.push": Listed(views.open_modal, tier=4),
    "views.update": Listed(views.update_modal, tier=4),
}


def caller_of(core: Core, method: str, token: str) -> Caller:
    """Who calls, if they may.

    Raises:
        ApiError: `not_authed`, `invalid_auth`, the state of a token that has ended, `not_allowed_token_type`,
            `missing_scope` with what is needed and provided.
    """
    if not token:
        raise ApiError("not_authed")
    caller = core.tokens.get(token)
    if caller is None:
        raise ApiError("invalid_auth")
    if caller.state:
        raise ApiError(caller.state)
    if caller.expires_at is not None and caller.expires_at <= core.clock():
        raise ApiError("token_expired")
    if caller.kind == "app" and method != "apps.connections.open":
        raise ApiError("not_allowed_token_type")
    needed = METHODS[method].scopes
    if needed and not set(needed) & set(caller.scopes):
        raise ApiError("missing_scope", needed=",".join(needed), provided=",".join(caller.scopes))
    return caller


def call(core: Core, method: str, token: str, args: Args) -> Json:
    """Answer one call. Refusals are answers too; nothing is raised for them."""
    try:
        if method not in METHODS:
            raise ApiError("unknown_method", req_method=method)
        caller = Caller("nobody", "", ()) if method in OPEN else caller_of(core, method, token)
        return METHODS[method].run(core, caller, args)
    except ApiError as error:
        return error.body()

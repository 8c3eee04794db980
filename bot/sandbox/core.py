"""The stand-in's inside: every part of it in one place, and who may call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.sandbox.faults import Faults
from bot.sandbox.files import Files
from bot.sandbox.grants import Caller, Grants
from bot.sandbox.hooks import Hooks
from bot.sandbox.office import Office, Route
from bot.sandbox.people import BOT_USER, SCOPES, TEAM, Channel
from bot.sandbox.rates import Rates
from bot.sandbox.recording import Recording
from bot.sandbox.shapes import ApiError, Json
from bot.sandbox.sockets import Sockets
from bot.sandbox.workspace import Workspace


@dataclass(frozen=True)
class Keys:
    """The app's bot token, its app-level token, an admin's user token, and what requests to the app are signed with."""

    bot: str = "xoxb-stand-in-bot"
    app: str = "xapp-1-stand-in-app"
    admin: str = "xoxp-stand-in-admin"
    signing: str = "stand-in-signing-secret"


@dataclass
class Habits:
    """Ways of Slack that a test may want otherwise. Times in seconds.

    `processing` is how long an upload stays without type and shares; `alt_text_bug` keeps a file uploaded with
    `alt_txt` from ever being shared, as Slack does; `link_previews` follows a person's link with the
    `message_changed` that Slack's own preview causes, `preview_after` seconds later.
    """

    processing: float = 0.3
    alt_text_bug: bool = True
    link_previews: bool = True
    preview_after: float = 0.2
    home_tab: bool = True


@dataclass
class Core:
    """All parts together, as the methods of the API and the controls get them.

    `workspaces` are all that stand at the same address, by the ID of their team, this one included.
    """

    clock: Callable[[], int]
    workspace: Workspace
    office: Office
    faults: Faults
    rates: Rates
    recording: Recording
    sockets: Sockets
    files: Files
    hooks: Hooks
    tokens: dict[str, Caller]
    habits: Habits
    base: Callable[[], str]
    grants: Grants
    team: str = TEAM
    workspaces: dict[str, Core] = field(default_factory=dict, repr=False)
    homes: dict[str, Json] = field(default_factory=dict)
    modals: dict[str, Json] = field(default_factory=dict)
    stopping: bool = False

    def readable(self, name: str, caller: Caller) -> Channel:
        """A channel that `caller` may look into: any public one, others as a member.

        Raises:
            ApiError: `channel_not_found`.
        """
        channel = self.workspace.channel(name)
        if channel.kind != "channel" and caller.user not in channel.members:
            raise ApiError("channel_not_found")
        return channel

    def joined(self, name: str, caller: Caller) -> Channel:
        """A channel that `caller` is in.

        Raises:
            ApiError: `channel_not_found`, `not_in_channel`.
        """
        channel = self.readable(name, caller)
        if caller.user not in channel.members:
            raise ApiError("not_in_channel")
        return channel

    def writable(self, name: str, caller: Caller) -> Channel:
        """A channel that `caller` may post to; a user's ID means the direct conversation.

        Raises:
            ApiError: `channel_not_found`, `not_in_channel`, `is_archived`.
        """
        if name.startswith("U"):
            try:
                return self.workspace.direct(self.workspace.person(name).id)
            except ApiError:
                raise ApiError("channel_not_found") from None
        channel = self.readable(name, caller)
        if caller.user not in channel.members and "chat:write.public" not in caller.scopes:
            raise ApiError("not_in_channel")
        if channel.archived:
            raise ApiError("is_archived")
        return channel


def build(
    clock: Callable[[], int],
    base: Callable[[], str],
    route: Route,
    habits: Habits,
    keys: Keys,
    *,
    rate_limits: bool,
    record_to: Path | None,
) -> Core:
    """A new workspace with everything around it, and `keys` to enter it."""
    workspace = Workspace(clock)
    recording = Recording(clock, record_to)
    faults = Faults(clock)
    sockets = Sockets(lambda: workspace.tell(""))
    office = Office(route, sockets, faults, recording, clock)
    recording.on_entry = lambda: workspace.tell("")
    workspace.on_event = office.submit
    callers = {
        keys.bot: Caller("bot", BOT_USER, route.scopes),
        keys.app: Caller("app", BOT_USER, ("connections:write",)),
        keys.admin: Caller("user", "U0INES0001", (*SCOPES, "chat:write")),
    }
    core = Core(
        clock=clock,
        workspace=workspace,
        office=office,
        faults=faults,
        rates=Rates(clock, on=rate_limits),
        recording=recording,
        sockets=sockets,
        files=Files(clock, base),
        hooks=Hooks(clock),
        tokens=callers,
        habits=habits,
        base=base,
        grants=Grants(clock),
    )
    core.workspaces[core.team] = core
    return core


def sister(first: Core, team: str) -> Core:
    """Another workspace at the same address, where the app is not installed; its people and channels are the same."""
    core = build(
        first.clock, first.base, first.office.route, first.habits, Keys(), rate_limits=first.rates.on, record_to=None
    )
    core.tokens.clear()
    core.team, core.grants, core.workspaces = team, first.grants, first.workspaces
    core.office.team = team
    core.workspaces[team] = core
    return core

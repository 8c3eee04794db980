"""Who and what is in the workspace from the start: five members, an instructor, the app, and three channels."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.sandbox.shapes import Json

TEAM = "T0RUNCITE"
TEAM_NAME = "Runcite demo"
TEAM_DOMAIN = "runcite-demo"
APP = "A0RUNCITE"
BOT = "B0RUNCITE"
BOT_USER = "U0RUNCITE"

SCOPES = (
    "app_mentions:read", "channels:history", "channels:read", "chat:write", "commands", "files:read", "files:write",
    "groups:history", "groups:read", "im:history", "im:read", "im:write", "links:read", "links:write", "mpim:read",
    "reactions:read", "reactions:write", "team:read", "users:read", "users:read.email", "channels:join",
)  # fmt: skip
EVENTS = (
    "app_home_opened", "app_mention", "app_uninstalled", "link_shared", "member_joined_channel", "message.channels",
    "message.groups", "message.im", "tokens_revoked",
)  # fmt: skip
COMMANDS = (
    ("/results", "a run ID, or one of the words below"),
    ("/results board", "the project's leaderboard"),
    ("/results compare", "two run IDs: what differs, and does it matter"),
    ("/results importance", "which hyperparameters moved the metric"),
    ("/results mine", "your own runs"),
    ("/results post", "write a result post from a run"),
    ("/results reproduce", "a run ID: the command that gives the number back"),
    ("/results login", "bind your laptop's token to you"),
    ("/results policy", "what the board asks of a run"),
    ("/results audit", "who posted what (instructors)"),
    ("/results export", "the board as a table"),
    ("/results help", "all of this"),
)


@dataclass
class Person:
    """A user of the workspace: a person, or the app's own user."""

    id: str
    handle: str
    name: str
    is_bot: bool = False
    admin: bool = False
    locale: str = "en-US"
    deleted: bool = False

    def shown(self, *, locale: bool = False) -> Json:
        """The user object of users.info."""
        profile: Json = {
            "real_name": self.name,
            "display_name": self.handle,
            "real_name_normalized": self.name,
            "display_name_normalized": self.handle,
            "team": TEAM,
        }
        profile |= {"bot_id": BOT, "api_app_id": APP} if self.is_bot else {"email": f"{self.handle}@example.org"}
        return {
            "id": self.id,
            "team_id": TEAM,
            "name": self.handle,
            "deleted": self.deleted,
            "real_name": self.name,
            "tz": "Europe/Berlin",
            "tz_label": "Central European Time",
            "tz_offset": 3600,
            "profile": profile,
            "is_admin": self.admin,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": False,
            "is_ultra_restricted": False,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "updated": 1_750_000_000,
        } | ({"locale": self.locale} if locale else {})


@dataclass
class Channel:
    """A conversation: `kind` is `channel`, `group` (private) or `im`. Messages are in the order of their `ts`."""

    id: str
    name: str
    kind: str
    members: list[str]
    topic: str = ""
    archived: bool = False
    messages: dict[str, Json] = field(default_factory=dict)
    threads: dict[str, list[str]] = field(default_factory=dict)

    def shown(self, viewer: str) -> Json:
        """The channel object of conversations.info, as `viewer` gets it."""
        common: Json = {
            "id": self.id,
            "created": 1_750_000_000,
            "is_archived": self.archived,
            "is_org_shared": False,
            "context_team_id": TEAM,
        }
        if self.kind == "im":
            other = next((member for member in self.members if member != viewer), viewer)
            return common | {"is_im": True, "user": other, "is_user_deleted": False, "priority": 0}
        return common | {
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": self.kind == "channel",
            "is_group": False,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.kind == "group",
            "is_general": self.name == "general",
            "is_shared": False,
            "is_ext_shared": False,
            "is_member": viewer in self.members,
            "creator": "U0INES0001",
            "topic": {"value": self.topic, "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0},
            "num_members": len(self.members),
        }


def people() -> tuple[Person, ...]:
    """The members, the instructor, the app's user and Slackbot."""
    return (
        Person("U0ADA00001", "ada", "Ada Okafor"),
        Person("U0BEN00001", "ben", "Ben Sørensen"),
        Person("U0CHEN0001", "chen", "陈思远", locale="zh-CN"),
        Person("U0DANA0001", "dana", "Dana Levi"),
        Person("U0EMIL0001", "emil", "Emil Novák"),
        Person("U0INES0001", "ines", "Inés Ferrer", admin=True),
        Person(BOT_USER, "runcite", "Runcite", is_bot=True),
        Person("USLACKBOT", "slackbot", "Slackbot", is_bot=True),
    )


def channels() -> tuple[Channel, ...]:
    """#results and #general with everybody and the app; a private channel of three without it."""
    everybody = [person.id for person in people() if not person.is_bot]
    return (
        Channel("C0RESULTS1", "results", "channel", [*everybody, BOT_USER], topic="No result without a run"),
        Channel("C0GENERAL1", "general", "channel", [*everybody, BOT_USER], topic="Everything else"),
        Channel("C0PRIVATE1", "milestone-1-team", "group", ["U0ADA00001", "U0BEN00001", "U0INES0001"]),
    )

"""What the bot asks of Slack: scopes, events and the command, each with its reason. `python -m bot.manifest`.

The one declaration: `deploy/slack-manifest.yaml` and the table in `deploy/README.md` say the same, and tests
hold them and the bot's own calls to it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

COMMAND = "/results"

SCOPES: dict[str, str] = {
    "channels:history": "read posts, edits and deletions in the public channels it was invited to",
    "channels:read": "learn that it was invited, and a channel's name",
    "chat:write": "reply to a post, and bring that reply up to date",
    "commands": f"answer `{COMMAND}`",
    "files:read": "ask whether Slack has processed the chart it uploaded",
    "files:write": "upload the chart",
    "groups:history": "the same as `channels:history` in private channels it was invited to",
    "groups:read": "the same as `channels:read` in private channels it was invited to",
}
"""Bot scopes and what each is for, in alphabetical order. No scope is asked for that no event or call needs."""

EVENTS: dict[str, str] = {
    "message.channels": "channels:history",
    "message.groups": "groups:history",
}
"""Bot events and the scope that each needs."""

_DESCRIPTION = "Accepts a result only when it cites a registered run."
_LONG_DESCRIPTION = (
    "Runcite registers every training run, and lets a result through only when the post cites such a run and the "
    "run's record bears the claim out. It answers in the post's thread with the run's hyperparameters, git hash and "
    "a chart against the team's other runs. It reads only the channels it was invited to."
)


def manifest(url: str | None = None) -> dict[str, Any]:
    """The app's manifest: over Socket Mode, or, with the server's public address, over HTTP."""
    hook = f"{url.rstrip('/')}/slack/events" if url else None
    address = {"url": hook} if hook else {}
    request = {"request_url": hook} if hook else {}
    command = {
        "command": COMMAND,
        "description": "Look up runs, the board and comparisons",
        "usage_hint": "RUN_ID | board | compare A B | mine | login | help",
        "should_escape": False,
    }
    return {
        "display_information": {
            "name": "Runcite",
            "description": _DESCRIPTION,
            "long_description": _LONG_DESCRIPTION,
            "background_color": "#1f3a5f",
        },
        "features": {
            "bot_user": {"display_name": "Runcite", "always_online": True},
            "slash_commands": [{**address, **command}],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**request, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **request},
            "org_deploy_enabled": False,
            "socket_mode_enabled": hook is None,
            "token_rotation_enabled": False,
        },
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the manifest as JSON, which Slack takes as it takes YAML."""
    parser = argparse.ArgumentParser(prog="python -m bot.manifest", description="The Slack app's manifest, as JSON.")
    parser.add_argument("--url", help="the server's public https address; without it the app uses Socket Mode")
    url = parser.parse_args(arguments).url
    if url is not None and (urlsplit(url).scheme != "https" or not urlsplit(url).hostname):
        parser.error(f"{url!r} is no public https address, and Slack sends events nowhere else.")
    sys.stdout.write(json.dumps(manifest(url), indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

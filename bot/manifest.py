"""The Slack app's manifest, made of what the bot's code declares: `python -m bot.manifest [--url https://… [--many]]`.

`deploy/slack-manifest.yaml` is the Socket Mode one; a test holds it to this.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from bot.installs import REDIRECT_PATH
from bot.slack import COMMANDS, EVENTS, SCOPES, SHORTCUTS

_DESCRIPTION = "Accepts a result only when it cites a registered run."
_LONG_DESCRIPTION = (
    "Runcite registers every training run, and lets a result through only when the post cites such a run and the "
    "run's record bears the claim out. It answers in the post's thread with the run's hyperparameters, git hash and "
    "a chart against the team's other runs. It reads only the channels it was invited to."
)


def manifest(url: str | None = None, *, many: bool = False) -> dict[str, Any]:
    """The app's manifest: for Socket Mode, or, with the server's public https address, for HTTP.

    `many` workspaces install the app by themselves, and get tokens that are renewed every few hours.

    Over HTTP the host is named as the one whose links unfurl, where the bot answers to such links.
    """
    hook = f"{url.rstrip('/')}/slack/events" if url else None
    request = {"request_url": hook} if hook else {}
    commands = [
        {
            "command": command,
            **({"url": hook} if hook else {}),
            "description": description,
            "usage_hint": hint,
            "should_escape": False,
        }
        for command, (description, hint) in COMMANDS.items()
    ]
    return {
        "display_information": {
            "name": "Runcite",
            "description": _DESCRIPTION,
            "long_description": _LONG_DESCRIPTION,
            "background_color": "#1f3a5f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": "app_home_opened" in EVENTS,
                "messages_tab_enabled": "message.im" in EVENTS,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Runcite", "always_online": True},
            "slash_commands": commands,
            "shortcuts": [
                {"name": name, "type": "message", "callback_id": callback, "description": about}
                for callback, (name, about) in SHORTCUTS.items()
            ],
            **({"unfurl_domains": [urlsplit(url).hostname]} if url and "link_shared" in EVENTS else {}),
        },
        "oauth_config": {
            **({"redirect_urls": [f"{url.rstrip('/')}{REDIRECT_PATH}"]} if url and many else {}),
            "scopes": {"bot": list(SCOPES)},
        },
        "settings": {
            "event_subscriptions": {**request, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **request},
            "org_deploy_enabled": False,
            "socket_mode_enabled": hook is None,
            "token_rotation_enabled": many,
        },
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the manifest as JSON, which Slack takes as it takes YAML."""
    parser = argparse.ArgumentParser(prog="python -m bot.manifest", description="The Slack app's manifest, as JSON.")
    parser.add_argument("--url", help="the server's public https address; without it the app uses Socket Mode")
    parser.add_argument("--many", action="store_true", help="for several workspaces, which install the app themselves")
    given = parser.parse_args(arguments)
    url: str | None = given.url
    if given.many and url is None:
        parser.error("Several workspaces are served over HTTP: give --url too.")
    if url is not None and (urlsplit(url).scheme != "https" or not urlsplit(url).hostname):
        parser.error(f"{url!r} is no public https address, and Slack sends events nowhere else.")
    sys.stdout.write(json.dumps(manifest(url, many=given.many), indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

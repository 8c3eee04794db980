"""`python -m bot.sandbox --port 8065`: the stand-in by itself, until Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import sys
import threading
from pathlib import Path

from bot.sandbox.stand import Sandbox
from tracker.errors import RunciteError


def main() -> int:
    """Serve until interrupted. Prints what a bot needs in its environment."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8065, help="the loopback port (default 8065; 0 for any)")
    parser.add_argument("--events-url", help="deliver over HTTP to this URL instead of Socket Mode")
    parser.add_argument("--rate-limits", action="store_true", help="keep Slack's rate limits")
    parser.add_argument("--record", type=Path, help="write every request, answer and event to this file")
    options = parser.parse_args()
    sandbox = Sandbox(
        port=options.port, events_url=options.events_url, rate_limits=options.rate_limits, record_to=options.record
    )
    try:
        sandbox.start()
    except RunciteError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(
        f"The stand-in for Slack is at {sandbox.url}\n\n"
        f"export SLACK_API_URL={sandbox.api_url}\n"
        f"export SLACK_BOT_TOKEN={sandbox.bot_token}\n"
        f"export SLACK_APP_TOKEN={sandbox.app_token}\n"
        f"export SLACK_SIGNING_SECRET={sandbox.signing_secret}\n"
    )
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
    with contextlib.suppress(KeyboardInterrupt):
        sandbox.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())

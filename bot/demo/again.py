"""The winner, reproduced on the spot by somebody else: real code, a real tree, and a verdict that everybody can see."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.demo.cast import PLAYERS, PROJECT
from bot.demo.story import OutOfScript, Stage, ask_badge
from tracker.record import Record

SECONDS = 300
BADGE = "reproduced by member"


def reproduce(
    stage: Stage, environments: Mapping[str, Mapping[str, str]], code: Path, url: str, console: Console
) -> None:
    """Reproduce the team's best run as another member; its badge must be exact in the channel and on the board.

    Raises:
        OutOfScript: the number did not come back bit for bit, or the badge is not seen.
    """
    record = stage.best()
    who = next(player for player in PLAYERS if player.handle != record.member)
    console.print(Text(f"\n{who.name} gives the winner's number back: runcite reproduce {record.id}", style="bold"))
    said = _run(record, environments[who.handle], code)
    console.print(Padding(Text(said.strip()), (0, 0, 0, 2)))
    if "✓ EXACT" not in said:
        raise OutOfScript(f"{record.id} must come back bit for bit.")
    ask_badge(stage, who.handle, record, BADGE)
    page = httpx.get(f"{url}/projects/{PROJECT}/board", follow_redirects=True, timeout=20).text
    if BADGE not in page:
        raise OutOfScript("The board does not show the winner's badge.")


def _run(record: Record, environment: Mapping[str, str], code: Path) -> str:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        [Path(sys.executable).with_name("runcite"), "reproduce", record.id, "--yes", "--repo", code],
        cwd=code,
        env={**kept, **environment, "COLUMNS": "110"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return done.stdout + done.stderr

"""Links to pages are shown with what stands there: every view, with its picture, and nothing that is hidden."""

from __future__ import annotations

import re

import msgspec
import pytest

from bot.sight import ENGLISH
from bot.unfurls import view
from tracker.record import Rules
from tracker.store import members, queries

from .team import Json, Team

BASE = "https://runcite.example.org"
BOARD = f"{BASE}/projects/milestone-1/board"


@pytest.fixture
def working(team: Team) -> Team:
    team.sandbox.core.workspace.unfurl_domains[:] = ["runcite.example.org"]
    team.bot(http=True)
    return team


def previews(team: Team, ts: str, channel: str = "general") -> list[Json]:
    (message,) = [each for each in team.sandbox.messages(channel) if each["ts"] == ts]
    return list(message.get("attachments", ()))


def picture(preview: Json) -> Json | None:
    return next((block for block in preview["blocks"] if block["type"] == "image"), None)


def test_every_view_is_shown_with_its_picture(working: Team) -> None:
    run, other = working.run(), working.run("ben", config={"lr": 0.1}, values={"val/accuracy": (0.5, 0.95)})
    project = f"{BASE}/projects/milestone-1"
    views = {
        f"{BASE}/runs/{run}": "0.9023",
        BOARD: other,
        f"{BASE}/compare?runs={run},{other}": "lr",
        f"{project}?where=config.lr+%3C+0.05": "1 run",
        f"{project}/sweep": "different configs",
    }
    more = {f"{BASE}/statistics": "worked example", f"{BASE}/": "milestone-1", f"{BOARD}?member=ben": other}
    for some in (views, more):
        ts = working.post(" and ".join(some), channel="general")
        assert working.sandbox.wait_until(lambda: len(previews(working, ts)) == len(some), 60)  # noqa: B023
        assert working.sandbox.wait_until(lambda: all(map(picture, previews(working, ts))), 60), previews(working, ts)  # noqa: B023
        for (address, fact), preview in zip(some.items(), previews(working, ts), strict=True):
            assert fact in str(preview), address
            shown = picture(preview)
            assert shown is not None and len(shown["alt_text"]) > 30 and shown["slack_file"]["id"]
        working.quiet()
        assert working.replies(ts, "general") == []  # what is shown already is not said again
    only = previews(working, ts)[-1]
    assert run not in str(only)  # the filter of the address holds


def test_a_link_shows_no_more_than_everybody_may_see_and_to_nobody_who_may_not_look(working: Team, now: int) -> None:
    run = working.run(values={"val/accuracy": (0.5, 0.9023), "test/accuracy": (0.1, 0.7251)})
    spec = queries.get_board(working.db, "milestone-1")
    rules = Rules(private_split="test", pseudonyms=True, closes=1 << 60)
    queries.set_board(working.db, msgspec.structs.replace(spec, rules=rules), by="ines", now=now)
    ts = working.post(f"{BASE}/runs/{run} {BASE}/runs/r-00000000 {BASE}/login", channel="general")
    assert working.sandbox.wait_until(lambda: previews(working, ts))
    (shown,) = previews(working, ts)
    assert "0.9023" in str(shown) and not re.search(r"0\.7251|\bada\b", str(shown))
    members.set_active(working.db, "ada", False)
    gone = working.post(f"{BASE}/runs/{run}", channel="general")
    again = working.post(BOARD, user="ben", channel="general")
    assert working.sandbox.wait_until(lambda: previews(working, again))
    assert previews(working, gone) == []


def test_pictures_that_slack_does_not_take_leave_the_words(working: Team) -> None:
    working.run()
    working.sandbox.fault("files.getUploadURLExternal", "http_500")
    ts = working.post(BOARD, channel="general")
    assert working.sandbox.wait_until(lambda: previews(working, ts))
    working.quiet()
    (shown,) = previews(working, ts)
    assert "0.9023" in str(shown) and picture(shown) is None


def test_addresses_that_lead_nowhere_show_nothing(working: Team) -> None:
    desk = working.running[-1].bot.desk
    working.run()
    for address in ("https://elsewhere.org/", f"{BASE}.evil.org/runs/r-1", f"{BASE}/docs", f"{BASE}/compare?runs=r-1"):
        assert view(desk, address, ENGLISH) is None

"""Buttons, the shortcut, the form and links to runs, through the whole bot."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tracker.store import channels, citations

from .team import TEAM, Json, Team, kinds, words


@pytest.fixture(params=["http", "socket"])
def both(request: pytest.FixtureRequest, team: Team) -> Team:
    team.sandbox.core.workspace.unfurl_domains[:] = ["runcite.example.org"]
    team.bot(http=request.param == "http")
    return team


@pytest.fixture
def working(team: Team) -> Team:
    team.sandbox.core.workspace.unfurl_domains[:] = ["runcite.example.org"]
    team.bot(http=True)
    return team


def opened(team: Team, gesture: Callable[[], object]) -> Json:
    """The form that a gesture opens. Slack's trigger lasts three seconds: on a slow machine it takes another one."""
    for _ in range(5):
        gesture()
        if team.sandbox.wait_until(lambda: team.sandbox.modals("ada"), 4):
            break
    (view,) = team.sandbox.modals("ada")
    return view


def whispered(team: Team, has: str, user: str = "ada") -> str:
    """What `user` alone was shown, once it is there."""

    def found() -> list[str]:
        return [each["text"] for each in team.sandbox.ephemerals(user) if has in each["text"]]

    assert team.sandbox.wait_until(found), team.sandbox.ephemerals(user)
    return found()[-1]


def test_the_buttons_of_a_reply_answer_whoever_presses_them(both: Team) -> None:
    best = both.run("ben", config={"lr": 0.01}, values={"val/accuracy": (0.5, 0.95)})
    run = both.run()
    ts = both.post(f"val accuracy 90.2 % with {run}")
    reply = both.reply(ts)
    (actions,) = [block for block in reply["blocks"] if block["type"] == "actions"]
    names = [element["action_id"] for element in actions["elements"]]
    assert names == ["open", "compare", "reproduce"]
    assert actions["elements"][0]["url"] == f"https://runcite.example.org/runs/{run}"
    assert both.sandbox.click("ben", "compare", "results", reply["ts"]).error == ""
    assert best in whispered(both, "they differ in lr", "ben")
    both.sandbox.click("ada", "reproduce", "results", reply["ts"])
    assert f"runcite reproduce {run}" in whispered(both, "runcite reproduce")
    assert both.sandbox.click("ada", "open", "results", reply["ts"]).error == ""
    both.quiet()
    assert len(both.replies(ts)) == 1


def test_checking_a_post_says_what_the_bot_would_say_and_keeps_nothing(working: Team) -> None:
    run = working.run()
    there = "milestone-1-team"
    root = working.post(f"val accuracy 95 % {run}", channel=there)
    working.sandbox.shortcut("ben", there, root, "check_post")
    assert "best 0.9023" in whispered(working, "Not accepted", "ben")
    quiet = working.post("lunch?", channel=there)
    working.sandbox.shortcut("ben", there, quiet, "check_post")
    whispered(working, "no result", "ben")
    working.quiet()
    assert citations.list_citations(working.db) == ()


def test_a_result_posted_by_the_form_is_judged_like_any_other_and_once(both: Team) -> None:
    run = both.run()
    view = opened(both, lambda: both.sandbox.command("ada", "results", "/results post"))
    select = view["blocks"][0]["element"]
    assert [option["value"] for option in select["options"]] == [run]
    values = {
        "run": {"run": {"type": "static_select", "selected_option": {"value": run}}},
        "words": {"words": {"type": "plain_text_input", "value": "val accuracy 90.2 % <!channel>"}},
    }
    both.sandbox.submit("ada", view["id"], values)
    assert both.sandbox.wait_until(lambda: both.sandbox.messages("results"))
    (message,) = both.sandbox.messages("results")
    assert "<!channel>" not in str(message)
    assert both.reply(message["ts"])["text"].startswith("Accepted")
    both.quiet()
    assert len(both.sandbox.messages("results")) == 1
    (kept,) = citations.citations_of_run(both.db, run)
    assert (kept.poster, kept.verdict) == ("U0ADA00001", "accepted")


def test_the_form_is_posted_once_though_slack_s_answer_was_lost(working: Team) -> None:
    working.run()
    view = opened(working, lambda: working.sandbox.command("ada", "results", "/results post"))
    run = view["blocks"][0]["element"]["options"][0]["value"]
    working.sandbox.fault("chat.postMessage", "drop_after_commit")
    values = {
        "run": {"run": {"type": "static_select", "selected_option": {"value": run}}},
        "words": {"words": {"type": "plain_text_input", "value": "val accuracy 90.2 %"}},
    }
    working.sandbox.submit("ada", view["id"], values)
    assert working.sandbox.wait_until(lambda: working.sandbox.messages("results"))
    ts = working.sandbox.messages("results")[0]["ts"]
    working.reply(ts)
    working.quiet()
    assert len(working.sandbox.messages("results")) == 1


def test_the_home_posts_a_result_from_anywhere(working: Team) -> None:
    working.run()
    working.sandbox.open_home("ada")
    assert working.sandbox.wait_until(lambda: working.sandbox.home("ada"))
    view = opened(working, lambda: working.sandbox.click("ada", "post"))
    assert [block["block_id"] for block in view["blocks"]] == ["run", "words", "channel"]


def test_a_channel_may_tell_the_author_alone(working: Team, now: int) -> None:
    channel = working.sandbox.channel_id("results")
    channels.set_channel(working.db, TEAM, channel, "manner", "ephemeral", by="ines", now=now)
    run = working.run()
    ts = working.post(f"val accuracy 95 % {run}")
    assert "best 0.9023" in whispered(working, "Not accepted")
    assert working.replies(ts) == []
    working.sandbox.edit("ada", "results", ts, f"val accuracy 90.2 % {run}")
    working.reply(ts, has="Accepted")


def test_a_channel_may_have_posts_taken_away_and_their_words_handed_back(team: Team, now: int) -> None:
    team.bot(http=True, admin_token=team.sandbox.admin_token)
    channel = team.sandbox.channel_id("results")
    channels.set_channel(team.db, TEAM, channel, "manner", "removal", by="ines", now=now)
    ts = team.post("val accuracy 95 %, my best words")
    assert team.sandbox.wait_until(lambda: not any(each["ts"] == ts for each in team.sandbox.messages("results")))
    team.quiet()
    (handed,) = team.sandbox.messages(team.sandbox.direct("ada"))
    assert handed["text"].startswith("Not accepted")
    assert "my best words" in words(handed)
    assert kinds(handed)[-1] == "section"
    assert team.sandbox.messages("results") == []

"""Buttons, message shortcuts, forms and links to runs: what each asks for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from bot import answers, cards
from bot.blocks import Message, prose
from bot.commands import Answer, Order, latest_project, obey, runs_of
from bot.desk import Desk
from bot.gestures import gesture_in
from bot.letters import Command, decoded, said_at
from bot.posts import look_at
from bot.replies import reply
from bot.sight import Sight
from tracker.errors import UsageError
from tracker.store import mailbox, members
from tracker.store.mailbox import Intent, Lease, Mail

CHECK, POST = "check_post", "post_result"
"""The shortcut's and the form's names, as the manifest and Slack know them."""


class Announcement(msgspec.Struct, frozen=True):
    """Something to be posted into a channel. `judged`: it is `user`'s result, in the words `said`."""

    team: str
    channel: str
    text: str
    blocks: tuple[dict[str, Any], ...]
    user: str = ""
    said: str = ""
    judged: bool = False


def read_click(desk: Desk, held: Lease, mail: Mail) -> str:
    """A button is a command with its words filled in, answered to who pressed it."""
    gesture = gesture_in(decoded(mail.body))
    words = f"{gesture.name} {gesture.value}".strip()
    command = Command(gesture.team, gesture.user, gesture.channel, words, gesture.respond_to, gesture.trigger)
    return obey(desk, held, mail, command, private=True)


def read_shortcut(desk: Desk, held: Lease, mail: Mail) -> str:
    """*Check this post*: what the bot would say to it, said to the asker, and kept nowhere."""
    body = decoded(mail.body)
    gesture = gesture_in(body)
    judgement, _, sight = look_at(desk, said_at(body), called=True)
    message = reply(judgement, sight) if judgement.speaks else cards.nothing_seen(sight)
    again = sight.say("Said again, as I could not tell whether it had reached you.")
    answer = Answer(gesture.respond_to, message.text, tuple(map(dict, message.blocks)), again=again)
    with mailbox.holding(desk.db, held) as connection:
        intent = Intent(f"respond:{held.key}", "respond", msgspec.json.encode(answer))
        mailbox.intend(connection, held, [intent], now=desk.clock())
        mailbox.settle(connection, mail, judgement.verdict, now=desk.clock())
    return "shortcut"


def read_form(desk: Desk, held: Lease, mail: Mail) -> str:
    """A form that was sent: the result is posted in its author's name, and judged as if they had typed it."""
    gesture = gesture_in(decoded(mail.body))
    run_id, words = gesture.values.get("run", ""), gesture.values.get("words", "")
    channel = gesture.values.get("channel") or gesture.note
    said = f"{words.strip()} {run_id}".strip() if run_id not in words else words.strip()
    message = cards.posted(gesture.user, said)
    order = Announcement(
        gesture.team, channel, message.text, tuple(map(dict, message.blocks)), gesture.user, said, judged=True
    )
    with mailbox.holding(desk.db, held) as connection:
        intent = Intent(f"announce:{held.key}", "announce", msgspec.json.encode(order))
        mailbox.intend(connection, held, [intent], now=desk.clock())
        mailbox.settle(connection, mail, "form", now=desk.clock())
    return "form"


def view(desk: Desk, order: Order) -> dict[str, Any]:
    """The form for a result post, with the asker's own finished runs.

    Raises:
        UsageError: there is nobody, or nothing, to post.
    """
    member = members.by_slack(desk.db, order.team, order.user)
    if member is None:
        raise UsageError("I don't know yet which runs are yours.", remedy="Type /results login first.")
    found, rankings, _ = runs_of(desk, member)
    finished = [record for record in found if record.state == "finished" and record.retracted is None]
    if not finished:
        raise UsageError("You have no finished run yet.", remedy="Train with tracker.start_run().")
    sight = Sight(rankings, desk.pages, desk.at(order.team).language(order.user))
    return cards.form(POST, finished, sight, order.channel)


def as_post(order: Announcement, ts: str, key: str) -> dict[str, Any]:
    """The announcement as the event that Slack would have sent, had its author typed it."""
    event = {"type": "message", "channel": order.channel, "ts": ts, "user": order.user, "text": order.said}
    return {"type": "event_callback", "team_id": order.team, "event_id": key, "event": event}


def told(sentence: str, remedy: str) -> Message:
    """A sentence, and what to do."""
    return answers.refusal(sentence, remedy)


def command_of(order: Order) -> Command:
    """The command behind an order."""
    return Command(order.team, order.user, order.channel, " ".join(order.words), order.to, order.trigger)


def project_of(desk: Desk, words: Sequence[str]) -> str:
    """The project that was named, or the one heard of last.

    Raises:
        UsageError: there is none.
    """
    project = " ".join(words) or latest_project(desk)
    if project is None:
        raise UsageError("Nothing is registered yet.", remedy="Train with tracker.start_run() and it appears here.")
    return project


def file_name(project: str) -> str:
    """A project's name as a file's."""
    return re.sub(r"[^\w.-]+", "-", prose(project, 80)).strip("-.") or "runs"

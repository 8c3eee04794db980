"""A post's life: it is written, edited, deleted, and each time the one reply to it says what is true then.

Whatever a letter changes is written in one transaction: the citation, the post's state, the effects that it
asks for, and that the letter is done.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection

from bot.blocks import Message
from bot.claims import Reading, read_post
from bot.desk import Desk
from bot.letters import Said, at_of, decoded, place_of, said_in
from bot.lookup import board_of, is_bare, look_up, on_board, projects, ranked
from bot.replies import main_record, reply
from bot.settings import SECOND
from bot.sight import Sight
from bot.verdicts import Judgement, Setting, judge
from tracker.record import Citation
from tracker.rules.board import Ranking
from tracker.rules.veil import Viewer
from tracker.store import channels, citations, mailbox, members
from tracker.store.citations import Post
from tracker.store.mailbox import Effect, Intent, Lease, Mail

log = logging.getLogger("runcite.bot")

_SAID = msgspec.json.Decoder(Said)
WAITING_HELPS = frozenset({"not-ended", "unknown-run", "silent"})
"""Findings that may vanish by themselves: the run ends, or arrives. Such a post is looked at again."""
LOOK_AGAIN = 2 * SECOND
LOOK_AGAIN_AT_LAST = 600 * SECOND


class ReplyOrder(msgspec.Struct, frozen=True):
    """What an effect towards a post's reply needs: where it is, and who reads it in which language; what it says stands
    with the post."""

    channel: str
    thread: str
    revision: int
    run_id: str | None = None
    user: str = ""
    language: str = "en"


class Refusal(msgspec.Struct, frozen=True):
    """What it takes to tell a post's author alone, or to hand their words back."""

    channel: str
    thread: str | None
    user: str
    text: str
    revision: int


def read_letter(desk: Desk, held: Lease, mail: Mail) -> str:
    """Do what a letter about a post asks for. Returns what came of it, in a word."""
    body = decoded(mail.body)
    if mail.kind == "delete":
        return _deleted(desk, held, mail, *place_of(body))
    said = said_in(body)
    with desk.db.read() as connection:
        post = citations.get_post(connection, held.lane)
    stale = _stale(post, said)
    if stale:
        with mailbox.holding(desk.db, held) as connection:
            if stale == "same":
                citations.change_post(connection, held.lane, version=said.version)
            mailbox.settle(connection, mail, stale, now=desk.clock())
        return stale
    judgement, reading, sight = look_at(desk, said)
    desk.reach("judged")
    with mailbox.holding(desk.db, held) as connection:
        decide(desk, connection, held, said, judgement, reading, sight)
        mailbox.settle(connection, mail, judgement.verdict, now=desk.clock())
    desk.reach("decided")
    return judgement.verdict


def _stale(post: Post | None, said: Said) -> str:
    """Why a letter says nothing new: the post is gone, a later edit was judged already, the content is the same."""
    if post is None or (post.revision == 0 and post.deleted_at is None):
        return ""
    if post.deleted_at is not None:
        return "gone"
    if said.version <= post.version:
        return "older"
    return "same" if said.digest == post.digest else ""


def look_at(desk: Desk, said: Said, *, called: bool = False) -> tuple[Judgement, Reading, Sight]:
    """What the bot thinks of a message now, and what it saw; `called` makes it speak of any run."""
    reading = read_post(said.text)
    now = desk.clock()
    poster = members.by_slack(desk.db, said.team, said.user)
    handle = poster.handle if poster else None
    viewer = Viewer(known=handle)
    cited = look_up(desk, reading, now)
    rankings = {project: board_of(desk, project, now, viewer) for project in dict.fromkeys(projects(cited))}
    cited = tuple(
        each if each.record is None else on_board(desk, each, rankings[each.record.project], now, viewer)
        for each in cited
    )
    strict = not cited and not said.in_thread and not said.direct and _is_strict(desk, said.team, said.channel)
    setting = Setting(
        strict=strict,
        in_thread=said.in_thread,
        called=called or said.called or said.direct,
        bare=is_bare(said.text, "" if desk.settings.socket_mode else desk.pages),
        member=handle,
        posted_at=said.posted_at,
        written_at=at_of(said.version),
        rivals=tuple(ranked(rankings.values())),
        spent=_spent(desk, said, rankings.values()),
    )
    return (
        judge(reading, cited, setting),
        reading,
        Sight(tuple(rankings.values()), desk.pages, desk.at(said.team).language(said.user)),
    )


def _spent(desk: Desk, said: Said, rankings: Iterable[Ranking]) -> dict[str, int]:
    """How many other accepted posts the poster has, on each board that counts them."""
    limited = [each.spec.project for each in rankings if each.spec.rules.attempts is not None]
    place = (said.team, said.channel, said.ts)
    return {project: citations.count_accepted(desk.db, said.user, project, but=place) for project in limited}


def _is_strict(desk: Desk, team: str, channel: str) -> bool:
    settings = desk.settings
    return settings.is_strict(channel, None) or settings.is_strict(channel, desk.at(team).channel_name(channel))


# What a judgement changes.


def look_again(desk: Desk, held: Lease, effect: Effect) -> int | None:
    """Judge a post again whose run was still going, or had not arrived. When to do so next; None when it is done."""
    said = _SAID.decode(effect.body)
    with desk.db.read() as connection:
        post = citations.get_post(connection, held.lane)
    now = desk.clock()
    if post is None or post.deleted_at is not None or post.digest != said.digest:
        with mailbox.holding(desk.db, held) as connection:
            mailbox.end(connection, effect, "dropped", now=now, result="the post changed")
        return None
    judgement, reading, sight = look_at(desk, said)
    if _may_heal(judgement):
        wait: int = LOOK_AGAIN << min(effect.attempts, 20)
        return now + min(wait, LOOK_AGAIN_AT_LAST)
    with mailbox.holding(desk.db, held) as connection:
        mailbox.end(connection, effect, "sent", now=now, result=judgement.verdict)
        decide(desk, connection, held, msgspec.structs.replace(said, version=post.version), judgement, reading, sight)
    return None


def _may_heal(judgement: Judgement) -> bool:
    faults = {each.code for each in judgement.findings if each.severity == "reject"}
    return judgement.verdict == "rejected" and faults <= WAITING_HELPS


def decide(
    desk: Desk, connection: Connection, held: Lease, said: Said, judgement: Judgement, reading: Reading, sight: Sight
) -> None:
    """Keep a judgement, and intend what follows from it."""
    now = desk.clock()
    post = citations.see_post(connection, held.lane, said.team, said.channel, said.ts, now=now)
    revision = post.revision + 1
    if judgement.verdict != "ignored" or judgement.cited or post.verdict not in (None, "ignored"):
        citations.cite(connection, _citation(said, judgement, reading, revision, now))
    message = reply(judgement, sight) if judgement.speaks else None
    main = main_record(judgement) if judgement.verdict != "rejected" else None
    citations.change_post(
        connection,
        held.lane,
        revision=revision,
        version=said.version,
        digest=said.digest,
        verdict=judgement.verdict,
        reply=msgspec.json.encode(message) if message else None,
    )
    order = ReplyOrder(said.channel, said.root, revision, main.id if main else None, said.user, sight.language)
    exists = _drop_waiting(connection, held, now) or post.reply_ts is not None
    intents = _intents(held, order, message, exists, main is not None)
    if judgement.verdict == "rejected" and not exists:
        intents = _in_manner(desk, connection, held, said, revision) or intents
    if _may_heal(judgement):
        body = msgspec.json.encode(said)
        intents.append(Intent(f"recheck:{held.key}:{revision}", "recheck", body, now + LOOK_AGAIN))
    mailbox.intend(connection, held, intents, now=now)


def _intents(held: Lease, order: ReplyOrder, message: Message | None, exists: bool, chart: bool) -> list[Intent]:
    """The effects that lead from the reply as it is (there, or not) to what it should be."""
    body = msgspec.json.encode(order)
    kinds = []
    if message is not None:
        kinds = ["revise" if exists else "reply", *(["chart"] if chart else [])]
    elif exists:
        kinds = ["remove"]
    key = f"{held.key}:{order.revision}"
    return [Intent(f"{kind}:{key}", kind, body, patient=kind == "chart") for kind in kinds]


def _in_manner(desk: Desk, connection: Connection, held: Lease, said: Said, revision: int) -> list[Intent]:
    """How the channel is told otherwise than by a reply that a post is not accepted; nothing where by a reply."""
    manner = channels.settings_in(connection, said.team, said.channel).get("manner", "thread")
    if manner == "removal" and (desk.settings.admin_token is None or said.direct):
        manner = "ephemeral"
    kind = {"ephemeral": "whisper", "removal": "take-back"}.get(manner)
    if kind is None:
        return []
    order = Refusal(said.channel, said.thread if said.in_thread else None, said.user, said.text, revision)
    return [Intent(f"{kind}:{held.key}:{revision}", kind, msgspec.json.encode(order))]


def _drop_waiting(connection: Connection, held: Lease, now: int) -> bool:
    """Drop the effects of earlier revisions, but a reply that may have been posted: that is found out first.

    Returns whether there is such a reply.
    """
    unsure = False
    for effect in mailbox.waiting(connection, held):
        if _may_be_posted(effect):
            unsure = True
        else:
            mailbox.end(connection, effect, "dropped", now=now, result="a later revision")
    return unsure


def _may_be_posted(effect: Effect) -> bool:
    return effect.kind == "reply" and effect.attempted_at is not None


def _deleted(desk: Desk, held: Lease, mail: Mail, team: str, channel: str, ts: str) -> str:
    now = desk.clock()
    with mailbox.holding(desk.db, held) as connection:
        post = citations.see_post(connection, held.lane, team, channel, ts, now=now)
        outcome = "known" if post.deleted_at is not None else "deleted"
        if post.deleted_at is None:
            citations.change_post(connection, held.lane, deleted_at=now, reply=None)
            citations.retract_post(connection, team, channel, ts, now=now)
            exists = _drop_waiting(connection, held, now) or post.reply_ts is not None
            order = ReplyOrder(channel, ts, post.revision + 1)
            mailbox.intend(connection, held, _intents(held, order, None, exists, False), now=now)
        mailbox.settle(connection, mail, outcome, now=now)
    desk.reach("decided")
    return outcome


def _citation(said: Said, judgement: Judgement, reading: Reading, revision: int, now: int) -> Citation:
    return Citation(
        team=said.team,
        channel=said.channel,
        ts=said.ts,
        revision=revision,
        poster=said.user,
        run_ids=tuple(dict.fromkeys(each.run_id for each in judgement.cited)),
        claims=reading.claims,
        verdict=judgement.verdict,
        findings=judgement.findings,
        at=now,
    )

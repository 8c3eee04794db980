"""Effects towards Slack, each of them once: replies, their changes, their charts, answers to commands, Homes.

Most effects may be repeated, as Slack ends up in the same state: updating, removing, publishing. Posting may
not. So before a reply is posted, it is noted that this is tried; a worker that meets that note later (the
process died, the connection broke) looks for the reply in its thread by the key in its metadata, and only
posts when it is not there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import msgspec

from bot import errands
from bot.blocks import Message
from bot.desk import Desk
from bot.errands import POSTS
from bot.picture import plan
from bot.posts import Refusal, ReplyOrder, look_again
from bot.replies import handed, with_chart
from bot.settings import SECOND
from bot.slack import Declined, NotNow, Slack, Unsure
from bot.steps import Later, Pace, Queued, attempt, end, said_once, say
from tracker.rules.veil import Viewer
from tracker.store import citations, mailbox, members
from tracker.store.citations import Post
from tracker.store.mailbox import Effect, Lease

log = logging.getLogger("runcite.bot")

UPDATES = Pace(every=5 * SECOND, burst=8)
CHARTS = Pace(every=1_600_000, burst=6)
"""Slack lets an app change about fifty messages a minute: most of them are charts, which verdicts don't wait for."""
CHART_TRIES = 8
CHART_PATIENCE = 600 * SECOND

_TOKEN_AT_FAULT = frozenset({"token_revoked", "token_expired", "invalid_auth", "account_inactive", "not_authed"})
_TOKEN_PAUSE = 60 * SECOND


class Upload(msgspec.Struct, frozen=True):
    """How far a chart is: Slack's file, its words, what it shows, and whether the third step was done."""

    file: str
    alt: str
    digest: str
    finished: bool


_ORDER, _REFUSAL = msgspec.json.Decoder(ReplyOrder), msgspec.json.Decoder(Refusal)
_UPLOAD, _MESSAGE = msgspec.json.Decoder(Upload), msgspec.json.Decoder(Message)


def perform(desk: Desk, held: Lease, effect: Effect) -> bool:
    """Bring an effect about, or put it off; False when those behind it in its lane must wait for it.

    Raises:
        LeaseLost: the lane is somebody else's by now.
        Unavailable: the database cannot be reached.
    """
    try:
        _KINDS[effect.kind](desk, held, effect)
    except Queued:
        return False
    except Later as later:
        unsure = effect.attempted_at is not None
        _put_off(desk, held, effect, later.at, "its turn", unsure=unsure)
        return False
    except Unsure as error:
        return _failed(desk, held, effect, error, unsure=True)
    except Declined as error:
        return _declined(desk, held, effect, error)
    except NotNow as error:
        return _failed(desk, held, effect, error, unsure=False)
    return True


def _failed(desk: Desk, held: Lease, effect: Effect, error: NotNow | Unsure, *, unsure: bool) -> bool:
    now, patience = desk.clock(), desk.patience
    if now - effect.created_at > patience.give_up or (effect.kind == "chart" and effect.attempts >= CHART_TRIES):
        log.error("Gave up %s after %d tries: %s", effect.key, effect.attempts + 1, error.message)
        with mailbox.holding(desk.db, held) as connection:
            mailbox.end(connection, effect, "dead", now=now, result=error.message)
        return True
    wait = min(patience.first_retry * 2 ** min(effect.attempts, 20), patience.last_retry)
    if error.retry_after is not None:
        wait = int(error.retry_after * SECOND)
    log.info("%s waits %.1f s: %s", effect.key, wait / SECOND, error.message)
    _put_off(desk, held, effect, now + wait, error.message, unsure=unsure)
    return False


def _declined(desk: Desk, held: Lease, effect: Effect, error: Declined) -> bool:
    if error.code in _TOKEN_AT_FAULT:
        log.error("Slack does not take the bot's token: %s", error.code)
        _put_off(desk, held, effect, desk.clock() + _TOKEN_PAUSE, error.message, unsure=False)
        return False
    log.warning("%s will not come about: %s", effect.key, error.message)
    with mailbox.holding(desk.db, held) as connection:
        mailbox.end(connection, effect, "dead", now=desk.clock(), result=error.message)
    return True


def _put_off(desk: Desk, held: Lease, effect: Effect, at: int, why: str, *, unsure: bool) -> None:
    with mailbox.holding(desk.db, held) as connection:
        mailbox.postpone(connection, effect, not_before=at, error=why, unsure=unsure)


# Replies to posts.


def _reply(desk: Desk, held: Lease, effect: Effect) -> None:
    order = _ORDER.decode(effect.body)
    post = _post(desk, held)
    if effect.attempted_at is not None and _found_again(desk, held, effect, order, post.team):
        return
    if post.deleted_at is not None or post.reply is None:
        end(desk, held, effect, "dropped", "the post is gone")
        return
    attempt(desk, held, effect, f"chat.postMessage:{post.team}:{post.channel}", POSTS)
    desk.reach("reply:noted")
    metadata = {"key": effect.key, "run_id": order.run_id or "", "rev": str(order.revision)}
    slack = desk.at(post.team)
    ts = say(lambda m: slack.post(order.channel, order.thread, m.text, m.blocks, metadata), _message(post))
    desk.reach("reply:posted")
    _posted(desk, held, effect, ts)
    desk.reach("reply:done")


def _found_again(desk: Desk, held: Lease, effect: Effect, order: ReplyOrder, team: str) -> bool:
    """Look for a reply that may have been posted. True when it was."""
    assert effect.attempted_at is not None
    shows_at = effect.attempted_at + desk.patience.settle
    if desk.clock() < shows_at:
        raise Later(shows_at)
    ts = desk.at(team).find_reply(order.channel, order.thread, effect.key)
    desk.reach("reply:looked")
    if ts is None:
        return False
    log.info("%s had been posted before the answer was lost", effect.key)
    _posted(desk, held, effect, ts)
    return True


def _posted(desk: Desk, held: Lease, effect: Effect, ts: str) -> None:
    with mailbox.holding(desk.db, held) as connection:
        citations.change_post(connection, held.lane, reply_ts=ts)
        mailbox.end(connection, effect, "sent", now=desk.clock(), result=ts)


def _revise(desk: Desk, held: Lease, effect: Effect) -> None:
    post = _post(desk, held)
    if post.reply_ts is None or post.reply is None:
        _reply(desk, held, effect)
        return
    ts = post.reply_ts
    attempt(desk, held, effect, f"chat.update:{post.team}", UPDATES)
    say(lambda m: desk.at(post.team).update(post.channel, ts, m.text, m.blocks), _message(post))
    desk.reach("revise:sent")
    end(desk, held, effect, "sent", ts)


def _remove(desk: Desk, held: Lease, effect: Effect) -> None:
    post = _post(desk, held)
    if post.reply_ts is not None:
        attempt(desk, held, effect)
        desk.at(post.team).remove(post.channel, post.reply_ts)
        desk.reach("remove:sent")
    with mailbox.holding(desk.db, held) as connection:
        citations.change_post(connection, held.lane, reply_ts=None)
        mailbox.end(connection, effect, "sent", now=desk.clock(), result=post.reply_ts or "")


def _whisper(desk: Desk, held: Lease, effect: Effect) -> None:
    """Tell the author alone that their post is not accepted."""
    order = _REFUSAL.decode(effect.body)
    post = _post(desk, held)
    if post.deleted_at is not None or post.reply is None or post.revision != order.revision:
        end(desk, held, effect, "dropped", "the post changed")
        return
    attempt(desk, held, effect)
    slack = desk.at(post.team)
    whispered = said_once(
        lambda: say(lambda m: slack.whisper(order.channel, order.user, order.thread, m.text, m.blocks), _message(post))
    )
    end(desk, held, effect, "sent", whispered)


def _take_back(desk: Desk, held: Lease, effect: Effect) -> None:
    """Hand a post's words back to its author, and only then take the post away, with the admin's own token."""
    order = _REFUSAL.decode(effect.body)
    post = _post(desk, held)
    if post.deleted_at is not None or post.reply is None or post.revision != order.revision:
        end(desk, held, effect, "dropped", "the post changed")
        return
    handed_back = bool(effect.progress)
    if not handed_back and effect.attempted_at is not None:
        channel = desk.at(post.team).open_direct(order.user)
        handed_back = desk.at(post.team).find_message(channel, effect.key, since=effect.created_at) is not None
    if not handed_back:
        attempt(desk, held, effect)
        said = handed(_message(post), order.text)
        channel = desk.at(post.team).open_direct(order.user)
        say(lambda m: desk.at(post.team).post(channel, None, m.text, m.blocks, {"key": effect.key}), said)
    with mailbox.holding(desk.db, held, until=desk.clock() + desk.patience.lease) as connection:
        mailbox.advance(connection, effect, b"handed back")
    desk.at(post.team).take_away(order.channel, post.ts)
    end(desk, held, effect, "sent", post.ts)


def _chart(desk: Desk, held: Lease, effect: Effect) -> None:
    post, order = _post(desk, held), _ORDER.decode(effect.body)
    if post.reply_ts is None or post.reply is None or order.run_id is None:
        end(desk, held, effect, "dropped", "there is no reply")
        return
    upload = _UPLOAD.decode(effect.progress) if effect.progress else None
    if upload is None:
        attempt(desk, held, effect, f"chart:{post.team}", CHARTS)
        upload = _upload(desk, held, effect, post, order)
    if upload is None:
        end(desk, held, effect, "dropped", "there is nothing to draw")
        return
    if not upload.finished:
        upload = _finish(desk, held, effect, upload, desk.at(post.team))
    if not desk.at(post.team).is_ready(upload.file):
        if desk.clock() - effect.created_at > CHART_PATIENCE:
            raise Declined("files.info", "never_processed")
        raise Later(desk.clock() + desk.patience.poll)
    shown = with_chart(_message(post), upload.file, upload.alt)
    desk.at(post.team).update(post.channel, post.reply_ts, shown.text, shown.blocks)
    desk.reach("chart:shown")
    with mailbox.holding(desk.db, held) as connection:
        citations.change_post(connection, held.lane, chart=upload.digest, chart_file=upload.file)
        mailbox.end(connection, effect, "sent", now=desk.clock(), result=upload.file)
    desk.reach("chart:done")


def _upload(desk: Desk, held: Lease, effect: Effect, post: Post, order: ReplyOrder) -> Upload | None:
    """The first two steps; none where a file that shows the same is there already, the post's own or another's."""
    run_id = order.run_id or ""
    poster = members.by_slack(desk.db, post.team, order.user)
    planned = plan(desk, run_id, Viewer(known=poster.handle if poster else None), order.language)
    if planned is None:
        return None
    known = citations.chart_file(desk.db, post.team, planned.digest)
    if known is not None and _exists(desk.at(post.team), known):
        return Upload(known, planned.alt, planned.digest, finished=True)
    slack = desk.at(post.team)
    picture = planned.draw()
    desk.reach("chart:drawn")
    address, file = slack.begin_upload(f"{run_id}.png", len(picture.png))
    desk.reach("chart:begun")
    slack.send_bytes(address, picture.png)
    desk.reach("chart:bytes")
    upload = Upload(file, picture.alt, planned.digest, finished=False)
    _advance(desk, held, effect, upload)
    return upload


def _finish(desk: Desk, held: Lease, effect: Effect, upload: Upload, slack: Slack) -> Upload:
    """The third step, which can be done once: if Slack says that there is nothing to finish, it may be done already."""
    try:
        slack.finish_upload(upload.file, "chart")
    except Declined as error:
        if error.code != "file_not_found" or not _exists(slack, upload.file):
            _advance(desk, held, effect, None)
            raise NotNow(f"The chart has to be uploaded again: {error.message}") from None
    desk.reach("chart:finished")
    finished = msgspec.structs.replace(upload, finished=True)
    _advance(desk, held, effect, finished)
    return finished


def _exists(slack: Slack, file: str) -> bool:
    try:
        slack.is_ready(file)
    except Declined:
        return False
    return True


def _advance(desk: Desk, held: Lease, effect: Effect, upload: Upload | None) -> None:
    with mailbox.holding(desk.db, held, until=desk.clock() + desk.patience.lease) as connection:
        mailbox.advance(connection, effect, msgspec.json.encode(upload) if upload else b"")


def _recheck(desk: Desk, held: Lease, effect: Effect) -> None:
    at = look_again(desk, held, effect)
    if at is None:
        return
    with mailbox.holding(desk.db, held) as connection:
        if at - effect.created_at > desk.patience.give_up:
            mailbox.end(connection, effect, "dropped", now=desk.clock(), result="nothing changed in time")
            return
        mailbox.attempt(connection, effect, now=desk.clock())
        mailbox.postpone(connection, effect, not_before=at, error="nothing changed yet", unsure=False)


def _post(desk: Desk, held: Lease) -> Post:
    with desk.db.read() as connection:
        post = citations.get_post(connection, held.lane)
    assert post is not None
    return post


def _message(post: Post) -> Message:
    assert post.reply is not None
    return _MESSAGE.decode(post.reply)


_KINDS: dict[str, Callable[[Desk, Lease, Effect], None]] = {
    "reply": _reply,
    "revise": _revise,
    "remove": _remove,
    "chart": _chart,
    "recheck": _recheck,
    "whisper": _whisper,
    "take-back": _take_back,
    **errands.KINDS,
}

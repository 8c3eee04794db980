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

from bot import home
from bot.blocks import Message, section
from bot.commands import Answer, Login, log_in
from bot.desk import Desk
from bot.picture import draw
from bot.posts import ReplyOrder, look_again
from bot.replies import with_chart
from bot.settings import SECOND
from bot.slack import Declined, NotNow, Unsure
from tracker.errors import RunciteError
from tracker.store import citations, mailbox
from tracker.store.citations import Post
from tracker.store.mailbox import Effect, Lease

log = logging.getLogger("runcite.bot")

POST_EVERY, POST_BURST = SECOND, 3
UPDATE_EVERY, UPDATE_BURST = 1_250_000, 20
CHART_TRIES = 8
CHART_PATIENCE = 600 * SECOND

_BLOCKS_AT_FAULT = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "block_mismatch"})
_TOKEN_AT_FAULT = frozenset({"token_revoked", "token_expired", "invalid_auth", "account_inactive", "not_authed"})
_TOKEN_PAUSE = 60 * SECOND


class Upload(msgspec.Struct, frozen=True):
    """How far a chart is: Slack's file, its words, what it shows, and whether the third step was done."""

    file: str
    alt: str
    digest: str
    finished: bool


class _Later(RunciteError):
    """Not now, and nothing was tried."""

    def __init__(self, at: int) -> None:
        super().__init__("It is not its turn yet.")
        self.at = at


def perform(desk: Desk, held: Lease, effect: Effect) -> bool:
    """Bring an effect about, or put it off; False when those behind it in its lane must wait for it.

    Raises:
        LeaseLost: the lane is somebody else's by now.
        Unavailable: the database cannot be reached.
    """
    try:
        _KINDS[effect.kind](desk, held, effect)
    except _Later as later:
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
    order = msgspec.json.decode(effect.body, type=ReplyOrder)
    if effect.attempted_at is not None and _found_again(desk, held, effect, order):
        return
    post = _post(desk, held)
    if post.deleted_at is not None or post.reply is None:
        _end(desk, held, effect, "dropped", "the post is gone")
        return
    _turn(desk, f"chat.postMessage:{post.team}:{post.channel}", POST_EVERY, POST_BURST)
    _attempt(desk, held, effect)
    desk.reach("reply:noted")
    metadata = {"key": effect.key, "run_id": order.run_id or "", "rev": str(order.revision)}
    ts = _say(lambda m: desk.slack.post(order.channel, order.thread, m.text, m.blocks, metadata), _message(post))
    desk.reach("reply:posted")
    _posted(desk, held, effect, ts)
    desk.reach("reply:done")


def _found_again(desk: Desk, held: Lease, effect: Effect, order: ReplyOrder) -> bool:
    """Look for a reply that may have been posted. True when it was."""
    assert effect.attempted_at is not None
    shows_at = effect.attempted_at + desk.patience.settle
    if desk.clock() < shows_at:
        raise _Later(shows_at)
    ts = desk.slack.find_reply(order.channel, order.thread, effect.key)
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
    _turn(desk, f"chat.update:{post.team}", UPDATE_EVERY, UPDATE_BURST)
    _attempt(desk, held, effect)
    _say(lambda m: desk.slack.update(post.channel, ts, m.text, m.blocks), _message(post))
    desk.reach("revise:sent")
    _end(desk, held, effect, "sent", ts)


def _remove(desk: Desk, held: Lease, effect: Effect) -> None:
    post = _post(desk, held)
    if post.reply_ts is not None:
        _attempt(desk, held, effect)
        desk.slack.remove(post.channel, post.reply_ts)
        desk.reach("remove:sent")
    with mailbox.holding(desk.db, held) as connection:
        citations.change_post(connection, held.lane, reply_ts=None)
        mailbox.end(connection, effect, "sent", now=desk.clock(), result=post.reply_ts or "")


def _chart(desk: Desk, held: Lease, effect: Effect) -> None:
    post, order = _post(desk, held), msgspec.json.decode(effect.body, type=ReplyOrder)
    if post.reply_ts is None or post.reply is None or order.run_id is None:
        _end(desk, held, effect, "dropped", "there is no reply")
        return
    upload = msgspec.json.decode(effect.progress, type=Upload) if effect.progress else None
    if upload is None:
        _attempt(desk, held, effect)
        upload = _upload(desk, held, effect, post, order.run_id)
    if upload is None:
        _end(desk, held, effect, "dropped", "there is nothing to draw")
        return
    if not upload.finished:
        upload = _finish(desk, held, effect, upload)
    if not desk.slack.is_ready(upload.file):
        if desk.clock() - effect.created_at > CHART_PATIENCE:
            raise Declined("files.info", "never_processed")
        raise _Later(desk.clock() + desk.patience.poll)
    _turn(desk, f"chat.update:{post.team}", UPDATE_EVERY, UPDATE_BURST)
    shown = with_chart(_message(post), upload.file, upload.alt)
    desk.slack.update(post.channel, post.reply_ts, shown.text, shown.blocks)
    desk.reach("chart:shown")
    with mailbox.holding(desk.db, held) as connection:
        citations.change_post(connection, held.lane, chart=upload.digest, chart_file=upload.file)
        mailbox.end(connection, effect, "sent", now=desk.clock(), result=upload.file)
    desk.reach("chart:done")


def _upload(desk: Desk, held: Lease, effect: Effect, post: Post, run_id: str) -> Upload | None:
    """The first two steps; none where the post's chart stays as it was."""
    drawn = draw(desk, run_id)
    if drawn is None:
        return None
    if drawn.digest == post.chart and post.chart_file is not None:
        return Upload(post.chart_file, drawn.picture.alt, drawn.digest, finished=True)
    desk.reach("chart:drawn")
    address, file = desk.slack.begin_upload(f"{run_id}.png", len(drawn.picture.png))
    desk.reach("chart:begun")
    desk.slack.send_bytes(address, drawn.picture.png)
    desk.reach("chart:bytes")
    upload = Upload(file, drawn.picture.alt, drawn.digest, finished=False)
    _advance(desk, held, effect, upload)
    return upload


def _finish(desk: Desk, held: Lease, effect: Effect, upload: Upload) -> Upload:
    """The third step, which can be done once: if Slack says that there is nothing to finish, it may be done already."""
    try:
        desk.slack.finish_upload(upload.file, "chart")
    except Declined as error:
        if error.code != "file_not_found" or not _exists(desk, upload.file):
            _advance(desk, held, effect, None)
            raise NotNow(f"The chart has to be uploaded again: {error.message}") from None
    desk.reach("chart:finished")
    finished = msgspec.structs.replace(upload, finished=True)
    _advance(desk, held, effect, finished)
    return finished


def _exists(desk: Desk, file: str) -> bool:
    try:
        desk.slack.is_ready(file)
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


# Commands and Homes.


def _respond(desk: Desk, held: Lease, effect: Effect) -> None:
    """Answer a command. An answer to everybody that may have arrived is repeated to the asker only."""
    answer = msgspec.json.decode(effect.body, type=Answer)
    if effect.attempted_at is not None:
        answer = msgspec.structs.replace(answer, public=False)
    _attempt(desk, held, effect)
    desk.reach("respond:noted")
    said = Message(answer.text, tuple(answer.blocks))
    try:
        desk.slack.respond(answer.to, answer.body(said))
    except Declined as error:
        if "invalid_blocks" not in error.message:
            raise
        desk.slack.respond(answer.to, answer.body(_words_only(said)))
    desk.reach("respond:sent")
    _end(desk, held, effect, "sent", "")


def _login(desk: Desk, held: Lease, effect: Effect) -> None:
    """A token is made when it is handed out, and stored nowhere but as its digest."""
    order = msgspec.json.decode(effect.body, type=Login)
    _attempt(desk, held, effect)
    answer = log_in(desk, order)
    desk.slack.respond(answer.to, answer.body(Message(answer.text, tuple(answer.blocks))))
    desk.reach("respond:sent")
    _end(desk, held, effect, "sent", "")


def _home(desk: Desk, held: Lease, effect: Effect) -> None:
    order = msgspec.json.decode(effect.body, type=home.HomeOrder)
    _attempt(desk, held, effect)
    desk.slack.publish_home(order.user, home.view(desk, order))
    _end(desk, held, effect, "sent", "")


# What all of them do.


def _say(send: Callable[[Message], object], said: Message) -> str:
    """Send a message; if Slack does not like its blocks, the words alone."""
    try:
        return str(send(said))
    except Declined as error:
        if error.code not in _BLOCKS_AT_FAULT:
            raise
        log.warning("Slack does not take the blocks, so the words go alone: %s", error.message)
        return str(send(_words_only(said)))


def _words_only(said: Message) -> Message:
    return Message(said.text, (section(said.text[:2900].rpartition(" ")[0] if len(said.text) > 2900 else said.text),))


def _post(desk: Desk, held: Lease) -> Post:
    with desk.db.read() as connection:
        post = citations.get_post(connection, held.lane)
    assert post is not None
    return post


def _message(post: Post) -> Message:
    assert post.reply is not None
    return msgspec.json.decode(post.reply, type=Message)


def _attempt(desk: Desk, held: Lease, effect: Effect) -> None:
    now = desk.clock()
    with mailbox.holding(desk.db, held, until=now + desk.patience.lease) as connection:
        mailbox.attempt(connection, effect, now=now)


def _end(desk: Desk, held: Lease, effect: Effect, state: mailbox.Ending, result: str) -> None:
    with mailbox.holding(desk.db, held) as connection:
        mailbox.end(connection, effect, state, now=desk.clock(), result=result)


def _turn(desk: Desk, key: str, every: int, burst: int) -> None:
    now = desk.clock()
    at = mailbox.take_turn(desk.db, key, now=now, every=every, burst=burst)
    if at > now:
        raise _Later(at)


_KINDS: dict[str, Callable[[Desk, Lease, Effect], None]] = {
    "reply": _reply,
    "revise": _revise,
    "remove": _remove,
    "chart": _chart,
    "recheck": _recheck,
    "respond": _respond,
    "login": _login,
    "home": _home,
}

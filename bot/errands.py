"""Effects that answer a gesture: commands, forms, previews, Homes, files, and what the bot posts of itself.

What may not be done twice is looked for first: a message by the key in its metadata, a file by Slack's own word
that it was completed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping

import msgspec

from bot import forms, home, instructors
from bot.blocks import Drawing, Message, context
from bot.commands import Answer, Order, log_in
from bot.desk import Desk
from bot.forms import Announcement
from bot.letters import letter_of
from bot.replies import with_chart
from bot.settings import SECOND
from bot.slack import Declined, Slack
from bot.steps import Later, Pace, attempt, end, said_once, say, words_only
from bot.unfurls import Preview
from tracker.errors import NotFound, Unavailable, UsageError
from tracker.store import mailbox
from tracker.store.mailbox import Effect, Lease

log = logging.getLogger("runcite.bot")

POSTS = Pace(every=SECOND, burst=3)
"""Slack takes about one message a second and channel."""
PICTURE_PATIENCE = 20 * SECOND
"""An answer waits no longer for its picture."""


class _Sheet(msgspec.Struct, frozen=True):
    """A file that was uploaded: the last step shares it with one person, once."""

    file: str
    channel: str


_ANSWER, _ORDER, _HOME = (
    msgspec.json.Decoder(Answer),
    msgspec.json.Decoder(Order),
    msgspec.json.Decoder(home.HomeOrder),
)
_ANNOUNCEMENT, _PREVIEW = msgspec.json.Decoder(Announcement), msgspec.json.Decoder(Preview)
_PICTURES, _SHEET = msgspec.json.Decoder(dict[str, str]), msgspec.json.Decoder(_Sheet)


def _respond(desk: Desk, held: Lease, effect: Effect) -> None:
    """Answer a command. What may have arrived is repeated to the asker alone, and says that it is a repetition."""
    answer = _ANSWER.decode(effect.body)
    again = effect.attempted_at is not None
    if again:
        answer = msgspec.structs.replace(answer, public=False)
    said = _illustrated(desk, held, effect, answer)
    if again and answer.again:
        said = Message(said.text, (*said.blocks, context([answer.again])))
    attempt(desk, held, effect)
    desk.reach("respond:noted")
    came_of_it = said_once(lambda: _answer(desk, answer, said))
    desk.reach("respond:sent")
    end(desk, held, effect, "sent", came_of_it)


def _illustrated(desk: Desk, held: Lease, effect: Effect, answer: Answer) -> Message:
    """The answer with its picture, once Slack has taken that in; without it, where Slack does not.

    Raises:
        Later: Slack is still at it.
    """
    said = Message(answer.text, tuple(answer.blocks))
    drawing, file = answer.drawing, (effect.progress or b"").decode()
    if drawing is None:
        return said
    slack = desk.at(answer.team)
    try:
        if not file:
            file = _uploaded(slack, drawing)
            with mailbox.holding(desk.db, held, until=desk.clock() + desk.patience.lease) as connection:
                mailbox.advance(connection, effect, file.encode())
        ready = slack.is_ready(file)
    except Declined as error:
        log.warning("Slack does not take the picture, so the words go alone: %s", error.message)
        return said
    if not ready and desk.clock() - effect.created_at < PICTURE_PATIENCE:
        raise Later(desk.clock() + desk.patience.poll)
    return with_chart(said, file, drawing.alt) if ready else said


def _answer(desk: Desk, answer: Answer, said: Message | None = None) -> None:
    said = said or Message(answer.text, tuple(answer.blocks))
    try:
        desk.slack.respond(answer.to, answer.body(said))
    except Declined as error:
        if "invalid_blocks" not in error.message:
            raise
        desk.slack.respond(answer.to, answer.body(words_only(said)))


def _login(desk: Desk, held: Lease, effect: Effect) -> None:
    """A token is made when it is handed out, and stored nowhere but as its digest."""
    order = _ORDER.decode(effect.body)
    attempt(desk, held, effect)
    answer = log_in(desk, order)
    came_of_it = said_once(lambda: _answer(desk, answer))
    desk.reach("respond:sent")
    end(desk, held, effect, "sent", came_of_it)


def _home(desk: Desk, held: Lease, effect: Effect) -> None:
    order = _HOME.decode(effect.body)
    attempt(desk, held, effect)
    desk.at(order.team).publish_home(order.user, home.view(desk, order))
    end(desk, held, effect, "sent", "")


def _form(desk: Desk, held: Lease, effect: Effect) -> None:
    """Open the form for a result post. Slack's trigger lasts three seconds and opens one."""
    order = _ORDER.decode(effect.body)
    attempt(desk, held, effect)
    try:
        desk.at(order.team).open_view(order.trigger, forms.view(desk, order))
    except UsageError as error:
        _tell(desk, order, error.message, error.remedy)
    except Declined as error:
        if "trigger" not in error.code:
            raise
        _tell(desk, order, "The form could not be opened in time.", "Type /results post again.")
    end(desk, held, effect, "sent", "")


def _tell(desk: Desk, order: Order, sentence: str, remedy: str) -> None:
    if order.to:
        said = forms.told(sentence, remedy)
        _answer(desk, Answer(order.to, said.text, tuple(map(dict, said.blocks))))


def _announce(desk: Desk, held: Lease, effect: Effect) -> None:
    """Post into a channel, once; a result that somebody posted by a form is judged then as any post."""
    order = _ANNOUNCEMENT.decode(effect.body)
    ts = None
    if effect.attempted_at is not None:
        shows_at = effect.attempted_at + desk.patience.settle
        if desk.clock() < shows_at:
            raise Later(shows_at)
        ts = desk.at(order.team).find_message(order.channel, effect.key, since=effect.created_at)
    if ts is None:
        attempt(desk, held, effect, f"chat.postMessage:{order.team}:{order.channel}", POSTS)
        desk.reach("announce:noted")
        metadata = {"key": effect.key}
        said = Message(order.text, tuple(order.blocks))
        ts = say(lambda m: desk.at(order.team).post(order.channel, None, m.text, m.blocks, metadata), said)
        desk.reach("announce:posted")
    if order.judged:
        letter = letter_of(forms.as_post(order, ts, effect.key))
        assert letter is not None
        mailbox.deliver(desk.db, letter, now=desk.clock())
    end(desk, held, effect, "sent", ts)


def _unfurl(desk: Desk, held: Lease, effect: Effect) -> None:
    """Previews of links to pages: the words at once, and again with pictures, which replaces them."""
    order = _PREVIEW.decode(effect.body)
    if effect.progress is None:
        attempt(desk, held, effect)
        _show(desk, order, {})
        if pictures := dict(_pictures(desk.at(order.team), order.drawings)):
            with mailbox.holding(desk.db, held, until=desk.clock() + desk.patience.lease) as connection:
                mailbox.advance(connection, effect, msgspec.json.encode(pictures))
            raise Later(desk.clock() + desk.patience.poll)
    else:
        pictures = _PICTURES.decode(effect.progress)
        slack = desk.at(order.team)
        ready = {address: file for address, file in pictures.items() if slack.is_ready(file)}
        if len(ready) < len(pictures) and desk.clock() - effect.created_at < PICTURE_PATIENCE:
            raise Later(desk.clock() + desk.patience.poll)
        try:
            _show(desk, order, ready)
        except Declined as error:
            log.warning("Slack does not take the pictures of links, so the words stand alone: %s", error.message)
    end(desk, held, effect, "sent", "")


def _show(desk: Desk, order: Preview, files: dict[str, str]) -> None:
    unfurls = {
        address: {"blocks": list(with_chart(Message("", blocks), files[address], order.drawings[address].alt).blocks)}
        if address in files
        else {"blocks": list(blocks)}
        for address, blocks in order.unfurls.items()
    }
    desk.at(order.team).unfurl(order.channel, order.ts, order.unfurl, order.source, unfurls)


def _pictures(slack: Slack, drawings: Mapping[str, Drawing]) -> Iterator[tuple[str, str]]:
    """The files of the pictures that Slack takes in, by the address of what they show."""
    for address, drawing in drawings.items():
        try:
            yield address, _uploaded(slack, drawing)
        except (Declined, Unavailable) as error:
            log.warning("Slack does not take the picture: %s", error.message)


def _uploaded(slack: Slack, drawing: Drawing) -> str:
    """The file that a picture is, once Slack has all of it."""
    address, file = slack.begin_upload("chart.png", len(drawing.png))
    slack.send_bytes(address, drawing.png)
    slack.finish_upload(file, "chart")
    return file


def _export(desk: Desk, held: Lease, effect: Effect) -> None:
    """The board as a file, in the asker's own conversation with the bot."""
    order = _ORDER.decode(effect.body)
    sheet = _SHEET.decode(effect.progress) if effect.progress else None
    if sheet is None:
        try:
            project = forms.project_of(desk, order.words)
            data = instructors.ledger_of(desk, forms.command_of(order), project)
        except (UsageError, NotFound) as error:
            _tell(desk, order, error.message, error.remedy)
            end(desk, held, effect, "sent", "refused")
            return
        attempt(desk, held, effect)
        channel = desk.at(order.team).open_direct(order.user)
        address, file = desk.at(order.team).begin_upload(f"{forms.file_name(project)}.csv", len(data))
        desk.at(order.team).send_bytes(address, data)
        sheet = _Sheet(file, channel)
        with mailbox.holding(desk.db, held, until=desk.clock() + desk.patience.lease) as connection:
            mailbox.advance(connection, effect, msgspec.json.encode(sheet))
    try:
        desk.at(order.team).finish_upload(sheet.file, "runs", sheet.channel)
    except Declined as error:
        if error.code != "file_not_found":
            raise
    _tell(desk, order, "The file is in your messages with me; nobody else sees it.", "")
    end(desk, held, effect, "sent", sheet.file)


def _renew(desk: Desk, held: Lease, effect: Effect) -> None:
    """Renew the token of a workspace before it expires."""
    attempt(desk, held, effect)
    came_of_it = "one workspace" if desk.installs is None else desk.installs.renew(effect.body.decode())
    end(desk, held, effect, "sent", came_of_it)


KINDS: dict[str, Callable[[Desk, Lease, Effect], None]] = {
    "respond": _respond,
    "login": _login,
    "home": _home,
    "post": _form,
    "announce": _announce,
    "unfurl": _unfurl,
    "export": _export,
    "renew": _renew,
}
"""Who brings about which kind of effect."""

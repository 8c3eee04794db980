"""`/results`: acknowledged when it is stored, and answered here, each time with one answer.

An answer goes to the address that came with the command: to everybody in the channel where it is news for
all (a run, a board, a comparison), else to whoever asked.
"""

from __future__ import annotations

import difflib
import logging
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from bot import accounts, answers, drawings, instructors
from bot.blocks import Drawing, Message, plain, prose, section
from bot.desk import Desk
from bot.letters import Command, command_in, decoded
from bot.lookup import board_of, sees
from bot.sight import Sight
from tracker import ids
from tracker.errors import NotFound, RunciteError, UsageError
from tracker.ids import clip
from tracker.record import Member, Record
from tracker.rules.board import Ranking
from tracker.rules.veil import EVERYBODY, Viewer
from tracker.server.desk import kept_importance
from tracker.store import judging, mailbox, members, queries
from tracker.store.mailbox import Intent, Lease, Mail
from tracker.store.shown import Shown

log = logging.getLogger("runcite.bot")

_LABEL = "Slack /results login"


class Answer(msgspec.Struct, frozen=True):
    """An answer to a command: where it goes, whether everybody in the channel sees it, and what a repetition says."""

    to: str
    text: str
    blocks: tuple[dict[str, Any], ...]
    public: bool = False
    drawing: Drawing | None = None
    team: str = ""
    again: str = ""

    def body(self, said: Message) -> dict[str, Any]:
        """What is sent to the address."""
        kind = "in_channel" if self.public else "ephemeral"
        blocks = list(said.blocks)
        return {"response_type": kind, "replace_original": False, "text": said.text, "blocks": blocks}


class Order(msgspec.Struct, frozen=True):
    """A command that is carried out when its effect's turn comes. `order` tells this request from others of theirs."""

    to: str
    team: str
    user: str
    order: str
    channel: str = ""
    trigger: str = ""
    words: tuple[str, ...] = ()


def read_command(desk: Desk, held: Lease, mail: Mail) -> str:
    """Answer a command. Returns which it was."""
    return obey(desk, held, mail, command_in(decoded(mail.body)))


def obey(desk: Desk, held: Lease, mail: Mail, command: Command, *, private: bool = False) -> str:
    """Decide on the answer to a command, for the asker alone where it is `private`. Returns which command it was."""
    words = unicodedata.normalize("NFKC", command.text).split()
    name = words[0].lower() if words else "help"
    kind, body = "respond", b""
    if name in _ORDERS:
        kind = name
        order = Order(command.respond_to, command.team, command.user, held.key, command.channel, command.trigger)
        body = msgspec.json.encode(msgspec.structs.replace(order, words=tuple(words[1:])))
    else:
        language = desk.at(command.team).language(command.user)
        said, public = _answer(desk, command, name, words[1:], language)
        public = public and not private
        blocks = tuple(map(dict, said.blocks))
        again = Sight((), "", language).say("Said again, as I could not tell whether it had reached you.")
        answer = Answer(command.respond_to, said.text, blocks, public, said.drawing, command.team, again)
        body = msgspec.json.encode(answer)
    with mailbox.holding(desk.db, held) as connection:
        mailbox.intend(connection, held, [Intent(f"{kind}:{held.key}", kind, body)], now=desk.clock())
        mailbox.settle(connection, mail, name if name in _KNOWN else "other", now=desk.clock())
    desk.reach("decided")
    return name


def _answer(desk: Desk, command: Command, name: str, rest: list[str], language: str) -> tuple[Message, bool]:
    sight = Sight((), desk.pages, language)
    try:
        if name in _NAMED:
            return _NAMED[name](desk, command, rest, sight)
        if name.startswith("r-") or ids.fold(name) is not None:
            return _run(desk, name, sight)
        near = difflib.get_close_matches(name, _KNOWN, n=1)
        remedy = f"Did you mean /results {near[0]}?" if near else "Type /results help for what I know."
        raise UsageError(f"I don't know /results {clip(name, 30)}.", remedy=remedy)
    except NotFound as error:
        remedy = f"Did you mean {error.suggestions[0]}?" if error.suggestions else error.remedy
        return answers.refusal(error.message, remedy, sight), False
    except UsageError as error:
        return answers.refusal(error.message, error.remedy, sight), False


def _run(desk: Desk, text: str, sight: Sight) -> tuple[Message, bool]:
    shown = sees(desk)
    record = _record(shown, text)
    ranking = board_of(desk, record.project, shown.now)
    return answers.run(record, replace(sight, rankings=(ranking,)), shown.findings(record)), True


def _record(shown: Shown, text: str) -> Record:
    """The run that somebody typed, look-alikes folded, as everybody in the channel may see it.

    Raises:
        UsageError: it is mistyped, and no run is near.
        NotFound: nothing is registered under it.
    """
    run_id = ids.fold(text)
    if run_id is None:
        near = [*shown.records(sorted(ids.neighbours(text)))]
        if near:
            raise NotFound(f"{clip(text)} is mistyped.", suggestions=tuple(near))
        run_id = ids.parse(text)
    return shown.record(run_id)


def _board(desk: Desk, command: Command, rest: list[str], sight: Sight) -> tuple[Message, bool]:
    ranking = board_of(desk, _project(desk, rest), desk.clock())
    return replace(answers.board(ranking, sight), drawing=drawings.of_board(ranking, sight.language)), True


def _project(desk: Desk, words: list[str]) -> str:
    """The project that was named, or else the one heard of last.

    Raises:
        UsageError: there is none.
    """
    project = " ".join(words) or latest_project(desk)
    if project is None:
        raise UsageError("Nothing is registered yet.", remedy="Train with tracker.start_run() and it appears here.")
    return project


def latest_project(desk: Desk) -> str | None:
    """The project that was heard of last."""
    projects = queries.list_projects(desk.db, now=desk.clock())
    return max(projects, key=lambda each: each.last_seen or 0).name if projects else None


def _compare(desk: Desk, command: Command, rest: list[str], sight: Sight) -> tuple[Message, bool]:
    words = [word.strip(",") for word in rest if word.lower() not in {"and", "with", "vs", "to"}]
    if len(words) != 2:
        raise UsageError("Comparing takes two runs.", remedy="Type /results compare r-… r-…")
    shown = sees(desk)
    a, b = (_record(shown, word) for word in words)
    if a.id == b.id:
        raise UsageError("That is one run twice.", remedy="Type /results compare r-… r-…")
    found = judging.compared(shown, (a.id, b.id))
    said = answers.comparison(found.comparisons[0], a, b, sight)
    verdict = sight.turned(found.verdict)
    blocks = (section(f"*{prose(verdict, 600)}*"), *said.blocks)
    drawing = drawings.of_comparison(shown, found, (a, b), sight.language)
    return Message(f"{plain(verdict, 600)} {said.text}", blocks, drawing), True


def _mine(desk: Desk, command: Command, rest: list[str], sight: Sight) -> tuple[Message, bool]:
    member = members.by_slack(desk.db, command.team, command.user)
    if member is None:
        raise UsageError("I don't know yet which runs are yours.", remedy="Type /results login first.")
    found, rankings, total = runs_of(desk, member)
    return answers.mine(found, replace(sight, rankings=rankings), total), False


def runs_of(desk: Desk, member: Member) -> tuple[tuple[Record, ...], tuple[Ranking, ...], int]:
    """A member's latest runs, the boards of their projects, and how many runs there are in all, as they see them."""
    shown = sees(desk, viewer_of(member))
    where = f"member = '{member.handle.replace(chr(39), chr(39) * 2)}'"
    found = shown.find(None, where=where, limit=answers.SHOWN_RUNS)
    projects = dict.fromkeys(record.project for record in found)
    boards = tuple(board_of(desk, project, shown.now, shown.viewer) for project in list(projects)[:3])
    return found, boards, shown.count(None, where=where)


def viewer_of(member: Member | None) -> Viewer:
    """Who a member is where nobody reads along; somebody unknown sees what everybody does."""
    return EVERYBODY if member is None else Viewer(member.handle, whole=member.role != "member")


def _help(desk: Desk, command: Command, rest: list[str], sight: Sight) -> tuple[Message, bool]:
    return answers.help_text(sight), False


def _importance(desk: Desk, command: Command, rest: list[str], sight: Sight) -> tuple[Message, bool]:
    project = _project(desk, rest)
    found = kept_importance(desk.kept, sees(desk), project)
    return replace(
        accounts.importance(found, project, sight), drawing=drawings.of_importance(found, project, sight.language)
    ), True


def _reproduce(desk: Desk, command: Command, rest: list[str], sight: Sight) -> tuple[Message, bool]:
    if len(rest) != 1:
        raise UsageError("Reproducing takes one run.", remedy="Type /results reproduce r-…")
    return accounts.reproduce(_record(sees(desk), rest[0]), sight), False


def _policy(desk: Desk, command: Command, rest: list[str], sight: Sight) -> tuple[Message, bool]:
    return instructors.rules(desk, command, rest, latest_project(desk), sight), False


def _audit(desk: Desk, command: Command, rest: list[str], sight: Sight) -> tuple[Message, bool]:
    return instructors.audit(desk, command, rest, sight), False


_NAMED: dict[str, Callable[[Desk, Command, list[str], Sight], tuple[Message, bool]]] = {
    "board": _board,
    "compare": _compare,
    "importance": _importance,
    "mine": _mine,
    "reproduce": _reproduce,
    "policy": _policy,
    "audit": _audit,
    "help": _help,
}
_ORDERS = frozenset({"login", "post", "export"})
_KNOWN = (*_NAMED, *sorted(_ORDERS))


def log_in(desk: Desk, login: Order) -> Answer:
    """A token for who asked, made now; one that was made for the same request before is revoked.

    Raises:
        Unavailable: Slack or the database cannot say who that is.
    """
    now = desk.clock()
    label = f"{_LABEL} {login.order}"
    sight = Sight((), desk.pages, desk.at(login.team).language(login.user))
    try:
        handle, new = _who(desk, login)
        for token in members.list_tokens(desk.db, handle):
            if token.label == label and token.usable(now):
                members.revoke_token(desk.db, token.id, now=now)
        token_text = members.issue_token(desk.db, handle, now=now, label=label)
        said = answers.login(handle, token_text, sight, new=new)
    except (UsageError, NotFound) as error:
        said = answers.refusal(error.message, error.remedy, sight)
    return Answer(login.to, said.text, tuple(map(dict, said.blocks)))


def _who(desk: Desk, login: Order) -> tuple[str, bool]:
    """The member bound to a Slack user; a full member of the workspace becomes one when they first ask."""
    member = members.by_slack(desk.db, login.team, login.user)
    if member is not None:
        if not member.active:
            raise UsageError(f"{member.handle} has left.", remedy="Ask an admin, if that is wrong.")
        return member.handle, False
    person = desk.at(login.team).person(login.user)
    if person.bot or person.guest or person.home != login.team:
        raise UsageError("Only members of this workspace get a token.", remedy="Ask an admin to add you.")
    handle = "".join(c for c in person.handle if c.isalnum() or c in "._-").lstrip("._-")[:64] or login.user.lower()
    try:
        members.add_member(desk.db, handle, name=person.name, now=desk.clock())
    except RunciteError:
        raise UsageError(
            f"There is a member {handle} already, and they are not bound to you.",
            remedy=f"If that is you, ask an admin to type: runcite members bind {handle} {login.team} {login.user}",
        ) from None
    members.bind_slack(desk.db, handle, login.team, login.user, desk.clock())
    return handle, True

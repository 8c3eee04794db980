"""Links to pages in a message: each view with what stands there, in words and as a picture.

Everybody in the channel sees it, so it is what everybody may see: behind the veil of boards that are open. Nothing is
shown for who could not open the page themselves: guests, strangers, and members who have left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from bot import accounts, answers, cards, drawings
from bot.blocks import Block, Drawing
from bot.commands import latest_project
from bot.desk import Desk
from bot.gestures import links_in, team_of
from bot.letters import decoded
from bot.lookup import board_of, sees
from bot.picture import plan
from bot.sight import Sight
from bot.slack import Declined
from tracker.errors import NotAllowed, NotFound, UsageError
from tracker.rules.filters import filter_of
from tracker.rules.veil import EVERYBODY
from tracker.server import desk as server
from tracker.server.columns import searched
from tracker.store import judging, mailbox, members
from tracker.store.mailbox import Intent, Lease, Mail
from tracker.store.shown import Shown

LINKS = 5
"""Links of one message that are shown."""


class Preview(msgspec.Struct, frozen=True):
    """Previews of links, by address, and their pictures; where the links stand."""

    team: str
    channel: str
    ts: str
    unfurl: str
    source: str
    unfurls: dict[str, tuple[dict[str, Any], ...]]
    drawings: dict[str, Drawing] = {}


@dataclass(frozen=True)
class Look:
    """What is asked of a view: by whom, of what the address says, in which words."""

    desk: Desk
    shown: Shown
    sight: Sight
    names: tuple[str, ...]
    query: dict[str, list[str]]

    def first(self, name: str) -> str:
        return self.query.get(name, [""])[0]


Seen = tuple[Sequence[Block], Drawing | None]


def read_links(desk: Desk, held: Lease, mail: Mail) -> str:
    """Links to pages are shown with what stands there."""
    body = decoded(mail.body)
    channel, ts, unfurl, source, addresses = links_in(body)
    team, user = team_of(body), str(body["event"].get("user") or "")
    found: dict[str, Seen] = {}
    if _may_open(desk, team, user):
        sight = Sight((), desk.pages, desk.at(team).language(user) if user else "en")
        seen = {address: view(desk, address, sight) for address in addresses[:LINKS]}
        found = {address: each for address, each in seen.items() if each is not None}
    blocks = {address: tuple(map(dict, each[0])) for address, each in found.items()}
    pictures = {address: each[1] for address, each in found.items() if each[1] is not None}
    order = Preview(team, channel, ts, unfurl, source, blocks, pictures)
    with mailbox.holding(desk.db, held) as connection:
        if found:
            intent = Intent(f"unfurl:{held.key}:{mail.id}", "unfurl", msgspec.json.encode(order))
            mailbox.intend(connection, held, [intent], now=desk.clock())
        mailbox.settle(connection, mail, "links", now=desk.clock())
    return "links"


def _may_open(desk: Desk, team: str, user: str) -> bool:
    """Whether who posted the links could open the pages: an active member, or one of the workspace's own."""
    member = members.by_slack(desk.db, team, user)
    if member is not None:
        return member.active
    try:
        person = desk.at(team).person(user)
    except Declined:
        return False
    return not person.guest and person.home == team


def view(desk: Desk, address: str, sight: Sight) -> Seen | None:
    """What is shown of an address of the pages; None for one that leads nowhere, or to nothing that can be shown."""
    if not desk.pages or (not address.startswith((f"{desk.pages}/", f"{desk.pages}?")) and address != desk.pages):
        return None
    place = urlsplit(address[len(desk.pages) :])
    path = unquote(place.path).rstrip("/") or "/"
    for shape, look in _VIEWS:
        if match := re.fullmatch(shape, path):
            try:
                return look(Look(desk, sees(desk, EVERYBODY), sight, match.groups(), parse_qs(place.query)))
            except (NotFound, UsageError, NotAllowed):
                return None
    return None


def _run(look: Look) -> Seen:
    record = server.record(look.shown, look.names[0])
    sight = _with_board(look, record.project)
    return cards.run_preview(record, sight), _curve(look, record.id)


def _curve(look: Look, run_id: str) -> Drawing | None:
    planned = plan(look.desk, run_id, EVERYBODY, look.sight.language)
    picture = planned.draw() if planned is not None else None
    return Drawing(picture.png, picture.alt) if picture is not None else None


def _with_board(look: Look, project: str) -> Sight:
    return Sight((board_of(look.desk, project, look.shown.now),), look.sight.pages, look.sight.language)


def _board(look: Look) -> Seen:
    query = look.query
    only = filter_of(
        members=query.get("member", ()),
        tags=query.get("tag", ()),
        badge=look.first("badge"),
        seeds=look.first("seeds"),
        parameters=look.first("parameters"),
    )
    ranking = judging.ranking(look.shown, look.names[0], only=only)
    return cards.board_preview(ranking, look.sight), drawings.of_board(ranking, look.sight.language)


def _runs(look: Look) -> Seen:
    project = look.names[0]
    where = searched(look.first("where")).strip() or None
    records = look.shown.find(project, where=where, order_by=look.first("sort") or None, limit=cards.SHOWN_ROWS)
    ranking = board_of(look.desk, project, look.shown.now)
    count = look.shown.count(project, where=where)
    sight = _with_board(look, project)
    return cards.runs_preview(project, where, records, count, sight), drawings.of_board(ranking, sight.language)


def _sweep(look: Look) -> Seen:
    project = look.names[0]
    where = searched(look.first("where")).strip() or None
    try:
        found = server.kept_importance(look.desk.kept, look.shown, project, where=where)
    except UsageError as error:
        ranking = board_of(look.desk, project, look.shown.now)
        told = answers.refusal(error.message, error.remedy, look.sight)
        return told.blocks, drawings.of_board(ranking, look.sight.language)
    said = accounts.importance(found, project, look.sight)
    return said.blocks, drawings.of_importance(found, project, look.sight.language)


def _compare(look: Look) -> Seen | None:
    runs = [each.strip() for text in look.query.get("runs", ()) for each in text.split(",") if each.strip()]
    records = tuple({record.id: record for record in (server.record(look.shown, run) for run in runs[:8])}.values())
    if len(records) < 2:
        return None
    found = judging.compared(look.shown, [record.id for record in records])
    blocks = cards.comparison_preview(found, records, look.sight)
    return blocks, drawings.of_comparison(look.shown, found, records, look.sight.language)


def _artifact(look: Look) -> Seen | None:
    record = server.record(look.shown, look.names[0])
    version = look.first("version")
    wanted = [
        each for each in record.artifacts if each.name == look.names[1] and version in ("", "0", str(each.version))
    ]
    if not wanted:
        return None
    chosen = max(wanted, key=lambda each: each.version)
    return cards.artifact_preview(record, chosen, look.sight), _curve(look, record.id)


def _statistics(look: Look) -> Seen:
    return cards.statistics_preview(look.sight), drawings.of_example(look.sight.language)


def _projects(look: Look) -> Seen | None:
    project = latest_project(look.desk)
    if project is None:
        return None
    ranking = board_of(look.desk, project, look.shown.now)
    found = [(each.name, each.runs, each.metric, each.best) for each in look.shown.projects()]
    return cards.projects_preview(found, look.sight), drawings.of_board(ranking, look.sight.language)


_VIEWS: tuple[tuple[str, Callable[[Look], Seen | None]], ...] = (
    (r"/", _projects),
    (r"/statistics", _statistics),
    (r"/compare", _compare),
    (r"/runs/([^/]+)", _run),
    (r"/artifacts/([^/]+)/(.+)", _artifact),
    (r"/projects/(.+)/board", _board),
    (r"/projects/(.+)/sweep(?:/importance)?", _sweep),
    (r"/projects/(.+)", _runs),
)
"""Every view that has an address, by its path."""

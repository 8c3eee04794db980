"""App Home: the board of the project heard of last, and the visitor's own runs; drawn when it is opened."""

from __future__ import annotations

import msgspec

from bot import answers
from bot.blocks import Block
from bot.commands import latest_project, runs_of, viewer_of
from bot.desk import Desk
from bot.letters import decoded
from bot.lookup import board_of
from bot.sight import Sight
from tracker.store import mailbox, members
from tracker.store.mailbox import Intent, Lease, Mail


class HomeOrder(msgspec.Struct, frozen=True):
    """Whose Home it is."""

    team: str
    user: str


def read_visit(desk: Desk, held: Lease, mail: Mail) -> str:
    """Somebody opened their Home."""
    body = decoded(mail.body)
    order = HomeOrder(str(body.get("team_id", "")), str(body["event"]["user"]))
    with mailbox.holding(desk.db, held) as connection:
        for earlier in mailbox.waiting(connection, held):
            mailbox.end(connection, earlier, "dropped", now=desk.clock(), result="opened again")
        intent = Intent(f"home:{held.key}:{mail.id}", "home", msgspec.json.encode(order))
        mailbox.intend(connection, held, [intent], now=desk.clock())
        mailbox.settle(connection, mail, "home", now=desk.clock())
    return "home"


def view(desk: Desk, order: HomeOrder) -> tuple[Block, ...]:
    """What the Home shows now."""
    member = members.by_slack(desk.db, order.team, order.user)
    project = latest_project(desk)
    boards = (board_of(desk, project, desk.clock(), viewer_of(member)),) if project is not None else ()
    found, rankings, _ = runs_of(desk, member) if member else ((), (), 0)
    sight = Sight((*boards, *rankings), desk.pages, desk.at(order.team).language(order.user))
    return answers.home(found, boards, sight, known=member is not None)

"""What `/results` does for instructors: the board's rules and their change, who posted what, the runs as a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot import accounts, ledger
from bot.blocks import Message
from bot.desk import Desk
from bot.letters import Command
from bot.sight import Sight
from tracker.errors import UsageError
from tracker.ids import clip, fold
from tracker.record import BoardSpec, Citation, Member
from tracker.rules import policy
from tracker.store import channels, citations, members, queries

DAY = 86_400 * 1_000_000
AUDITED_DAYS = 14
AUDITED = 60
MANNERS = ("thread", "ephemeral", "removal")
"""How a channel is told that a post is not accepted."""


def asker(desk: Desk, command: Command) -> Member | None:
    """The member who typed the command."""
    return members.by_slack(desk.db, command.team, command.user)


def must_teach(member: Member | None, what: str) -> Member:
    """The member, if an instructor or admin.

    Raises:
        UsageError: they are not.
    """
    if member is None or not member.active or member.role == "member":
        remedy = f"An admin can type: runcite members role {member.handle} instructor" if member else ""
        raise UsageError(
            f"{what} is for instructors.", remedy=remedy or "Type /results login first, so that I know you."
        )
    return member


def rules(desk: Desk, command: Command, words: Sequence[str], project: str | None, sight: Sight) -> Message:
    """`/results policy [PROJECT] [key=value …]`: the rules, changed first where an instructor says so.

    Raises:
        UsageError: the change cannot be, or the asker may not make it.
        NotFound: there is no such project.
    """
    settings = dict(_pairs(words))
    named = " ".join(word for word in words if "=" not in word) or project
    channel = {key: settings.pop(key) for key in channels.KEYS if key in settings}
    if channel:
        teacher = must_teach(asker(desk, command), "Setting a channel's ways")
        _set_channel(desk, command, channel, teacher)
    if named is None:
        raise UsageError("Nothing is registered yet.", remedy="Train with tracker.start_run() and a board appears.")
    spec = queries.get_board(desk.db, named)
    if settings:
        teacher = must_teach(asker(desk, command), "Changing a board's rules")
        spec = policy.changed(spec, settings)
        queries.set_board(desk.db, spec, by=teacher.handle, now=desk.clock())
    history = queries.board_settings(desk.db, named)
    ways = channels.settings_of(desk.db, command.team, command.channel)
    return accounts.policy(
        spec, [(each.set_by, each.set_at) for each in history[:1]], ways, sight, changed=(*settings, *channel)
    )


def _pairs(words: Iterable[str]) -> Iterable[tuple[str, str]]:
    for word in words:
        name, sign, value = word.partition("=")
        if sign:
            yield (
                name.strip().lower().replace("-", "_") if name.replace("-", "_") in policy.KEYS else name.lower(),
                value,
            )


def _set_channel(desk: Desk, command: Command, wanted: dict[str, str], teacher: Member) -> None:
    allowed = {"manner": MANNERS, "digest": ("weekly", "off"), "roots": ("daily", "off")}
    for key, value in wanted.items():
        if value not in allowed[key]:
            raise UsageError(f"{clip(value, 40)!r} is none of {', '.join(allowed[key])}.")
        if value == "removal" and desk.settings.admin_token is None:
            raise UsageError(
                "Posts can only be taken away with an admin's own token.", remedy="Set SLACK_ADMIN_TOKEN for the bot."
            )
    for key, value in wanted.items():
        channels.set_channel(desk.db, command.team, command.channel, key, value, by=teacher.handle, now=desk.clock())


def audit(desk: Desk, command: Command, words: Sequence[str], sight: Sight) -> Message:
    """`/results audit [HANDLE | RUN | DAYSd]`: posts, verdicts and retractions, the latest first.

    Raises:
        UsageError: the asker is no instructor, or the words are none of these.
    """
    must_teach(asker(desk, command), "The audit")
    if [word.lower() for word in words] == ["roster"]:
        return _roster(desk, command, sight)
    days, handle, run_id = AUDITED_DAYS, None, None
    for word in words:
        if word[:-1].isdigit() and word.endswith("d"):
            days = int(word[:-1])
        elif fold(word) is not None:
            run_id = fold(word)
        else:
            handle = word.lstrip("@").lower()
    names = handles(desk, command.team)
    if handle is not None and handle not in names.values():
        raise UsageError(f"There is no member {clip(handle, 40)}.", remedy="Try /results audit, or /results audit 30d.")
    found = citations.list_citations(desk.db, since=desk.clock() - days * DAY, limit=100_000)
    kept = [
        each
        for each in found
        if each.team == command.team
        and (run_id is None or run_id in each.run_ids)
        and (handle is None or names.get(each.poster) == handle)
    ]
    return accounts.audit(kept[::-1], names, days, AUDITED, sight)


def _roster(desk: Desk, command: Command, sight: Sight) -> Message:
    names = handles(desk, command.team)
    posts: dict[str, int] = {}
    for each in citations.list_citations(desk.db, limit=1_000_000):
        if each.verdict == "accepted" and each.retracted_at is None and each.team == command.team:
            handle = names.get(each.poster, each.poster)
            posts[handle] = posts.get(handle, 0) + 1
    return accounts.roster(members.list_members(desk.db), posts, queries.count_by_member(desk.db), sight)


def handles(desk: Desk, team: str) -> dict[str, str]:
    """The handle of every Slack user of the team who is a member."""
    return {
        each.slack_user: each.handle
        for each in members.list_members(desk.db)
        if each.slack_user is not None and each.slack_team == team
    }


def ledger_of(desk: Desk, command: Command, project: str) -> bytes:
    """The project's board and runs as a file for a spreadsheet, under members' own names.

    Raises:
        UsageError: the asker is no instructor.
        NotFound: there is no such project.
    """
    must_teach(asker(desk, command), "The export")
    spec: BoardSpec = queries.get_board(desk.db, project)
    records = queries.find_records(desk.db, project, limit=20_000, now=desk.clock())
    posts: dict[str, list[Citation]] = {}
    for citation in citations.list_citations(desk.db, limit=1_000_000):
        for run_id in citation.run_ids:
            posts.setdefault(run_id, []).append(citation)
    return ledger.csv_of(spec, records, posts)

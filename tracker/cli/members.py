"""`runcite members`: who there is, and their tokens."""

from __future__ import annotations

import time
from typing import Annotated, Literal

import typer

from tracker.cli.say import as_json
from tracker.cli.source import open_source
from tracker.cli.tables import line, table
from tracker.cli.text import moment

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Who there is, and their tokens.")
Role = Literal["member", "instructor", "admin"]
Handle = Annotated[str, typer.Argument(help="The member's handle.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON.")]
DAY = 86_400 * 1_000_000


@app.command("list")
def list_members(json: Json = False) -> None:
    """Everybody, by handle."""
    with open_source() as source:
        found = source.members()
    if json:
        as_json(found)
        return
    if not found:
        line("Nobody yet. Type: runcite members add HANDLE")
        return
    rows = [
        [each.handle, each.role, each.name, f"{each.slack_team}/{each.slack_user}" if each.slack_user else "–"]
        for each in found
    ]
    table(["HANDLE", "ROLE", "NAME", "SLACK"], rows)


@app.command()
def add(
    handle: Handle,
    role: Annotated[Role, typer.Option(help="member, instructor or admin.")] = "member",
    name: Annotated[str, typer.Option(help="Their name, as people write it.")] = "",
    json: Json = False,
) -> None:
    """Add a member, and issue their first token. It is shown this once."""
    with open_source() as source:
        member = source.add_member(handle, role, name)
        token = source.issue_token(member.handle, "first", None)
    if json:
        as_json({"member": member, "token": token})
        return
    line(f"{member.handle} is a {member.role}.")
    _show(token)


@app.command()
def role(handle: Handle, role: Annotated[Role, typer.Argument(help="member, instructor or admin.")]) -> None:
    """Give a member another role."""
    with open_source() as source:
        member = source.set_role(handle, role)
    line(f"{member.handle} is now {member.role}.")


@app.command()
def token(
    handle: Handle,
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    days: Annotated[int | None, typer.Option(min=1, help="It expires after so many days.")] = None,
    json: Json = False,
) -> None:
    """Issue a token. It is shown this once, and stored only as a hash."""
    expires = time.time_ns() // 1000 + days * DAY if days else None
    with open_source() as source:
        made = source.issue_token(handle, label, expires)
    if json:
        as_json({"token": made})
        return
    _show(made)


@app.command()
def tokens(handle: Handle, json: Json = False) -> None:
    """A member's tokens, without their secrets."""
    with open_source() as source:
        found = source.tokens(handle)
    if json:
        as_json(found)
        return
    rows = [
        [
            str(each.id),
            each.label or "–",
            moment(each.created_at),
            "revoked" if each.revoked_at else moment(each.expires_at) if each.expires_at else "–",
        ]
        for each in found
    ]
    table(["ID", "LABEL", "ISSUED", "ENDS"], rows)


@app.command()
def revoke(token_id: Annotated[str, typer.Argument(help="The token's ID, from `runcite members tokens`.")]) -> None:
    """Revoke a token at once."""
    with open_source() as source:
        source.revoke_token(token_id)
    line(f"Token {token_id} is revoked.")


@app.command()
def rotate(
    token_id: Annotated[str, typer.Argument(help="The token's ID, from `runcite members tokens`.")], json: Json = False
) -> None:
    """Replace a token by a new one, with the same label and expiry. The old one is revoked at once."""
    with open_source() as source:
        made = source.rotate_token(token_id)
    if json:
        as_json({"token": made})
        return
    _show(made)


@app.command()
def leave(handle: Handle) -> None:
    """Let a member leave: none of their tokens opens anything any more; their runs stay."""
    with open_source() as source:
        member = source.set_active(handle, False)
    line(f"{member.handle} has left. To take them back, type: runcite members come-back {member.handle}")


@app.command("come-back")
def come_back(handle: Handle) -> None:
    """Take a member back who left; their tokens open again what they did."""
    with open_source() as source:
        member = source.set_active(handle, True)
    line(f"{member.handle} is back, as {member.role}.")


@app.command()
def bind(
    handle: Handle,
    team: Annotated[str, typer.Argument(help="The Slack workspace's ID (T…).")],
    user: Annotated[str, typer.Argument(help="The Slack user's ID (U…).")],
) -> None:
    """Bind a member to their Slack user. They can do it themselves: /results login."""
    with open_source() as source:
        member = source.bind_slack(handle, team, user)
    line(f"{member.handle} is {member.slack_user} in the workspace {member.slack_team}.")


def _show(token: str) -> None:
    line("Their token, shown this once:")
    typer.echo(token)
    line("They type: runcite login URL", style="dim")

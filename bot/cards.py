"""What is shown beside links, in forms and on buttons. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.blocks import Block, Message, button, code, joined, message, plain, prose, section
from bot.replies import ABOUT, run_card
from bot.sight import Sight
from tracker.record import Artifact, Record
from tracker.rules.board import Ranking
from tracker.rules.compared import Compared
from tracker.rules.words import number

SHOWN_ROWS = 5


def nothing_seen(sight: Sight) -> Message:
    """What is said of a message that holds no result."""
    said = sight.say("I see no result and no run in this post, so I would say nothing.")
    return message(said, [section(f"{ABOUT} {said}")])


def runs_preview(project: str, where: str | None, records: Sequence[Record], count: int, sight: Sight) -> list[Block]:
    """A project's runs, or those that fit a condition: how many, and the first ones."""
    head = f":mag: *{prose(project, 80)}* · {sight.counted(count, 'run')}"
    if where:
        head += f" {sight.say('where')} {code(where, 200)}"
    lines = [
        f"• *{sight.run(record)}* · {code(record.member or '–', 30)} · {prose(_value(record, sight), 60)}"
        for record in records
    ]
    return [section(joined([head, *lines], "\n"))]


def comparison_preview(found: Compared, records: Sequence[Record], sight: Sight) -> list[Block]:
    """Runs against each other: what can be said of the difference, and what differs."""
    lines = found.comparisons[0].lines if len(records) == 2 else found.spread.lines
    names = " · ".join(sight.run(record) for record in records)
    head = f":scales: {names}\n*{prose(sight.turned(found.verdict), 600)}*"
    return [section(joined([head, *(f"• {prose(sight.turned(line), 250)}" for line in lines[:6])], "\n"))]


def artifact_preview(record: Record, artifact: Artifact, sight: Sight) -> list[Block]:
    """An artifact: its kind and size, and the run that made it."""
    size = sight.say("{} bytes", f"{artifact.size:,}")
    what = f"{code(artifact.type, 30)} · {size} · SHA-256 {code(artifact.digest[:12])}"
    by = sight.say(" by {}", code(record.member, 40)) if record.member else ""
    head = f":package: *{prose(artifact.name, 120)}* v{artifact.version} · {what}"
    return [section(f"{head}\n{sight.say('made by')} {sight.run(record)}{by}")]


def statistics_preview(sight: Sight) -> list[Block]:
    """The page that says how the numbers are reckoned."""
    about = "How board, comparison and importance are reckoned, with formulas, sources and a worked example."
    return [section(f":triangular_ruler: *{sight.say('Statistics')}*\n{sight.say(about)}")]


def projects_preview(projects: Sequence[tuple[str, int, str | None, float | None]], sight: Sight) -> list[Block]:
    """Every project at a glance (its name, how many runs, the board's metric and best value), the latest first."""
    lines = [
        f"• *{prose(name, 60)}* · {sight.counted(runs, 'run')}"
        + (f" · {code(metric or '', 40)} {number(best)}" if best is not None else "")
        for name, runs, metric, best in projects[:SHOWN_ROWS]
    ]
    return [section(joined([f":card_index_dividers: *{sight.say('Projects')}*", *lines], "\n"))]


def run_preview(record: Record, sight: Sight) -> list[Block]:
    """A run beside a link to it: its head and what made it."""
    return run_card(record, sight)


def board_preview(ranking: Ranking, sight: Sight) -> list[Block]:
    """The first rows of a board."""
    spec = ranking.spec
    lines = [
        f"{row.rank}{'=' if row.tied else ''} · {code(row.records[0].member or '–', 30)} · *{number(row.value)}* · "
        f"{sight.run(row.records[0])}"
        for row in ranking.rows[:SHOWN_ROWS]
    ]
    by = sight.say("by {}", f"{sight.say(spec.aggregate)} {code(spec.metric)}")
    head = f":trophy: *{prose(spec.project, 80)}* {by}"
    return [section(joined([head, *(lines or [sight.say("Nothing ranks yet.")])], "\n"))]


def posted(user: str, said: str) -> Message:
    """A result that somebody posted by the form."""
    words = plain(said, 2000)
    return message(f"A result: {words}", [section(f":speech_balloon: <@{user}> posts a result\n>{prose(said, 2000)}")])


def form(callback: str, records: Sequence[Record], sight: Sight, channel: str) -> dict[str, Any]:
    """The form for a result post: which run, in which words, and where, if that is not known."""
    options = [_option(f"{record.id} · {_value(record, sight)}", record.id) for record in records[:100]]
    blocks: list[dict[str, Any]] = [
        {
            "type": "input",
            "block_id": "run",
            "label": _plain(sight.say("Run")),
            "element": {
                "type": "static_select",
                "action_id": "run",
                "options": options,
                "initial_option": options[0],
            },
        },
        {
            "type": "input",
            "block_id": "words",
            "label": _plain(sight.say("Your words")),
            "hint": _plain(sight.say("With the value, such as: val accuracy 90.7 %. I hold it against the record.")),
            "element": {
                "type": "plain_text_input",
                "action_id": "words",
                "multiline": True,
                "max_length": 2000,
                "initial_value": _value(records[0], sight),
            },
        },
    ]
    if not channel:
        element = {"type": "conversations_select", "action_id": "channel", "default_to_current_conversation": True}
        blocks.append(
            {"type": "input", "block_id": "channel", "label": _plain(sight.say("Channel")), "element": element}
        )
    return {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": channel,
        "title": _plain(sight.say("Post a result")),
        "submit": _plain(sight.say("Post")),
        "close": _plain(sight.say("Cancel")),
        "blocks": blocks,
    }


def home_buttons(sight: Sight) -> Block:
    """The Home's own buttons."""
    elements = [button(sight.say("Post a result"), "post"), button(sight.say("Help"), "help")]
    return {"type": "actions", "elements": elements}


def _value(record: Record, sight: Sight) -> str:
    ranking = sight.ranking(record)
    spec = ranking.spec if ranking else None
    names = [spec.metric] if spec is not None and spec.metric in record.metrics else sorted(record.metrics)[:1]
    for name in names:
        value = record.metrics[name].value(spec.aggregate if spec else "last", spec.direction if spec else "max")
        if value is not None:
            return f"{plain(name, 30)} {number(value)}"
    return record.id


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def _option(text: str, value: str) -> dict[str, Any]:
    return {"text": _plain(plain(text, 75)), "value": value}

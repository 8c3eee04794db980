"""What the bot answers to `/results`, and what a Home shows: boards, comparisons, lists of runs. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bot.blocks import Block, Message, advice, code, context, joined, link, message, plain, prose, section, table
from bot.cards import home_buttons
from bot.replies import buttons, run_card, run_text
from bot.sight import ENGLISH, Sight
from tracker.record import Finding, Record
from tracker.rules.board import Ranking, Row
from tracker.rules.comparison import Comparison
from tracker.rules.words import duration, listed, number

COMMANDS = (
    ("RUN_ID", "a run: hyperparameters, code, values, place"),
    ("board [PROJECT]", "the leaderboard"),
    ("compare A B", "what differs between two runs, and what doesn't"),
    ("importance [PROJECT]", "which hyperparameters moved the metric"),
    ("mine", "your latest runs"),
    ("post", "a form for a result post"),
    ("reproduce RUN_ID", "the command that gives the number back"),
    ("login", "a token for your laptop, shown only to you"),
    ("policy [PROJECT] [key=value …]", "what the board asks; instructors change it"),
    ("audit [HANDLE | RUN_ID | 30d | roster]", "who posted what (instructors)"),
    ("export [PROJECT]", "the runs as a file for a spreadsheet (instructors)"),
    ("help", "this"),
)
SHOWN_ROWS = 15
SHOWN_RUNS = 12


def run(record: Record, sight: Sight, findings: Sequence[Finding]) -> Message:
    """One run."""
    blocks = [*run_card(record, sight), *buttons(record, sight)]
    doubts = [each for each in findings if each.severity != "note"]
    if doubts:
        blocks.append(context([f":warning: {prose(each.sentence, 250)}" for each in doubts]))
    text = run_text(record, sight)
    if record.reproductions:
        told = record.reproductions[-1]
        said = (
            f"{record.badge}; last by {plain(told.by or 'somebody', 40)}, {told.verdict}: {plain(told.sentence, 200)}"
        )
        blocks.append(context([f":repeat: {said}"]))
        text += f" It is {said}"
    return message(text, blocks)


def board(ranking: Ranking, sight: Sight) -> Message:
    """A project's leaderboard as a table; its text names the first three."""
    spec, rows = ranking.spec, ranking.rows
    address = f"{sight.pages}/projects/{spec.project}/board" if sight.pages else ""
    better = sight.say("higher is better") if spec.direction == "max" else sight.say("lower is better")
    kind = sight.say(spec.aggregate)
    head = f":trophy: *{link(address, prose(spec.project, 80))}* · {kind} {code(spec.metric)}, {better}"
    if not rows:
        return message(
            sight.say("Nothing ranks yet in {}.", plain(spec.project, 60)),
            [section(f"{head}\n{sight.say('Nothing ranks yet.')}"), *_unranked(ranking, sight)],
        )
    names = ("#", sight.say("Run"), sight.say("Member"), plain(spec.metric, 40), sight.say("Seeds"))
    lines = [names, *(_row(row) for row in rows[:SHOWN_ROWS])]
    small = [_left_out(len(rows), sight), sight.say("= shares a place: cannot be told apart. One seed may be luck.")]
    told = "; ".join(f"{_rank(row)} {_members(row)} {number(row.value)} ({row.records[0].id})" for row in rows[:3])
    text = sight.say("{} by {} {}: {}.", plain(spec.project, 60), kind, plain(spec.metric, 60), told)
    return message(text, [section(head), table(lines, right=(0, 3, 4)), context(small), *_unranked(ranking, sight)])


def _row(row: Row) -> tuple[str, ...]:
    value = number(row.value)
    if row.low is not None and row.high is not None:
        value += f" ± {number((row.high - row.low) / 2, 2)}"
    return _rank(row), row.records[0].id, _members(row), value, str(row.n)


def _rank(row: Row) -> str:
    return f"{row.rank}{'=' if row.tied else ''}"


def _members(row: Row) -> str:
    names = dict.fromkeys(plain(record.member or record.name or "–", 30) for record in row.records)
    return listed(list(names), 2)


def _left_out(rows: int, sight: Sight) -> str:
    return sight.say("{} on the page.", sight.counted(rows - SHOWN_ROWS, "more row")) if rows > SHOWN_ROWS else ""


def _unranked(ranking: Ranking, sight: Sight) -> list[Block]:
    if not ranking.unranked:
        return []
    first = ranking.unranked[0]
    many = sight.counted(len(ranking.unranked), "run")
    return [context([sight.say("{} without a place, such as {}", many, prose(first.reason, 200))])]


def comparison(found: Comparison, a: Record, b: Record, sight: Sight) -> Message:
    """Two runs side by side: what differs, then what is equal."""
    head = f":scales: {_short(a, sight)} → {_short(b, sight)}"
    lines = [f"• {prose(sight.turned(line), 300)}" for line in found.lines]
    verdict = sight.say("They are replicates: only the seed differs.") if found.replicates else ""
    differs = listed([each.key for each in found.differing], 4)
    told = sight.say("; they differ in {}", plain(differs, 300)) if differs else ""
    gaps = [gap for gap in found.metrics if gap.change][:2]
    values = "".join(f"; {plain(gap.name, 60)} {_number(gap.before)} → {_number(gap.after)}" for gap in gaps)
    blocks = [section(joined([head, *lines], "\n", more=sight.say("• and {} more lines")))]
    page = link(f"{sight.pages}/compare?runs={a.id},{b.id}" if sight.pages else "", sight.say("Side by side"))
    small = [verdict, page if sight.pages else ""]
    if any(small):
        blocks.append(context(small))
    return message(sight.say("{} and {}{}{}. {}", a.id, b.id, told, values, verdict).strip(), blocks)


def _short(record: Record, sight: Sight) -> str:
    return f"*{sight.run(record)}*{sight.say(' by {}', code(record.member, 40)) if record.member else ''}"


def _number(value: float | None) -> str:
    return "none" if value is None else number(value)


def mine(records: Sequence[Record], sight: Sight, total: int) -> Message:
    """A member's latest runs."""
    if not records:
        said = sight.say("You have no runs yet. Type /results login, then train with tracker.start_run().")
        return message(said, [section(f":mag: {prose(said)}")])
    lines = run_lines(records, sight)
    more = f"{sight.counted(total - len(records), 'earlier run')}." if total > len(records) else ""
    title = sight.say("Your latest runs")
    blocks = [section(joined([f":mag: *{title}*", *lines], "\n"))]
    if more:
        blocks.append(context([more]))
    text = f"{title}: {', '.join(record.id for record in records)}. {more}"
    return message(text.strip(), blocks)


def run_lines(records: Sequence[Record], sight: Sight) -> list[str]:
    """One line a run: ID, project, how it went, the board's metric."""
    return [f"• {_line(record, sight)}" for record in records[:SHOWN_RUNS]]


def _line(record: Record, sight: Sight) -> str:
    ranking = sight.ranking(record)
    parts = [f"*{sight.run(record)}*", code(record.project, 40), sight.say(record.state)]
    if record.end is not None:
        parts[-1] = sight.say("{} after {}", parts[-1], duration(record.end.runtime))
    if ranking is not None and ranking.spec.metric in record.metrics:
        spec = ranking.spec
        value = record.metrics[spec.metric].value(spec.aggregate, spec.direction)
        if value is not None and math.isfinite(value):
            parts.append(f"{sight.say(spec.aggregate)} {code(spec.metric, 40)} *{number(value)}*")
        place = sight.place(record)
        if place is not None:
            shared = "=" if place.tied else ""
            parts.append(sight.say("place {} of {}", f"{place.rank}{shared}", place.of))
    return " · ".join(parts)


def help_text(sight: Sight) -> Message:
    """What the command can do, and what the bot does by itself."""
    lines = [f"• `/results {words}` {sight.say(what)}" for words, what in COMMANDS]
    about = sight.say(
        "Post a result with its run ID, such as `val accuracy 90.7 % r-7K3M9QX2`. I hold it against what the run "
        "recorded, and answer in its thread. Edit your post, and my answer follows."
    )
    told = sight.say("Post a result with its run ID and I check it.")
    text = f"/results {', '.join(words for words, _ in COMMANDS)}. {told}"
    return message(text, [section(about), section("\n".join(lines))])


def login(handle: str, token: str, sight: Sight, *, new: bool) -> Message:
    """A token and what to do with it. It is shown to one person and stored nowhere."""
    address = sight.pages or "https://YOUR-RUNCITE-SERVER"
    hello = sight.say("You are {} now.", code(handle)) if new else sight.say("You are {}.", code(handle))
    lines = (
        f":key: {hello} {sight.say('On the machine where you train, type once:')}",
        f"```runcite login {prose(address, 300).replace('∶', ':')}```",
        f"{sight.say('and paste this token, which is shown only here and only now:')}\n```{token}```",
    )
    small = sight.say("Who has the token can record runs in your name. Typing /results login again makes another one.")
    text = sight.say("You are {}. Type: runcite login {}, and paste this token: {}", handle, address, token)
    return message(text, [section("\n".join(lines)), context([small])], links=True)


def refusal(sentence: str, remedy: str, sight: Sight = ENGLISH) -> Message:
    """What went wrong, and what to type next."""
    sentence, remedy = sight.turned(sentence), sight.turned(remedy)
    text = f"{plain(sentence, 600)} {plain(remedy, 400)}".strip()
    return message(text, [section(f"{prose(sentence, 600)} {advice(remedy, 400)}".strip())])


def home(records: Sequence[Record], rankings: Sequence[Ranking], sight: Sight, *, known: bool) -> tuple[Block, ...]:
    """A person's Home: the latest project's board, and their runs."""
    blocks: list[Block] = [{"type": "header", "text": {"type": "plain_text", "text": "Runcite"}}]
    about = "No result without a run: post a result with its run ID, and I hold it against the record."
    blocks.append(section(sight.say(about)))
    blocks.append(home_buttons(sight))
    for ranking in rankings[:1]:
        lines = [
            f"{_rank(row)} · {code(_members(row))} · *{number(row.value)}* · {sight.run(row.records[0])}"
            for row in ranking.rows[:8]
        ]
        spec = ranking.spec
        by = sight.say("by {}", f"{sight.say(spec.aggregate)} {code(spec.metric)}")
        title = f":trophy: *{prose(spec.project, 80)}* {by}"
        blocks += [{"type": "divider"}, section(joined([title, *(lines or [sight.say("Nothing ranks yet.")])], "\n"))]
    blocks.append({"type": "divider"})
    if not known:
        blocks.append(
            section(sight.say("I don't know yet which runs are yours: type `/results login` in any channel."))
        )
    elif not records:
        blocks.append(section(sight.say("You have no runs yet. Train with `tracker.start_run()`.")))
    else:
        title = f":mag: *{sight.say('Your latest runs')}*"
        blocks.append(section(joined([title, *run_lines(records, sight)], "\n")))
    return tuple(blocks)

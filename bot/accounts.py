"""What the bot tells who wants to know more: the rules, who posted what, what mattered, how to reproduce. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.blocks import Block, Message, advice, code, context, joined, message, plain, prose, section, table
from bot.replies import run_text
from bot.sight import Sight
from tracker.record import BoardSpec, Citation, Member, Record
from tracker.rules.importance import Importance
from tracker.rules.policy import effects, said
from tracker.rules.reproduction import score
from tracker.rules.words import counted
from tracker.times import moment


def policy(
    spec: BoardSpec, history: Sequence[tuple[str, int]], ways: Mapping[str, str], *, changed: Sequence[str] = ()
) -> Message:
    """A board's rules: what is set, which findings do other than usual, and how to change both."""
    own = [(name, value, meaning) for name, value, meaning in said(spec)]
    lines = [f"• {code(name)} *{prose(value, 80)}* {prose(meaning, 120)}" for name, value, meaning in own]
    by_code = effects(spec.rules)
    changed_ones = [f"{code(meaning.code)} {effect}" for meaning, effect in by_code if effect != meaning.severity]
    usual = {
        effect: [meaning.code for meaning, now in by_code if now == effect and now == meaning.severity]
        for effect in ("reject", "warn", "note")
    }
    rest = [
        f"*{effect}* {joined([code(each) for each in codes], limit=900)}" for effect, codes in usual.items() if codes
    ]
    head = f":scroll: *What the board of {prose(spec.project, 80)} asks*"
    if changed:
        head = f":white_check_mark: Set: {joined([code(name) for name in changed], limit=400)}\n{head}"
    blocks: list[Block] = [section(joined([head, *lines], "\n"))]
    if changed_ones:
        blocks.append(section(f"*Findings that do other than usual*\n{joined(changed_ones, limit=1500)}"))
    blocks.append(section("*Findings as usual*\n" + "\n".join(rest)))
    here = [f"{code(key)} {prose(value, 40)}" for key, value in ways.items()]
    if here:
        blocks.append(section(f"*This channel* {joined(here)}"))
    small = [f"Set by {code(by, 40)}, {moment(at)}" for by, at in history]
    small.append("Instructors: `/results policy max_runtime=2h unpushed=reject`, `manner=ephemeral`, `digest=weekly`")
    blocks.append(context(small))
    text = f"The board of {plain(spec.project, 60)}: {'; '.join(f'{name} {value}' for name, value, _ in own)}."
    return message(f"Set: {', '.join(changed)}. {text}" if changed else text, blocks)


def audit(found: Sequence[Citation], names: Mapping[str, str], days: int, most: int) -> Message:
    """Posts with their verdicts, the latest first, as a table."""
    if not found:
        sentence = f"Nothing was posted in the last {counted(days, 'day')}."
        return message(sentence, [section(sentence)])
    accepted = sum(each.verdict == "accepted" and each.retracted_at is None for each in found)
    retracted = sum(each.retracted_at is not None for each in found)
    rejected = sum(each.verdict == "rejected" and each.retracted_at is None for each in found)
    head = f"*{counted(len(found), 'judgement')}* in {counted(days, 'day')}: {accepted} accepted and standing, "
    head += f"{rejected} not accepted, {retracted} taken back or replaced"
    lines = [("When", "Who", "Verdict", "Runs", "Why"), *(_judged(each, names) for each in found[:most])]
    small = [
        f"{counted(len(found) - most, 'earlier one')}: /results audit 7d, or a handle" if len(found) > most else ""
    ]
    text = f"{head.replace('*', '')}. The latest: {', '.join(_judged(found[0], names)[:4])}."
    return message(text, [section(f":mag: {head}"), table(lines), context([*small, "Only you see this."])])


def _judged(each: Citation, names: Mapping[str, str]) -> tuple[str, ...]:
    gone = " (taken back)" if each.retracted_at is not None else ""
    why = ", ".join(finding.code for finding in each.findings if finding.severity != "note")
    who = names.get(each.poster, each.poster)
    return (
        moment(each.at)[5:16],
        plain(who, 30),
        f"{each.verdict}{gone}",
        ", ".join(each.run_ids[:3]) or "–",
        why or "–",
    )


def roster(everybody: Sequence[Member], posts: Mapping[str, int], runs: Mapping[str, int]) -> Message:
    """Who there is, who is bound to Slack, and what each has posted."""
    lines = [("Member", "Role", "Slack", "Runs", "Accepted")]
    for each in everybody:
        bound = "yes" if each.slack_user else "no: /results login"
        name = plain(f"{each.handle}{f' ({each.name})' if each.name else ''}", 60)
        lines.append((name, each.role, bound, str(runs.get(each.handle, 0)), str(posts.get(each.handle, 0))))
    silent = [each.handle for each in everybody if each.role == "member" and not posts.get(each.handle)]
    text = f"{counted(len(everybody), 'member')}; nothing accepted yet of {counted(len(silent), 'one', 'of them')}."
    none = f"Nothing accepted yet of {joined([code(each, 40) for each in silent], ', ', limit=1500)}" if silent else ""
    return message(
        text,
        [
            section(f":busts_in_silhouette: *{counted(len(everybody), 'member')}*"),
            table(lines, right=(3, 4)),
            *([section(none)] if none else []),
        ],
    )


def importance(found: Importance, project: str) -> Message:
    """Which hyperparameters moved the metric."""
    head = f":bar_chart: *What moved {code(found.metric)}* in {code(project)}: {counted(found.configs, 'config')}, "
    head += f"{counted(found.runs, 'run')}\n{prose(found.sentence, 600)}"
    lines = [("Hyperparameter", "Share", "95 %", "Best tenth", "Values")]
    for each in found.factors[:12]:
        between = f"{each.low:.0%} to {each.high:.0%}"
        sure = "" if each.confirmed else " (may be chance)"
        lines.append((f"{plain(each.key, 60)}{sure}", f"{each.share:.0%}", between, f"{each.top:.0%}", str(each.tried)))
    caveats = [prose(each, 300) for each in found.caveats[:4]]
    return message(
        f"{plain(project, 60)}: {plain(found.sentence, 900)}",
        [section(head), table(lines, right=(1, 3, 4)), context(caveats or ["Correlation is all that runs can show."])],
    )


def reproduce(record: Record, sight: Sight) -> Message:
    """The command that gives the number back, what the record has for it, and what stands in its way."""
    found = score(record)
    lacking = [check for check in found.checks if not check.holds]
    has = ", ".join(plain(check.words, 100) for check in found.checks if check.holds)
    head = f":repeat: *{sight.run(record)}* is {code(record.badge)}. Type where the data is:"
    enough = f"{found.met} of {found.of} things that a reproduction needs are recorded"
    blocks: list[Block] = [
        section(f"{head}\n```runcite reproduce {record.id}```"),
        context([f"{enough}: {prose(has, 600)}"]),
    ]
    if lacking:
        lines = [f"• {prose(check.words, 250)}. {advice(check.remedy, 200)}" for check in lacking]
        blocks.append(section(joined(["*What stands in the way*", *lines], "\n")))
    told = f" What stands in the way: {'; '.join(plain(check.words, 120) for check in lacking)}." if lacking else ""
    text = f"Type: runcite reproduce {record.id}. It is {record.badge}; {enough}.{told} {run_text(record, sight)}"
    return message(text, blocks)

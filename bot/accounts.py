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
from tracker.times import moment


def policy(
    spec: BoardSpec,
    history: Sequence[tuple[str, int]],
    ways: Mapping[str, str],
    sight: Sight,
    *,
    changed: Sequence[str] = (),
) -> Message:
    """A board's rules: what is set, which findings do other than usual, and how to change both."""
    own = [(name, value, meaning) for name, value, meaning in said(spec)]
    lines = [f"• {code(name)} *{prose(value, 80)}* {prose(sight.say(meaning), 120)}" for name, value, meaning in own]
    by_code = effects(spec.rules)
    changed_ones = [
        f"{code(meaning.code)} {sight.say(effect)}" for meaning, effect in by_code if effect != meaning.severity
    ]
    usual = {
        effect: [meaning.code for meaning, now in by_code if now == effect and now == meaning.severity]
        for effect in ("reject", "warn", "note")
    }
    rest = [
        f"*{sight.say(effect)}* {joined([code(each) for each in codes], limit=900)}"
        for effect, codes in usual.items()
        if codes
    ]
    head = f":scroll: *{sight.say('What the board of {} asks', prose(spec.project, 80))}*"
    if changed:
        head = f":white_check_mark: {sight.say('Set: {}', joined([code(name) for name in changed], limit=400))}\n{head}"
    blocks: list[Block] = [section(joined([head, *lines], "\n"))]
    if changed_ones:
        blocks.append(
            section(f"*{sight.say('Findings that do other than usual')}*\n{joined(changed_ones, limit=1500)}")
        )
    blocks.append(section(f"*{sight.say('Findings as usual')}*\n" + "\n".join(rest)))
    here = [f"{code(key)} {prose(value, 40)}" for key, value in ways.items()]
    if here:
        blocks.append(section(f"*{sight.say('This channel')}* {joined(here)}"))
    small = [sight.say("Set by {}, {}", code(by, 40), moment(at)) for by, at in history]
    ways_there = "`/results policy max_runtime=2h unpushed=reject`, `manner=ephemeral`, `digest=weekly`"
    small.append(sight.say("Instructors: {}", ways_there))
    blocks.append(context(small))
    told = "; ".join(f"{name} {value}" for name, value, _ in own)
    text = sight.say("The board of {}: {}.", plain(spec.project, 60), told)
    return message(f"{sight.say('Set: {}', ', '.join(changed))}. {text}" if changed else text, blocks)


def audit(found: Sequence[Citation], names: Mapping[str, str], days: int, most: int, sight: Sight) -> Message:
    """Posts with their verdicts, the latest first, as a table."""
    if not found:
        sentence = sight.say("Nothing was posted in the last {}.", sight.counted(days, "day"))
        return message(sentence, [section(sentence)])
    accepted = sum(each.verdict == "accepted" and each.retracted_at is None for each in found)
    retracted = sum(each.retracted_at is not None for each in found)
    rejected = sum(each.verdict == "rejected" and each.retracted_at is None for each in found)
    head = sight.say(
        "{} in {}: {} accepted and standing, {} not accepted, {} taken back or replaced",
        *(f"*{sight.counted(len(found), 'judgement')}*", sight.counted(days, "day"), accepted, rejected, retracted),
    )
    names_of = tuple(map(sight.say, ("When", "Who", "Verdict", "Runs", "Why")))
    lines = [names_of, *(_judged(each, names, sight) for each in found[:most])]
    earlier = sight.counted(len(found) - most, "earlier one")
    small = [sight.say("{}: /results audit 7d, or a handle", earlier) if len(found) > most else ""]
    text = sight.say("{}. The latest: {}.", head.replace("*", ""), ", ".join(_judged(found[0], names, sight)[:4]))
    return message(text, [section(f":mag: {head}"), table(lines), context([*small, sight.say("Only you see this.")])])


def _judged(each: Citation, names: Mapping[str, str], sight: Sight) -> tuple[str, ...]:
    gone = f" ({sight.say('taken back')})" if each.retracted_at is not None else ""
    why = ", ".join(finding.code for finding in each.findings if finding.severity != "note")
    who = names.get(each.poster, each.poster)
    return (
        moment(each.at)[5:16],
        plain(who, 30),
        f"{sight.say(each.verdict)}{gone}",
        ", ".join(each.run_ids[:3]) or "–",
        why or "–",
    )


def roster(everybody: Sequence[Member], posts: Mapping[str, int], runs: Mapping[str, int], sight: Sight) -> Message:
    """Who there is, who is bound to Slack, and what each has posted."""
    lines = [tuple(map(sight.say, ("Member", "Role", "Slack", "Runs", "Accepted")))]
    for each in everybody:
        bound = sight.say("yes" if each.slack_user else "no: /results login")
        name = plain(f"{each.handle}{f' ({each.name})' if each.name else ''}", 60)
        lines.append((name, sight.say(each.role), bound, str(runs.get(each.handle, 0)), str(posts.get(each.handle, 0))))
    silent = [each.handle for each in everybody if each.role == "member" and not posts.get(each.handle)]
    there = sight.counted(len(everybody), "member")
    text = sight.say("{}; nothing accepted yet of {} of them.", there, len(silent))
    named = joined([code(each, 40) for each in silent], ", ", limit=1500)
    none = sight.say("Nothing accepted yet of {}", named) if silent else ""
    return message(
        text,
        [
            section(f":busts_in_silhouette: *{there}*"),
            table(lines, right=(3, 4)),
            *([section(none)] if none else []),
        ],
    )


def importance(found: Importance, project: str, sight: Sight) -> Message:
    """Which hyperparameters moved the metric."""
    head = sight.say(
        ":bar_chart: *What moved {}* in {}: {}, {}",
        *(code(found.metric), code(project), sight.counted(found.configs, "config"), sight.counted(found.runs, "run")),
    )
    sentence = sight.turned(found.sentence)
    head += f"\n{prose(sentence, 600)}"
    lines = [tuple(map(sight.say, ("Hyperparameter", "Share", "95 %", "Best tenth", "Values")))]
    for each in found.factors[:12]:
        between = sight.say("{} to {}", f"{each.low:.0%}", f"{each.high:.0%}")
        sure = "" if each.confirmed else f" ({sight.say('may be chance')})"
        lines.append((f"{plain(each.key, 60)}{sure}", f"{each.share:.0%}", between, f"{each.top:.0%}", str(each.tried)))
    caveats = [prose(sight.turned(each), 300) for each in found.caveats[:4]]
    return message(
        f"{plain(project, 60)}: {plain(sentence, 900)}",
        [
            section(head),
            table(lines, right=(1, 3, 4)),
            context(caveats or [sight.say("Correlation is all that runs can show.")]),
        ],
    )


def reproduce(record: Record, sight: Sight) -> Message:
    """The command that gives the number back, what the record has for it, and what stands in its way."""
    found = score(record)
    lacking = [check for check in found.checks if not check.holds]
    has = ", ".join(plain(sight.turned(check.words), 100) for check in found.checks if check.holds)
    badge = sight.say(record.badge)
    head = f":repeat: {sight.say('*{}* is {}. Type where the data is:', sight.run(record), code(badge))}"
    enough = sight.say("{} of {} things that a reproduction needs are recorded", found.met, found.of)
    blocks: list[Block] = [
        section(f"{head}\n```runcite reproduce {record.id}```"),
        context([f"{enough}: {prose(has, 600)}"]),
    ]
    if lacking:
        way = sight.say("What stands in the way")
        lines = [
            sight.say("• {}. {}", prose(sight.turned(check.words), 250), advice(sight.turned(check.remedy), 200))
            for check in lacking
        ]
        blocks.append(section(joined([f"*{way}*", *lines], "\n")))
    ways = "; ".join(plain(sight.turned(check.words), 120) for check in lacking)
    told = f" {sight.say('What stands in the way')}: {ways}." if lacking else ""
    text = sight.say(
        "Type: runcite reproduce {}. It is {}; {}.{} {}", record.id, badge, enough, told, run_text(record, sight)
    )
    return message(text, blocks)

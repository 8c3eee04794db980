"""The week in review: what moved, what was noise, who reproduced whom, who posted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.blocks import Block, Message, code, context, joined, message, plain, prose, section
from bot.sight import Sight
from tracker.record import BoardSpec, Citation, Record
from tracker.rules.board import Lead, lead_history
from tracker.rules.veil import Veil
from tracker.rules.words import number
from tracker.times import moment


@dataclass(frozen=True)
class Week:
    """A project's week: the runs that ended in it, who took the lead and from whom, and what was reproduced."""

    spec: BoardSpec
    ended: int
    leads: tuple[Lead, ...]
    before: Lead | None
    reproduced: tuple[tuple[Record, Record], ...]

    def seen(self, veil: Veil | None) -> Week:
        """The week as everybody in a channel may see it."""
        if veil is None:
            return self
        before = veil.leads([self.before])[0] if self.before is not None else None
        again = tuple((veil.shown(a), veil.shown(b)) for a, b in self.reproduced)
        return replace(self, leads=veil.leads(self.leads), before=before, reproduced=again)

    @property
    def happened(self) -> bool:
        """Whether there is anything to tell."""
        return bool(self.ended or self.leads or self.reproduced)


def week_of(spec: BoardSpec, records: Sequence[Record], since: int, until: int) -> Week:
    """What happened from `since` until (not including) `until`."""
    leads = lead_history(spec, records)
    by_id = {record.id: record for record in records}
    ended = [record for record in records if record.end is not None and since <= record.end.at < until]
    pairs = [(record, by_id[record.reproduces]) for record in ended if record.reproduces in by_id]
    earlier = [lead for lead in leads if lead.at < since]
    return Week(
        spec,
        len(ended),
        tuple(lead for lead in leads if since <= lead.at < until),
        earlier[-1] if earlier else None,
        tuple((again, first) for again, first in pairs if again.state == "finished"),
    )


def message_of(
    weeks: Sequence[Week], posts: Sequence[Citation], names: Mapping[str, str], sight: Sight, since: int
) -> Message:
    """The digest; its text alone says who leads where."""
    day = moment(since)[:10]
    blocks: list[Block] = [section(f":calendar: *{sight.say('The week of {}', day)}*")]
    told = []
    for week in weeks[:20]:
        lines = [
            f"*{prose(week.spec.project, 80)}* · {sight.say('{} ended', sight.counted(week.ended, 'run'))}",
            *_moves(week, sight),
        ]
        lines += [_again(again, first, sight) for again, first in week.reproduced[:5]]
        blocks.append(section(joined([line for line in lines if line], "\n")))
        told.append(f"{plain(week.spec.project, 60)}: {_plain_lead(week, sight)}")
    standing = [each for each in posts if each.retracted_at is None]
    accepted = Counter(names.get(each.poster, "") for each in standing if each.verdict == "accepted")
    accepted.pop("", None)
    rejected = sum(each.verdict == "rejected" for each in standing)
    who = [f"{code(name, 40)} {count}" for name, count in accepted.most_common(10)]
    small = [sight.say("Accepted posts: {}", joined(who, limit=800)) if who else sight.say("No post was accepted.")]
    small.append(sight.say("{} not accepted.", sight.counted(rejected, "post")) if rejected else "")
    blocks.append(context(small))
    return message(f"{sight.say('The week of {}', day)}. {'; '.join(told)}", blocks)


def _moves(week: Week, sight: Sight) -> list[str]:
    """The lead as it changed, and what of it may be luck."""
    if not week.leads:
        return [sight.say("The lead did not change.")]
    last, first = week.leads[-1], week.before
    held = sight.say(" (was {}, {})", number(first.value), _name(first)) if first is not None else ""
    told = sight.say("{} leads with *{}* ({}){}", _name(last), number(last.value), sight.run(last.record), held)
    lines = [f":trophy: {told}"]
    noise = [lead for lead in week.leads if not lead.told_apart]
    if noise:
        one = "{} change of lead cannot be told from noise: more seeds would tell."
        several = "{} changes of lead cannot be told from noise: more seeds would tell."
        lines.append(f":game_die: {sight.say(one if len(noise) == 1 else several, len(noise))}")
    return lines


def _again(again: Record, first: Record, sight: Sight) -> str:
    who, whose = code(again.member or "–", 40), code(first.member or "–", 40)
    said = sight.say("{} reproduced {}'s {}: {}", who, whose, sight.run(first), sight.say(first.badge))
    return f":repeat: {said}"


def _plain_lead(week: Week, sight: Sight) -> str:
    last = week.leads[-1] if week.leads else week.before
    if last is None:
        return sight.say("nothing ranks yet")
    return sight.say("{} leads with {}", plain(last.record.member or "–", 40), number(last.value))


def _name(lead: Lead) -> str:
    return code(lead.record.member or "–", 40)


def root_message(day: str, number_: int, digest: str, moved: int, sight: Sight) -> Message:
    """The day's root, in full, so that anybody can compare it later."""
    text = sight.say("Root {} of {}: {}", number_, day, digest)
    head = sight.say("*Root {}* of {}, over {} that moved", number_, day, sight.counted(moved, "chain"))
    said = f":lock: {head}\n`{digest}`"
    small = "Whoever changes a record behind this day cannot make the same root again: `runcite verify` compares."
    return message(text, [section(said), context([sight.say(small)])])

"""What the bot says to a post: the verdict first, then what is recorded. Pure.

Every reply is blocks and a `text` that alone says the verdict. The chart is added later, into the same
message, by `with_chart`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from bot.blocks import (
    Block,
    Message,
    advice,
    button,
    code,
    context,
    escape,
    image,
    joined,
    message,
    plain,
    prose,
    section,
)
from bot.matches import Match, Recorded, said
from bot.particulars import details
from bot.sight import Sight
from bot.verdicts import Judgement
from tracker.record import BoardSpec, Finding, Record
from tracker.rules.board import Place, why_unranked
from tracker.rules.words import duration, number

ACCEPTED, REJECTED, ABOUT = ":white_check_mark:", ":x:", ":mag:"
_SHOWN_ELSEWHERE = frozenset({"dirty", "bundled", "data-unknown", "best-not-last"})
"""Notes of which another line of the reply speaks."""


def reply(judgement: Judgement, sight: Sight) -> Message:
    """The reply to a post that was judged; only for a judgement that speaks."""
    if judgement.verdict == "rejected":
        return _rejected(judgement, sight)
    if judgement.verdict == "accepted":
        return _accepted(judgement, sight)
    return _about(judgement, sight)


def _one_more(sight: Sight) -> str:
    return " (1 further finding.)" if sight.language == "en" else f" {sight.say('({} further findings.)', 1)}"


def with_chart(said_so_far: Message, file: str, alt: str) -> Message:
    """The same reply with its chart: before the small print."""
    blocks = list(said_so_far.blocks)
    at = next((at for at, block in enumerate(blocks) if block["type"] == "context"), len(blocks))
    return message(said_so_far.text, [*blocks[:at], image(file, alt), *blocks[at:]])


def buttons(record: Record, sight: Sight) -> list[Block]:
    """What one may want next: the run's page, how it differs from the best, how to get it again."""
    leader, page = sight.leader(record), sight.run_page(record.id)
    found = [
        button(sight.say("Open run"), "open", url=page) if page else None,
        button(sight.say("Compare with best"), "compare", f"{record.id} {leader.id}") if leader else None,
        button(sight.say("How to reproduce"), "reproduce", record.id),
    ]
    return [{"type": "actions", "elements": [each for each in found if each is not None]}]


def handed(refusal: Message, words: str) -> Message:
    """What a post's author gets where posts that are not accepted are taken away: why, and their words."""
    back = plain(words, 2500)
    said = "Your post was taken back from the channel. These were its words:"
    text = f"{refusal.text} {said} "
    blocks = [*refusal.blocks, section(f"{said}\n```{escape(back.replace('`', 'ʼ')) or '–'}```")]
    return Message(f"{text}{escape(back.replace('://', '∶//'))}"[:3900], tuple(blocks))


def main_record(judgement: Judgement) -> Record | None:
    """The run that the reply is mostly about: the first one a claim holds for, else the first cited."""
    records = {record.id: record for record in judgement.records}
    for match in judgement.matches:
        if match.holds and match.recorded is not None:
            return records[match.recorded.run_id]
    return next(iter(records.values()), None)


def _accepted(judgement: Judgement, sight: Sight) -> Message:
    main = main_record(judgement)
    assert main is not None
    place = place_in_words(main, sight)
    head = f"{ACCEPTED} *{sight.say('Accepted')}*{f' · {place[0].upper()}{place[1:]}' if place else ''}"
    head += f"\n{_whose(main, sight)}"
    lines = [_claim_line(match, sight) for match in judgement.matches if not (match.claim.optional and not match.holds)]
    blocks: list[Block] = [section(head)]
    if lines:
        blocks.append(section(joined(lines, "\n")))
    for record in judgement.records[:5]:
        blocks += details(record, sight, titled=len(judgement.records) > 1)
    blocks += buttons(main, sight)
    blocks += _remarks(judgement.findings, sight)
    claims = "; ".join(_claim_text(match, sight) for match in judgement.matches if match.holds)
    text = f"{sight.say('Accepted')}: {main.id}{_by(main, sight)}{f': {claims}' if claims else ''}. "
    text += _plain_place(main, sight)
    return message(text.strip(), blocks)


def _rejected(judgement: Judgement, sight: Sight) -> Message:
    faults = [sight.told(each) for each in judgement.findings if each.severity == "reject"]
    first, others = faults[0], faults[1:]
    head = f"{REJECTED} *{sight.say('Not accepted')}* · {prose(first.sentence)}"
    blocks: list[Block] = [section(f"{head}\n*{sight.say('Next:')}* {advice(first.remedy)}")]
    if others:
        lines = [f"• {prose(each.sentence)} {advice(each.remedy)}" for each in others]
        blocks.append(section(joined(lines, "\n", more=f"• {sight.say('and {} more')}")))
    whose = [_whose(record, sight) for record in judgement.records[:3]]
    again = sight.say("Edit your post and I look again: this reply changes with it.")
    blocks.append(context([*whose, again]))
    blocks += _remarks([each for each in judgement.findings if each.severity == "warn"], sight)
    text = f"{sight.say('Not accepted')}: {plain(first.sentence, 600)} {plain(first.remedy, 400)}"
    if others:
        text += " " + sight.say("({} further findings.)", len(others)) if len(others) > 1 else _one_more(sight)
    return message(text, blocks)


def _about(judgement: Judgement, sight: Sight) -> Message:
    """A bare run ID, or one in a post that calls the bot: what is known of it, without a verdict."""
    records = judgement.records
    if not records:
        told = sight.told(judgement.findings[0])
        text = f"{plain(told.sentence, 600)} {plain(told.remedy, 400)}"
        what_next = f"*{sight.say('Next:')}* {advice(told.remedy)}"
        return message(text, [section(f"{ABOUT} {prose(told.sentence)}\n{what_next}")])
    blocks: list[Block] = []
    texts = []
    for record in records[:5]:
        blocks += run_card(record, sight)
        texts.append(run_text(record, sight))
    blocks += _remarks(judgement.findings, sight)
    return message(" ".join(texts), blocks)


def run_card(record: Record, sight: Sight) -> list[Block]:
    """A run by itself: whose, how it went, its values, and what made it."""
    head = f"{ABOUT} {_whose(record, sight)}"
    place = place_in_words(record, sight)
    lines = [head, f"{place[0].upper()}{place[1:]}" if place else "", joined(_values(record, sight), limit=1500)]
    return [section("\n".join(line for line in lines if line)), *details(record, sight, titled=False)]


def run_text(record: Record, sight: Sight) -> str:
    """The same in one line of plain text."""
    values = "; ".join(plain(value.replace("`", "").replace("*", ""), 120) for value in _values(record, sight)[:2])
    where = f"{_by(record, sight)}{sight.say(' in {}', plain(record.project, 60))}"
    return f"{record.id}{where}: {_state(record, sight)}{f', {values}' if values else ''}."


def place_in_words(record: Record, sight: Sight) -> str:
    """`place 2 of 9 by …`, shared or not, or why the run has none; marked up."""
    ranking, place = sight.ranking(record), sight.place(record)
    if ranking is None:
        return ""
    if place is None:
        why = why_unranked(ranking, record.id)
        return f"{sight.say('not ranked')}{f': {prose(why.reason)}' if why else ''}"
    return f"{_rank(place, sight)} {sight.say('by {}', _board_metric(ranking.spec, sight))}{_noise(place, sight)}"


def _rank(place: Place, sight: Sight) -> str:
    return _placed(place, sight, f"*{place.rank}*")


def _placed(place: Place, sight: Sight, rank: str) -> str:
    if place.tied:
        return sight.say("Shares place {} of {}", rank, place.of)
    return sight.say("Place {} of {}", rank, place.of)


def _noise(place: Place, sight: Sight) -> str:
    row = place.row
    if row.one_seed:
        return sight.say(", one seed")
    spread = number(row.value)
    if row.low is not None and row.high is not None:
        spread += f" ({sight.say('{} to {}', number(row.low), number(row.high))})"
    return sight.say(", mean {} over {} seeds", spread, row.n)


def _plain_place(record: Record, sight: Sight) -> str:
    place = sight.place(record)
    if place is None:
        return ""
    return f"{_placed(place, sight, str(place.rank))}{sight.say(' in {}', plain(record.project, 60))}."


def _board_metric(spec: BoardSpec, sight: Sight) -> str:
    return f"{sight.say(spec.aggregate)} {code(spec.metric)}"


def _whose(record: Record, sight: Sight) -> str:
    name = f" {code(record.name, 40)}" if record.name else ""
    by = sight.say(" by {}", code(record.member, 40)) if record.member else ""
    where = sight.say(" in {}", code(record.project))
    return f"*{sight.run(record)}*{name}{by}{where} · {_state(record, sight)}"


def _by(record: Record, sight: Sight) -> str:
    return sight.say(" by {}", plain(record.member, 40)) if record.member else ""


def _state(record: Record, sight: Sight) -> str:
    state = sight.say("retracted" if record.retracted else record.state)
    return sight.say("{} after {}", state, duration(record.end.runtime)) if record.end else state


def _claim_line(match: Match, sight: Sight) -> str:
    """`90.2 %` is val/accuracy: best 0.9023 at step 7, last 0.899."""
    wrote = sight.say("You wrote {}", f"*{prose(said(match.claim), 40)}*")
    found = match.recorded
    if found is None:
        return f"{wrote}; {sight.say('nothing of the kind is recorded.')}"
    if found.of > 1:
        mean = f"*{number(found.value)}*"
        return f"{wrote}: {sight.say('the mean of {} over {} runs is {}', code(found.metric), found.of, mean)}"
    return f"{wrote}: {code(found.metric)} {_recorded(found, match.other, sight)}"


def _recorded(found: Recorded, other: Recorded | None, sight: Sight) -> str:
    own = sight.say("{} at step {}", f"*{sight.say(found.aggregate)} {number(found.value)}*", found.step)
    return f"{own}, {sight.say(other.aggregate)} {number(other.value)}" if other else own


def _claim_text(match: Match, sight: Sight) -> str:
    found = match.recorded
    assert found is not None
    if found.of > 1:
        mean = sight.say("the mean of {} over {} runs is {}", found.metric, found.of, number(found.value))
        return plain(f"{said(match.claim)}: {mean}", 200)
    value = sight.say("{} at step {}", f"{found.metric} {sight.say(found.aggregate)} {number(found.value)}", found.step)
    return plain(sight.say("{} is {}", said(match.claim), value), 200)


def _values(record: Record, sight: Sight) -> list[str]:
    """The run's metrics, the board's first."""
    ranking = sight.ranking(record)
    spec = ranking.spec if ranking else None
    names = sorted(record.metrics, key=lambda name: (spec is None or name != spec.metric, name))
    lines = []
    for name in names[:6]:
        summary = record.metrics[name]
        text = f"{code(name)} {sight.say('last {}', f'*{number(summary.last)}*')}"
        if spec is not None and name == spec.metric:
            top = summary.value("best", spec.direction)
            if top is not None and math.isfinite(top) and top != summary.last:
                best_one = sight.say("best {}", f"*{number(top)}*")
                text = f"{code(name)} {best_one}, {sight.say('last {}', number(summary.last))}"
        lines.append(text)
    return lines


def _remarks(findings: Sequence[Finding], sight: Sight) -> list[Block]:
    """What warns, and what is only noted, as small print."""
    lines = list(_remark([sight.told(each) for each in findings]))
    return [context(lines[:10])] if lines else []


def _remark(findings: Sequence[Finding]) -> Iterator[str]:
    for each in findings:
        if each.severity == "reject":
            yield f"{REJECTED} {prose(each.sentence, 250)}"
        elif each.severity == "warn":
            yield f":warning: {prose(each.sentence, 250)} {advice(each.remedy, 150)}"
        elif each.code not in _SHOWN_ELSEWHERE:
            yield f":information_source: {prose(each.sentence, 250)}"
